"""All tables that follow from one score table, and what the reader must be told about them."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.columns import BASE, COMPONENTS, column_names
from crosstask.analysis.components import ComponentAnalysis, Components, noise_explained_variance
from crosstask.analysis.task_order import TaskOrder
from crosstask.analysis.transfer_matrix import gains, missing_cells, transfer_matrix
from crosstask.errors import UserError


@dataclass(frozen=True)
class TransferResults:
    """Tables of one analysis; where there are no components, a note says why."""

    scores: pd.DataFrame
    """Columns ``SCORES``."""
    matrix: pd.DataFrame
    """Scores, sources x targets, mean over seeds, base first."""
    gains: pd.DataFrame
    """Matrix minus its base row, or minus each target's mean where there is no base row."""
    missing: pd.DataFrame
    """Columns ``MISSING``."""
    components: Components | None
    """Principal components of the matrix; None where it does not have any."""
    noise: pd.DataFrame | None
    """As from `noise_explained_variance`, for the shape that was decomposed; None without components."""
    notes: tuple[str, ...]
    """One line each: gains over the mean, missing cells, what the components leave out."""

    @property
    def has_base(self) -> bool:
        """Whether gains are over the base model."""
        return BASE in self.matrix.index

    @property
    def component_table(self) -> pd.DataFrame | None:
        """Columns ``COMPONENTS``: the variances and, beside them, those of noise; None without components."""
        if self.components is None or self.noise is None:
            return None
        noise = self.noise.rename(columns={"mean": "null_mean", "p95": "null_p95"})
        return self.components.variance.merge(noise, on="component", how="left")[column_names(COMPONENTS)]


def transfer_results(
    scores: pd.DataFrame,
    order: TaskOrder,
    analysis: ComponentAnalysis,
    noise_draws: int = 2000,
    noise_seed: int = 0,
) -> TransferResults:
    """Matrix, gains and components of a score table.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``.
    order : TaskOrder
        Order of rows and columns.
    analysis : ComponentAnalysis
        How to scale the matrix and whether the base model takes part.
    noise_draws, noise_seed : int
        Noise matrices to draw for comparison, and the seed of the generator.

    Returns
    -------
    TransferResults
        Cells without a score are NaN and named in the notes.
    """
    matrix = transfer_matrix(scores, order)
    has_base = BASE in matrix.index
    notes = [] if has_base else [f"no source {BASE!r}: gains are over each target's mean of {len(matrix)} sources"]
    missing = missing_cells(matrix)
    notes += [f"no score: {line}" for line in cell_lines(missing)]
    notes += [f"fewer seeds than elsewhere: {line}" for line in _seed_lines(scores)]
    components, noise = None, None
    try:
        components = analysis(matrix)
    except UserError as error:
        notes.append(f"no components: {error}")
    else:
        notes += _left_out(components)
        noise = noise_explained_variance(
            n_rows=len(components.traits),
            n_columns=len(components.loadings),
            scale=analysis.scale,
            draws=noise_draws,
            seed=noise_seed,
            deviations=components.deviations.tolist(),
        )
    differences = gains(matrix, over="base" if has_base else "mean")
    return TransferResults(scores, matrix, differences, missing, components, noise, tuple(notes))


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


def _left_out(components: Components) -> list[str]:
    """Lines on sources and targets that take no part in the components."""
    lines = []
    if components.incomplete_sources:
        lines.append(f"components leave out sources with missing scores: {', '.join(components.incomplete_sources)}")
    if components.constant_targets:
        lines.append(f"components leave out targets that all score alike: {', '.join(components.constant_targets)}")
    return lines
