"""Several prompts of a target: which of them are compared, and the means over them.

A target asked in P prompts has a score for each run and prompt. Every run is asked in the same prompts, so prompts are
crossed with seeds and with examples, and those of one target have nothing to do with those of another. The matrix has
the mean over them; `prompt_effects` has what the prompts do to it.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Answers, Run, TargetAnswers
from crosstask.analysis.wording import counted

PROMPT = "prompt"


def shared_prompts(cells: pd.DataFrame, run: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Leave out of each target the prompts that not every run of it was asked in.

    Parameters
    ----------
    cells : DataFrame
        Columns ``target``, ``prompt`` and those of ``run``.
    run : list of str
        What tells runs of one prompt apart.

    Returns
    -------
    cells : DataFrame
        Of each target the prompt that most runs have (of several the first), and the others that all of these have.
    notes : list of str
        A line for each prompt that is left out of some targets.
    """
    if cells[PROMPT].nunique() < 2:
        return cells, []
    keys = [cells[name].astype(object).where(cells[name].notna(), None) for name in run]
    named = pd.Series(list(zip(*keys, strict=True)), cells.index)
    kept: list[pd.DataFrame] = []
    left_out: dict[int, list[str]] = {}
    for target, of_target in cells.groupby("target", sort=False):
        runs = {number: set(named[rows.index]) for number, rows in of_target.groupby(PROMPT)}
        main = max(runs, key=lambda number: (len(runs[number]), -number))
        full = [number for number, found in runs.items() if found >= runs[main]]
        kept.append(of_target[of_target[PROMPT].isin(full) & named[of_target.index].isin(runs[main])])
        for number in runs.keys() - set(full):
            left_out.setdefault(number, []).append(target)
    notes = [
        f"prompt {number} is left out on {', '.join(sorted(targets))}, where not every run was asked in it"
        for number, targets in sorted(left_out.items())
    ]
    return pd.concat(kept).sort_index(), notes


def means_over_prompts(cells: pd.DataFrame, run: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """Return one row per run and target, with the mean over its prompts, and a note where there are several.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS``, and those of ``run``; as from `shared_prompts`.
    run : list of str
        What tells runs of one prompt apart.

    Returns
    -------
    cells : DataFrame
        The rows of each target's first prompt with the means of score and metrics. The standard error of a mean is at
        most the mean of the standard errors, which is taken.
    notes : list of str
        Empty where every target has one prompt.
    """
    if not cells.duplicated([*run, "target"]).any():
        return cells, []
    ordered = cells.sort_values(PROMPT, kind="stable")
    groups = ordered.groupby([*run, "target"], dropna=False, sort=False)
    first = ordered.loc[groups.head(1).index]
    means = groups[["score", "n"]].agg({"score": "mean", "n": "min"})
    means["stderr"] = groups["stderr"].agg(lambda of_run: of_run.mean(skipna=False))
    metrics = [_mean_metrics(of_run) for _, of_run in groups["metrics"]]
    found = first.assign(**{name: means[name].to_numpy() for name in means}, metrics=metrics).sort_index()
    counts = cells.groupby("target")[PROMPT].nunique()
    span = sorted(set(counts))
    several = " or ".join(map(str, span)) if len(span) < 3 else f"{span[0]} to {span[-1]}"
    return found, [f"scores are means over {several} prompts of a target (scoring.prompt)"]


def _mean_metrics(of_run: pd.Series) -> dict[str, float]:
    """The mean of each metric that all prompts have."""
    every = [metrics for metrics in of_run if isinstance(metrics, dict)]
    shared = set.intersection(*(set(metrics) for metrics in every)) if every else set()
    return {name: float(np.mean([metrics[name] for metrics in every])) for name in sorted(shared)}


def answers_over_prompts(by_prompt: dict[int, Answers], single: bool = False) -> Answers:
    """Return the answers of several prompts as means over them, example by example.

    Parameters
    ----------
    by_prompt : dict
        The answers in each prompt.
    single : bool
        Whether what they are by prompt is forgotten, so that nothing is generalized over prompts.

    Returns
    -------
    Answers
        Runs and examples that not every prompt of a target has are left out of it.
    """
    if len(by_prompt) == 1:
        return next(iter(by_prompt.values()))
    targets: dict[str, list[TargetAnswers]] = {}
    for answers in by_prompt.values():
        for target, found in answers.targets.items():
            targets.setdefault(target, []).append(found)
    refused = pd.concat([answers.refused for answers in by_prompt.values()], ignore_index=True).drop_duplicates()
    means = {target: _mean_answers(found, single) for target, found in targets.items()}
    return Answers({target: found for target, found in means.items() if found.rows}, refused)


def _mean_answers(found: list[TargetAnswers], single: bool) -> TargetAnswers:
    """The mean of the answers in several prompts."""
    if len(found) == 1:
        return found[0]
    rows = tuple(row for row in found[0].rows if all(row in other.rows for other in found[1:]))
    examples = [name for name in found[0].examples if all(name in set(other.examples) for other in found[1:])]
    stacked = np.stack([_placed(one, rows, examples) for one in found])
    kept = None if single else stacked
    return replace(
        found[0], rows=rows, examples=np.array(examples, dtype=object), scores=stacked.mean(axis=0), by_prompt=kept
    )


def _placed(answers: TargetAnswers, rows: Sequence[Run], examples: Sequence[object]) -> NDArray[np.float32]:
    """The scores of some runs on some examples, in this order."""
    of_row = {row: place for place, row in enumerate(answers.rows)}
    of_example = {name: place for place, name in enumerate(answers.examples)}
    chosen = answers.scores[[of_row[row] for row in rows]]
    return chosen[:, [of_example[name] for name in examples]]


def prompts_line(targets: int, generalized: bool) -> str:
    """What intervals say of prompts, for a note."""
    what = counted(targets, "target")
    if generalized:
        return f"intervals of gains are over other prompts as well, on {what} with several (analysis.prompts=random)"
    return f"intervals are for these very prompts, on {what} with several (analysis.prompts=fixed)"
