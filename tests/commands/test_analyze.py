"""From the config of an analysis to its files."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.gains.options import Options as GainOptions
from crosstask.analysis.traits.options import BaseRow, Matrix, Method, Missing, Rotation, Scale
from crosstask.analysis.traits.options import Options as TraitOptions
from crosstask.commands.analyze import analyze
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.config.analysis import FigureFormat, Runs, RunsKind
from crosstask.errors import UserError

TASKS = ["gsm8k", "goat", "magicoder", "paws", "mnli", "mnli_words", "pile", "flipkart", "amazon", "imdb"]


@pytest.fixture
def published(tmp_path):
    """A CSV file of percentages: two models, ten sources and base, ten targets; a trait of sentiment, one of the rest.

    Sources have their traits on both models.
    """
    rng = np.random.default_rng(0)
    sentiment = np.isin(TASKS, ["flipkart", "amazon", "imdb"])
    rows = []
    for source in ["base", *TASKS]:
        of_source = 50 + 12 * rng.normal() * sentiment + 6 * rng.normal() * ~sentiment
        for model in ("small", "large"):
            scores = of_source + rng.normal(size=10)
            rows += [(source, task, model, score, 0.5) for task, score in zip(TASKS, scores, strict=True)]
    path = tmp_path / "scores.csv"
    pd.DataFrame(rows, columns=["source", "target", "model", "score", "stderr"]).to_csv(path, index=False)
    return path


def results(tmp_path, published, rows=("source", "model"), figures=(), **traits):
    """The folder of an analysis with few draws."""
    analysis = Analysis(
        rows=list(rows),
        figures=list(figures),
        gains=GainOptions(resamples=100),
        traits=TraitOptions(**{"noise_draws": 99, "resamples": 10} | traits),
    )
    output = tmp_path / "results"
    analyze(AnalyzeConfig(Runs(kind=RunsKind.table, path=str(published)), analysis, output=str(output)))
    return output


@pytest.mark.parametrize(("rows", "asked"), [(["source"], "imdb"), (["source", "variant"], None)])
def test_a_row_of_a_changed_source_is_chosen_after_runs_are_read_by_their_sources(monkeypatch, rows, asked):
    queries = []

    class Empty:
        def __init__(self, query, cache):
            queries.append(query)

        def rows(self):
            raise UserError("none")

    monkeypatch.setattr("crosstask.tracking.reading.Reader", Empty)
    runs = Runs(kind=RunsKind.wandb, project="p", source="imdb" if asked else "imdb (wrong_labels)", cache="c")
    with pytest.raises(UserError, match="none"):
        analyze(AnalyzeConfig(runs, Analysis(rows=rows)))
    assert [query.source for query in queries] == [asked]


@pytest.mark.filterwarnings("error", "default::ResourceWarning", "default::pytest.PytestUnraisableExceptionWarning")
def test_rows_are_what_was_asked_for_and_abilities_those_of_the_task_files(tmp_path, published, capsys):
    output = results(tmp_path, published, matrix=Matrix.scores)
    traits = pd.read_csv(output / "traits.csv", index_col="source")
    assert len(traits) == 22
    assert traits.index[:2].tolist() == ["base/large", "base/small"]
    assert pd.read_csv(output / "components.csv")["retained"].tolist() == [True, True] + [False] * 8
    names = pd.read_csv(output / "trait_names.csv")
    assert names["proposed"].str.contains("sentiment").any()
    printed = capsys.readouterr().out
    assert "matrix and gains are means over model" in printed
    table = pd.read_csv(published)
    matrix = pd.read_csv(output / "matrix.csv", index_col="source")
    assert matrix.loc["goat", "imdb"] == pytest.approx(
        table.query("source == 'goat' and target == 'imdb'")["score"].mean()
    )
    assert "2 components are distinguishable from noise: PC1, PC2" in printed
    assert "20 rows and the base model x 10 targets, z-scored" in printed


@pytest.mark.slow
def test_figures_have_the_formats_asked_for_and_earlier_ones_are_removed(tmp_path, published):
    for formats in ([FigureFormat.svg], []):
        output = results(tmp_path, published, figures=formats)
        suffixes = {path.suffix for path in output.iterdir() if path.is_file()}
        assert suffixes == {".csv", ".html", *(f".{name}" for name in formats)}
        assert (output / "loadings.csv").exists()


def test_the_matrixs_statistics_are_of_the_mean_of_finer_rows(tmp_path, published):
    output = results(tmp_path, published)
    table = pd.read_csv(published)
    both = table.query("source in ('base', 'goat') and target == 'imdb'").groupby("source")
    gain = pd.read_csv(output / "gains_long.csv").query("source == 'goat' and target == 'imdb'").iloc[0]
    assert gain["gain"] == pytest.approx(both["score"].mean().diff().iloc[1])
    assert gain["stderr"] == pytest.approx(np.hypot(0.5, 0.5))
    scores = pd.read_csv(output / "scores.csv")
    assert len(scores) == len(table)
    np.testing.assert_allclose(scores["ci_high"] - scores["score"], 1.96 * 0.5, rtol=0.001)


def test_scaling_base_and_factors_reach_the_analysis(tmp_path, published):
    one = pd.read_csv(published).query("model == 'small'")
    one.to_csv(published, index=False)
    output = results(
        tmp_path,
        published,
        rows=["source"],
        matrix=Matrix.scores,
        scale=Scale.headroom,
        ceiling=100.0,
        base=BaseRow.projected,
        method=Method.factors,
        rotation=Rotation.oblimin,
        count=1,
    )
    matrix = one.pivot(index="source", columns="target", values="score")[TASKS]
    base = matrix.loc["base"]
    shares = ((matrix - base) / (100 - base)).drop(index="base")
    singular = np.linalg.svd(shares - shares.mean(), compute_uv=False)
    ratios = pd.read_csv(output / "components.csv")["explained_variance_ratio"]
    np.testing.assert_allclose(ratios, (singular**2 / np.sum(singular**2))[: len(ratios)], atol=1e-9)
    assert pd.read_csv(output / "traits.csv")["source"].tolist()[0] == "base"
    assert list(pd.read_csv(output / "factor_pattern.csv")) == ["target", "F1", "communality"]


def test_missing_cells_are_filled_where_asked(tmp_path, published):
    table = pd.read_csv(published)
    table[~((table["source"] == "goat") & (table["target"] == "imdb"))].to_csv(published, index=False)
    of_scores = {"matrix": Matrix.scores}
    dropped = pd.read_csv(results(tmp_path, published, **of_scores) / "traits.csv")["source"]
    assert not dropped.str.startswith("goat").any()
    filled = pd.read_csv(results(tmp_path, published, **of_scores, missing=Missing.impute) / "traits.csv")["source"]
    assert filled.str.startswith("goat").sum() == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"abilities": {"goat": 3}}, r"^analysis\.abilities={'goat': 3}: must be {task: ability}, both text$"),
        ({"abilities": "x"}, r"^analysis\.abilities=x: must be {task: ability}, both text$"),
        ({"homes": {"goat": 3}}, r"^analysis\.homes={'goat': 3}: must be {source: task}, both text$"),
        ({"homes": ["x"]}, r"^analysis\.homes=\['x'\]: must be {source: task}, both text$"),
        ({"rows": ["source", "seed", "seed"]}, r"^analysis\.rows=\[source,seed,seed\]: names one of them twice$"),
        ({"rows": ["seed"]}, r"^analysis\.rows=\[seed\]: the first is source$"),
    ],
)
def test_options_that_all_sections_share_are_checked(options, message):
    with pytest.raises(UserError, match=message):
        AnalyzeConfig(analysis=Analysis(**options))


def test_abilities_of_the_command_line_join_those_of_the_task_files(tmp_path, published, capsys):
    output = tmp_path / "results"
    traits = TraitOptions(noise_draws=99, resamples=0)
    analysis = Analysis(rows=["source", "model"], figures=[], traits=traits, abilities={"goat": "sentiment"})
    analyze(AnalyzeConfig(Runs(kind=RunsKind.table, path=str(published)), analysis, output=str(output)))
    assert "sentiment: amazon, flipkart, goat, imdb" in capsys.readouterr().out
    targets = pd.read_csv(output / "ability_residuals.csv", index_col="ability")["targets"]
    assert targets["sentiment"] == 4
    assert targets.sum() <= 10


def test_sources_of_other_names_are_at_home_only_where_it_is_said_and_an_alarm_asks(tmp_path, published, capsys):
    table = pd.read_csv(published).query("model == 'small'")
    table.assign(source=table["source"].where(table["source"] == "base", table["source"] + "_train")).to_csv(
        published, index=False
    )
    output = tmp_path / "results"
    found = []
    for homes in (None, {f"{task}_train": task for task in TASKS}):
        analysis = Analysis(figures=[], traits=TraitOptions(noise_draws=99, resamples=0), homes=homes)
        analyze(AnalyzeConfig(Runs(kind=RunsKind.table, path=str(published)), analysis, output=str(output)))
        printed = capsys.readouterr().out
        homed = pd.read_csv(output / "gains_long.csv")["home"].sum()
        found.append((homed, "ALARM  cells such as amazon_train -> amazon" in printed, "no source is known" in printed))
    assert found == [(0, True, True), (10, False, False)]
