"""What a job will have to do, before it does it."""

from dataclasses import replace

from crosstask.config.job import TrainConfig
from crosstask.config.training import Trainer
from crosstask.data import drawn_examples
from crosstask.jobs import cost, job
from crosstask.jobs.progress import Progress
from crosstask.jobs.row_of_job import possible_rows
from tests.support.small_tasks import FILMS, SUMS


def work(config: TrainConfig, trains: bool = True) -> float:
    return cost.work(config, possible_rows(config), trains)


def learned(config: TrainConfig) -> int:
    rows = drawn_examples.train_examples("films", FILMS, config.data)
    return 3 * sum(len(row.prompt + row.answer) for row in rows)


def asked(config: TrainConfig) -> int:
    rows = [
        row for name, task in config.target.items() for row in drawn_examples.test_examples(name, task, config.data)
    ]
    return sum(len(row.prompt) for row in rows) + 4 * 5 * 4  # four sums, five tokens each, four characters each


def test_work_is_characters_through_the_model(config: TrainConfig):
    assert work(config) == learned(config) + asked(config)
    assert work(replace(config, trainer=Trainer(max_epochs=2))) == 2 * learned(config) + asked(config)
    assert work(replace(config, trainer=Trainer(batch_size=3, max_steps=2))) == learned(config) / 2 + asked(config)
    assert work(replace(config, source={"base": None})) == asked(config)
    assert work(config, trains=False) == 0


def test_what_exists_is_no_work(config: TrainConfig):
    job.train(replace(config, target={"films": FILMS}), Progress())
    assert work(config) == asked(replace(config, target={"sums": SUMS}))
    job.train(config, Progress())
    assert work(config) == 0
    assert work(replace(config, seed=1)) > 0


def test_inputs_name_what_a_person_changes(config: TrainConfig):
    def inputs(job: TrainConfig) -> dict[str, object]:
        return possible_rows(job)[0].inputs()

    before = inputs(config)
    assert {"the base model", "the rows of films", "target films", "target sums", "lora", "optimizer"} <= set(before)
    after = inputs(replace(config, target={"films": FILMS, "sums": replace(SUMS, prompt="{{ sum }}?")}))
    assert {name for name in before if before[name] != after[name]} == {"target sums"}
    assert "lora" not in inputs(replace(config, source={"base": None}))
