"""The base model under other conditions, as references of gains: shown examples, or with its label prior taken off.

A gain over a base model that is asked once, without examples, may be the format or the prior of the labels that was
learned, and no ability. Shown examples, or with the prior taken off, the base model knows both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.reference_names import FEW_SHOT, NAMES
from crosstask.analysis.schema import BASE
from crosstask.errors import UserError

CORRECTED = "accuracy/prior_corrected"
"""The metric that is the score with the prior taken off, of the targets whose score is an accuracy."""
ACCURACIES = ("accuracy", "choice_accuracy")
"""Metrics of such targets."""

AnswersOf = Callable[[pd.DataFrame, bool], Answers]
"""From cells to their answers; True asks for what these are worth with the prior of the labels taken off."""


@dataclass(frozen=True)
class BaseReference:
    """The base model under one condition."""

    kind: str
    """Of `reference_names.NAMES`."""
    cells: pd.DataFrame
    """Columns ``CELLS``, a row per base model and target."""
    answers: Answers | None
    """Those behind the cells; None where they are not known."""

    @property
    def name(self) -> str:
        """What tables call it."""
        return NAMES[self.kind]


def prior_corrected_cells(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of the base model with the score that it has with its prior taken off; none of other targets.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS``.
    """
    of_base = cells[(cells["source"] == BASE) & cells["metric"].isin(ACCURACIES)]
    has = [isinstance(metrics, dict) and CORRECTED in metrics for metrics in of_base["metrics"]]
    known = of_base[np.array(has, dtype=bool)]  # an empty list would choose columns
    score = np.array([metrics[CORRECTED] for metrics in known["metrics"]], dtype=float)
    n = known["n"].to_numpy(dtype=float)
    return known.assign(score=score, stderr=np.sqrt(score * (1 - score) / np.maximum(n - 1, 1)))


def answers_of_base(answers: Answers | None) -> Answers | None:
    """The answers of the base model alone, on the targets where there are any."""
    if answers is None:
        return None
    targets = {}
    for target, found in answers.targets.items():
        places = [place for place, row in enumerate(found.rows) if row[0] == BASE]
        by_prompt = None if found.by_prompt is None else found.by_prompt[:, places]
        if places:
            rows = tuple(found.rows[place] for place in places)
            targets[target] = replace(found, rows=rows, scores=found.scores[places], by_prompt=by_prompt)
    return replace(answers, targets=targets)


def with_reference(
    cells: pd.DataFrame, answers: Answers | None, chosen: BaseReference
) -> tuple[pd.DataFrame, Answers | None, list[str]]:
    """Put the base model under a condition in the place of the base model, for gains to be over it.

    Parameters
    ----------
    cells : DataFrame
        Columns ``CELLS``, one row per run and target.
    answers : Answers or None
        Those behind the cells.
    chosen : BaseReference
        Where it lacks a target, the base model stays; that is so on targets without labels for the prior alone.

    Returns
    -------
    cells, answers
        The same with the other rows of the base model.
    notes : list of str
        What gains are over.

    Raises
    ------
    UserError
        If there is no base model, or the condition is known on no target, or examples were not shown on some.
    """
    of_base = cells[cells["source"] == BASE]
    if of_base.empty:
        raise UserError(
            f"analysis.reference={chosen.kind}: none of the runs is of base, whose place it takes;"
            f" python train.py source=base 'target=[{','.join(sorted(set(cells['target'])))}]' scores it"
        )
    pairs = set(zip(chosen.cells["base"], chosen.cells["target"], strict=True))
    has = np.array([pair in pairs for pair in zip(of_base["base"], of_base["target"], strict=True)], dtype=bool)
    lacking = sorted(set(of_base["target"][~has]))
    if not has.any() or (lacking and chosen.kind == FEW_SHOT):
        raise UserError(_unknown(chosen.kind, lacking))
    columns = ["score", "stderr", "n", "metrics"]
    of_chosen = chosen.cells.set_index(["base", "target"])[columns]
    keys = pd.MultiIndex.from_frame(of_base[has][["base", "target"]])
    changed = of_base[has].assign(**{name: of_chosen.loc[keys, name].to_numpy() for name in columns})
    merged = pd.concat([cells.drop(index=changed.index), changed]).sort_index().astype(cells.dtypes)
    notes = [f"gains are over {chosen.name} (analysis.reference={chosen.kind})"]
    if lacking:
        notes[0] += f", but over base on {', '.join(lacking)}, which have no labels"
    if answers is None or chosen.answers is None:
        return merged, None, [*notes, "without answers of it nothing is paired by example"]
    targets = {
        target: _replaced(found, chosen.answers.targets[target]) if target in chosen.answers.targets else found
        for target, found in answers.targets.items()
    }
    return merged, replace(answers, targets=targets), notes


def _unknown(kind: str, lacking: Sequence[str]) -> str:
    """What is missing where a reference is not known."""
    if kind == FEW_SHOT:
        return (
            f"analysis.reference={kind}: base was not shown examples on {', '.join(lacking)}, in each prompt of theirs;"
            f" python train.py -m source=base scoring.shots=4 'target=[{','.join(lacking)}]' scores it, with"
            " scoring.prompt=0,1,... for several prompts"
        )
    return f"analysis.reference={kind}: no target has labels whose prior could be taken off: {', '.join(lacking)}"


def _replaced(answers: TargetAnswers, chosen: TargetAnswers) -> TargetAnswers:
    """Answers with other rows of the base model, on the examples that both have."""
    place = {name: number for number, name in enumerate(chosen.examples)}
    shared = np.array([number for number, name in enumerate(answers.examples) if name in place], dtype=np.intp)
    theirs = np.array([place[answers.examples[number]] for number in shared], dtype=np.intp)
    of_chosen = {row: number for number, row in enumerate(chosen.rows)}
    scores = answers.scores[:, shared].copy()
    by_prompt = None if answers.by_prompt is None else answers.by_prompt[:, :, shared].copy()
    for number, row in enumerate(answers.rows):
        if row[0] == BASE and row in of_chosen:
            scores[number] = chosen.scores[of_chosen[row]][theirs]
            if by_prompt is not None:
                by_prompt[:, number] = _by_prompt(chosen, of_chosen[row], theirs, len(by_prompt))
    return replace(answers, examples=answers.examples[shared], scores=scores, by_prompt=by_prompt)


def _by_prompt(chosen: TargetAnswers, row: int, examples: np.ndarray, prompts: int) -> np.ndarray:
    """The scores of a reference in each prompt; those of its one prompt where it was asked in no other."""
    if chosen.by_prompt is not None and len(chosen.by_prompt) == prompts:
        return chosen.by_prompt[:, row][:, examples]
    return np.repeat(chosen.scores[row][None, examples], prompts, axis=0)
