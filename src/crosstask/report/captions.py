"""What a table or figure shows and of how many: the lines under titles."""

from crosstask.analysis.matrix.row_names import base_rows
from crosstask.analysis.pipeline import TransferResults
from crosstask.analysis.schema import BASE
from crosstask.report.options import AnalysisOptions

_SCALES = {"zscore": "z-scored", "none": "centred, not z-scored", "headroom": "shares of headroom, centred"}


def gain_title(results: TransferResults) -> str:
    """What the gains are over."""
    return "Gain over the base model" if results.has_base else "Score above the target's mean over sources"


def matrix_caption(results: TransferResults) -> str:
    """Sources, targets, seeds per source and rows per target."""
    tuned = results.scores[results.scores["source"] != BASE]
    parts = [f"{_many(tuned['source'].nunique(), 'source')} x {_many(results.matrix.shape[1], 'target')}"]
    seeds = tuned.groupby("source")["seed"].nunique()
    if len(seeds) and seeds.max() > 0:
        parts.append(f"{_span(seeds.min(), seeds.max())} {'seed' if seeds.max() == 1 else 'seeds'} per source")
    rows = results.scores["n"].dropna()
    if len(rows):
        parts.append(f"n = {_span(rows.min(), rows.max())} rows per target")
    return ", ".join(parts)


def component_caption(results: TransferResults, options: AnalysisOptions) -> str:
    """Shape and treatment of the matrix that was decomposed; empty without components."""
    if results.traits is None:
        return ""
    data = results.traits.components.observations
    n_base = int(base_rows(data.values).sum())
    finer = options.traits.rows != ("source",)
    rows = _many(len(data.values) - n_base, "row" if finer else "source") + (" and the base model" if n_base else "")
    projected = ", the base model projected" if len(data.projected) else ""
    return f"{rows} x {_many(data.values.shape[1], 'target')}, {_SCALES[options.traits.components.scale]}{projected}"


def _many(count: int, word: str) -> str:
    """1 source, 2 sources."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _span(low: int, high: int) -> str:
    """3, or 1 to 3."""
    return f"{low}" if low == high else f"{low} to {high}"
