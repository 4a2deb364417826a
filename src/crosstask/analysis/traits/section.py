"""Latent traits of the matrix: components and factors, each beside its null model."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.blocks import ComponentsBlock
from crosstask.analysis.matrix.row_keys import base_rows, further_keys
from crosstask.analysis.matrix.transfer_matrix import home_cells, seed_scores, transfer_matrix
from crosstask.analysis.section import Findings
from crosstask.analysis.traits.columns import TABLES
from crosstask.analysis.traits.intervals import Resampled
from crosstask.analysis.traits.options import Home, Options, Scale
from crosstask.analysis.traits.requests import trait_figures, trait_tables
from crosstask.analysis.traits.resampled_matrices import resampled_answers, resampled_scores
from crosstask.analysis.traits.results import LatentTraits, latent_traits
from crosstask.analysis.transfer import Transfer, counted
from crosstask.errors import UserError

_SCALES = {
    Scale.zscore: "z-scored",
    Scale.none: "centered, not z-scored",
    Scale.headroom: "shares of headroom, centered",
}


@dataclass(frozen=True)
class Section:
    """Principal components of the matrix, on request common factors, and how many of them are more than noise."""

    options: Options
    tables = TABLES
    figures = ("loadings", "scree", "sources", "loadings_intervals", "traits_intervals")

    def __call__(self, transfer: Transfer) -> Findings:
        """Return tables, figures, the verdict and notes; a note alone where the matrix has no components."""
        try:
            traits = self.traits(transfer)
        except UserError as error:
            return Findings(notes=(f"no components: {error}",))
        caption = _caption(traits, self.options.scale, transfer.rows)
        block = ComponentsBlock(
            title=traits.verdict,
            caption=caption,
            components=traits.table.assign(null_cumulative_mean=traits.noise.null["cumulative_mean"]),
            loadings=traits.components.loadings,
            rules=traits.rules,
            names=traits.names,
        )
        return Findings(
            tables=trait_tables(traits),
            figures=tuple(trait_figures(traits, caption)),
            lines=(traits.verdict,),
            blocks=(block,),
            notes=(*_settings_note(traits, transfer.rows), *traits.notes),
        )

    def traits(self, transfer: Transfer) -> LatentTraits:
        """Return latent traits of the scores, with or without cells of sources on their own task.

        Raises
        ------
        UserError
            If the matrix has no components.
        """
        rows = transfer.rows
        matrix, seeds = transfer_matrix(transfer.scores, transfer.order, rows), seed_scores(transfer.scores, rows)
        drawn = self._resampled(transfer, matrix)
        if self.options.home == Home.missing:  # of resampled matrices the same cells are filled, whatever they hold
            matrix = matrix.mask(home_cells(matrix, transfer.order))
        return latent_traits(matrix, self.options, drawn, seeds, transfer.conventions.abilities)

    def _resampled(self, transfer: Transfer, matrix: pd.DataFrame) -> Resampled | None:
        """What draws matrices for the intervals: from the answers where they are known, else from standard errors."""
        if transfer.answers is not None and transfer.rows == ("source",):
            drawn = resampled_answers(transfer.answers, matrix, self.options.resamples)
            if drawn is not None:
                return drawn
        return resampled_scores(transfer.scores, transfer.order, transfer.rows)


def _caption(traits: LatentTraits, scale: Scale, rows: tuple[str, ...]) -> str:
    """Shape and treatment of the matrix that was decomposed."""
    data = traits.components.observations
    n_base = int(base_rows(data.values.index).sum())
    shape = counted(len(data.values) - n_base, "source" if rows == ("source",) else "row")
    base = " and the base model" if n_base else ""
    projected = ", the base model projected" if len(data.projected) else ""
    return f"{shape}{base} x {counted(data.values.shape[1], 'target')}, {_SCALES[scale]}{projected}"


def _settings_note(traits: LatentTraits, rows: tuple[str, ...]) -> list[str]:
    """A line on the main effects that were removed, where rows are of several settings."""
    count = traits.components.observations.effects.count
    if count == 1:
        return []
    return [f"components remove the main effect of each of {count} settings of {', '.join(further_keys(rows))}"]
