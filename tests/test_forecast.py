"""What a job will have to do, before it does it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask import forecast, jobs
from crosstask.config import TrainConfig, Trainer
from crosstask.data import examples
from crosstask.job_folder import JobFolder, Status
from crosstask.progress import Progress
from tests.small_tasks import FILMS, SUMS


def work(config: TrainConfig, trains: bool = True) -> float:
    return forecast.work(config, forecast.rows(config), trains)


def learned(config: TrainConfig) -> int:
    rows = examples.train_examples("films", FILMS, config.data)
    return 3 * sum(len(row.prompt + row.answer) for row in rows)


def asked(config: TrainConfig) -> int:
    rows = [row for name, task in config.target.items() for row in examples.test_examples(name, task, config.data)]
    return sum(len(row.prompt) for row in rows) + 4 * 5 * 4  # four sums, five tokens each, four characters each


def test_work_is_characters_through_the_model(config: TrainConfig):
    assert work(config) == learned(config) + asked(config)
    assert work(replace(config, trainer=Trainer(max_epochs=2))) == 2 * learned(config) + asked(config)
    assert work(replace(config, trainer=Trainer(batch_size=3, max_steps=2))) == learned(config) / 2 + asked(config)
    assert work(replace(config, source={"base": None})) == asked(config)
    assert work(config, trains=False) == 0


def test_what_exists_is_no_work(config: TrainConfig):
    jobs.train(replace(config, target={"films": FILMS}), Progress())
    assert work(config) == asked(replace(config, target={"sums": SUMS}))
    jobs.train(config, Progress())
    assert work(config) == 0
    assert work(replace(config, seed=1)) > 0


def test_the_rate_is_the_median_of_earlier_jobs_on_the_same_model(tmp_path: Path):
    assert forecast.rate(tmp_path, "tiny") is None
    ends = [
        ("tiny", 100.0, 1.0),
        ("tiny", 100.0, 3.0),
        ("tiny", 100.0, 20.0),
        ("large", 1.0, 500.0),
        ("tiny", 0.0, 9.0),
    ]
    for number, (model, amount, seconds) in enumerate(ends):
        job = JobFolder(tmp_path / "sweep" / str(number))
        job.path.mkdir(parents=True)
        job.end("a", Status.done, "", work=amount, model=model)
        path = job.path / "job.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "seconds": seconds}))
    assert forecast.rate(tmp_path, "tiny") == pytest.approx(0.03)


def test_inputs_name_what_a_person_changes(config: TrainConfig):
    def inputs(job: TrainConfig) -> dict[str, object]:
        return forecast.inputs(job, forecast.rows(job)[0])

    before = inputs(config)
    assert {"the base model", "the rows of films", "target films", "target sums", "lora", "optimizer"} <= set(before)
    after = inputs(replace(config, target={"films": FILMS, "sums": replace(SUMS, prompt="{{ sum }}?")}))
    assert {name for name in before if before[name] != after[name]} == {"target sums"}
    assert "lora" not in inputs(replace(config, source={"base": None}))
