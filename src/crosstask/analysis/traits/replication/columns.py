"""Columns of traits that come back."""

from crosstask.analysis.schema import KNOWN_INTERVAL, SOURCE, TARGET, Column, TableSchema

_REPLICATED = Column("component", "R1 onwards", "text")

REPLICATION = (
    _REPLICATED,
    Column("correlation", "mean over pairs of replicates, of what the components before it leave", "number, -1 to 1"),
    Column("null_mean", "mean of the same with sources relabeled in each replicate", "number, -1 to 1"),
    Column("null_p95", "95th percentile of that", "number, -1 to 1"),
    Column("p", "how often relabeled sources reach the correlation", "0 to 1"),
    Column(
        "retained",
        "p and those before it at most analysis.alpha, with bends of the targets as well as without",
        "true or false",
    ),
    Column("share", "of the squared residuals of a replicate, on average, that it takes off", "fraction, 0 to 1"),
    Column("strongest", "targets with the largest loadings whose interval leaves out 0", "text", "there is none"),
    Column("proposed", "abilities at either end, p_adjusted at most analysis.alpha", "text", "nothing can be proposed"),
)
"""replication.csv: one row per component retained, and the first that is not."""

REPLICATION_LOADINGS = (
    _REPLICATED,
    TARGET,
    Column("loading", "mean over replicates, all together of length 1", "-1 to 1"),
    *KNOWN_INTERVAL,
)
"""replication_loadings.csv: one row per component and target."""

REPLICATION_SOURCES = (
    _REPLICATED,
    SOURCE,
    Column("score", "mean over replicates, all together of length 1", "-1 to 1"),
    *KNOWN_INTERVAL,
)
"""replication_sources.csv: one row per component and source."""

REPLICATION_PAIRS = (
    Column("replicate", "base model, seed or setting", "text"),
    Column("other", "another one", "text"),
    Column("correlation", "of their residuals, over all cells", "number, -1 to 1"),
    Column("same", "the two are taken for one, and count once", "true or false"),
)
"""replication_pairs.csv: one row per pair of replicates."""

TABLES = (
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
)
"""The tables, in the order in which they are written."""
