"""The short form of ``python -m tests.integration.chaos``."""

from pathlib import Path

import pytest

from tests.integration.chaos.chaos import Chaos
from tests.support.small_sweep import SmallSweep
from tests.support.wandb_server.http_server import WandbServer


@pytest.mark.slow
def test_five_kills_and_two_stops_of_the_server_change_nothing(tmp_path: Path, model_folder: Path):
    sweep = SmallSweep(tmp_path, model_folder, rows=300)
    long = ("trainer.batch_size=1", "trainer.checkpoint_steps=5")
    with WandbServer().running() as server:
        assert Chaos(sweep, seed=0, overrides=long, server=server).compare(kills=5, stops=2) == []
