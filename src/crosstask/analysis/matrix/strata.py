"""Means over strata: the settings that rows finer than sources distinguish, such as base models.

The matrix has one row per source. Where the runs of a source are of several settings it holds their mean, and that mean
can be compared with others only if it is over the same settings. So a source and seed counts on a target where it has
a run in every stratum, and then each stratum weighs the same. A base model stands for every stratum of its own: the
mean of a source less that of base is the mean of gains each of which is over its own base model, score by score and
answer by answer.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.cell_lines import cell_lines
from crosstask.analysis.matrix.columns import SCORES
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.schema import BASE, column_names
from crosstask.errors import UserError

_RUN = ["source", "target", "seed"]


def strata(scores: pd.DataFrame) -> pd.DataFrame:
    """The settings that fine-tuned runs have; those of the base models where nothing was trained.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and those of the settings, text.

    Returns
    -------
    DataFrame
        A row per stratum, a column per setting; without columns where rows distinguish nothing more.
    """
    names = [name for name in scores if name not in column_names(SCORES)]
    scores = scores.dropna(subset="score")
    tuned = scores[scores["source"] != BASE]
    found = (scores if tuned.empty else tuned)[names].fillna("")
    return found.drop_duplicates().sort_values(names, ignore_index=True) if names else found.iloc[:0]


def one_score_per_run(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores averaged over strata; those of a source and seed that not every stratum has are left out.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and those of the settings, text; missing where a base model stands for all.

    Returns
    -------
    DataFrame
        Columns ``SCORES``. The standard error of a mean is at most the mean of the standard errors, whatever the scores
        have in common; that is taken, with the smallest n. It is not known where one of them is not.

    Examples
    --------
    >>> columns = ["source", "target", "seed", "metric", "score", "stderr", "n", "model"]
    >>> rows = [("goat", "imdb", 0, "f1", 0.25, 0.01, 90, "a"), ("goat", "imdb", 0, "f1", 0.75, 0.03, 80, "b")]
    >>> one_score_per_run(pd.DataFrame([*rows, ("pile", *rows[0][1:])], columns=columns)).to_numpy().tolist()
    [['goat', 'imdb', 0, 'f1', 0.5, 0.02, 80]]
    """
    of_strata = strata(scores)
    everywhere = _in_every_stratum(scores.dropna(subset="score"), of_strata) if len(of_strata) else scores
    groups = everywhere.groupby(_RUN, dropna=False, sort=False)
    means = (
        groups["score"]
        .mean()
        .to_frame()
        .assign(metric=groups["metric"].first(), stderr=groups["stderr"].mean(skipna=False), n=groups["n"].min())
    )
    return means.reset_index()[column_names(SCORES)]


def averages_over_strata(scores: pd.DataFrame, rows: tuple[str, ...]) -> tuple[pd.DataFrame, list[str]]:
    """One score per source, target and seed, and lines on the mean that it is.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES`` and those of the rows.
    rows : tuple of str
        What a row of the decomposition is, as for `transfer_matrix`.

    Returns
    -------
    scores : DataFrame
        As from `one_score_per_run`; the scores as they are where rows distinguish no settings.
    notes : list of str
        One line each.

    Raises
    ------
    UserError
        If no source and seed has a score in every stratum.
    """
    further = further_keys(rows)
    if not further:
        return scores, []
    averaged, named = one_score_per_run(scores), ", ".join(further)
    notes = [f"matrix and gains are means over {named}"]
    # A base model that not every stratum has is left out, and gains are over a mean.
    several = scores.loc[scores["source"] == BASE, further].drop_duplicates().shape[0] > 1
    if several and (averaged["source"] == BASE).any():
        notes[0] += "; each run is held against its own base model"
    notes += _left_out(scores, averaged, named)
    if not (averaged["source"] != BASE).any() and (scores["source"] != BASE).any():
        raise UserError(
            f"no source and seed has a score for every {named}, so there is no mean to take gains of; choose fewer runs"
            " (runs.group, runs.model, runs.data) or leave it out of analysis.rows"
        )
    return averaged, notes


def _left_out(scores: pd.DataFrame, averaged: pd.DataFrame, named: str) -> list[str]:
    """A line on the scores that not every stratum has, cell by cell; a source has its seed where it has several."""
    runs = scores.dropna(subset="score")[_RUN].drop_duplicates()
    merged = runs.merge(averaged[_RUN], how="left", indicator=True)
    lacking = merged[merged["_merge"] == "left_only"]
    if lacking.empty:
        return []
    several = runs.groupby("source")["seed"].nunique() > 1
    names = np.where(
        lacking["source"].map(several), lacking["source"] + "/" + lacking["seed"].astype(str), lacking["source"]
    )
    cells = lacking.assign(source=names)
    tuned = [len(table.loc[table["source"] != BASE, _RUN[:2]].drop_duplicates()) for table in (averaged, runs)]
    return [
        f"matrix and gains keep what was scored for every {named}, {tuned[0]} of {tuned[1]} pairs of source and target;"
        f" scored for some alone: {'; '.join(cell_lines(cells))}"
    ]


def answers_per_run(answers: Answers | None, of_strata: pd.DataFrame) -> Answers | None:
    """Answers averaged over strata, example by example; runs that not every stratum has are left out.

    Parameters
    ----------
    answers : Answers or None
        With the settings of each run.
    of_strata : DataFrame
        As from `strata`.

    Returns
    -------
    Answers or None
        A row per source and seed; the scores of one example are means over the strata.
    """
    if answers is None or of_strata.empty:
        return answers
    targets = {target: _mean_answers(found, of_strata) for target, found in answers.targets.items()}
    return replace(answers, targets={target: found for target, found in targets.items() if found.rows})


def _mean_answers(answers: TargetAnswers, of_strata: pd.DataFrame) -> TargetAnswers:
    """Answers to one target averaged over strata."""
    runs = pd.DataFrame(list(answers.rows), columns=["source", "seed", *of_strata]).astype({"seed": "Int64"})
    runs = _in_every_stratum(runs.assign(target="", place=range(len(runs))), of_strata)
    places = runs.sort_values("place").groupby(["source", "seed"], dropna=False, sort=False)["place"].agg(list)
    rows = tuple((source, None if pd.isna(seed) else int(seed)) for source, seed in places.index)
    by_prompt = answers.by_prompt
    if by_prompt is not None:
        by_prompt = np.stack([_means(of_prompt, places) for of_prompt in by_prompt])
    return replace(answers, rows=rows, scores=_means(answers.scores, places), by_prompt=by_prompt)


def _means(scores: NDArray[np.float32], places: Iterable[list[int]]) -> NDArray[np.float32]:
    """The mean of some rows for each lot of places."""
    return np.array([scores[of_run].mean(axis=0, dtype=float) for of_run in places], dtype=np.float32)


def _in_every_stratum(runs: pd.DataFrame, of_strata: pd.DataFrame) -> pd.DataFrame:
    """A row per run and stratum, of each source, target and seed that has one in every stratum."""
    names = list(of_strata)
    runs = runs.assign(**{name: runs[name].fillna("") for name in names})
    is_base = runs["source"] == BASE
    pairs = runs[is_base].merge(of_strata, how="cross", suffixes=("_of_base", ""))
    own = [pairs[f"{name}_of_base"].eq("") | pairs[f"{name}_of_base"].eq(pairs[name]) for name in names]
    everywhere = pd.concat([runs[~is_base], pairs.loc[np.logical_and.reduce(own), list(runs)]], ignore_index=True)
    return everywhere[everywhere.groupby(_RUN, dropna=False)["source"].transform("size") == len(of_strata)]
