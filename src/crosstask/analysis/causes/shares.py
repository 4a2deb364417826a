"""What the variance of gains is due to: sources, targets, pairs, and the noise of the scores.

Variances of crossed random effects by restricted maximum likelihood (`crossed_variances`). What is left in a cell is
particular to the pair, or noise: the mean variance of the scores over test rows and seeds. Of sources and targets the
interval is that of Tukey (1951) and Williams (1962, "A confidence interval for variance components",
doi:10.1093/biomet/49.1-2.278): with n the harmonic mean of the cells of a source, F = n var(donors) / residual, and
quantiles of F and chi-square with the degrees of freedom of sources and residuals ::

    sum of squares of the donors  (1 - F(quantile) / F)  /  chi2(quantile)

for both quantiles, and 0 at least.
"""

import numpy as np
import pandas as pd
from scipy.stats import chi2
from scipy.stats import f as fisher

from crosstask.analysis.causes.columns import CAUSES_SHARES
from crosstask.analysis.causes.units import Units
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.variance_parts import Array


def variance_shares(units: Units, over_base: bool, alpha: float) -> pd.DataFrame:
    """Columns ``CAUSES_SHARES``: source, target where gains are over the base model, pair and noise.

    ``noise`` has no row where the error of a score is not known: it is then in that of the pair.
    """
    found, used = units.variances, units.model.used
    sources, targets = used.shape
    donors, recipients = units.effects[1 : 1 + sources], units.effects[1 + sources :]
    noise = units.mean_noise
    of_pairs = found.residual if np.isnan(noise) else max(found.residual - noise, 0.0)
    df = float(used.sum() - used.any(axis=1).sum() - used.any(axis=0).sum() + 1)
    rows = [
        ("source", found.rows, *_limits(donors, used.sum(axis=1), found.residual, df, alpha), sources),
        ("target", found.columns, *_limits(recipients, used.sum(axis=0), found.residual, df, alpha), targets),
        ("pair", of_pairs, *_residual_limits(found.residual, of_pairs, df, alpha), int(used.sum())),
    ]
    if not np.isnan(noise):
        rows.append(("noise", min(noise, found.residual), np.nan, np.nan, int(used.sum())))
    table = pd.DataFrame(rows, columns=["part", "variance", "low", "high", "units"])
    table = table if over_base else table[table["part"] != "target"]
    total = table["variance"].sum()
    return table.assign(
        share=table["variance"] / total if total > 0 else np.nan,
        sd=np.sqrt(table["variance"]),
        ci_low=np.sqrt(table["low"]),
        ci_high=np.sqrt(table["high"]),
    )[column_names(CAUSES_SHARES)]


def _limits(effects: Array, counts: Array, residual: float, df: float, alpha: float) -> tuple[float, float]:
    """Interval of the variance of donors, or recipients."""
    of_own = effects[counts > 0]
    n = 1 / float((1 / counts[counts > 0]).mean())
    own_df = len(of_own) - 1
    if own_df < 1 or df < 1 or residual <= 0:
        return float("nan"), float("nan")
    squares = float(((of_own - of_own.mean()) ** 2).sum())
    ratio = n * squares / own_df / residual
    if ratio <= 0:
        return 0.0, 0.0
    low, high = (
        squares * (1 - float(fisher.ppf(level, own_df, df)) / ratio) / float(chi2.ppf(level, own_df))
        for level in (1 - alpha / 2, alpha / 2)
    )
    return max(low, 0.0), max(high, 0.0)


def _residual_limits(residual: float, of_pairs: float, df: float, alpha: float) -> tuple[float, float]:
    """Interval of what is particular to pairs, the noise taken for known."""
    if df < 1:
        return float("nan"), float("nan")
    noise = residual - of_pairs
    low, high = (residual * df / float(chi2.ppf(level, df)) - noise for level in (1 - alpha / 2, alpha / 2))
    return max(low, 0.0), max(high, 0.0)
