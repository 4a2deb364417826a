"""Latent traits of the matrix: components and factors, each beside its null model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from crosstask.analysis.blocks import ComponentsBlock
from crosstask.analysis.matrix.residuals import Residuals, residuals
from crosstask.analysis.matrix.row_keys import base_rows, further_keys, row_sources
from crosstask.analysis.matrix.transfer_matrix import home_cells, seed_scores, transfer_matrix
from crosstask.analysis.matrix.twins import Twins, find_twins
from crosstask.analysis.schema import BASE
from crosstask.analysis.section import Findings
from crosstask.analysis.traits.columns import TABLES
from crosstask.analysis.traits.intervals import Resampled
from crosstask.analysis.traits.multiverse import EVEN, Choice, multiverse, multiverse_lines, with_verdict
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.options import BaseRow, Home, Matrix, Options, Scale
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.replication.replicates import replicates
from crosstask.analysis.traits.replication.results import Replication, replication
from crosstask.analysis.traits.requests import multiverse_tables, trait_figures, trait_tables
from crosstask.analysis.traits.resampled_matrices import resampled_answers, resampled_scores
from crosstask.analysis.traits.results import LatentTraits, latent_traits
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted
from crosstask.errors import UserError

_ONE_SEED = "with one seed ({}) a component may be of these adapters, not of what they were trained on"
_SCALES = {
    Scale.zscore: "z-scored",
    Scale.none: "centered, not z-scored",
    Scale.headroom: "shares of headroom, centered",
}
_OTHER_CHOICES = 99  # matrices of noise for each, at most
_TREATED = "residuals of gains"
_OF_SCORES = (
    "components of scores (analysis.traits.matrix=scores): sources that are good or bad for everything, one violent"
    " adapter and cells on a source's own task look like traits; the default, residuals of gains, has none of these"
)


@dataclass(frozen=True)
class Section:
    """Principal components of the matrix, on request common factors, and how many of them are more than noise."""

    options: Options
    title = "Traits"
    tables = TABLES
    figures = (
        *("loadings", "scree", "sources", "loadings_intervals", "traits_intervals"),
        *("replication_loadings", "replication_sources"),
    )

    @property
    def method(self) -> str:
        """How it answers, in one sentence."""
        of_scores = f"scores, {_SCALES[self.options.scale]}," if self.options.matrix == Matrix.scores else ""
        what = of_scores or "what donors and recipients leave of gains"
        return f"Components of {what} are held against noise of the same shape, one after the other."

    def __call__(self, transfer: Transfer) -> Findings:
        """Return tables, figures, the verdict and notes; a note alone where the matrix has no components."""
        again, beside = self._replication(transfer)
        try:
            traits = self.traits(transfer)
        except UserError as error:
            lines = again.lines if again else []
            return self._without_components(transfer, beside, lines, f"no components: {error}")
        ways = with_verdict(self._multiverse(transfer, traits.counted_with), self._choice, traits.tests.before_bends)
        caption = self._caption(traits, transfer.rows)
        title, *below = _lines(again, traits)
        block = ComponentsBlock(
            title=title,
            below=tuple(below),
            caption=caption,
            components=traits.table.assign(null_cumulative_mean=traits.noise.null["cumulative_mean"]),
            loadings=traits.components.loadings,
            rules=traits.rules,
            names=traits.names,
            lines=(*([traits.power.line] if traits.power else []), *multiverse_lines(ways)),
        )
        return replace(
            beside,
            tables=(*beside.tables, *trait_tables(traits, ways)),
            figures=(*trait_figures(traits, caption), *beside.figures),
            lines=(*(again.lines[:2] if again else []), traits.verdict),
            blocks=(block,),
            notes=(*beside.notes, *traits.notes),
        )

    def _without_components(self, transfer: Transfer, beside: Findings, lines: Sequence[str], why: str) -> Findings:
        """What is left to say where the matrix has none: what comes back, and what other choices find."""
        if self.options.matrix == Matrix.scores:
            return replace(beside, lines=tuple(lines), notes=(why, *beside.notes))
        ways = self._multiverse(transfer, {})
        return replace(
            beside,
            tables=(*beside.tables, *multiverse_tables(ways)),
            lines=(*lines, *multiverse_lines(ways)),
            notes=(why, *beside.notes),
        )

    @property
    def _choice(self) -> Choice:
        """The row of the multiverse that the analysis itself is."""
        if self.options.matrix == Matrix.residuals:
            return Matrix.residuals.value, "out", "out", EVEN, "dispersion"
        home = "out" if self.options.home == Home.missing else "in"
        base = "in" if self.options.base == BaseRow.included else "out"
        return Matrix.scores.value, home, base, self.options.scale.value, "largest share"

    def _multiverse(self, transfer: Transfer, counted_with: Mapping[str, str]) -> pd.DataFrame:
        """What other choices retain."""
        home, draws = home_cells(transfer.matrix, transfer.order), min(_OTHER_CHOICES, self.options.noise_draws)
        seeds = seed_scores(transfer.scores_per_run)
        return multiverse(transfer.matrix, home, transfer.conventions.alpha, draws, seeds, counted_with)

    def _replication(self, transfer: Transfer) -> tuple[Replication | None, Findings]:
        """What comes back in every base model, seed or setting that rows tell apart, and its part of the findings."""
        if self.options.matrix == Matrix.scores:
            return None, Findings()
        conventions = transfer.conventions
        try:
            found = replicates(transfer.scores, transfer.order, transfer.rows)
            again = replication(found, conventions.abilities, conventions.alpha) if found else None
        except UserError as error:
            return None, Findings(notes=(f"no replication: {error}",))
        if again is None:
            return None, Findings()
        return again, Findings(
            again.tables(), tuple(again.figures()), alarms=tuple(again.alarms), notes=tuple(again.notes)
        )

    def traits(self, transfer: Transfer) -> LatentTraits:
        """Return latent traits of the scores, or of what donors and recipients leave of gains.

        Raises
        ------
        UserError
            If the matrix has no components.
        """
        conventions = transfer.conventions
        data: Observations | Residuals
        notes: Sequence[str]
        if self.options.matrix == Matrix.scores:
            data, drawn, notes = self._scores(transfer)
            twins = Twins({})
        else:
            data, drawn, twins = self._residuals(transfer)
            notes = twins.notes
        found = latent_traits(data, self.options, drawn, conventions.abilities, conventions.alpha)
        single = int((data.seed_counts < 2).sum())
        if found.retained and single:
            notes = [*notes, _ONE_SEED.format(f"{single} of {counted(len(data.values), 'source')}")]
        return replace(found, notes=(*notes, *found.notes), counted_with=twins.counted_with)

    def _scores(self, transfer: Transfer) -> tuple[Observations, Resampled | None, Sequence[str]]:
        """The scores with the rows of the analysis, with or without cells of sources on their own task."""
        options, rows = self.options, transfer.rows
        if options.scale == Scale.headroom and transfer.scales is not None:
            raise UserError(
                "analysis.traits.scale=headroom needs targets of one unit on which more is better; zscore does not"
            )
        matrix, seeds = transfer_matrix(transfer.scores, transfer.order, rows), seed_scores(transfer.scores, rows)
        drawn = self._resampled(transfer, matrix, rows)
        if options.home == Home.missing:  # of resampled matrices the same cells are filled, whatever they hold
            matrix = matrix.mask(home_cells(matrix, transfer.order))
        data = observations(matrix, options.scale, options.base, options.missing, options.ceiling, seeds)
        notes = [_OF_SCORES]
        if data.settings_count > 1:
            settings = f"each of {data.settings_count} settings of {', '.join(further_keys(rows))}"
            notes.append(f"components remove the main effect of {settings}")
        return data, drawn, notes

    def _residuals(self, transfer: Transfer) -> tuple[Residuals, Resampled | None, Twins]:
        """The gains, a row for each source; of sources that are one under two names the first."""
        matrix, seeds = transfer.matrix, seed_scores(transfer.scores_per_run)
        home = home_cells(matrix, transfer.order)
        data = residuals(matrix, home, seeds)
        twins = find_twins(data, transfer.means, transfer.conventions.alpha)
        if twins.counted_with:
            data = residuals(matrix, home, seeds, counted_with=twins.counted_with)
        return data, self._resampled(transfer, matrix, ("source",)), twins

    def _resampled(self, transfer: Transfer, matrix: pd.DataFrame, rows: tuple[str, ...]) -> Resampled | None:
        """What draws matrices for the intervals: from the answers where they are known, else from standard errors."""
        if rows != ("source",):
            return resampled_scores(transfer.scores, transfer.order, rows, ceilings=transfer.ceilings)
        if transfer.answers_per_run is not None:
            drawn = resampled_answers(transfer.answers_per_run, matrix, self.options.resamples)
            if drawn is not None:
                return drawn
        return resampled_scores(transfer.scores_per_run, transfer.order, ceilings=transfer.ceilings)

    def _caption(self, traits: LatentTraits, rows: tuple[str, ...]) -> str:
        """Shape and treatment of the matrix that was decomposed."""
        data = traits.components.observations
        n_base = int(base_rows(data.values.index).sum())
        of_scores = self.options.matrix == Matrix.scores
        shape = counted(len(data.values) - n_base, "row" if of_scores and rows != ("source",) else "source")
        base = " and the base model" if n_base else ""
        bent = isinstance(data, Residuals) and data.bends > 0
        treated = _SCALES[self.options.scale] if of_scores else _TREATED + " with bends of the targets" * bent
        names = ["the base model" if name == BASE else name for name in row_sources(data.projected.index)]
        projected = f", {' and '.join(dict.fromkeys(names))} projected" if names else ""
        return f"{shape}{base} x {counted(data.values.shape[1], 'target')}, {treated}{projected}"


def _lines(again: Replication | None, traits: LatentTraits) -> list[str]:
    """What is found, the strongest evidence first: base models say more than the mean over them, seeds do not."""
    if again is None:
        return [traits.verdict]
    if again.replicates.of_models:
        return [*again.lines, f"Of the mean over them: {traits.verdict}"]
    return [traits.verdict, *again.lines]
