"""Base models and settings as rows of one analysis, from the store where they were trained and from W&B."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import wandb

from crosstask.config import task_files
from crosstask.config.inputs import Model
from crosstask.config.job import TrackingMode
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.conftest import write_model
from tests.support.small_tasks import FILMS, SUMS, write_rows
from tests.support.wandb_server.http_server import WandbServer
from tests.tracking.conftest import client_environment, job

ROWS = "analysis.rows=[source,seed,model,lora.rank]"
WORDS = "the film was good, it is true"
FEW = (
    "analysis.figures=[]",
    "analysis.traits.noise_draws=99",
    "analysis.traits.resamples=10",
    "analysis.gains.resamples=100",
)
SCORES = "analysis=paper"  # components of the rows themselves


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def recorded(place: Path, model_folder: Path) -> Iterator[WandbServer]:
    """A server that has two base models with two sources of two ranks each; one model lacks a source at one rank."""
    wandb.teardown()
    texts = [(f"the film {i} was {'good' if i % 3 else 'bad'}", i % 2) for i in range(30)]
    rows = write_rows(place / "data", lambda count: [{"text": text, "label": label} for text, label in texts[:count]])
    with WandbServer().running() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in client_environment(server, place).items():
            patch.setenv(name, value)
        config = job(rows, model_folder, place / "runs", mode=TrackingMode.online)
        config.data.test_rows = 8
        config.optimizer.learning_rate = 0.1  # scores that differ
        for name, task in (("sums", SUMS), ("words", FILMS)):
            config.target[name] = replace(task, answer=WORDS, metric="chrf", labels=[], extraction=None)
        models = (config.model, Model(name="other", path=str(write_model(place / "other", seed=1))))
        for model in models:
            of_model = replace(config, model=model)
            for rank in (4, 8):
                tuned = replace(of_model, lora=replace(config.lora, rank=rank))
                for source in ({"films": FILMS}, {"sums": SUMS}):
                    if (model.name, rank, list(source)) != ("other", 8, ["sums"]):
                        train(replace(tuned, source=source), Progress())
            train(replace(of_model, source={"base": None}), Progress())
        yield server
    wandb.teardown()


@pytest.fixture
def analyze(recorded: WandbServer, tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs analyze.py in an empty folder, as a user of the server."""

    def execute(*arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **client_environment(recorded, tmp_path)}
        command = [sys.executable, str(task_files.CONF.parent / "analyze.py"), *FEW, *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)

    return execute


def tables(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*.csv")}


def stored_answers(store: Store) -> dict[tuple[str, str, int | None, str], np.ndarray]:
    """Scores of single answers by source, model, rank (None for base) and target."""
    return {
        (
            record.source,
            record.model,
            None if record.source == "base" else record.config["lora.rank"],
            target,
        ): pd.read_parquet(store.cell(cell) / "answers.parquet").set_index("example")["score"].to_numpy()
        for record in store.records()
        for target, cell in record.cells.items()
    }


def stored_scores(store: Store) -> pd.DataFrame:
    """One row per run: source, model, rank (none for base), and the score on each target."""
    return pd.DataFrame(
        {
            "source": row.record.source,
            "model": row.record.model,
            "rank": None if row.record.source == "base" else row.record.config["lora.rank"],
            **{target: score.metrics["score"] for target, score in row.scores.items()},
        }
        for row in StoredRows(store).rows()
    )


@pytest.mark.slow
def test_base_models_and_ranks_are_rows_and_gains_are_over_the_own_base(analyze: Any, place: Path, tmp_path: Path):
    local = analyze(f"store={place}/runs", ROWS, SCORES, "output=local")
    assert local.returncode == 0, local.stderr
    remote = analyze("runs=wandb", "runs.project=films", "runs.cache=cache", ROWS, SCORES, "output=pulled")
    assert remote.returncode == 0, remote.stderr
    assert {"scores.csv", "gains_long.csv", "traits.csv"} <= tables(tmp_path / "local").keys()
    assert tables(tmp_path / "pulled") == tables(tmp_path / "local")

    traits = pd.read_csv(tmp_path / "local" / "traits.csv")["source"]
    tuned = [
        f"{source}/0/{model}/{rank}" for source in ("films", "sums") for model in ("other", "tiny") for rank in (4, 8)
    ]
    assert traits.tolist() == ["base/other", "base/tiny", *(row for row in tuned if row != "sums/0/other/8")]

    gains = pd.read_csv(tmp_path / "local" / "gains_long.csv").set_index(["source", "target"])
    answers = stored_answers(Store(place / "runs"))
    assert gains.index.get_level_values("source").unique().tolist() == ["films"]
    for target in ("films", "sums", "words"):
        differences = np.mean(
            [
                answers["films", model, rank, target] - answers["base", model, None, target]
                for model in ("tiny", "other")
                for rank in (4, 8)
            ],
            axis=0,
        )
        assert gains.loc[("films", target), "gain"] == pytest.approx(differences.mean(), abs=1e-6)
    line = "matrix and gains keep what was scored for every model, lora.rank, 3 of 6 pairs of source and target"
    assert line in " ".join(local.stdout.split())
    scores = pd.read_csv(tmp_path / "local" / "scores.csv", dtype={"lora.rank": "Int64"})
    assert len(scores) == 3 * (7 + 2)
    assert scores.loc[scores["source"] == "base", "lora.rank"].isna().all()
    metrics = pd.read_csv(tmp_path / "local" / "metrics.csv")
    assert not metrics.duplicated(["source", "target", "seed", "metric", "model", "lora.rank"]).any()


@pytest.mark.slow
def test_headroom_is_that_of_the_own_base_model(analyze: Any, place: Path, tmp_path: Path):
    arguments = (f"store={place}/runs", "analysis.rows=[source,model]", SCORES, "analysis.traits.scale=headroom")
    found = analyze(*arguments, "analysis.traits.ceiling=1.01", "output=local")
    assert found.returncode == 0, found.stderr
    assert "shares of headroom" in found.stdout
    assert "components remove the main effect of each of 2 settings of model" in " ".join(found.stdout.split())

    scores = stored_scores(Store(place / "runs"))
    chosen = scores[scores["rank"] != 4].set_index(["source", "model"])[["sums", "words"]]
    own = chosen.loc["base"].reindex(chosen.index.get_level_values("model")).set_axis(chosen.index)
    shares = (chosen - own) / (1.01 - own)
    assert (own.loc["films"].max() - own.loc["films"].min() > 0.001).all()
    dummies = pd.concat([pd.get_dummies(list(shares.index.get_level_values(level))) for level in (0, 1)], axis=1)
    of_model = dummies.columns.get_indexer(["other", "tiny"])
    fit = np.linalg.lstsq(dummies.to_numpy(float), shares.to_numpy(), rcond=None)[0]
    left = shares - dummies.to_numpy(float)[:, of_model] @ fit[of_model]  # what a model does to all sources alike
    left -= left.mean()
    variances, vectors = np.linalg.eigh(left.T @ left / (len(shares) - 2))
    components = pd.read_csv(tmp_path / "local" / "components.csv")
    assert components["eigenvalue"].to_numpy() == pytest.approx(variances[::-1], rel=1e-5)
    loadings = pd.read_csv(tmp_path / "local" / "loadings.csv", index_col="target")
    signs = np.sign((loadings.to_numpy() * vectors[:, ::-1]).sum(axis=0))
    assert loadings.to_numpy() == pytest.approx(vectors[:, ::-1] * signs, abs=1e-6)
    lengths = (variances[::-1] * (len(shares) - 2)) ** 0.5
    expected = left.to_numpy() @ loadings.to_numpy() / lengths
    traits = pd.read_csv(tmp_path / "local" / "traits.csv", index_col="source")
    names = [f"{source}/{model}" for source, model in shares.index]
    assert traits.loc[names].to_numpy() == pytest.approx(expected, abs=1e-6)
    assert len(traits) == len(names) == 5


@pytest.mark.slow
def test_what_varies_is_a_row_or_refused(analyze: Any, place: Path):
    found = analyze(f"store={place}/runs", "runs.seed=0", "analysis.rows=[source,lora.rank]")
    assert found.returncode == 1
    assert found.stderr.startswith("error: the runs chosen are of 2 base models: other (")
    assert found.stderr.endswith("make it a row: analysis.rows=[source,lora.rank,model]\n")
    unknown = analyze(f"store={place}/runs", "analysis.rows=[source,lora.r]")
    assert unknown.stderr.startswith("error: analysis.rows: 'lora.r' is nothing that runs are told apart by; there are")
