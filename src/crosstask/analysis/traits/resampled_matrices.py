"""Bootstrap replicates of the matrix: where intervals of the components come from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.matrix.row_keys import row_index
from crosstask.analysis.matrix.score_means import ScoreMeans
from crosstask.analysis.matrix.score_unit import score_unit
from crosstask.analysis.matrix.standard_errors import known_errors, means_of_table
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import transfer_matrix
from crosstask.analysis.schema import require_columns
from crosstask.analysis.traits.intervals import Resampled


def resampled_answers(answers: Answers, matrix: pd.DataFrame, draws: int, seed: int = 0) -> Resampled | None:
    """Matrices made of answers that are drawn anew, as `ScoreMeans.draws` has it.

    Parameters
    ----------
    answers : Answers
        The answers behind the matrix.
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix`, a row for each source.
    draws : int
        Matrices that can be asked for.
    seed : int
        Seed of the generator.

    Returns
    -------
    callable or None
        None if the answers of a cell are not known.
    """
    # All at once: examples are drawn together for the sources of a target, and asking again gives the same matrix.
    drawn = means_of_answers(answers, matrix).draws(draws, np.random.default_rng(seed))
    if bool((np.isnan(drawn).any(axis=0) & matrix.notna().to_numpy()).any()):
        return None
    return lambda number: pd.DataFrame(drawn[number].astype(float), matrix.index, matrix.columns)


def resampled_scores(
    scores: pd.DataFrame,
    order: TaskOrder | None = None,
    rows: tuple[str, ...] = ("source",),
    seed: int = 0,
    ceilings: Mapping[str, float] | None = None,
) -> Resampled | None:
    """Matrices drawn from scores and their standard errors alone, for tables without single answers.

    A cell with scores x of S seeds and the mean e of their standard errors becomes ::

        x*  =  sum over seeds of w x / sum of w  +  e z,     w ~ multinomial(S - 1; 1/S, ..., 1/S),  z ~ normal(0, 1)

    The weights w are those of its source on every target: seeds come and go as whole rows. S - 1 of S are drawn, since
    S would give the mean only (S - 1) / S of its variance (Rao and Wu 1988, "Resampling inference with complex survey
    data", doi:10.1080/01621459.1988.10478591); a single one always counts. The seeds of a cell share z, because they
    share the test examples. Cells have a z each. In truth those of one target share its examples, which moves its
    column as a whole: centering takes that out again, so intervals are rather too wide than too narrow.

    Where rows are sources and cells with one seed borrow a variance between seeds, see `ScoreMeans.borrows`, matrices
    are those of `ScoreMeans.draws`: resampled, single seeds would not vary.

    Parameters
    ----------
    scores : DataFrame
        Columns ``source``, ``target``, ``seed``, ``score``, ``stderr`` and ``n``; where ``stderr`` is not known, it is
        taken from n as for gains, see `known_errors`.
    order, rows
        As for `transfer_matrix`.
    seed : int
        Seed of the generator, with the number of the draw.
    ceilings : mapping of str to float, optional
        Target -> score of a perfect model, NaN without one; by default what the range of all scores says.

    Returns
    -------
    callable or None
        None if neither standard errors nor several seeds say anything about uncertainty: a score without a standard
        error, of a source with one seed.
    """
    require_columns(scores, ["source", "target", "seed", "score", "stderr", "n", *rows], "score table")
    if scores["score"].isna().any():
        scores = scores.dropna(subset="score")
    template = transfer_matrix(scores, order, rows)
    best = scores["target"].map(ceilings or dict.fromkeys(scores["target"], score_unit(scores).ceiling))
    cube, errors = _by_seed(scores.assign(stderr=known_errors(scores, best.to_numpy(float))), template, rows)
    of_targets = best.groupby(scores["target"]).first().reindex(template.columns).to_numpy(float)
    if rows == ("source",) and (means := means_of_table(scores, template, of_targets)).borrows.any():
        return _drawn_means(means, template, seed)
    known = ~np.isnan(cube)
    # Without a standard error a single seed would pass for exact; several at least differ from each other.
    if bool((np.isnan(errors) & known & (known.sum(axis=2, keepdims=True) < 2)).any()):
        return None
    spread = np.nan_to_num(_mean(np.nan_to_num(errors), known))
    seeds_of_row = known.any(axis=1).sum(axis=1)
    several = [(row, int(count)) for row, count in enumerate(seeds_of_row) if count > 1]

    def draw(number: int) -> pd.DataFrame:
        """One matrix."""
        generator = np.random.default_rng((seed, number))  # of its own, so that draws can be asked for in any order
        weights = np.zeros((len(cube), 1, cube.shape[2]))
        weights[:, 0, 0] = 1  # of a row with one seed it is the only one
        for row, count in several:
            weights[row, 0, :count] = _times(count, generator)
        drawn = known * weights
        # A cell with fewer seeds than its row may have none of those drawn: it keeps all that it has.
        means = _mean(cube, np.where(drawn.any(axis=2, keepdims=True), drawn, known))
        values = means + spread * generator.standard_normal(spread.shape)
        return pd.DataFrame(values, template.index, template.columns)

    return draw


def _drawn_means(means: ScoreMeans, template: pd.DataFrame, seed: int) -> Resampled | None:
    """Matrices of replicates of the means; None if the error of one is not known."""
    if bool((np.isnan(means.parts.standard_error) & ~np.isnan(means.mean)).any()):
        return None

    def draw(number: int) -> pd.DataFrame:
        """One matrix."""
        drawn = means.draws(1, np.random.default_rng((seed, number)))[0]
        return pd.DataFrame(drawn.astype(float), template.index, template.columns)

    return draw


def _by_seed(scores: pd.DataFrame, template: pd.DataFrame, rows: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and their standard errors; rows x targets x seeds of the row, NaN where there is no score."""
    row = template.index.get_indexer(row_index(scores, rows))
    # Seeds are numbered within their row, whatever they are called: the base model's, which has none, is one as well.
    slots = scores["seed"].astype(object).fillna("none").groupby(row).transform(lambda seeds: pd.factorize(seeds)[0])
    places = row, template.columns.get_indexer(scores["target"]), slots.astype(int)
    cubes = np.full((2, *template.shape, int(slots.max()) + 1), np.nan)
    cubes[0][places] = scores["score"]
    cubes[1][places] = scores["stderr"]
    return cubes[0], cubes[1]


def _times(seeds: int, generator: np.random.Generator) -> np.ndarray:
    """How often each of several seeds of a source is drawn, (seeds,)."""
    return generator.multinomial(seeds - 1, np.full(seeds, 1 / seeds))


def _mean(cube: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean over seeds; NaN where all weights are 0."""
    total = weights.sum(axis=2).astype(float)
    mean: np.ndarray = np.nansum(cube * weights, axis=2) / np.where(total > 0, total, np.nan)
    return mean
