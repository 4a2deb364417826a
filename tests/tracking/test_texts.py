"""Prompts in W&B, through the unpatched client: once for all rows of a sweep, and none where texts stay at home."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.analysis.changed.options import Options as ChangedOptions
from crosstask.analysis.gains.options import Options as GainOptions
from crosstask.analysis.traits.options import Options as TraitOptions
from crosstask.commands import analyze
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.config.analysis import Runs, RunsKind
from crosstask.config.job import Tracking, TrackingMode, TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from crosstask.tracking.reading import Query, Reader
from tests.report.page.reading import Parsed
from tests.support.small_tasks import FILMS
from tests.support.wandb_server.http_server import WandbServer
from tests.tracking.server_content import artifact_table, config_of, runs

BASE: dict[str, Any] = {"source": {"base": None}}
SECRET = "new 3"
"""Begins a prompt, and stands nowhere else."""
SHOW = "films on words"
WORDS = "the film was good, it is true"


@pytest.fixture
def sweep(online: TrainConfig) -> list[TrainConfig]:
    """Jobs of base and an adapter that answers otherwise, on an open target beside the others."""
    online.data.test_rows = 8
    online.target["words"] = replace(FILMS, answer=WORDS, metric="chrf", labels=[], extraction=None)
    online.optimizer.learning_rate = 0.1
    return [replace(online, **BASE), online]


def artifacts(server: WandbServer, kind: str) -> list[Any]:
    collections = server.root.projects["acme", "films"].collections.values()
    return [collection for collection in collections if collection.type == kind]


def decoded(content: bytes) -> str:
    """What a file says."""
    if content.startswith(b"PAR1"):
        return pd.read_parquet(io.BytesIO(content)).to_csv()
    return content.decode(errors="replace")


def analyzed(folder: Path, capsys: pytest.CaptureFixture[str], store: str | None = None) -> str:
    """What an analysis of the store, or of W&B, prints; its files are in the folder."""
    analysis = Analysis(
        figures=[],
        gains=GainOptions(resamples=100),
        traits=TraitOptions(noise_draws=99, resamples=0),
        changed=ChangedOptions(show=SHOW),
    )
    where = Runs(kind=RunsKind.wandb, project="films", cache=str(folder / "cache"))
    settings = AnalyzeConfig(Runs() if store else where, analysis, output=str(folder), store=store or "runs")
    analyze.analyze(settings)
    return capsys.readouterr().out


@pytest.mark.slow
def test_prompts_are_there_once_and_come_back_as_they_are_in_the_store(
    server: WandbServer, sweep: list[TrainConfig], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for job in sweep:
        train(job, Progress())
    (collection,) = artifacts(server, "examples")
    assert len(collection.versions) == 1
    reader = Reader(Query("films"), tmp_path / "cache")
    found = reader.fetch_examples(row.record for row in reader.rows())
    store = StoredRows(Store(sweep[0].store))
    stored = store.fetch_examples(store.store.records())
    assert {name: path.read_bytes() for name, path in found.items()} == {
        name: path.read_bytes() for name, path in stored.items()
    }
    assert len(stored) == 3
    local = analyzed(tmp_path / "local", capsys, sweep[0].store)
    pulled = analyzed(tmp_path / "pulled", capsys)
    assert "examples that fine-tuning won and lost" in local
    files = ["changed/films_on_words.md", "changed.parquet", "changed_counts.csv"]
    assert len(pd.read_parquet(tmp_path / "local" / files[1])) > 0
    for name in files:
        assert (tmp_path / "pulled" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
    shown = (tmp_path / "pulled" / files[0]).read_text()
    assert f"{SECRET}\nSentiment:" in shown
    assert "Sentiment:" in pulled
    assert server.errors == []


def test_without_texts_none_is_sent_and_the_analysis_names_what_it_lacks(
    server: WandbServer, sweep: list[TrainConfig], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    for job in sweep:
        train(replace(job, tracking=replace(job.tracking, texts=False)), Progress())
    assert artifacts(server, "examples") == []
    store = Store(sweep[0].store)
    said = {
        text
        for record in store.records()
        for text in pd.read_parquet(store.answers(record.cells["words"]))["text"]
        if len(text.strip()) > 3
    }
    assert said
    assert any(SECRET in decoded(path.read_bytes()) for path in store.root.glob("examples/*"))
    sent = [*map(decoded, server.root.content.values()), *(repr(vars(run)) for run in runs(server).values())]
    assert not [content for content in sent if SECRET in content or any(text in content for text in said)]
    shown = artifact_table(server, next(iter(runs(server).values())), "predictions/words")
    assert set(shown) == {"example", "gold", "prediction", "valid", "score"}
    assert shown[["gold", "prediction"]].isna().all(axis=None)
    local = analyzed(tmp_path / "local", capsys, sweep[0].store)
    pulled = analyzed(tmp_path / "pulled", capsys)
    for name in ("scores.csv", "gains_long.csv", "changed.parquet", "changed_counts.csv"):
        assert (tmp_path / "pulled" / name).read_bytes() == (tmp_path / "local" / name).read_bytes()
    assert "Sentiment:" in local
    line = f"analysis.changed.show={SHOW}: no prompts of words are kept: these runs were sent with tracking.texts=false"
    assert line in pulled
    assert "lack tfidf, vocabulary, function_words and char_ngrams: the words of the data sets were not sent" in pulled
    assert not (tmp_path / "pulled" / "changed").exists()
    measures = [set(pd.read_csv(tmp_path / name / "similarity.csv")["measure"]) for name in ("local", "pulled")]
    assert measures[0] - measures[1] == {"tfidf", "vocabulary", "function_words", "char_ngrams"}


def test_texts_are_sent_later_by_the_same_command_that_allows_it(server: WandbServer, sweep: list[TrainConfig]):
    job = sweep[0]
    train(replace(job, tracking=replace(job.tracking, texts=False)), Progress())
    (run,) = runs(server).values()
    assert '"examples"' not in config_of(run)["record"]
    assert train(job, Progress()).startswith("reused")
    (collection,) = artifacts(server, "examples")
    assert len(collection.versions) == 1
    assert '"examples"' in config_of(run)["record"]


@pytest.mark.parametrize("texts", [True, False])
def test_the_page_of_an_analysis_has_prompts_where_they_may_be_sent(
    server: WandbServer, sweep: list[TrainConfig], tmp_path: Path, texts: bool
):
    for job in sweep:
        train(replace(job, tracking=Tracking(mode=TrackingMode.disabled)), Progress())
    few = Analysis(figures=[], gains=GainOptions(resamples=100), traits=TraitOptions(noise_draws=99, resamples=0))
    tracking = replace(sweep[0].tracking, texts=texts)
    analyze.analyze(AnalyzeConfig(analysis=few, store=sweep[0].store, tracking=tracking, output=str(tmp_path / "out")))
    (run,) = runs(server).values()
    sent = Parsed(server.root.content[run.files[run.summary["report"]["path"]]])
    kept = Parsed((tmp_path / "out" / "report.html").read_bytes())
    columns = range(len(kept.axes()["columns"]["names"]))
    said = ["Sentiment:" in str([page.part(f"cells-{place}") for place in columns]) for page in (kept, sent)]
    assert said == [True, texts]
    assert server.errors == []
