"""The whole way from cells to files and terminal."""

import io
import shutil
import warnings
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.options import Matrix, Scale
from crosstask.errors import UserError
from crosstask.report.files.paper_tables import PAPER_TABLES
from crosstask.report.options import ReportOptions
from tests.support.analyses import FEW, files, report_of_runs, report_of_scores, sections

PLAIN = [
    "scores",
    "metrics",
    "matrix",
    "matrix_long",
    "gains",
    "gains_long",
    "analyzed",
    "targets",
    "references",
    "alarms",
    "missing",
]
STRUCTURE = ["donors", "best_sources", "residuals", "residuals_long", "rates", "asymmetry", "indices"]
TRAITS = ["components", "power", "multiverse", "components_rules", "components_stability"]
TRAITS += ["loadings", "loadings_intervals", "traits", "traits_intervals", "trait_names", "abilities"]
BESIDES = ["forgetting", "kept", "causes", "causes_models", "causes_shares", "causes_features"]
TABLES = ["ability_tests", "ability_residuals", *PLAIN, *STRUCTURE, *TRAITS, *BESIDES]
MATRIX_FIGURES = ["gains", "references", "donors", "residuals", "rates", "asymmetry"]
FIGURES = [*MATRIX_FIGURES, "loadings", "scree", "sources", "loadings_intervals", "traits_intervals"]


@pytest.fixture(scope="module")
def conventions(order):
    """The order of the tasks, and two abilities."""
    abilities = {"mnli_words": "nlu", "imdb": "nlu", "gsm8k": "arithmetic", "goat": "arithmetic"}
    return Conventions(order, abilities=abilities)


@pytest.fixture
def options(tmp_path):
    """No figures, into a new folder."""
    return ReportOptions(tmp_path / "out", formats=())


@pytest.fixture
def with_figures(tmp_path):
    """The same with figures."""
    return ReportOptions(tmp_path / "out", formats=("svg",))


@pytest.fixture
def console():
    """A console that keeps what is printed."""
    return kept()


@pytest.fixture(scope="module")
def whole(cells, conventions, tmp_path_factory):
    """The report on all cells with figures of both kinds, its folder and what the terminal showed."""
    options, shown = ReportOptions(tmp_path_factory.mktemp("whole") / "out"), kept()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for category in (ResourceWarning, pytest.PytestUnraisableExceptionWarning):
            warnings.simplefilter("default", category)
        return report_of_runs(cells, options, conventions, shown), options.output, shown.file.getvalue()


def kept() -> Console:
    return Console(file=io.StringIO(), width=100)


def test_every_table_and_figure_is_written_and_named(whole):
    report, output, _ = whole
    expected = [f"{name}.csv" for name in TABLES] + [f"latex/{name}.tex" for name in TABLES]
    expected += [f"{name}.{suffix}" for name in FIGURES for suffix in ("png", "svg")]
    expected += [f"latex/{name}.tex" for name in (*PAPER_TABLES, "article")]
    assert [str(path.relative_to(output)) for path in report.paths] == expected
    assert sorted(files(output)) == sorted(expected)
    assert report.analysis.notes[0] == "9 runs of model small, data tasks"
    for name in FIGURES:
        ElementTree.parse(output / f"{name}.svg")


def test_tables_have_the_columns_declared(whole, conventions):
    names = {"<target>": list(conventions.order.names), "<component>": ["PC1", "PC2"]}
    declared = {schema.name: schema.columns for section in sections().values() for schema in section.tables}
    for table in TABLES:
        expected = [name for column in column_names(declared[table]) for name in names.get(column, [column])]
        assert list(pd.read_csv(whole[1] / f"{table}.csv")) == expected


def test_numbers_agree_with_plain_pandas(whole, cells):
    output = whole[1]
    pivot = cells.pivot_table(index="source", columns="target", values="score", aggfunc="mean")
    matrix = pd.read_csv(output / "matrix.csv", index_col="source")
    assert matrix.index.tolist() == ["base", "metamath", "goat", "mnli_words", "imdb"]
    pd.testing.assert_frame_equal(matrix, pivot.loc[matrix.index, list(matrix)], check_names=False)
    gains = pd.read_csv(output / "gains.csv", index_col="source")
    pd.testing.assert_frame_equal(gains, matrix.drop(index="base") - matrix.loc["base"])
    metrics = pd.read_csv(output / "metrics.csv")
    assert len(metrics) == 2 * len(cells)
    assert metrics["value"].sum() == pytest.approx(1.5 * cells["score"].sum())


def test_bytes_do_not_depend_on_the_order_of_the_cells(whole, cells, conventions, with_figures, console):
    report_of_runs(cells.sample(frac=1, random_state=1), with_figures, conventions, console)
    found = files(with_figures.output)
    assert "latex/article.tex" in found
    del found["latex/article.tex"]  # which shows figures where they are PNG
    assert found == {name: content for name, content in files(whole[1]).items() if name in found}
    assert {f"{name}.svg" for name in FIGURES} | {f"{name}.csv" for name in TABLES} <= set(found)


def test_the_terminal_shows_scores_gains_components_and_the_folder(whole):
    _, output, text = whole
    for line in (
        "Scores (%): 4 sources x 4 targets, 2 seeds per source, n = 200 rows per target",
        "Gain over the base model (percentage points)",
        "Principal components: 4 sources x 4 targets, residuals of gains, the base model projected",
        "9 runs of model small, data tasks",
        f"wrote {2 * len(TABLES) + 2 * len(FIGURES) + len(PAPER_TABLES) + 1} files to {output}",
    ):
        assert line in text.splitlines()


def test_missing_cells_are_listed_and_kept_as_missing(cells, conventions, options, console):
    holed = cells[~((cells["source"] == "imdb") & cells["target"].isin(["goat", "gsm8k"]))]
    report = report_of_runs(holed, options, conventions, console)
    assert "no score: imdb -> gsm8k, goat" in report.analysis.notes
    assert (
        "components leave out sources with scores on fewer than half of the targets besides their own: imdb"
        in report.analysis.notes
    )
    matrix = pd.read_csv(options.output / "matrix.csv", index_col="source")
    assert matrix.loc["imdb", ["gsm8k", "goat"]].isna().all()
    assert "imdb" not in (options.output / "traits.csv").read_text()


def test_stale_cells_are_listed(cells, conventions, options, console):
    newer = cells.assign(updated="2025-02-01T00:00:00+00:00", target_id="t2")
    mixed = pd.concat([cells[cells["source"] == "imdb"], newer[newer["source"] != "imdb"]])
    report = report_of_runs(mixed, options, conventions, console)
    stale = "stale, scored on other rows or in another way: imdb -> goat, gsm8k, imdb, mnli_words"
    assert stale in report.analysis.notes
    assert stale in console.file.getvalue()


def test_one_target_has_matrix_and_gains_and_a_line_on_components(cells, conventions, with_figures, console):
    report = report_of_runs(cells[cells["target"] == "goat"], with_figures, conventions, console)
    line = "no components: they need 3 sources and 3 targets"
    assert any(note.startswith(line) for note in report.analysis.notes)
    assert any(note.startswith("no donors and recipients") for note in report.analysis.notes)
    tables = [*PLAIN, "rates", "multiverse", "forgetting", "kept"]
    expected = [f"{name}.csv" for name in tables] + [f"latex/{name}.tex" for name in tables]
    expected += [f"latex/{name}.tex" for name in ("paper_scores", "paper_gains", "article")]
    assert sorted(files(with_figures.output)) == sorted([*expected, "gains.svg", "rates.svg", "references.svg"])


def test_files_of_an_earlier_analysis_do_not_stay_beside_the_new(whole, cells, conventions, with_figures, console):
    shutil.copytree(whole[1], with_figures.output)
    (with_figures.output / "notes.txt").write_text("mine")
    report_of_runs(cells[cells["target"] == "goat"], with_figures, conventions, console)
    assert "components.csv" not in files(with_figures.output)
    assert "scree.svg" not in files(with_figures.output)
    assert "notes.txt" in files(with_figures.output)


def test_base_alone_has_a_matrix_and_no_gains(cells, conventions, with_figures, console):
    report_of_runs(cells[cells["source"] == "base"], with_figures, conventions, console)
    assert files(with_figures.output)["gains.csv"] == b"source,gsm8k,goat,mnli_words,imdb\n"
    assert "gains.svg" not in files(with_figures.output)


def test_two_sources_have_one_component_and_no_plane(cells, conventions, with_figures, console):
    two = cells[cells["source"].isin(["base", "goat"])]
    report_of_runs(two, with_figures, conventions, console, traits=replace(FEW, matrix=Matrix.scores))
    assert "scree.svg" in files(with_figures.output)
    assert "sources.svg" not in files(with_figures.output)


def test_no_cells_says_which_command_makes_runs(cells, conventions, options, console):
    with pytest.raises(UserError, match=r"python train\.py -m 'source=glob\(\*\)'"):
        report_of_runs(cells.head(0), options, conventions, console)
    with pytest.raises(UserError, match=r"python train\.py -m 'source=glob\(\*\)'"):
        report_of_scores(cells.head(0), options, conventions, console)
    assert not options.output.exists()


def test_scores_without_base_have_gains_over_the_mean_and_say_so(scores, conventions, options, console):
    report = report_of_scores(scores[scores["source"] != "base"], options, conventions, console)
    assert "no source 'base': gains are over each target's mean of 4 sources" in report.analysis.notes
    assert "Score above the target's mean over sources (percentage points)" in console.file.getvalue()
    gains = pd.read_csv(options.output / "gains.csv", index_col="source")
    assert gains.sum().abs().max() < 1e-9


def test_percentages_are_written_as_they_stand_and_said(scores, conventions, options, console):
    report = report_of_scores(scores.assign(score=scores["score"] * 100), options, conventions, console)
    low, high = scores["score"].min() * 100, scores["score"].max() * 100
    assert f"scores run from {low:g} to {high:g}: taken as percentages, written as they stand" in report.analysis.notes
    matrix = pd.read_csv(options.output / "matrix.csv", index_col="source")
    pd.testing.assert_frame_equal(matrix, report.analysis.transfer.matrix, check_names=False)
    assert matrix.max(axis=None) > 1
    assert "metrics.csv" not in files(options.output)


def test_fractions_among_percentages_are_pointed_out(scores, conventions, options, console):
    mixed = scores.assign(score=scores["score"].where(scores["target"] == "goat", scores["score"] * 100))
    report = report_of_scores(mixed, options, conventions, console)
    line = "no score above 1, perhaps fractions among percentages: goat; runs.units={goat: fraction} says so"
    (alarm,) = [alarm for alarm in report.analysis.findings["gains"].alarms if "fractions among" in alarm]
    assert alarm == f"{line}, {{goat: percent}} that they are not"


def test_scores_beyond_percentages_are_shown_as_they_are(scores, conventions, options, console):
    report = report_of_scores(scores.assign(score=scores["score"] * -1000), options, conventions, console)
    assert any("taken as numbers outside 0 to 100" in note for note in report.analysis.notes)
    assert "(the table's unit)" in console.file.getvalue()


def test_null_columns_follow_the_scale(scores, conventions, options, console):
    wide = scores.assign(score=scores["score"].where(scores["target"] == "goat", scores["score"] * 0.001))
    report_of_scores(wide, options, conventions, console, replace(FEW, matrix=Matrix.scores, scale=Scale.none))
    assert pd.read_csv(options.output / "components.csv")["null_mean"][0] > 0.99
    assert not list(options.output.glob("*.png"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"formats": ("bmp",)}, "^figure format 'bmp': not one of png, svg, pdf$"),
    ],
)
def test_wrong_options_are_refused(tmp_path, parameters, message):
    with pytest.raises(UserError, match=message):
        ReportOptions(tmp_path, **parameters)
