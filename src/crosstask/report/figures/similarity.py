"""Figure of how measures of similarity go with transfer."""

import pandas as pd
from matplotlib.figure import Figure

from crosstask.analysis.figures import SimilarityPlot
from crosstask.report.figures.labels import entitle, key_below, name_ticks

_COLOR, _PLAIN = "#2166ac", "0.35"
_SHIFT = 0.18  # part of a line that the partial correlation lies below the other


def similarity_plot(request: SimilarityPlot) -> Figure:
    """Draw the correlation of each measure with the gains in front of its null distribution."""
    tests = request.tests
    figure = Figure(figsize=(9.6, 2.1 + 0.34 * max(len(tests), 3)), layout="constrained")
    axes = figure.add_subplot()
    axes.axvline(0, color="0.8", linewidth=1, zorder=0)
    lines = pd.Series(range(len(tests)), tests.index, dtype=float)
    axes.hlines(
        lines,
        tests["null_low"],
        tests["null_high"],
        color="0.8",
        linewidth=9,
        label=f"{100 * (1 - request.alpha):g} % of label permutations",
        zorder=1,
    )
    sure = tests["significant"].fillna(False).astype(bool)
    for marked, face, label in ((sure, _COLOR, "significant"), (~sure, "white", "not significant")):
        at, height = tests.loc[marked, "correlation"], lines[marked]
        axes.plot(at, height, "o", color=_COLOR, markerfacecolor=face, markersize=7, label=label)
    alone = tests["partial_significant"].fillna(False).astype(bool)
    for marked, face, label in (
        (alone, _PLAIN, "given all others, significant"),
        (~alone, "white", "given all others"),
    ):
        at, height = tests.loc[marked, "partial"], lines[marked] + _SHIFT
        axes.plot(at, height, "D", color=_PLAIN, markerfacecolor=face, markersize=4, label=label)
    name_ticks(axes.yaxis, tests["measure"], fontsize=9)
    axes.set_ylim(len(tests) - 0.4, -0.6)
    widest = tests[["null_low", "null_high", "correlation", "partial"]].abs().max(axis=None)
    reach = min(1.0, 1.1 * widest) if widest > 0 else 1.0
    axes.set_xlim(-reach, reach)
    axes.set_xlabel("rank correlation of similarity with gain")
    axes.spines[["top", "right", "left"]].set_visible(False)
    key_below(figure, [axes])
    entitle(figure, request.title, request.subtitle)
    return figure
