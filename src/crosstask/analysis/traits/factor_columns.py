"""Columns of common factors."""

from crosstask.analysis.schema import KNOWN_INTERVAL, POPULATION, SOURCE, TARGET, Column, TableSchema

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

FACTOR_PATTERN_INTERVALS = (
    _FACTOR,
    TARGET,
    Column("loading", "as in factor_pattern.csv", "number"),
    *KNOWN_INTERVAL,
)
"""factor_pattern_intervals.csv: one row per factor and target, where enough resampled matrices have a solution."""

FACTOR_SCORES_INTERVALS = (_FACTOR, SOURCE, Column("score", "as in factor_scores.csv", "number"), *KNOWN_INTERVAL)
"""factor_scores_intervals.csv: one row per factor and source, where enough resampled matrices have a solution."""

TABLES = (
    TableSchema("factors", "One row per factor, with ``analysis.traits.method=factors``.", FACTORS),
    TableSchema("factor_pattern", "One row per target, one column per factor.", FACTOR_PATTERN),
    TableSchema("factor_structure", "One row per target, one column per factor.", FACTOR_STRUCTURE),
    TableSchema("factor_correlations", "One row and one column per factor.", FACTOR_CORRELATIONS),
    TableSchema("factor_scores", "One row per source, one column per factor.", FACTOR_SCORES),
    TableSchema(
        "factor_pattern_intervals",
        f"One row per factor and target, where enough resampled matrices have a solution. {POPULATION}",
        FACTOR_PATTERN_INTERVALS,
    ),
    TableSchema(
        "factor_scores_intervals",
        f"One row per factor and source, where enough resampled matrices have a solution. {POPULATION}",
        FACTOR_SCORES_INTERVALS,
    ),
)
"""The tables, in the order in which they are written."""
