"""The columns of every table, said once, and the checker that asks for them.

``CELLS`` is what the run store gives; every other table is written as a CSV file or listed. Where a table has
one column per task or component, that column is declared once, with its name in angle brackets.
"""

from crosstask.analysis.columns.column import BASE, Column, column_names, require_columns
from crosstask.analysis.columns.matrix import (
    ALARMS,
    CELLS,
    GAINS,
    GAINS_LONG,
    INTERVALS,
    MATRIX,
    MATRIX_LONG,
    METRICS,
    MISSING,
    REFERENCES,
    REFUSED,
    SCORES,
    STALE,
)
from crosstask.analysis.columns.similarity import PROFILES, SIMILARITIES, SIMILARITY_TESTS
from crosstask.analysis.columns.structure import (
    AFFINITY,
    ASYMMETRY,
    CLUSTERS,
    DONORS,
    INDICES,
    RATES,
    RESIDUALS,
    RESIDUALS_LONG,
)
from crosstask.analysis.columns.traits import (
    COMPONENTS,
    ENRICHMENT,
    LOADING_INTERVALS,
    LOADINGS,
    RULES,
    STABILITY,
    TRAIT_INTERVALS,
    TRAIT_NAMES,
    TRAITS,
)

__all__ = [
    "AFFINITY",
    "ALARMS",
    "ASYMMETRY",
    "BASE",
    "CELLS",
    "CLUSTERS",
    "COMPONENTS",
    "DONORS",
    "ENRICHMENT",
    "GAINS",
    "GAINS_LONG",
    "INDICES",
    "INTERVALS",
    "LOADINGS",
    "LOADING_INTERVALS",
    "MATRIX",
    "MATRIX_LONG",
    "METRICS",
    "MISSING",
    "PROFILES",
    "RATES",
    "REFERENCES",
    "REFUSED",
    "RESIDUALS",
    "RESIDUALS_LONG",
    "RULES",
    "SCORES",
    "SIMILARITIES",
    "SIMILARITY_TESTS",
    "STABILITY",
    "STALE",
    "TRAITS",
    "TRAIT_INTERVALS",
    "TRAIT_NAMES",
    "Column",
    "column_names",
    "require_columns",
]
