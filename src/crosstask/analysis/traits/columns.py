"""Columns of latent traits."""

from crosstask.analysis.schema import COMPONENT, KNOWN_INTERVAL, POPULATION, SOURCE, TARGET, Column, TableSchema
from crosstask.analysis.traits import factor_columns
from crosstask.analysis.traits.replication import columns as replication_columns

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
    Column(
        "p_bends",
        "the largest of these where each target may respond otherwise to sources that help than to those that harm",
        "0 to 1",
        f"{_UNTESTED}; or of scores",
    ),
    _RETAINED,
)
"""components.csv: one row per principal component."""

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
    Column("matrix", "what is decomposed; without slopes: targets are taken to respond to donors alike", "text"),
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

LOADING_INTERVALS = (
    COMPONENT,
    TARGET,
    Column("loading", "as in loadings.csv", "number, -1 to 1"),
    *KNOWN_INTERVAL,
)
"""loadings_intervals.csv: one row per component and target, where there are resampled matrices; then ``NULL``."""

TRAIT_INTERVALS = (COMPONENT, SOURCE, Column("trait", "as in traits.csv", "number, -1 to 1"), *KNOWN_INTERVAL)
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


def _with_null(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns with those of ``NULL`` that they do not have yet."""
    return (*columns, *(column for column in NULL if column not in columns))


TABLES = (
    TableSchema(
        "components",
        "One row per principal component of the matrix, targets being the variables: beside each what the null models"
        " of the same shape explain (Gaussian, in random order, of residuals also with random signs; all with what the"
        " seeds of an adapter have in common over the targets), the share it must exceed given the components before"
        " it, and whether it does.",
        COMPONENTS,
    ),
    *replication_columns.TABLES,
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
        " each source and target; of more than 200 sources those farthest out.",
        _with_null(STABILITY),
    ),
    TableSchema("loadings", "One row per target, one column per component.", LOADINGS),
    TableSchema(
        "loadings_intervals",
        f"One row per component and target, where there are resampled matrices. {POPULATION}",
        _with_null(LOADING_INTERVALS),
    ),
    TableSchema("traits", "One row per source, one column per component.", TRAITS),
    TableSchema(
        "traits_intervals",
        f"One row per component and source, the trait profile of an adapter. {POPULATION}",
        _with_null(TRAIT_INTERVALS),
    ),
    TableSchema(
        "trait_names",
        "One row per component: its strongest targets, and a name proposed from the abilities in the task files.",
        _with_null(TRAIT_NAMES),
    ),
    TableSchema("abilities", "One row per component and ability of at least two targets.", _with_null(ENRICHMENT)),
    *factor_columns.TABLES,
)
"""The tables of the section, in the order in which they are written."""
