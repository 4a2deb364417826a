"""How close numbers come to the right ones, and how the two go together."""

from __future__ import annotations

from collections.abc import Sequence


def closeness(found: float, right: float, lowest: float, highest: float) -> float:
    """Return 1 - abs(found - right) / (highest - lowest), at least 0.

    Examples
    --------
    >>> closeness(4, 5, 1, 5), closeness(99, 5, 1, 5)
    (0.75, 0.0)
    """
    return max(0.0, 1 - abs(found - right) / (highest - lowest))


def correlations(found: Sequence[float], right: Sequence[float]) -> dict[str, float]:
    """Return ``pearson`` and ``spearman``, -1 to 1; NaN where one side is constant."""
    from scipy.stats import pearsonr, spearmanr

    if len(set(found)) < 2 or len(set(right)) < 2:
        return {"pearson": float("nan"), "spearman": float("nan")}
    return {
        "pearson": float(pearsonr(found, right).statistic),
        "spearman": float(spearmanr(found, right).statistic),
    }
