"""Every file of `conf` that a job can name composes and is planned, without a network: a new file is covered by itself.

One config is composed with all tasks, and each task is planned with what that config says of it.
"""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.groups import group_options, option_file
from crosstask.config.inputs import Data, DataKind, Model
from crosstask.config.job import BASE, TrainConfig
from crosstask.config.task import Role
from crosstask.evaluation.scorers import pass_at_1
from crosstask.jobs.ahead import TO_MAKE
from crosstask.jobs.checked import checked_job
from crosstask.jobs.forecast import forecast
from crosstask.miniature.rows import GENERATORS
from crosstask.models import machine
from crosstask.models.size import size_by_name
from crosstask.sweeps.without_work import dry_run, new_plan
from hydra_plugins.crosstask_sweeps.sweeper import LongestFirst

OPTIONS = group_options(TrainConfig)
SOURCES = [name for name in task_files.options(Role.source) if name != BASE]
TARGETS = task_files.options(Role.target)
MODELS = [name for name in OPTIONS["model"] if name not in ("local", "miniature")]
ACROSS = [f"{group}={option}" for group in ("experiment", "suite", "launcher") for option in OPTIONS[group]]
FEW = {"train_rows": 8, "test_rows": 4}


@pytest.fixture(scope="module", autouse=True)
def _offline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No network, an empty cache, and a machine whose speed is given, and that can run code, whether it can or not."""

    def refuse(*_: Any) -> None:
        raise AssertionError("a dry run connects to something")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        patch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setattr(machine, "speed", lambda *_: 1e12)
        patch.setattr(pass_at_1, "check_sandbox", lambda _: None)
        yield


@pytest.fixture(scope="module")
def composed(_offline: None) -> Iterator[Any]:
    """What composes a command's overrides."""
    task_files.register(SCHEMAS)
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        yield lambda *overrides: compose("train", overrides=list(overrides), return_hydra_config=True)


@pytest.fixture(scope="module")
def every(composed: Any, tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    """A job with all sources and all targets."""
    judge = ("judge.base_url=http://127.0.0.1:9/v1", "judge.model=m")
    cfg = composed("data=hub", f"source=[{','.join(SOURCES)}]", f"target=[{','.join(TARGETS)}]", *judge)
    OmegaConf.set_struct(cfg, False)
    del cfg["hydra"]
    return replace(checked_job(cfg, trains=True), store=str(tmp_path_factory.mktemp("work") / "runs"))


def planned(job: TrainConfig) -> None:
    """Plan a job on rows of the Hub, and where the miniature has its data sets on those as well."""
    tasks = [*job.source.values(), *job.target.values()]
    if all(task is not None and task.dataset.hub for task in tasks):
        found = forecast(
            replace(job, data=Data(name="hub", kind=DataKind.hub, **FEW)),
            True,
            new_plan(),
        )
        assert (found.adapter, found.training and found.training.rows.value) == (TO_MAKE, FEW["train_rows"])
        assert min(found.scored.value, found.seconds.value, found.memory.value) > 0
        assert len(found.lacking) == 2
    generated = all(task is not None and task.dataset.name in GENERATORS for task in tasks)
    if generated:
        found = forecast(
            replace(job, data=Data(name="miniature", kind=DataKind.miniature, **FEW)),
            True,
            new_plan(),
        )
        assert not found.lacking
        assert min(found.scored.value, found.seconds.value, found.memory.value) > 0
    assert generated or all(task is not None and task.dataset.hub for task in tasks), "its rows are nowhere"


@pytest.mark.parametrize("name", SOURCES)
def test_every_source_is_planned(name: str, every: TrainConfig):
    planned(replace(every, source={name: every.source[name]}, target={"goat": every.target["goat"]}))


@pytest.mark.parametrize("name", TARGETS)
def test_every_target_is_planned(name: str, every: TrainConfig):
    planned(replace(every, source={"goat": every.source["goat"]}, target={name: every.target[name]}))


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_planned(name: str, every: TrainConfig):
    of_file = OmegaConf.merge(OmegaConf.structured(Model), OmegaConf.load(option_file("model", name)))
    job = replace(every, source={"goat": every.source["goat"]}, target={"imdb": every.target["imdb"]})
    model = OmegaConf.to_object(of_file)
    assert isinstance(model, Model)
    rows = Data(name="miniature", kind=DataKind.miniature, **FEW)
    found = forecast(replace(job, model=model, data=rows), True, new_plan())
    assert found.lacking == (f"model.path={model.path}",)
    assert bool(found.memory.value) == bool(found.seconds.value) == (size_by_name(model.path) is not None)


@pytest.mark.slow
@pytest.mark.parametrize("setting", ACROSS)
def test_every_experiment_suite_and_launcher_is_planned(setting: str, composed: Any, tmp_path: Path):
    settings = [setting, f"store={tmp_path}/runs", "data.train_rows=8", "data.test_rows=4"]
    if setting in ("suite=library", "suite=open"):  # whose data sets the miniature has not all
        settings.append("data=hub")
    swept = composed(*settings).hydra.sweeper.get("params") or {"source": "goat,imdb"}
    of_sweep = [f"{key}={value}".replace("glob(*)", "goat,imdb") for key, value in swept.items()]
    overrides = OverridesParser.create().parse_overrides(of_sweep)
    (jobs,) = LongestFirst.split_arguments(overrides, None)
    text = dry_run(lambda more: composed(*settings, *more), [jobs[0], jobs[-1]], True, lambda _: "")
    assert "would fail" not in text
    assert text.splitlines()[3].partition("  ")[0].endswith(("imdb seed=0", "imdb seed=2"))
    assert text.splitlines()[-3].startswith("2 jobs; on ")
    assert not list(tmp_path.iterdir())
