"""What an analysis is of."""

from collections.abc import Iterator

import pandas as pd

from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted


def analyzed(transfer: Transfer) -> pd.DataFrame:
    """Return what was analyzed, so that a folder of results says by itself what it is of; ``ANALYZED``."""
    return pd.DataFrame(_lines(transfer), columns=["what", "value"])


def _lines(transfer: Transfer) -> Iterator[tuple[str, str]]:
    """Names with values."""
    if transfer.is_table:
        yield "scores", f"{counted(int(transfer.scores['score'].notna().sum()), 'score')} from a table"
    elif transfer.runs:
        yield "runs", transfer.runs
    yield "matrix", transfer.caption
    yield "level", str(transfer.conventions.alpha)
