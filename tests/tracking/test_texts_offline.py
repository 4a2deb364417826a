"""Runs kept offline where texts stay at home, looked through byte by byte, and sent later by W&B's own command."""

import io
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.config.job import TrackingMode, TrainConfig
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.storage.store import Store
from tests.support.small_tasks import FILMS
from tests.support.wandb_server.http_server import WandbServer
from tests.tracking.server_content import runs

BASE: dict[str, Any] = {"source": {"base": None}}


def contents(found: Iterable[bytes]) -> list[str]:
    """What files say; tables of Parquet, which is compressed, are read."""
    return [
        pd.read_parquet(io.BytesIO(content)).to_csv() if content.startswith(b"PAR1") else content.decode("latin-1")
        for content in found
    ]


def texts_of(store: Store) -> set[str]:
    """Lines of prompts, and answers in a model's own words, that stand nowhere else."""
    prompts = pd.concat([pd.read_parquet(path) for path in store.root.glob("examples/*")])["prompt"]
    lines = {line for prompt in prompts for line in prompt.splitlines() if "new" in line}
    answers = {
        text
        for record in store.records()
        for text in pd.read_parquet(store.answers(record.cells["words"]))["text"]
        if len(text.strip()) > 3
    }
    assert lines
    assert answers
    return {text.encode().decode("latin-1") for text in lines | answers}


def test_neither_an_offline_run_nor_what_is_sent_of_it_has_any_text(config: TrainConfig, server: WandbServer):
    config.data.test_rows = 8
    config.target["words"] = replace(FILMS, answer="it is true", metric="chrf", labels=[], extraction=None)
    config.optimizer.learning_rate = 0.1
    for job in (replace(config, **BASE), config):
        train(replace(job, tracking=replace(job.tracking, texts=False, mode=TrackingMode.offline)), Progress())
    texts = texts_of(Store(config.store))
    folders = sorted(Path(config.store).glob("wandb/offline-run-*"))
    kept = contents(path.read_bytes() for path in Path(config.store, "wandb").rglob("*") if path.is_file())
    assert len(folders) == 2
    assert not [text for text in texts if any(text in content for content in kept)]
    for folder in folders:
        command = [str(Path(sys.executable).with_name("wandb")), "sync", str(folder.resolve())]
        subprocess.run(command, cwd=config.store, check=True, timeout=60)
    assert len(runs(server)) == 2
    sent = [*contents(server.root.content.values()), *(repr(vars(run)) for run in runs(server).values())]
    assert any("answer_characters" in content for content in sent)  # the tables have arrived
    assert not [text for text in texts if any(text in content for content in sent)]
    assert server.errors == []
