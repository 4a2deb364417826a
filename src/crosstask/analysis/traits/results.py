"""Latent traits of a matrix: components, what noise of the same shape gives, how firm they are, what to call them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from crosstask.analysis.matrix.residuals import Residuals
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import COMPONENTS
from crosstask.analysis.traits.components import Components, principal_components
from crosstask.analysis.traits.factor_intervals import FactorIntervals, factor_intervals
from crosstask.analysis.traits.factors import FactorAnalysis, Factors
from crosstask.analysis.traits.intervals import Resampled
from crosstask.analysis.traits.left_out import left_out_lines
from crosstask.analysis.traits.noise_test import ComponentTests, NoiseTest
from crosstask.analysis.traits.noise_tests import component_tests
from crosstask.analysis.traits.observations import Observations
from crosstask.analysis.traits.options import Method, Options
from crosstask.analysis.traits.power import Power, power
from crosstask.analysis.traits.retention import retention_rules
from crosstask.analysis.traits.stability import Intervals, bootstrap, jackknife
from crosstask.analysis.traits.trait_names import enrichment, proposed_names
from crosstask.analysis.wording import counted
from crosstask.errors import UserError

_SHOWN = 4  # components with intervals and names at least, as many as arXiv 2509.13624 names
_NULLS = {"gaussian": "Gaussian", "permutation": "permuted", "sign_flip": "sign flips"}
_NOT_STEEP = "a steep response can still be taken for one"
_P_VALUES = {"gaussian": "p", "permutation": "p_permutation", "sign_flip": "p_sign_flip"}


@dataclass(frozen=True)
class LatentTraits:
    """Components with everything that says what they are worth."""

    components: Components
    """The decomposition."""
    tests: ComponentTests
    """Which of them are distinguishable from noise."""
    power: Power | None
    """What could have been found; None for scores."""
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
    counted_with: Mapping[str, str] = field(default_factory=dict)
    """Source that takes no part -> the one that it counts as one with."""

    @property
    def noise(self) -> NoiseTest:
        """Against Gaussian noise."""
        return self.tests.gaussian

    @property
    def retained(self) -> int:
        """Components distinguishable from noise of every kind and from bends, from the first on."""
        return self.tests.retained

    @cached_property
    def table(self) -> pd.DataFrame:
        """Columns ``COMPONENTS``: each component beside its nulls."""
        table = self.components.variance
        for name, prefix in (("gaussian", "null"), ("permutation", "permutation")):
            table = table.merge(_null(self.tests.reported[name], prefix), on="component", how="left")
        nulls = self.tests.reported
        needed = pd.concat([test.tests["threshold"] for test in nulls.values()], axis=1).max(axis=1, skipna=False)
        table = table.merge(self.noise.tests[["component"]].assign(threshold=needed), on="component", how="left")
        for name, column in _P_VALUES.items():
            p = nulls[name].tests.set_index("component")["p"] if name in nulls else {}
            table[column] = table["component"].map(p).astype(float)
        table["p_bends"] = table["component"].map(self.tests.p_bends).astype(float)
        table["retained"] = [place < self.retained for place in range(len(table))]
        return table[column_names(COMPONENTS)]

    @property
    def verdict(self) -> str:
        """One line: how many components are distinguishable from noise."""
        bent, before = self.tests.p_bends.iloc[0], self.tests.before_bends
        if self.retained == 0 and before:
            return (
                f"Cannot be told from ceilings and floors: {counted(before, 'component')} would be retained if each"
                f" target responded to donors along a line, none where it may bend (p = {bent:.2g})"
            )
        if self.retained == 0:
            first = self.table.iloc[0]
            p = ", ".join(
                f"{name} {first[_P_VALUES[test]]:.2g}" for test, name in _NULLS.items() if test in self.tests.nulls
            )
            if self.power is not None:
                return f"{self.power.verdict} (p: {p})"
            needed = "" if pd.isna(first["threshold"]) else f", {100 * first['threshold']:.1f} % would be needed"
            return (
                "No component of the scores is distinguishable from noise, and how often a trait would be is not known:"
                f" PC1 explains {100 * first['explained_variance_ratio']:.1f} %{needed} (p: {p})"
            )
        names = ", ".join(self.components.variance["component"][: self.retained])
        verb = "component is" if self.retained == 1 else "components are"
        found = f"{self.retained} {verb} distinguishable from noise: {names}"
        if self.tests.bent is None:
            return found
        fewer = f", where {before} would be without bends" if self.retained < before else ""
        p = ", ".join(f"{value:.2g}" for value in self.tests.p_bends.iloc[: self.retained])
        return f"{found} (p = {p} where each target's response to donors may bend{fewer}; {_NOT_STEEP})"


def latent_traits(
    data: Observations | Residuals,
    options: Options,
    resampled: Resampled | None = None,
    abilities: Mapping[str, str] | None = None,
    alpha: float = 0.05,
) -> LatentTraits:
    """Look for latent traits.

    Parameters
    ----------
    data : Observations or Residuals
        What is decomposed.
    options : Options
        How they are looked for.
    resampled : callable, optional
        Draw number -> a matrix with the rows and columns of that which the data were taken from, for the intervals.
    abilities : mapping of str to str, optional
        Target -> the ability that it is thought to need.
    alpha : float
        Level of the tests; intervals have level 1 - alpha.

    Raises
    ------
    UserError
        If the matrix has no components, or its draws are too few for the level.
    """
    tests = component_tests(data, options.noise_draws, alpha)
    able = power(data, tests.first, alpha) if isinstance(data, Residuals) else None
    if isinstance(data, Residuals) and tests.bends_matter:
        data = data.bending
    components = principal_components(data)
    retained = tests.retained
    shown = min(max(retained, _SHOWN), components.loadings.shape[1])
    few = components.first(shown)
    intervals, no_intervals = _intervals(few, options.resamples, resampled, retained, alpha)
    left_out = jackknife(few, retained)
    enriched = enrichment(few.loadings, abilities or {})
    factors, of_factors, no_factors = _factors(options, data, resampled, retained, alpha)
    of_loadings = intervals.loadings if intervals else None
    return LatentTraits(
        components=components,
        tests=tests,
        power=able,
        rules=retention_rules(data, tests),
        intervals=intervals,
        stability=pd.concat([intervals.stability, left_out], ignore_index=True) if intervals else left_out,
        abilities=enriched,
        names=proposed_names(few.loadings, of_loadings, enriched, retained, alpha),
        factors=factors,
        factor_intervals=of_factors,
        notes=(*left_out_lines(data), *no_intervals, *no_factors),
    )


def _intervals(
    reference: Components, draws: int, resampled: Resampled | None, retained: int, alpha: float
) -> tuple[Intervals | None, list[str]]:
    """Intervals of loadings and traits, or the line that says why there are none."""
    if draws == 0:
        return None, []
    if resampled is None:
        return None, ["no intervals of loadings and traits: some scores have neither standard errors nor several seeds"]
    try:
        return bootstrap(reference, resampled, retained, draws, alpha=alpha), []
    except UserError as error:  # a resampled matrix may have no components, or no headroom
        return None, [f"no intervals of loadings and traits: in a resampled matrix {error}"]


def _null(test: NoiseTest, name: str) -> pd.DataFrame:
    """Mean and 95th percentile of pure noise, under the names of components.csv."""
    return test.null[["component", "mean", "p95"]].rename(columns={"mean": f"{name}_mean", "p95": f"{name}_p95"})


def _factors(
    options: Options, data: Observations | Residuals, resampled: Resampled | None, retained: int, alpha: float
) -> tuple[Factors | None, FactorIntervals | None, list[str]]:
    """The factors asked for and their intervals, with the lines that say why there are none."""
    if options.method == Method.pca or isinstance(data, Residuals):
        return None, None, []
    count = options.count or retained
    if count == 0:
        none = f"no component is distinguishable from noise at the level {alpha:g}"
        return None, None, [f"no factors: {none}; analysis.traits.count=1 forces one"]
    search = FactorAnalysis(count, options.rotation, options.extraction)
    try:
        factors = search(data)
    except UserError as error:
        return None, None, [f"no factors: {error}"]
    if options.resamples == 0 or resampled is None:
        return factors, None, []
    try:
        intervals = factor_intervals(factors, search, data, resampled, options.resamples, alpha)
    except UserError as error:
        return factors, None, [f"no intervals of factors: {error}"]
    refused = intervals.draws - intervals.solved
    lines = [f"intervals of factors leave out {refused} of {intervals.draws} resampled matrices that have none"]
    return factors, intervals, lines if refused else []
