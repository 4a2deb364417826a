"""All tables that follow from one score table, and what the reader must be told about them."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.row_names import further_keys, row_names
from crosstask.analysis.matrix.row_structure import row_structure
from crosstask.analysis.matrix.strata import one_score_per_run
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.matrix.transfer_matrix import gains, home_cells, missing_cells, transfer_matrix
from crosstask.analysis.schema import BASE
from crosstask.analysis.traits.options import TraitAnalysis
from crosstask.analysis.traits.resampled_matrices import resampled_answers, resampled_scores
from crosstask.analysis.traits.results import LatentTraits, latent_traits
from crosstask.errors import UserError


@dataclass(frozen=True)
class TransferResults:
    """Tables of one analysis; where there are no components, a note says why."""

    scores: pd.DataFrame
    """Columns ``SCORES``."""
    matrix: pd.DataFrame
    """Scores, sources x targets, mean over seeds and over what else rows tell apart, base first."""
    gains: pd.DataFrame
    """Matrix minus its base row, or minus each target's mean where there is no base row."""
    missing: pd.DataFrame
    """Columns ``MISSING``."""
    traits: LatentTraits | None
    """Components of the matrix and what they are worth; None where it does not have any."""
    notes: tuple[str, ...]
    """One line each: gains over the mean, missing cells, what the components leave out."""

    @property
    def has_base(self) -> bool:
        """Whether gains are over the base model."""
        return BASE in self.matrix.index


def transfer_results(
    scores: pd.DataFrame, order: TaskOrder, analysis: TraitAnalysis, answers: Answers | None = None
) -> TransferResults:
    """Matrix, gains and latent traits of a score table.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``, and those that make the rows of the decomposition.
    order : TaskOrder
        Order of rows and columns.
    analysis : TraitAnalysis
        How latent traits are looked for.
    answers : Answers, optional
        The single answers behind the scores, for the intervals of traits; from standard errors and seeds when left out.

    Returns
    -------
    TransferResults
        Cells without a score are NaN and named in the notes.
    """
    averaged, notes = _over_strata(scores, further_keys(analysis.rows))
    matrix = transfer_matrix(averaged, order)
    has_base = BASE in matrix.index
    if not has_base:
        notes.append(f"no source {BASE!r}: gains are over each target's mean of {len(matrix)} sources")
    missing = missing_cells(matrix)
    notes += [f"no score: {line}" for line in cell_lines(missing)]
    notes += [f"fewer seeds than elsewhere: {line}" for line in _seed_lines(scores)]
    traits, trait_notes = _traits_or_reason(scores, order, analysis, answers)
    notes += trait_notes
    differences = gains(matrix, over="base" if has_base else "mean")
    return TransferResults(scores, matrix, differences, missing, traits, tuple(notes))


def _over_strata(scores: pd.DataFrame, further: list[str]) -> tuple[pd.DataFrame, list[str]]:
    """One score per source, target and seed, and what the reader must know of the mean that it is."""
    if not further:
        return scores, []
    averaged = one_score_per_run(scores)
    notes = [f"matrix and gains are means over {', '.join(further)}"]
    if scores.loc[scores["source"] == BASE, further].drop_duplicates().shape[0] > 1:
        notes[0] += "; each run is held against its own base model"
    run = ["source", "target", "seed"]
    merged = scores[run].drop_duplicates().merge(averaged[run], how="left", indicator=True)
    lacking = merged[merged["_merge"] == "left_only"]
    if len(lacking):
        names = row_names(lacking, ("source", "seed")).unique()
        notes.append(
            f"matrix and gains leave out what was not scored for every {', '.join(further)}: {', '.join(names)}"
        )
    if not (averaged["source"] != BASE).any() and (scores["source"] != BASE).any():
        raise UserError(
            f"no source and seed has a score for every {', '.join(further)}, so there is no mean to take gains of;"
            " choose fewer runs (runs.group, runs.model, runs.data) or leave it out of analysis.rows"
        )
    return averaged, notes


def _traits_or_reason(
    scores: pd.DataFrame, order: TaskOrder, analysis: TraitAnalysis, answers: Answers | None
) -> tuple[LatentTraits | None, list[str]]:
    """Latent traits with their notes, or why there are none."""
    try:
        traits = _traits(scores, order, analysis, answers)
    except UserError as error:
        return None, [f"no components: {error}"]
    settings = traits.components.observations.effects.count
    if settings == 1:
        return traits, list(traits.notes)
    further = ", ".join(further_keys(analysis.rows))
    return traits, [f"components take off what {settings} settings of {further} do to all sources alike", *traits.notes]


def _traits(scores: pd.DataFrame, order: TaskOrder, analysis: TraitAnalysis, answers: Answers | None) -> LatentTraits:
    """Latent traits of the scores, with or without home cells."""
    matrix, structure = transfer_matrix(scores, order, analysis.rows), row_structure(scores, analysis.rows)
    drawn = None
    if answers is not None and analysis.rows == ("source",):
        drawn = resampled_answers(answers, matrix, analysis.resamples, analysis.seed)
    if drawn is None:
        drawn = resampled_scores(scores, order, analysis.rows, analysis.seed)
    if analysis.home == "missing":  # of resampled matrices the same cells are filled, whatever stands in them
        matrix = matrix.mask(home_cells(matrix, order, structure.sources))
    return latent_traits(matrix, analysis, drawn, structure)


def cell_lines(cells: pd.DataFrame) -> list[str]:
    """One line per source with its targets, for a table of cells.

    Examples
    --------
    >>> cell_lines(pd.DataFrame({"source": ["imdb", "imdb"], "target": ["goat", "pile"]}))
    ['imdb -> goat, pile']
    """
    groups = cells.drop_duplicates(["source", "target"]).groupby("source", sort=False)["target"]
    return [f"{source} -> {', '.join(targets)}" for source, targets in groups]


def _seed_lines(scores: pd.DataFrame) -> list[str]:
    """One line per source with the targets on which it lacks seeds that it has on others."""
    seeds = scores.groupby(["source", "target"], sort=False)["seed"].nunique()
    most = seeds.groupby(level="source").transform("max")
    return cell_lines(seeds[seeds < most].reset_index())
