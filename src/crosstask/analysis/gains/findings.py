"""What the gains say, in one line each: titles of figures and findings of the section."""

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.score_unit import ScoreUnit
from crosstask.analysis.wording import counted


def gain_finding(gains: pd.DataFrame, title: str) -> str:
    """How many gains off the diagonal are more than chance."""
    tested = gains[~gains["home"] & gains["p"].notna()]
    if tested.empty:
        return f"{title}: not tested"
    found = tested[tested["significant"]]
    up, down = (found["gain"] > 0).sum(), (found["gain"] < 0).sum()
    return f"{title}: {up} of {len(tested)} up, {down} down, {len(tested) - len(found)} not distinguishable from 0"


def reference_finding(references: pd.DataFrame) -> str:
    """On how many targets the majority class is not beaten."""
    closed = set(references.loc[references["reference"] == "majority", "target"])
    scores = references.pivot_table(index="target", columns="reference", values="score", aggfunc="max")
    if not closed or "base" not in scores:
        return "What a score is to be seen against"
    of_closed = scores.loc[sorted(closed)].dropna(subset="base")
    beaten = int((of_closed["base"] > of_closed["majority"]).sum())
    return f"The base model is above the majority class on {beaten} of {counted(len(of_closed), 'closed target')}"


EQUAL = 1e-9
"""Largest difference of two effects that rounding makes."""


def donor_finding(donors: pd.DataFrame, unit: ScoreUnit) -> str:
    """The best donor and the worst, unless they are equal, and how many are distinguishable from the mean."""
    of_sources = donors[donors["role"] == "donor"].sort_values("effect")
    best, worst = of_sources.iloc[-1], of_sources.iloc[0]
    if np.isclose(best["effect"], worst["effect"], rtol=0, atol=EQUAL):
        return "No source gives more than another"
    tested = donors["significant"].dropna()
    told = f"; {int(tested.sum())} of {len(tested)} distinguishable from the mean" if len(tested) else ""
    best_effect, worst_effect = (_effect(row, unit) for row in (best, worst))
    most = f"{best['name']} gives most ({best_effect} against the mean source)"
    return f"{most}, {worst['name']} least ({worst_effect}){told}"


def _effect(row: pd.Series, unit: ScoreUnit) -> str:
    """An effect, and what is left of it without the chance by which it is the largest."""
    expected = "" if pd.isna(row["shrunken"]) else f", {unit.difference(row['shrunken'])} expected"
    return f"{unit.difference(row['effect'])}{expected}"


def asymmetry_finding(pairs: pd.DataFrame, indices: pd.DataFrame) -> str:
    """How many pairs go one way, and the index."""
    tested = pairs["significant"].dropna()
    are = "is" if len(tested) == 1 else "are"
    line = f"{int(tested.sum())} of {counted(len(tested), 'pair')} of tasks {are} asymmetric"
    if tested.empty:
        line = f"Gains between {counted(len(pairs), 'pair')} of tasks, each way"
    index = indices.set_index("index")
    if "asymmetry" in index.index and pd.notna(index.at["asymmetry", "corrected"]):
        row = index.loc["asymmetry"]
        line += f"; index {row['corrected']:z.2f} ({row['ci_low']:z.2f} to {row['ci_high']:z.2f}; 0.5 unrelated)"
    return line


def residual_finding(indices: pd.DataFrame, residuals: pd.DataFrame) -> str:
    """How much of the variance donors and recipients leave, and of how many pairs it is more than chance."""
    index, tested = indices.set_index("index"), residuals[~residuals["home"] & residuals["p"].notna()]
    told = f"; {tested['significant'].sum()} of {len(tested)} distinguishable from 0" if len(tested) else ""
    if "interaction" not in index.index or pd.isna(index.at["interaction", "corrected"]):
        return f"What donors and recipients leave of the gains{told}"
    row = index.loc["interaction"]
    share = (
        f"{100 * row['corrected']:z.0f} % of the variance ({100 * row['ci_low']:z.0f} to {100 * row['ci_high']:z.0f})"
    )
    return f"{share} is particular to pairs, noise taken out{told}"


def rate_finding(rates: pd.DataFrame) -> str:
    """How often a source helps and harms another task."""
    sources = rates[rates["side"] == "source"]
    cells = sources["cells"].sum()
    wins = (sources["win_rate"] * sources["cells"]).sum() / cells
    harms = (sources["harm_rate"] * sources["cells"]).sum(skipna=False) / cells
    line = f"Fine-tuning gains on {100 * wins:z.0f} % of other tasks"
    return line if pd.isna(harms) else f"{line} and loses more than a point on {100 * harms:z.0f} %"


def cluster_finding(clusters: pd.DataFrame) -> str:
    """How many merges most replicates agree on."""
    if clusters["support"].isna().all():
        return "Sources that act alike and targets that react alike"
    inner = clusters[clusters["merge"] < clusters.groupby("side")["merge"].transform("max")]
    if inner.empty:
        return "Sources that act alike and targets that react alike"
    agreed = int((inner["support"] >= 0.95).sum())
    return f"{agreed} of {counted(len(inner), 'merge')} are found in 95 % of the bootstrap replicates (% at each merge)"


def affinity_finding(affinity: pd.DataFrame) -> str:
    """On how many targets some source clearly leads."""
    leads, known = 0, affinity.dropna(subset=["ci_low", "ci_high"])
    if known.empty:
        return "Which source is best on most examples of a target (normalized affinity)"
    for _, rows in known.groupby("target"):
        first, second = rows.nlargest(2, "affinity").itertuples()
        leads += first.ci_low > second.ci_high
    return (
        f"One source clearly leads on {leads} of {counted(known['target'].nunique(), 'target')} (normalized affinity)"
    )
