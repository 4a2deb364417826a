"""Columns of latent traits."""

from crosstask.analysis.schema import COMPONENT, SOURCE, TARGET, Column, TableSchema

_UNTESTED = "not tested: a component before it is not distinguishable from noise"

_SHARE = Column("explained_variance_ratio", "share of the total variance", "fraction, 0 to 1")
_NULL_MEAN = Column("null_mean", "mean share for Gaussian noise of the same shape and seeds", "fraction, 0 to 1")
_NULL_P95 = Column("null_p95", "95th percentile of the share for Gaussian noise", "fraction, 0 to 1")
_RETAINED = Column(
    "retained",
    "distinguishable from noise: its p and those of all before it at most analysis.alpha",
    "true or false",
)

NULL = (_SHARE, _NULL_MEAN, _NULL_P95, _RETAINED)
"""What every table with a column of components has, at its end unless named before: each against the null model."""

COMPONENTS = (
    COMPONENT,
    Column(
        "eigenvalue",
        "variance along it; of z-scores and residuals all sum to the number of targets",
        "number, > 0",
    ),
    _SHARE,
    _NULL_MEAN,
    _NULL_P95,
    Column("permutation_mean", "mean share with each target's scores in random order", "fraction, 0 to 1"),
    Column("permutation_p95", "95th percentile of the share with each target's scores in random order", "0 to 1"),
    Column(
        "threshold",
        "share it must exceed, given the components before it: the highest of the nulls'",
        "fraction, 0 to 1",
        f"{_UNTESTED}; or, for PC1 of residuals, it is no share that is tested but the dispersion of all",
    ),
    Column("p", "how often Gaussian noise does as much, given the components before it", "0 to 1", _UNTESTED),
    Column("p_permutation", "the same with residuals in random order", "0 to 1", _UNTESTED),
    Column("p_sign_flip", "the same with residuals of random sign", "0 to 1", f"{_UNTESTED}; or of scores"),
    _RETAINED,
)
"""components.csv: one row per principal component."""

_LOW = Column("ci_low", "lower end of the interval of level 1 - analysis.alpha", "number")
_HIGH = Column("ci_high", "upper end of the interval", "number")

_REPLICATED = Column("component", "R1 onwards", "text")

REPLICATION = (
    _REPLICATED,
    Column("correlation", "mean over pairs of replicates, of what the components before it leave", "number, -1 to 1"),
    Column("null_mean", "mean of the same with sources relabeled in each replicate", "number, -1 to 1"),
    Column("null_p95", "95th percentile of that", "number, -1 to 1"),
    Column("p", "how often relabeled sources reach the correlation", "0 to 1"),
    Column("retained", "p and those before it at most analysis.alpha", "true or false"),
    Column("share", "of the squared residuals of a replicate, on average, that it takes off", "fraction, 0 to 1"),
    Column("strongest", "targets with the largest loadings whose interval leaves out 0", "text", "there is none"),
    Column("proposed", "abilities at either end, p_adjusted at most analysis.alpha", "text", "nothing can be proposed"),
)
"""replication.csv: one row per component retained, and the first that is not."""

REPLICATION_LOADINGS = (
    _REPLICATED,
    TARGET,
    Column("loading", "mean over replicates, of length 1", "-1 to 1"),
    _LOW,
    _HIGH,
)
"""replication_loadings.csv: one row per component and target."""

REPLICATION_SOURCES = (
    _REPLICATED,
    SOURCE,
    Column("score", "mean over replicates, of length 1", "-1 to 1"),
    _LOW,
    _HIGH,
)
"""replication_sources.csv: one row per component and source."""

REPLICATION_PAIRS = (
    Column("replicate", "base model, seed or setting", "text"),
    Column("other", "another one", "text"),
    Column("correlation", "of their residuals, over all cells", "number, -1 to 1"),
)
"""replication_pairs.csv: one row per pair of replicates."""

POWER = (
    Column("sources", "those of the matrix, or more", "whole number, >= 3"),
    Column("traits", "traits that the targets are dealt to; what is left of them is one dimension less", "2 to 4"),
    Column("communality", "share of a target's variance that its trait explains", "fraction, 0 to 1"),
    Column("found", "share of draws in which any component is retained", "fraction, 0 to 1"),
    Column("found_stderr", "Monte Carlo error of it", "fraction, >= 0"),
    Column("draws", "matrices drawn", "whole number, >= 50"),
)
"""power.csv: one row per number of sources and of traits, and communality."""

MULTIVERSE = (
    Column("matrix", "what is decomposed", "residuals or scores"),
    Column("home", "cells of sources on their own task: in, or out (of scores: imputed)", "in or out"),
    Column("base", "the base model as a row", "in or out"),
    Column("scale", "sources and targets at one spread, targets alone; or targets z-scored, or only centered", "text"),
    Column("statistic", "what PC1 is tested by", "dispersion or largest share"),
    Column("retained", "components retained", "whole number, >= 0", "it cannot be analyzed so"),
)
"""multiverse.csv: one row per combination of choices."""

RULES = (
    Column("rule", "rule for the number of components; the first decides", "text"),
    Column("retained", "components it retains", "whole number, >= 0"),
)
"""components_rules.csv: one row per rule."""

LOADINGS = (
    TARGET,
    Column("<component>", "weight of the target in the unit-length eigenvector", "number, -1 to 1"),
)
"""loadings.csv: one row per target, one column per component."""

TRAITS = (
    SOURCE,
    Column("<component>", "entry of the source in the unit-length left singular vector", "number, -1 to 1"),
)
"""traits.csv: one row per source, one column per component."""

LOADING_INTERVALS = (COMPONENT, TARGET, Column("loading", "as in loadings.csv", "number, -1 to 1"), _LOW, _HIGH)
"""loadings_intervals.csv: one row per component and target, where there are resampled matrices; then ``NULL``."""

TRAIT_INTERVALS = (COMPONENT, SOURCE, Column("trait", "as in traits.csv", "number, -1 to 1"), _LOW, _HIGH)
"""traits_intervals.csv: one row per component and source, the trait profile of an adapter; then ``NULL``."""

STABILITY = (
    Column("change", "what was changed: answers and seeds drawn anew, or a source or target left out", "text"),
    Column("left_out", "name of the source or target left out", "text", "nothing was left out"),
    COMPONENT,
    Column("congruence", "Tucker's coefficient with the component reported; mean over draws", "number, -1 to 1"),
    Column("angle", "largest angle between the spaces of the retained components, or of the first", "degrees, 0 to 90"),
)
"""components_stability.csv: one row per change and component; then ``NULL``."""

ENRICHMENT = (
    COMPONENT,
    Column("ability", "ability that the task files name", "text"),
    Column("targets", "targets of this ability", "whole number, >= 2"),
    Column("mean_loading", "mean of their loadings", "number, -1 to 1"),
    Column("z", "the mean in standard deviations from that of targets chosen at random", "number"),
    Column("p", "how often targets chosen at random lie as far", "0 to 1"),
    Column("p_adjusted", "the same for the farthest of all components and abilities", "0 to 1"),
)
"""abilities.csv: one row per component and ability of at least two targets; then ``NULL``."""

TRAIT_NAMES = (
    COMPONENT,
    _RETAINED,
    Column("strongest", "targets with the largest loadings whose interval leaves out 0", "text", "there is none"),
    Column(
        "proposed",
        "abilities at either end, p_adjusted at most analysis.alpha",
        "text",
        "nothing can be proposed",
    ),
)
"""trait_names.csv: one row per component; then what else ``NULL`` has."""

_FACTOR = Column("factor", "F1 onwards, by falling variance", "text")

FACTORS = (
    _FACTOR,
    Column("variance", "variance of the targets that the factor explains", "number of targets, >= 0"),
    Column("explained_variance_ratio", "share of all targets' variance", "fraction, 0 to 1"),
)
"""factors.csv: one row per factor, with ``analysis.traits.method=factors``."""

FACTOR_PATTERN = (
    TARGET,
    Column("<factor>", "weight of the factor in the target, beside the others", "number"),
    Column("communality", "share of the target's variance that the factors explain", "fraction, 0 to 1"),
)
"""factor_pattern.csv: one row per target, one column per factor."""

FACTOR_STRUCTURE = (TARGET, Column("<factor>", "correlation of the target with the factor", "number, -1 to 1"))
"""factor_structure.csv: one row per target, one column per factor."""

FACTOR_CORRELATIONS = (_FACTOR, Column("<factor>", "correlation of the two factors", "number, -1 to 1"))
"""factor_correlations.csv: one row and one column per factor."""

FACTOR_SCORES = (SOURCE, Column("<factor>", "Bartlett's score of the source", "number, in standard deviations"))
"""factor_scores.csv: one row per source, one column per factor."""

FACTOR_PATTERN_INTERVALS = (_FACTOR, TARGET, Column("loading", "as in factor_pattern.csv", "number"), _LOW, _HIGH)
"""factor_pattern_intervals.csv: one row per factor and target, where enough resampled matrices have a solution."""

FACTOR_SCORES_INTERVALS = (_FACTOR, SOURCE, Column("score", "as in factor_scores.csv", "number"), _LOW, _HIGH)
"""factor_scores_intervals.csv: one row per factor and source, where enough resampled matrices have a solution."""


def _with_null(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns with those of ``NULL`` that they do not have yet."""
    return (*columns, *(column for column in NULL if column not in columns))


TABLES = (
    TableSchema(
        "components",
        "One row per principal component of the matrix, targets being the variables: beside each what the null models"
        " of the same shape explain (Gaussian, and scores in random order; both with what the seeds of an adapter"
        " have in common over the targets), the share it must exceed given the components before it, and whether it"
        " does.",
        COMPONENTS,
    ),
    TableSchema(
        "replication",
        "One row per component that comes back in every base model, seed or setting of the rows, and the first that"
        " does not: how alike replicates are, and with their sources relabeled.",
        REPLICATION,
    ),
    TableSchema("replication_pairs", "One row per pair of replicates.", REPLICATION_PAIRS),
    TableSchema(
        "replication_loadings",
        "One row per component that comes back and target, with its interval over replicates.",
        REPLICATION_LOADINGS,
    ),
    TableSchema(
        "replication_sources",
        "One row per component that comes back and source, with its interval over replicates.",
        REPLICATION_SOURCES,
    ),
    TableSchema(
        "power",
        "One row per number of traits planted into this matrix, or one with more sources, and their strength: how often"
        " anything is found. Of residuals.",
        POWER,
    ),
    TableSchema(
        "multiverse",
        "One row per combination of choices: what is decomposed, with or without home cells and base, on which scale"
        " and by which statistic, and how many components it retains.",
        MULTIVERSE,
    ),
    TableSchema("components_rules", "One row per rule for the number of components; the first decides.", RULES),
    TableSchema(
        "components_stability",
        "One row per change and component: how similar components are after drawing answers and seeds anew, and without"
        " each source and target.",
        _with_null(STABILITY),
    ),
    TableSchema("loadings", "One row per target, one column per component.", LOADINGS),
    TableSchema(
        "loadings_intervals",
        "One row per component and target, where there are resampled matrices.",
        _with_null(LOADING_INTERVALS),
    ),
    TableSchema("traits", "One row per source, one column per component.", TRAITS),
    TableSchema(
        "traits_intervals",
        "One row per component and source, the trait profile of an adapter.",
        _with_null(TRAIT_INTERVALS),
    ),
    TableSchema(
        "trait_names",
        "One row per component: its strongest targets, and a name proposed from the abilities in the task files.",
        _with_null(TRAIT_NAMES),
    ),
    TableSchema("abilities", "One row per component and ability of at least two targets.", _with_null(ENRICHMENT)),
    TableSchema("factors", "One row per factor, with ``analysis.traits.method=factors``.", FACTORS),
    TableSchema("factor_pattern", "One row per target, one column per factor.", FACTOR_PATTERN),
    TableSchema("factor_structure", "One row per target, one column per factor.", FACTOR_STRUCTURE),
    TableSchema("factor_correlations", "One row and one column per factor.", FACTOR_CORRELATIONS),
    TableSchema("factor_scores", "One row per source, one column per factor.", FACTOR_SCORES),
    TableSchema(
        "factor_pattern_intervals",
        "One row per factor and target, where enough resampled matrices have a solution.",
        FACTOR_PATTERN_INTERVALS,
    ),
    TableSchema(
        "factor_scores_intervals",
        "One row per factor and source, where enough resampled matrices have a solution.",
        FACTOR_SCORES_INTERVALS,
    ),
)
"""The tables of the section, in the order in which they are written."""


def component_names(count: int) -> list[str]:
    """PC1 onwards."""
    return [f"PC{number}" for number in range(1, count + 1)]
