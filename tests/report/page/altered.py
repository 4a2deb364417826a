"""An analysis some of whose tables say something else."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.section import Table


def altered(analysis: Analysis, name: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Analysis:
    """The analysis with one table changed."""

    def of(table: Table) -> Table:
        return replace(table, frame=change(table.frame.copy())) if table.schema.name == name else table

    found = {key: replace(one, tables=tuple(map(of, one.tables))) for key, one in analysis.findings.items()}
    return replace(analysis, findings=found)
