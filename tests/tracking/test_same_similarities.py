"""Tables of similarity are the same bytes from the store and from W&B, whatever rows have or lack."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import wandb

from crosstask.config import task_files
from crosstask.config.job import TrackingMode, TrainConfig
from crosstask.config.variant import Variant, VariantKind
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.store import Store
from tests.support.small_encoder import write_encoder
from tests.support.small_tasks import FILMS, SUMS, write_rows
from tests.support.wandb_server.http_server import WandbServer
from tests.tracking.conftest import client_environment, job

FEW = (
    "analysis.figures=[]",
    "analysis.traits.noise_draws=99",
    "analysis.traits.resamples=10",
    "analysis.gains.resamples=100",
    "analysis.similarity.permutations=100",
)
SOURCES: list[dict[str, Any]] = [{"base": None}, {"films": FILMS}, {"sums": SUMS}, {"words": FILMS}]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweep")


@pytest.fixture(scope="module")
def recorded(place: Path, model_folder: Path) -> Iterator[tuple[WandbServer, TrainConfig]]:
    """A server that has base and three sources on three targets, and the settings of their jobs."""
    wandb.teardown()
    texts = [(f"the film {i} was {'good' if i % 3 else 'bad'}", i % 2) for i in range(30)]
    rows = write_rows(place / "data", lambda count: [{"text": text, "label": label} for text, label in texts[:count]])
    shutil.copytree(rows / "films", rows / "words")
    with WandbServer().running() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in client_environment(server, place).items():
            patch.setenv(name, value)
        config = job(rows, model_folder, place / "runs", mode=TrackingMode.online)
        config.optimizer.learning_rate = 0.1  # scores that differ
        words = replace(FILMS, dataset=replace(FILMS.dataset, name="words"))
        config.target["words"] = replace(words, answer="the film was {{ text }}", metric="chrf", labels=[])
        for source in SOURCES:
            train(replace(config, source=source), Progress())
        for kind in (VariantKind.wrong_labels, VariantKind.random_update):
            train(replace(config, source={"films": FILMS}, variant=Variant(kind)), Progress())
        yield server, config
    wandb.teardown()


@pytest.fixture
def both(recorded: tuple[WandbServer, TrainConfig], tmp_path: Path) -> Callable[..., dict[str, pd.DataFrame]]:
    """Analyses a store and the server in an empty folder; returns the tables, which have to be the same bytes."""
    server, _ = recorded
    environment = {**os.environ, **client_environment(server, tmp_path)}

    def execute(store: Path, *arguments: str, project: str = "films") -> dict[str, pd.DataFrame]:
        content = []
        origins = ((f"store={store}",), ("runs=wandb", f"runs.project={project}", "runs.cache=cache"))
        for number, origin in enumerate(origins):
            command = [sys.executable, str(task_files.CONF.parent / "analyze.py"), f"output={number}", *origin]
            told = subprocess.run(
                [*command, *FEW, *arguments], cwd=tmp_path, capture_output=True, text=True, env=environment, check=False
            )
            assert told.returncode == 0, told.stderr
            content.append({path.name: path.read_bytes() for path in (tmp_path / str(number)).glob("*.csv")})
        assert content[0] == content[1]
        assert {"features.csv", "interventions.csv"} <= content[0].keys()
        names = ("similarity", "similarity_tests")
        return {name: pd.read_csv(tmp_path / "1" / f"{name}.csv") for name in names}

    return execute


def sources(table: pd.DataFrame, measure: str) -> set[str]:
    return set(table.loc[table["measure"] == measure, "source"])


@pytest.mark.slow
def test_without_a_look_at_adapters_there_is_all_but_their_weights(both: Any, place: Path):
    found = both(place / "runs", "analysis.similarity.adapters=false")
    for table in found.values():
        assert {"tfidf", "embedding", "labels"} <= set(table["measure"])
        assert "adapter_weights" not in set(table["measure"])


@pytest.mark.slow
def test_a_run_whose_adapter_is_gone_takes_no_part_in_what_needs_it(
    recorded: tuple[WandbServer, TrainConfig], both: Any, place: Path, tmp_path: Path
):
    server, _ = recorded
    store = Path(shutil.copytree(place / "runs", tmp_path / "runs"))
    (adapter,) = (record.adapter for record in Store(store).records() if record.source == "sums")
    shutil.rmtree(Store(store).adapter(adapter))
    artifacts = server.root.projects["acme", "films"].collections
    artifact = artifacts.pop(f"adapter-{adapter}")
    try:
        similarity = both(store)["similarity"]
    finally:
        artifacts[f"adapter-{adapter}"] = artifact
    assert sources(similarity, "adapter_weights") == {"films", "words"}
    assert sources(similarity, "embedding") == {"films", "sums", "words"}


@pytest.mark.slow
def test_what_an_encoder_sees_comes_with_the_rows(
    recorded: tuple[WandbServer, TrainConfig], both: Any, model_folder: Path, tmp_path: Path
):
    _, config = recorded
    encoder = write_encoder(tmp_path / "encoder", model_folder)
    tracked = replace(config.tracking, project="encoded")
    plain = [(source, Variant()) for source in SOURCES]
    for source, variant in [*plain, ({"films": FILMS}, Variant(VariantKind.wrong_labels))]:
        settings = replace(config, source=source, encoder=encoder, store=str(tmp_path / "runs"), tracking=tracked)
        train(replace(settings, variant=variant), Progress())
    similarity = both(tmp_path / "runs", project="encoded")["similarity"]
    seen = similarity.pivot(index=["source", "target"], columns="measure", values="similarity")
    assert seen.shape[0] == 9
    assert seen["sentence_embedding"].nunique() > 3
    assert (seen["sentence_embedding"] - seen["embedding"]).abs().max() > 0.001
