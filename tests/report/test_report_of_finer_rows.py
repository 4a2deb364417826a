"""Rows finer than sources, the whole way from cells to files, whatever sources and settings are called."""

import io
from dataclasses import replace

import pandas as pd
import pytest
from rich.console import Console

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.traits.options import Matrix, Options, Scale
from crosstask.report.options import ReportOptions
from crosstask.report.report import Report
from tests.support.analyses import report_of_runs, traits_of

HEADROOM = Options(matrix=Matrix.scores, scale=Scale.headroom, noise_draws=20, resamples=5)


@pytest.fixture
def two_models(cells):
    """The cells on a base model, and others on one whose name ends like its."""
    plain = cells.assign(model="Llama", score=0.5 * cells["score"])
    other = cells.assign(model="meta/Llama", base="b2", run=cells["run"] + "-meta")
    return pd.concat([plain, other], ignore_index=True)


@pytest.fixture
def report(tmp_path, order):
    """A function that makes the report on cells, rows by source and model, in shares of headroom."""

    def make(cells: pd.DataFrame, resamples: int = 5) -> Report:
        conventions = Conventions(order, rows=("source", "model"))
        options = ReportOptions(tmp_path, formats=())
        traits = replace(HEADROOM, resamples=resamples)
        return report_of_runs(cells, options, conventions, Console(file=io.StringIO()), traits=traits)

    return make


def test_a_base_model_whose_name_ends_like_anothers_is_that_of_its_own_rows(two_models, report, tmp_path):
    found = report(two_models).analysis
    assert not [note for note in found.notes if note.startswith("no components")]
    sources = ["base", "metamath", "goat", "mnli_words", "imdb"]
    labels = [f"{source}/{model}" for source in sources for model in ("Llama", "meta/Llama")]
    assert pd.read_csv(tmp_path / "traits.csv")["source"].tolist() == labels
    means = two_models.groupby(["source", "model", "target"])["score"].mean().unstack("target")
    base = means.loc["base"].reindex(means.index.get_level_values("model")).set_axis(means.index)
    values = traits_of(found.transfer, HEADROOM).components.observations.values
    shares = ((means - base) / (1 - base)).loc[values.index, values.columns]
    pd.testing.assert_frame_equal(values, shares, check_names=False)


def test_rows_that_slashes_make_look_the_same_are_two_rows_in_every_table(two_models, report, tmp_path):
    """A source imdb/meta on Llama, and imdb on meta/Llama."""
    renamed = two_models["model"].eq("Llama") & two_models["source"].eq("imdb")
    report(two_models.assign(source=two_models["source"].mask(renamed, "imdb/meta")))
    traits = pd.read_csv(tmp_path / "traits.csv")["source"]
    alike = ["source=imdb, model=meta/Llama", "source=imdb/meta, model=Llama"]
    assert len(traits) == 10
    assert sorted(traits[traits.str.contains("imdb")]) == alike
    intervals = pd.read_csv(tmp_path / "traits_intervals.csv")
    assert set(intervals["source"]) == set(traits)
    assert (intervals["source"].value_counts() == intervals["component"].nunique()).all()


def test_rows_with_tabs_and_slashes_are_as_many_as_there_are(two_models, report, tmp_path):
    odd = {"goat": "goat\t0", "imdb": "imdb/", "metamath": "/metamath"}
    report(two_models.assign(source=two_models["source"].replace(odd)), resamples=0)
    traits = pd.read_csv(tmp_path / "traits.csv")["source"]
    assert traits.nunique() == len(traits) == 10
    assert {"goat\t0/Llama", "imdb//Llama", "/metamath/meta/Llama"} <= set(traits)
