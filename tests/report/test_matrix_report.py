"""Figures, LaTeX and terminal of the matrix's statistics hold the numbers of their tables."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.blocks import EffectsBlock, MatrixBlock
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.figures import (
    AsymmetryMap,
    Dendrograms,
    EffectPlot,
    RatePlot,
    ReferencePlot,
    ResidualMap,
    ShareMap,
    Significance,
    significance,
)
from crosstask.analysis.gains import findings
from crosstask.analysis.gains.structure_figures import structure_figures
from crosstask.analysis.matrix.score_unit import FRACTION, OTHER
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.transfer import Transfer
from crosstask.report.figures.effects import donor_plot, rate_plot, reference_plot
from crosstask.report.figures.heat_map import draw_cells, matrix_axes
from crosstask.report.figures.maps import asymmetry_map, residual_map, share_map
from crosstask.report.figures.trees import dendrograms
from crosstask.report.files.latex import LARGEST, latex
from crosstask.report.files.writing import write_latex
from crosstask.report.options import ReportOptions
from crosstask.report.terminal.tables import print_effects, print_matrix
from tests.support.analyses import gains_of, report_of_runs
from tests.support.drawn_answers import answers, score_table

TASKS = ("gsm8k", "goat", "mnli", "imdb", "pile", "amazon")
ORDER = TaskOrder(TASKS)
NAMED = {"name": "figure", "title": "title", "subtitle": "n"}


def drawn_answers(n=100):
    generator = np.random.default_rng(0)
    lift = np.array([0.0, 0.8, 0.1, -0.2, 0.3, -0.9, 0.0])
    scores = {}
    for place, task in enumerate(TASKS):
        home = 2.0 * (np.arange(-1, 6) == place)
        scores[task] = (lift + home)[:, None] + generator.normal(size=(7, n)) > generator.normal(size=n)
    return answers(scores, list(TASKS), 1, {"imdb": {"0": 60, "1": 40}})


@pytest.fixture(scope="module")
def statistics():
    found = drawn_answers()
    return gains_of(score_table(found), found, ORDER, Inference(resamples=200))


@pytest.fixture
def console():
    return Console(file=io.StringIO(), width=100)


def written(axes):
    return [text.get_text() for text in axes.texts]


def test_cells_hold_number_and_half_width_and_significance():
    table = pd.DataFrame([[12.0, -3.0], [np.nan, 0.5]], list("ab"), list("xy"))
    sure = pd.DataFrame([[True, False], [False, False]], list("ab"), list("xy"))
    axes = matrix_axes(table)[1]
    draw_cells(axes, table, 12.0, "{:+.1f}", Significance(table.abs() / 4, sure))
    assert written(axes) == ["+12.0", "±3.0", "-3.0", "±0.8", "+0.5", "±0.1"]
    assert [text.get_fontweight() for text in axes.texts[::2]] == ["bold", "normal", "normal"]


def test_a_large_table_has_dots_in_place_of_numbers():
    table = pd.DataFrame(np.ones((50, 4)))
    sure = table == 2
    sure.iloc[7, 3] = True
    figure, axes = matrix_axes(table)
    draw_cells(axes, table, 1.0, "{:+.1f}", Significance(table, sure))
    assert not axes.texts
    assert [line.get_xydata().tolist() for line in axes.lines] == [[[3, 7]]]
    assert max(figure.get_size_inches()) < 10


def test_asymmetry_has_both_directions_with_opposite_signs(statistics):
    axes = asymmetry_map(AsymmetryMap(**NAMED, pairs=statistics.asymmetry, tasks=TASKS)).axes[0]
    shown = axes.images[0].get_array()
    pair = statistics.asymmetry.set_index(["first", "second"]).loc[("gsm8k", "pile"), "asymmetry"]
    assert shown[0, 4] == pytest.approx(100 * pair)
    assert shown[4, 0] == pytest.approx(-100 * pair)
    assert np.isnan(np.diag(shown.filled(np.nan) if hasattr(shown, "filled") else shown)).all()


def test_residuals_are_drawn_with_their_intervals_and_those_told_from_0_are_bold(statistics):
    gains = statistics.residuals
    home = gains.isna() | (gains.index.to_numpy()[:, None] == gains.columns.to_numpy())
    marks = significance(statistics.residuals_long, gains)
    figure = residual_map(ResidualMap(**NAMED, gains=gains, home=home, significance=marks))
    axes = figure.axes[0]
    long = statistics.residuals_long
    numbers = [text for text in axes.texts if text.get_text().startswith(("+", "-"))]
    halves = [text.get_text() for text in axes.texts if text.get_text().startswith("±")]
    assert [text.get_text() for text in numbers] == [f"{100 * value:+z.1f}" for value in long["residual"]]
    assert halves == [f"±{50 * width:.1f}" for width in long["ci_high"] - long["ci_low"]]
    assert [text.get_fontweight() == "bold" for text in numbers] == long["significant"].tolist()
    assert long["significant"].any()
    assert "bold: significant" in figure.artists[0].get_text()


def points(axes):
    """Value, line and interval of each estimate drawn."""
    found = []
    for container in axes.containers:
        marks, _, (bars,) = container.lines
        for (value, line), segment in zip(marks.get_xydata(), bars.get_segments(), strict=True):
            found.append((value, line, *segment[:, 0]))
    return np.array(sorted(found, key=lambda point: point[1]))


def test_donors_are_drawn_with_their_intervals_the_largest_first(statistics):
    figure = donor_plot(EffectPlot(**NAMED, donors=statistics.donors))
    rows = statistics.donors[statistics.donors["role"] == "donor"].sort_values("effect", ascending=False)
    expected = 100 * rows[["effect", "ci_low", "ci_high"]].to_numpy()
    assert points(figure.axes[0])[:, [0, 2, 3]] == pytest.approx(expected)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == rows["name"].tolist()


def test_rates_and_references_are_drawn_with_their_intervals(statistics):
    drawn = points(rate_plot(RatePlot(**NAMED, rates=statistics.rates)).axes[0])
    rows = statistics.rates[statistics.rates["side"] == "source"]
    assert drawn[::2, 0] == pytest.approx(100 * rows["win_rate"].to_numpy())
    assert drawn[1::2, 3] == pytest.approx(100 * rows["harm_high"].to_numpy())
    of_targets = points(reference_plot(ReferencePlot(**NAMED, references=statistics.references)).axes[0])
    assert len(of_targets) == len(statistics.references)


def test_shares_are_percentages_with_half_their_intervals_below(statistics):
    shares = statistics.affinity.pivot(index="source", columns="target", values="affinity")
    request = ShareMap(**NAMED, shares=shares, half_widths=shares / 10, label="share (%)", key="key")
    axes = share_map(request).axes[0]
    assert np.asarray(axes.images[0].get_array()).sum(axis=0) == pytest.approx(np.full(6, 100.0))
    assert written(axes)[:2] == [f"{100 * shares.iloc[0, 0]:.1f}", f"±{10 * shares.iloc[0, 0]:.1f}"]
    without = share_map(ShareMap(**NAMED, shares=shares * 0, label="share (%)")).axes[0]
    assert written(without)[:2] == ["0.0", "0.0"]


def test_affinities_are_asked_for_in_the_order_of_the_matrix_and_without_targets_that_have_none(statistics):
    found = drawn_answers()
    transfer = Transfer(score_table(found), Conventions(ORDER), answers=found)
    lacking = replace(statistics, affinity=statistics.affinity[statistics.affinity["target"] != "imdb"])
    (request,) = [request for request in structure_figures(transfer, lacking) if request.name == "affinity"]
    assert list(request.shares) == [task for task in TASKS if task != "imdb"]
    assert list(request.shares.index) == ["base", *TASKS]
    assert request.shares.sum().to_numpy() == pytest.approx(np.ones(5))
    row = statistics.affinity.set_index(["target", "source"]).loc[("goat", "pile")]
    assert request.half_widths.loc["pile", "goat"] == pytest.approx((row["ci_high"] - row["ci_low"]) / 2)


def test_trees_have_every_leaf_once_and_the_support_of_each_merge(statistics):
    figure = dendrograms(Dendrograms(**NAMED, clusters=statistics.clusters))
    for axes, side in zip(figure.axes, ("source", "target"), strict=True):
        assert sorted(label.get_text() for label in axes.get_yticklabels()) == sorted(TASKS)
        support = statistics.clusters.loc[statistics.clusters["side"] == side, "support"]
        assert sorted(written(axes)) == sorted(f"{100 * share:.0f}" for share in support)


def test_titles_state_what_was_found(statistics):
    gains = statistics.gains_long
    off = gains[~gains["home"]]
    up, down = (off["significant"] & (off["gain"] > 0)).sum(), (off["significant"] & (off["gain"] < 0)).sum()
    title = findings.gain_finding(gains, "Gain")
    assert title == f"Gain: {up} of 30 up, {down} down, {30 - up - down} not distinguishable from 0"
    assert findings.reference_finding(statistics.references).endswith("on 0 of 1 closed target")
    assert findings.donor_finding(statistics.donors, FRACTION).startswith("gsm8k gives most (+")
    pairs = int(statistics.asymmetry["significant"].sum())
    assert findings.asymmetry_finding(statistics.asymmetry, statistics.indices).startswith(
        f"{pairs} of 15 pairs of tasks are asymmetric; index "
    )
    left = statistics.residuals_long
    told = (left["significant"] & ~left["home"]).sum()
    title = findings.residual_finding(statistics.indices, left)
    assert title.endswith(f") is particular to pairs, noise taken out; {told} of 30 distinguishable from 0")
    wins = 100 * (off["gain"] > 0).mean()
    assert findings.rate_finding(statistics.rates).startswith(f"Fine-tuning gains on {wins:.0f} % of other tasks")


def test_titles_without_tests_say_nothing_of_them(statistics):
    untested = statistics.gains_long.assign(p=np.nan)
    assert findings.gain_finding(untested, "Gain") == "Gain: not tested"
    no_harm = statistics.rates.assign(harm_rate=np.nan)
    assert "loses" not in findings.rate_finding(no_harm)
    left = statistics.residuals_long.assign(p=np.nan)
    assert findings.residual_finding(statistics.indices, left).endswith(" is particular to pairs, noise taken out")


@pytest.mark.parametrize("rows", [2, 100])
def test_latex_has_a_footer_below_a_rule_of_its_own(rows):
    table = pd.DataFrame({"PC1": [0.25] * rows}, pd.Index([f"t{row}" for row in range(rows)], name="target"))
    below = pd.DataFrame({"PC1": [0.5, "no"]}, pd.Index(["noise", "told"], name="target"))
    lines = latex(table, below).splitlines()
    place = lines.index(rf"t{rows - 1} & 0.250 \\")
    assert lines[place + 1 : place + 4] == [r"\midrule", r"noise & 0.500 \\", r"told & no \\"]
    assert "{lr}" in lines[0]


def test_latex_escapes_names_and_leaves_gaps_empty():
    table = pd.DataFrame({"source": ["mnli_words", "a&b"], "p": [0.25, np.nan], "n": pd.array([3, None], "Int64")})
    lines = latex(table).splitlines()
    assert lines[0] == r"\begin{tabular}{lrr}"
    assert lines[2:6] == [r"source & p & n \\", r"\midrule", r"mnli\_words & 0.250 & 3 \\", r"a\&b &  &  \\"]


def test_a_long_table_goes_over_pages_and_a_huge_one_is_not_written(tmp_path):
    assert latex(pd.DataFrame({"p": [0.1] * 100})).startswith(r"\begin{longtable}{r}")
    huge = pd.DataFrame({"p": [0.1] * (LARGEST + 1)})
    assert write_latex(huge, tmp_path / "huge.tex") is None
    assert not list(tmp_path.iterdir())


def test_gains_that_are_not_significant_stand_in_parentheses(console):
    gains = pd.DataFrame([[0.1, -0.2]], ["goat"], ["goat", "imdb"])
    block = MatrixBlock(title="Gain", values=gains, home=gains > 0, unit=OTHER, signed=True, significant=gains < 0)
    print_matrix(console, block)
    assert console.file.getvalue().splitlines()[2:] == [
        "goat *(+0.1) -0.2 ",
        "* the source's own task, () not distinguishable from 0",
    ]


def test_effects_are_printed_with_their_intervals(console, statistics):
    print_effects(console, EffectsBlock(title="Effects", donors=statistics.donors, unit=FRACTION))
    first = statistics.donors[statistics.donors["role"] == "donor"].sort_values("effect").iloc[-1]
    line = console.file.getvalue().splitlines()[2]
    assert line.split()[:3] == ["gsm8k", f"{100 * first['effect']:+.1f}", f"{100 * first['shrunken']:+.1f}"]
    assert f"{100 * first['ci_low']:+.1f} to {100 * first['ci_high']:+.1f}*" in line


def test_a_report_with_answers_pairs_them_and_prints_alarms(cells, order, console, tmp_path):
    generator = np.random.default_rng(1)
    found = answers(
        {name: generator.integers(0, 2, (9, 150)) for name in order.names},
        ["metamath", "goat", "mnli_words", "imdb"],
        2,
    )
    options, conventions = ReportOptions(tmp_path, ("png",)), Conventions(order)
    asked = []

    def answers_of(chosen, prior_corrected):
        asked.append(len(chosen))
        return found

    report = report_of_runs(cells, options, conventions, console, answers=answers_of)
    assert asked == [len(cells)]
    assert set(pd.read_csv(tmp_path / "gains_long.csv")["test"]) == {"crossed_t"}
    assert (tmp_path / "affinity.png").exists()
    alarms = pd.read_csv(tmp_path / "alarms.csv")
    assert alarms["alarm"].str.startswith("no").any()
    printed = [line for found in report.analysis.findings.values() for line in found.alarms]
    assert len(printed) < len(alarms)
    nothing = "none of 4 sources is distinguishable from base on any target"
    assert printed[0].startswith(f"{nothing}; the intervals, which unlike the tests are not corrected, reach")
    assert f"ALARM  {printed[0]}" in console.file.getvalue()
    report_of_runs(cells, ReportOptions(tmp_path, ()), conventions, console)
    assert set(pd.read_csv(tmp_path / "gains_long.csv")["test"]) == {"unpaired_t"}
