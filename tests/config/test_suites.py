"""Suites: which tasks they list, which one data choose, and what the miniature has no data for."""

from pathlib import Path

import pytest
from omegaconf import OmegaConf

from crosstask.commands.named_tasks import check_named_tasks
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.config.parsing import parse
from crosstask.config.suites import suite_file, suite_files, suite_of_data
from crosstask.config.task import Role
from crosstask.errors import UserError
from crosstask.jobs.checked import check_generated, checked_job
from tests.config.test_config import composed, parsed

PAPER_SOURCES = ["metamath", "goat", "magicoder", "paws", "mnli", "mnli_words", "pile", "flipkart", "amazon", "imdb"]
MINIATURE_TARGETS = (
    "gsm8k magicoder goat svamp asdiv multiarith paws mnli mnli_words rte sick qqp pile"
    " flipkart amazon imdb sst2 rotten_tomatoes tweet_eval_sentiment financial_phrasebank"
).split()


def test_every_suite_lists_tasks_there_are():
    assert {"miniature", "paper"} <= suite_files().keys()
    for name, suite in suite_files().items():
        assert suite.targets, name
        assert set(suite.targets) <= set(task_files.options(Role.target)), name
        assert set(suite.sources) <= set(task_files.options(Role.source)), name
        assert len(set(suite.sources)) == len(suite.sources), name
        assert list(composed(f"suite={name}").target) == list(suite.targets)
        assert list(composed(f"suite={name}").suite.sources) == list(suite.sources)


def test_the_suite_of_the_miniature_is_that_of_the_default_data():
    assert list(parsed().target) == MINIATURE_TARGETS == list(parsed("data=miniature").target)
    assert set(parsed().suite.sources) == {*MINIATURE_TARGETS, "metamath"} - {"gsm8k"}
    assert suite_of_data("miniature") is None


@pytest.mark.parametrize("data", [["data=hub"], ["data=local", "data.root=x"]])
def test_other_data_have_the_suite_of_the_paper_unless_one_is_named(data: list[str]):
    assert parsed(*data).suite.sources == PAPER_SOURCES
    assert list(parsed(*data).target) == ["gsm8k", *PAPER_SOURCES[1:]]
    assert list(parsed(*data, "suite=miniature").target) == MINIATURE_TARGETS
    assert list(parsed(*data, "target=imdb").target) == ["imdb"]
    assert suite_of_data(data[0].removeprefix("data=")) == "paper"


def test_the_quick_check_looks_at_the_suite_that_hydra_composes():
    wrong = "target.sst2.labels=[a,a]"  # sst2 is a target of the miniature's suite, and not of the paper's
    with pytest.raises(UserError, match=r"conf/task/sst2\.yaml"):
        check_named_tasks([wrong])
    for other in (["data=hub"], ["data=local", "data.root=x"], ["suite=paper"]):
        check_named_tasks([*other, wrong])
    with pytest.raises(UserError, match=r"conf/task/sst2\.yaml"):
        check_named_tasks(["data=hub", "suite=miniature", wrong])


def test_a_source_of_a_suite_that_is_none_is_refused():
    with pytest.raises(
        UserError, match=r"^suite\.sources: 'imbd' is no source \(did you mean 'imdb'\?\); one of ag_news"
    ):
        parsed("suite.sources=[goat,imbd]")


def test_which_suite_a_job_is_of_is_no_part_of_its_columns():
    from crosstask.config.flat import columns

    assert columns(parsed("target=imdb")) == columns(parsed("suite=paper", "target=imdb"))
    assert not [key for key in columns(parsed()) if "suite" in key or "license" in key]


MESSAGE = (
    r"^task jokes: data=miniature has no generator for the data set puns; data=hub or data=local can have it, and the"
    r" miniature has all that suite=miniature and suite=paper need$"
)


def test_a_task_that_the_miniature_has_no_data_for_is_refused():
    with pytest.raises(UserError, match=MESSAGE):
        check_generated({"imdb": "imdb", "jokes": "puns"})
    check_generated({name: name for name in MINIATURE_TARGETS if name != "mnli_words"})


@pytest.fixture
def puns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task on a data set that the miniature does not generate, besides those there are."""
    for part in ("data", "suite", "train.yaml"):
        (tmp_path / part).symlink_to(task_files.CONF / part)
    (tmp_path / "task").mkdir()
    for path in (task_files.CONF / "task").glob("*.yaml"):
        (tmp_path / "task" / path.name).symlink_to(path)
    (tmp_path / "task" / "jokes.yaml").write_text(
        'dataset: {name: puns}\nprompt: "{{ text }}"\nanswer: "{{ label }}"\nmetric: accuracy\nlabels: [a, b]\n'
    )
    monkeypatch.setattr(task_files, "CONF", tmp_path)


@pytest.mark.parametrize("role", ["source=goat,jokes", "source=[goat,jokes]", "target=jokes"])
def test_it_is_refused_before_anything_starts(puns: None, role: str):
    with pytest.raises(UserError, match=MESSAGE):
        check_named_tasks([role])
    for fine in (["data=hub"], ["data=local"], ["data.kind=hub"]):
        check_named_tasks([role, *fine])


def test_it_is_refused_with_the_config_of_a_job_as_well():
    cfg = composed("target=imdb")
    OmegaConf.update(cfg, "target.imdb.dataset.name", "puns")
    with pytest.raises(UserError, match=r"^task imdb: data=miniature has no generator for the data set puns"):
        checked_job(cfg, trains=True)
    OmegaConf.update(cfg, "data.kind", "hub")
    assert checked_job(cfg, trains=True) == parse(cfg, TrainConfig)


def test_every_file_of_a_suite_is_read_as_hydra_reads_it():
    assert suite_file("paper").sources == tuple(PAPER_SOURCES)
    assert set(suite_file("paper").tasks) == {"gsm8k", *PAPER_SOURCES}
