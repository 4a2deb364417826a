"""What the models of the gain say, in lines: first whether anything beats the additive model."""

import pandas as pd

from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.wording import counted

_GO = ("goes", "go")
_PARTS = {"source": "of sources", "target": "of targets", "pair": "particular to pairs", "noise": "of noise"}
_SHOWN = 4


def finding_lines(
    features: pd.DataFrame, models: pd.DataFrame, shares: pd.DataFrame, unit: ScoreUnit
) -> tuple[str, ...]:
    """Lines, the most important first.

    Parameters
    ----------
    features, models, shares : DataFrame
        Columns ``CAUSES``, ``CAUSES_MODELS`` and ``CAUSES_SHARES``.
    unit : ScoreUnit
        How gains are shown.
    """
    tested = features[features["p"].notna()]
    lines = [] if tested.empty else [_verdict(models, tested, unit)]
    significant = tested[tested["significant"].astype(bool)].sort_values("p", kind="stable")
    if len(significant):
        lines.append(_features(significant, unit))
    return (*lines, *_shares(shares))


def _verdict(models: pd.DataFrame, tested: pd.DataFrame, unit: ScoreUnit) -> str:
    """Whether a model beats the additive one on units that were not seen, and how good useless features would look."""
    better = models[models["significant"].fillna(False).astype(bool)].sort_values("difference", kind="stable")
    count = int(tested["significant"].sum())
    nearest = tested.sort_values(["p", "q"], kind="stable").iloc[0]
    chance = (
        f"{nearest['feature']} of the {nearest['level']}, p = {nearest['p']:.2g}; the best of {len(tested)} useless"
        f" features looks as good in {nearest['useless']:.1%} of random assignments"
    )
    if better.empty:
        line = "No model of features predicts gains of a source or target not seen better than the additive model does"
    else:
        best = better.iloc[0]
        errors = (unit.factor * best[name] for name in ("error", "baseline_error"))
        line = (
            f"Features predict gains of a {best['left_out']} not seen better than the additive model does: error"
            f" {{:.1f}} instead of {{:.1f}} {unit.gain_label} ({best['model'].replace('_', ' ')}, p = {best['p']:.2g})"
        ).format(*errors)
    features = counted(len(tested), "feature")
    if count:
        return f"{line}; each taken alone, {count} of {features} {_GO[count > 1]} with transfer ({chance})"
    return f"{line}, and, each taken alone, none of {features} goes with transfer (nearest: {chance})"


def _features(significant: pd.DataFrame, unit: ScoreUnit) -> str:
    """What goes with donors, recipients or pairs, the strongest evidence first."""
    parts = []
    for row in significant.head(_SHOWN).itertuples():
        effect, low, high = (unit.factor * value for value in (row.effect, row.ci_low, row.ci_high))
        parts.append(f"{row.feature} of the {row.level} {effect:+.1f} [{low:+.1f}, {high:+.1f}]")
    more = f" and {len(significant) - _SHOWN} more in causes.csv" if len(significant) > _SHOWN else ""
    told = f"{'; '.join(parts)}{more}"
    return f"A standard deviation more of a feature, taken alone, goes with, in {unit.gain_label}: {told}"


def _shares(shares: pd.DataFrame) -> tuple[str, ...]:
    """What the variance of gains is due to."""
    known = shares[shares["share"].notna()]
    if known.empty:
        return ()
    names = _PARTS if "noise" in set(known["part"]) else _PARTS | {"pair": "particular to pairs, noise included"}
    parts = [f"{row.share:.0%} {names[row.part]}" for row in known.itertuples()]
    return (f"Variance of gains off the diagonal: {', '.join(parts)}",)
