"""The whole way from cells to files and terminal."""

import io
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.gains import columns as gains
from crosstask.analysis.matrix import columns as matrix
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.schema import column_names
from crosstask.analysis.similarity import columns as similarity
from crosstask.analysis.traits import columns as traits
from crosstask.analysis.traits.components import ComponentAnalysis
from crosstask.analysis.traits.options import TraitAnalysis
from crosstask.errors import UserError
from crosstask.report.options import AnalysisOptions
from crosstask.report.report import analyze_runs, analyze_scores

PLAIN = ["scores", "metrics", "matrix", "matrix_long", "gains", "gains_long", "references", "alarms", "missing"]
STRUCTURE = ["donors", "residuals", "residuals_long", "rates", "asymmetry", "indices"]
TRAITS = ["components", "components_rules", "components_stability", "loadings", "loadings_intervals"]
TRAITS += ["traits", "traits_intervals", "trait_names", "abilities"]
TABLES = [*PLAIN, *STRUCTURE, *TRAITS]
COLUMNS = {name: value for module in (matrix, gains, similarity, traits) for name, value in vars(module).items()}
DECLARED = {
    "components_rules": "RULES",
    "components_stability": "STABILITY",
    "loadings_intervals": "LOADING_INTERVALS",
    "traits_intervals": "TRAIT_INTERVALS",
    "abilities": "ENRICHMENT",
}
FEW = TraitAnalysis(noise_draws=20, resamples=5, abilities={"mnli_words": "nlu", "imdb": "nlu"})
MATRIX_FIGURES = ["gains", "references", "donors", "residuals", "rates", "asymmetry"]
FIGURES = [*MATRIX_FIGURES, "loadings", "scree", "sources", "loadings_intervals", "traits_intervals"]


@pytest.fixture
def options(tmp_path, order):
    """Few draws and no figures, into a new folder."""
    return AnalysisOptions(tmp_path / "out", order, FEW, formats=())


@pytest.fixture
def with_figures(options):
    """The same with figures."""
    return replace(options, formats=("svg",))


@pytest.fixture
def console():
    """A console that keeps what is printed."""
    return Console(file=io.StringIO(), width=100)


def files(options):
    """Content of every file, by name."""
    paths = [path for path in options.output.rglob("*") if path.is_file()]
    return {str(path.relative_to(options.output)): path.read_bytes() for path in paths}


@pytest.mark.filterwarnings("error", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")
def test_every_table_and_figure_is_written_and_named(cells, with_figures, console):
    both = replace(with_figures, formats=("png", "svg"))
    report = analyze_runs(cells, Selection(), both, console=console)
    expected = [f"{name}.csv" for name in TABLES] + [f"latex/{name}.tex" for name in TABLES]
    expected += [f"{name}.{suffix}" for name in FIGURES for suffix in ("png", "svg")]
    assert [str(path.relative_to(both.output)) for path in report.paths] == expected
    assert sorted(files(with_figures)) == sorted(expected)
    assert report.notes[0] == "9 runs of model small, data tasks"
    for name in FIGURES:
        ElementTree.parse(with_figures.output / f"{name}.svg")


def test_tables_have_the_columns_declared(cells, options, console):
    analyze_runs(cells, Selection(), options, console=console)
    names = {"<target>": list(options.order.names), "<component>": ["PC1", "PC2", "PC3", "PC4"]}
    for table in TABLES:
        declared = column_names(COLUMNS[DECLARED.get(table, table.upper())])
        declared += column_names(COLUMNS["INTERVALS"]) if table == "scores" else []
        if "component" in declared:
            declared += [name for name in column_names(COLUMNS["NULL"]) if name not in declared]
        expected = [name for column in declared for name in names.get(column, [column])]
        assert list(pd.read_csv(options.output / f"{table}.csv")) == expected


def test_numbers_agree_with_plain_pandas(cells, options, console):
    analyze_runs(cells, Selection(), options, console=console)
    pivot = cells.pivot_table(index="source", columns="target", values="score", aggfunc="mean")
    matrix = pd.read_csv(options.output / "matrix.csv", index_col="source")
    assert matrix.index.tolist() == ["base", "metamath", "goat", "mnli_words", "imdb"]
    pd.testing.assert_frame_equal(matrix, pivot.loc[matrix.index, list(matrix)], check_names=False)
    gains = pd.read_csv(options.output / "gains.csv", index_col="source")
    pd.testing.assert_frame_equal(gains, matrix.drop(index="base") - matrix.loc["base"])
    metrics = pd.read_csv(options.output / "metrics.csv")
    assert len(metrics) == 2 * len(cells)
    assert metrics["value"].sum() == pytest.approx(1.5 * cells["score"].sum())


def test_bytes_do_not_depend_on_the_order_of_the_cells(cells, with_figures, console):
    analyze_runs(cells, Selection(), with_figures, console=console)
    first = files(with_figures)
    analyze_runs(cells.sample(frac=1, random_state=1), Selection(), with_figures, console=console)
    assert files(with_figures) == first


def test_the_terminal_shows_scores_gains_components_and_the_folder(cells, options, console):
    analyze_runs(cells, Selection(), options, console=console)
    text = console.file.getvalue()
    for line in (
        "Scores (%): 4 sources x 4 targets, 2 seeds per source, n = 200 rows per target",
        "Gain over the base model (percentage points)",
        "Principal components: 4 sources and the base model x 4 targets, z-scored",
        "9 runs of model small, data tasks",
        f"wrote {2 * len(TABLES)} files to {options.output}",
    ):
        assert line in text.splitlines()


def test_missing_cells_are_listed_and_kept_as_missing(cells, options, console):
    holed = cells[~((cells["source"] == "imdb") & cells["target"].isin(["goat", "gsm8k"]))]
    report = analyze_runs(holed, Selection(), options, console=console)
    assert "no score: imdb -> gsm8k, goat" in report.notes
    assert "components leave out sources with missing scores: imdb" in report.notes
    matrix = pd.read_csv(options.output / "matrix.csv", index_col="source")
    assert matrix.loc["imdb", ["gsm8k", "goat"]].isna().all()
    assert "imdb" not in (options.output / "traits.csv").read_text()


def test_stale_cells_are_listed(cells, options, console):
    newer = cells.assign(updated="2025-02-01T00:00:00+00:00", target_id="t2")
    mixed = pd.concat([cells[cells["source"] == "imdb"], newer[newer["source"] != "imdb"]])
    report = analyze_runs(mixed, Selection(), options, console=console)
    stale = "stale, scored on other rows or in another way: imdb -> goat, gsm8k, imdb, mnli_words"
    assert stale in report.notes
    assert stale in console.file.getvalue()


def test_one_target_has_matrix_and_gains_and_a_line_on_components(cells, with_figures, console):
    report = analyze_runs(cells[cells["target"] == "goat"], Selection(), with_figures, console=console)
    line = "no components: components need 2 targets with scores that vary; there are 1"
    assert line in report.notes
    assert any(note.startswith("no donors and recipients") for note in report.notes)
    tables = [*PLAIN, "rates"]
    expected = [f"{name}.csv" for name in tables] + [f"latex/{name}.tex" for name in tables]
    assert sorted(files(with_figures)) == sorted([*expected, "gains.svg", "rates.svg", "references.svg"])


def test_files_of_an_earlier_analysis_do_not_stay_beside_the_new(cells, with_figures, console):
    analyze_runs(cells, Selection(), with_figures, console=console)
    (with_figures.output / "notes.txt").write_text("mine")
    analyze_runs(cells[cells["target"] == "goat"], Selection(), with_figures, console=console)
    assert "components.csv" not in files(with_figures)
    assert "scree.svg" not in files(with_figures)
    assert "notes.txt" in files(with_figures)


def test_base_alone_has_a_matrix_and_no_gains(cells, with_figures, console):
    analyze_runs(cells[cells["source"] == "base"], Selection(), with_figures, console=console)
    assert files(with_figures)["gains.csv"] == b"source,gsm8k,goat,mnli_words,imdb\n"
    assert "gains.svg" not in files(with_figures)


def test_two_sources_have_one_component_and_no_plane(cells, with_figures, console):
    analyze_runs(cells[cells["source"].isin(["base", "goat"])], Selection(), with_figures, console=console)
    assert "scree.svg" in files(with_figures)
    assert "sources.svg" not in files(with_figures)


def test_no_cells_says_which_command_makes_runs(cells, options, console):
    with pytest.raises(UserError, match=r"python train\.py -m 'source=glob\(\*\)'"):
        analyze_runs(cells.head(0), Selection(), options, console=console)
    with pytest.raises(UserError, match=r"python train\.py -m 'source=glob\(\*\)'"):
        analyze_scores(cells.head(0), options, console=console)
    assert not options.output.exists()


def test_scores_without_base_have_gains_over_the_mean_and_say_so(scores, options, console):
    report = analyze_scores(scores[scores["source"] != "base"], options, console=console)
    assert "no source 'base': gains are over each target's mean of 4 sources" in report.notes
    assert "Score above the target's mean over sources (percentage points)" in console.file.getvalue()
    gains = pd.read_csv(options.output / "gains.csv", index_col="source")
    assert gains.sum().abs().max() < 1e-9


def test_percentages_are_written_as_they_stand_and_said(scores, options, console):
    report = analyze_scores(scores.assign(score=scores["score"] * 100), options, console=console)
    low, high = scores["score"].min() * 100, scores["score"].max() * 100
    assert f"scores run from {low:g} to {high:g}: taken as percentages, written as they stand" in report.notes
    matrix = pd.read_csv(options.output / "matrix.csv", index_col="source")
    pd.testing.assert_frame_equal(matrix, report.results.matrix, check_names=False)
    assert matrix.max(axis=None) > 1
    assert "metrics.csv" not in files(options)


def test_fractions_among_percentages_are_pointed_out(scores, options, console):
    mixed = scores.assign(score=scores["score"].where(scores["target"] == "goat", scores["score"] * 100))
    report = analyze_scores(mixed, options, console=console)
    assert "no score above 1, perhaps fractions among percentages: goat" in report.notes


def test_scores_beyond_percentages_are_shown_as_they_are(scores, options, console):
    report = analyze_scores(scores.assign(score=scores["score"] * -1000), options, console=console)
    assert any("taken as numbers outside 0 to 100" in note for note in report.notes)
    assert "(unit of the table)" in console.file.getvalue()


def test_null_columns_follow_the_scale(scores, options, console):
    wide = scores.assign(score=scores["score"].where(scores["target"] == "goat", scores["score"] * 0.001))
    plain = replace(options, traits=replace(FEW, components=ComponentAnalysis(scale="none")))
    analyze_scores(wide, plain, console=console)
    assert pd.read_csv(options.output / "components.csv")["null_mean"][0] > 0.99
    assert not list(options.output.glob("*.png"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"formats": ("pdf",)}, "^figure format 'pdf': not one of png, svg$"),
    ],
)
def test_wrong_options_are_refused(tmp_path, parameters, message):
    with pytest.raises(UserError, match=message):
        AnalysisOptions(tmp_path, **parameters)
