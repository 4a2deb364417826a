"""The same adapters are asked in other prompts and with shots: other cells, in runs of their own."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from crosstask.config.asked import asked
from crosstask.config.job import TrainConfig
from crosstask.config.scoring import Scoring
from crosstask.errors import UserError
from crosstask.jobs.job import train
from crosstask.jobs.progress import Progress
from crosstask.jobs.row_of_job import matrix_row
from crosstask.storage.store import Store
from tests.support.small_tasks import FILMS, SUMS

PROMPTS = ["Is this good? {{ text }}\nAnswer:\n", "{{ text }}\nGood or bad?\n"]


@pytest.fixture
def job(config: TrainConfig) -> TrainConfig:
    return replace(config, target={"films": replace(FILMS, prompts=PROMPTS)})


def in_prompt(job: TrainConfig, number: int) -> TrainConfig:
    return replace(job, scoring=replace(job.scoring, prompt=number))


def test_further_prompts_change_no_cell_and_no_run_of_the_first(job: TrainConfig, config: TrainConfig):
    plain = replace(config, target={"films": FILMS})
    assert matrix_row(job).cell_keys("x") == matrix_row(plain).cell_keys("x")
    assert matrix_row(job).run == matrix_row(plain).run
    assert not {"scoring.prompt", "scoring.shots"} & matrix_row(job).config.keys()


def test_each_prompt_is_a_run_of_the_same_adapter(job: TrainConfig):
    assert train(job, Progress()).startswith("done: trained 3 steps")
    for number in (1, 2):
        assert train(in_prompt(job, number), Progress()).startswith("done: scored")
        assert train(in_prompt(job, number), Progress()) == "reused: the adapter and 1 cells"
    records = {record.config.get("scoring.prompt", 0): record for record in Store(job.store).records()}
    assert sorted(records) == [0, 1, 2]
    assert len({record.adapter for record in records.values()}) == 1
    assert len({record.cells["films"] for record in records.values()}) == 3
    for number, record in records.items():
        assert record.data_id == records[0].data_id
        answers = Store(job.store).score(record.cells["films"])
        assert answers is not None
        assert (answers.metrics["n"], number in (0, 1, 2)) == (4, True)


def test_the_prompt_that_is_asked_is_the_one_of_that_number(job: TrainConfig):
    found = [matrix_row(in_prompt(job, number)).targets["films"].examples[0].prompt for number in range(3)]
    text = found[0].partition("\n")[0]
    assert found == [
        f"{text}\nSentiment:\n",
        f"Is this good? {text}\nAnswer:\n",
        f"{text}\nGood or bad?\n",
    ]


def test_training_stays_as_it_is(job: TrainConfig):
    rows = [matrix_row(in_prompt(job, number)).recipe for number in range(3)]
    assert len({recipe.id for recipe in rows if recipe}) == 1


def test_a_prompt_that_a_target_does_not_have_is_refused_by_name(job: TrainConfig):
    both = replace(job, target={**job.target, "sums": SUMS})
    with pytest.raises(UserError) as caught:
        asked(in_prompt(both, 2))
    assert str(caught.value) == (
        "scoring.prompt=2: no such prompt (field `prompts` of a task): sums; it fits 'target=[films]'"
    )
    with pytest.raises(UserError, match=r"^scoring\.prompt=3: no such prompt .*: films, sums$"):
        asked(in_prompt(both, 3))


def test_plain_text_takes_no_shots(job: TrainConfig):
    plain = replace(FILMS, prompt="", answer="{{ text }}", labels=[], metric="bits_per_byte")
    both = replace(job, target={**job.target, "plain": plain}, scoring=Scoring(shots=2))
    with pytest.raises(UserError, match=r"^scoring\.shots=2: plain text without a question: plain; it fits 'target"):
        asked(both)


def test_shots_of_a_job_stand_before_every_prompt_and_make_a_run_of_their_own(job: TrainConfig):
    shown = replace(job, scoring=replace(job.scoring, shots=2))
    row = matrix_row(shown)
    assert all(example.prompt.count("Sentiment:\n") == 3 for example in row.targets["films"].examples)
    assert row.run != matrix_row(job).run
    assert row.config["scoring.shots"] == 2
    of_file = replace(job, target={"films": replace(FILMS, shots=2)})
    assert matrix_row(of_file).cell_keys("x") == row.cell_keys("x")
    none = replace(of_file, scoring=replace(job.scoring, shots=0))
    assert matrix_row(none).cell_keys("x") == matrix_row(job).cell_keys("x")


def test_held_out_rows_are_those_of_the_validation_split_where_there_is_one(job: TrainConfig):
    held_out = replace(job, trainer=replace(job.trainer, held_out=0.25))
    without = matrix_row(held_out).recipe
    assert without is not None
    assert (without.validation, "validation" in without.content) == ([], False)
    folder = Path(job.data.root or "") / "films"
    rows = [{"text": f"validated {number}", "label": number % 2} for number in range(9)]
    (folder / "validation.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = matrix_row(held_out).recipe
    assert found is not None
    assert len(found.validation) == 3, "a quarter of twelve"
    assert all(example.prompt.startswith("validated") for example in found.validation)
    assert found.examples == without.examples
    assert found.id != without.id
    assert matrix_row(job).recipe == matrix_row(replace(job)).recipe
    train(held_out, Progress())
    report = Store(job.store).adapter_record(found.id).report
    assert (report.examples, report.rows_held_out, report.rows_dropped) == (12, 3, 0)
    assert report.held_out_loss is not None


def test_a_mixture_holds_out_validation_rows_only_if_all_sources_have_them(job: TrainConfig):
    folder = Path(job.data.root or "") / "films"
    (folder / "validation.jsonl").write_text('{"text": "validated", "label": 1}\n')
    both = replace(job, source={"films": FILMS, "sums": SUMS}, trainer=replace(job.trainer, held_out=0.25))
    recipe = matrix_row(both).recipe
    assert recipe is not None
    assert recipe.validation == []
    (folder.parent / "sums" / "validation.jsonl").write_text('{"sum": "9 + 9", "value": 18}\n')
    recipe = matrix_row(both).recipe
    assert recipe is not None
    assert {example.prompt.partition("\n")[0] for example in recipe.validation} == {"validated", "9 + 9"}
