"""Columns of the structure of gains: how mutual they are, how often they help or harm, what acts alike."""

from crosstask.analysis.schema import (
    CI_HIGH,
    CI_LOW,
    POPULATION,
    SIGNIFICANT,
    SOURCE,
    TARGET,
    Column,
    P,
    Q,
    TableSchema,
)

ASYMMETRY = (
    Column("first", "a task", "text"),
    Column("second", "another task, later in the order", "text"),
    Column("forward", "gain of the first task's source on the second task", "unit of the score"),
    Column("backward", "gain of the second task's source on the first task", "unit of the score"),
    Column("asymmetry", "half the difference, (forward - backward) / 2", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Q,
    SIGNIFICANT,
)
"""asymmetry.csv: pairs of tasks with a gain in both directions."""

INDICES = (
    Column(
        "index",
        "asymmetry: sum A^2 / sum T^2 over the pairs, 0 symmetric, 0.5 unrelated directions, 1 antisymmetric; donors,"
        " recipients, interaction: share of the variance of the gains off the diagonal that each explains",
        "text",
    ),
    Column("value", "the index as observed", "0 to 1"),
    Column("corrected", "the same without the share of sampling noise", "number", "noise is all there is, or unknown"),
    Column("ci_low", "lower limit of the corrected value's interval, bootstrap", "number", "cannot be told"),
    Column("ci_high", "upper limit of the corrected value's interval, bootstrap", "number", "cannot be told"),
)
"""indices.csv: the whole matrix in a few numbers."""

RATES = (
    Column("side", "source: over its targets; target: over its sources", "text"),
    Column("name", "the source or target", "text"),
    Column("cells", "gains off the diagonal", "whole number, >= 1"),
    Column("win_rate", "share of gains above 0", "0 to 1"),
    Column("win_low", "lower limit of its Wilson interval over a population of tasks", "0 to 1"),
    Column("win_high", "upper limit", "0 to 1"),
    Column("harm_rate", "share of losses of more than one percentage point", "0 to 1", "scores without a unit"),
    Column("harm_low", "lower limit of its Wilson interval", "0 to 1", "scores without a unit"),
    Column("harm_high", "upper limit", "0 to 1", "scores without a unit"),
    Column("better", "gains that are significant", "whole number", "not tested"),
    Column("worse", "losses that are significant", "whole number", "not tested"),
)
"""rates.csv: how often a source helps or harms, and how often a target is helped or harmed."""

CLUSTERS = (
    Column("side", "source or target", "text"),
    Column("merge", "step, the closest first", "whole number, 1 onwards"),
    Column("left", "name, or #step of an earlier merge", "text"),
    Column("right", "name, or #step of an earlier merge", "text"),
    Column("height", "distance at which they merge: 1 - Pearson correlation, average linkage", "0 to 2"),
    Column("size", "members", "whole number, >= 2"),
    Column("support", "share of bootstrap replicates in which just these members merge", "0 to 1", "cannot be told"),
)
"""clusters.csv: hierarchical clustering of sources and of targets by their gains off the diagonal."""

AFFINITY = (
    TARGET,
    SOURCE,
    Column("affinity", "Taskonomy's normalized affinity: weight of the source among all, base included", "0 to 1"),
    Column(
        "ci_low",
        "lower limit of its interval, delete-a-group jackknife over examples",
        "0 to 1",
        "fewer than 20 examples",
    ),
    Column("ci_high", "upper limit", "0 to 1", "fewer than 20 examples"),
)
"""affinity.csv: one row per target and source; the affinities of a target sum to 1."""

TABLES = (
    TableSchema("rates", "How often a source helps or harms, and how often a target is helped or harmed.", RATES),
    TableSchema("asymmetry", f"Pairs of tasks with a gain in both directions. {POPULATION}", ASYMMETRY),
    TableSchema("indices", f"The whole matrix in a few numbers. {POPULATION}", INDICES),
    TableSchema(
        "clusters", "Hierarchical clustering of sources and of targets by their gains off the diagonal.", CLUSTERS
    ),
    TableSchema("affinity", "One row per target and source; the affinities of a target sum to 1.", AFFINITY),
)
"""The tables, in the order in which they are written."""
