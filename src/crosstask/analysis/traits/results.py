"""Latent traits of a matrix: components, what noise of the same shape gives, how firm they are, what to call them."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import COMPONENTS
from crosstask.analysis.traits.components import Components, principal_components
from crosstask.analysis.traits.factor_intervals import FactorIntervals, factor_intervals
from crosstask.analysis.traits.factors import FactorAnalysis, Factors
from crosstask.analysis.traits.intervals import Resampled
from crosstask.analysis.traits.noise_test import LEVEL, NoiseTest
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.options import Method, Options
from crosstask.analysis.traits.parallel_analysis import ParallelAnalysis
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.retention import retention_rules
from crosstask.analysis.traits.stability import Intervals, bootstrap, jackknife
from crosstask.analysis.traits.trait_names import enrichment, proposed_names
from crosstask.errors import UserError

_SHOWN = 4  # components with intervals and names at least, as many as arXiv 2509.13624 names


@dataclass(frozen=True)
class LatentTraits:
    """Components with everything that says what they are worth."""

    components: Components
    """The decomposition."""
    noise: NoiseTest
    """Against Gaussian noise."""
    permutation: NoiseTest
    """Against each target's own scores in random order. A component must pass both."""
    rules: pd.DataFrame
    """Columns ``RULES``."""
    intervals: Intervals | None
    """Of loadings and traits; None without anything to draw matrices from."""
    stability: pd.DataFrame
    """Columns ``STABILITY``."""
    abilities: pd.DataFrame
    """Columns ``ENRICHMENT``."""
    names: pd.DataFrame
    """Columns ``TRAIT_NAMES``."""
    factors: Factors | None
    """Only where they were asked for and the guard let them pass."""
    factor_intervals: FactorIntervals | None
    """Of their loadings and scores; None without anything to draw matrices from, or where too few have factors."""
    notes: tuple[str, ...]
    """One line each: what was left out and why something is not there."""

    @property
    def retained(self) -> int:
        """Components distinguishable from Gaussian noise and from permuted scores, from the first on."""
        return min(self.noise.retained, self.permutation.retained)

    @property
    def table(self) -> pd.DataFrame:
        """Columns ``COMPONENTS``: each component beside its null."""
        variance = self.components.variance
        table = variance.merge(_null(self.noise, "null"), on="component", how="left")
        table = table.merge(_null(self.permutation, "permutation"), on="component", how="left")
        tests = self.noise.tests[["component", "p"]].assign(threshold=self._thresholds)
        table = table.merge(tests, on="component", how="left")
        table = table.merge(
            self.permutation.tests[["component", "p"]], "left", "component", suffixes=("", "_permutation")
        )
        table["retained"] = [place < self.retained for place in range(len(table))]
        return table[column_names(COMPONENTS)]

    @property
    def _thresholds(self) -> pd.Series:
        """The higher of the two shares that a component must exceed."""
        both = pd.concat([self.noise.tests["threshold"], self.permutation.tests["threshold"]], axis=1)
        return both.max(axis=1, skipna=False)

    @property
    def verdict(self) -> str:
        """One line: how many components are distinguishable from noise."""
        if self.retained == 0:
            first, permuted = self.noise.tests.iloc[0], self.permutation.tests.iloc[0]
            return (
                "No latent trait is distinguishable from noise: PC1 explains"
                f" {100 * first['explained_variance_ratio']:.1f} %,"
                f" {100 * max(first['threshold'], permuted['threshold']):.1f} % would be needed"
                f" (p = {first['p']:.2g}, permuted {permuted['p']:.2g})"
            )
        names = ", ".join(self.components.variance["component"][: self.retained])
        verb = "component is" if self.retained == 1 else "components are"
        return f"{self.retained} {verb} distinguishable from noise: {names}"


def latent_traits(
    matrix: pd.DataFrame,
    options: Options,
    resampled: Resampled | None = None,
    seeds: pd.DataFrame | None = None,
    abilities: Mapping[str, str] | None = None,
    seed: int = 0,
) -> LatentTraits:
    """Look for latent traits.

    Parameters
    ----------
    matrix : DataFrame, shape (n_sources, n_targets)
        As from `transfer_matrix` with the rows of the analysis.
    options : Options
        How they are looked for.
    resampled : callable, optional
        Draw number -> a matrix with the same rows and columns, for the intervals.
    seeds : DataFrame, optional
        Scores of the single seeds behind the matrix, as from `seed_scores`.
    abilities : mapping of str to str, optional
        Target -> the ability that it is thought to need.
    seed : int
        Seed of all random numbers.

    Raises
    ------
    UserError
        If the matrix has no components.
    """
    data = observations(matrix, options.scale, options.base, options.missing, options.ceiling, seeds)
    components = principal_components(data)
    noise = ParallelAnalysis("gaussian", options.noise_draws, seed)(data)
    permutation = ParallelAnalysis("permutation", options.noise_draws, seed)(data)
    retained = min(noise.retained, permutation.retained)
    shown = min(max(retained, _SHOWN), components.loadings.shape[1])
    few = components.first(shown)
    intervals, no_intervals = _intervals(few, options.resamples, resampled, retained)
    left_out = jackknife(few, retained)
    enriched = enrichment(few.loadings, abilities or {}, seed=seed)
    factors, of_factors, no_factors = _factors(options, data, resampled, retained)
    return LatentTraits(
        components=components,
        noise=noise,
        permutation=permutation,
        rules=retention_rules(data, noise, permutation),
        intervals=intervals,
        stability=pd.concat([intervals.stability, left_out], ignore_index=True) if intervals else left_out,
        abilities=enriched,
        names=proposed_names(few.loadings, intervals.loadings if intervals else None, enriched, retained),
        factors=factors,
        factor_intervals=of_factors,
        notes=(*_left_out(components), *no_intervals, *no_factors),
    )


def _intervals(
    reference: Components, draws: int, resampled: Resampled | None, retained: int
) -> tuple[Intervals | None, list[str]]:
    """Intervals of loadings and traits, or the line that says why there are none."""
    if draws == 0:
        return None, []
    if resampled is None:
        return None, ["no intervals of loadings and traits: some scores have neither standard errors nor several seeds"]
    try:
        return bootstrap(reference, resampled, retained, draws), []
    except UserError as error:  # a resampled matrix may have no components, or no headroom
        return None, [f"no intervals of loadings and traits: in a resampled matrix {error}"]


def _null(test: NoiseTest, name: str) -> pd.DataFrame:
    """Mean and 95th percentile of pure noise, under the names of components.csv."""
    return test.null[["component", "mean", "p95"]].rename(columns={"mean": f"{name}_mean", "p95": f"{name}_p95"})


def _factors(
    options: Options, data: Observations, resampled: Resampled | None, retained: int
) -> tuple[Factors | None, FactorIntervals | None, list[str]]:
    """The factors asked for and their intervals, with the lines that say why there are none."""
    if options.method == Method.pca:
        return None, None, []
    count = options.count or retained
    if count == 0:
        none = f"no component is distinguishable from noise at the level {LEVEL}"
        return None, None, [f"no factors: {none}; analysis.traits.count=1 forces one"]
    search = FactorAnalysis(count, options.rotation, options.extraction)
    try:
        factors = search(data)
    except UserError as error:
        return None, None, [f"no factors: {error}"]
    if options.resamples == 0 or resampled is None:
        return factors, None, []
    try:
        intervals = factor_intervals(factors, search, data, resampled, options.resamples)
    except UserError as error:
        return factors, None, [f"no intervals of factors: {error}"]
    refused = intervals.draws - intervals.solved
    lines = [f"intervals of factors leave out {refused} of {intervals.draws} resampled matrices that have none"]
    return factors, intervals, lines if refused else []


def _left_out(components: Components) -> list[str]:
    """Lines on sources and targets that take no part, and on cells that were filled."""
    data = components.observations
    lines = []
    if data.incomplete_sources:
        lines.append(f"components leave out sources with missing scores: {', '.join(data.incomplete_sources)}")
    if data.unscored_targets:
        lines.append(f"components leave out targets without any score: {', '.join(data.unscored_targets)}")
    if data.constant_targets:
        alike = "all score alike" if data.effects.count == 1 else "all of one setting score alike"
        lines.append(f"components leave out targets that {alike}: {', '.join(data.constant_targets)}")
    if data.unprojected:
        named = ", ".join(data.unprojected)
        lines.append(f"not projected, for want of a score or of rows of the same settings: {named}")
    if data.gaps.any():
        lines.append(f"components fill {int(data.gaps.sum())} missing scores by iterative PCA, in their noise as well")
    return lines
