"""The task files there are: what all of them say, and the suites that list all, or the open ones, of them."""

from typing import Any

import pytest
import yaml
from omegaconf import OmegaConf

from crosstask.commands import task_library
from crosstask.config import task_files
from crosstask.config.licenses import PERMISSIVE, SHARE_ALIKE, UNKNOWN, by_license, is_open, licenses
from crosstask.config.suites import suite_file
from crosstask.config.task import Role, Task
from crosstask.config.task_checks import row_columns, task_mistakes
from crosstask.evaluation.scorers.registry import target_mistakes
from tests.config.test_config import parsed

FOLDER = task_files.CONF / "task"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
NON_COMMERCIAL = ("CC-BY-NC-4.0", "CC-BY-NC-SA-3.0")


def own(name: str) -> dict[str, Any]:
    """What stands in a task's own file."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def task(name: str) -> Task:
    found = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Task), task_files.task_files()[name]))
    assert isinstance(found, Task)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_file_says_what_the_task_is_its_ability_its_license_and_what_was_checked(name: str):
    lines = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert not lines[1].startswith("#")
    assert {"ability", "license"} <= own(name).keys(), "in the file itself: another data set has another license"
    assert own(name)["license"] in (*PERMISSIVE, *SHARE_ALIKE, *NON_COMMERCIAL, UNKNOWN)
    assert lines[-1].startswith(task_library.CHECKED)


@pytest.mark.parametrize("name", task_files.options(Role.source))
def test_every_source_has_a_target_of_its_own(name: str):
    if name != "base":
        home = own(name).get("home", name)
        assert home in task_files.options(Role.target)
        assert own(name).get("home") != name, "which is so without a word, and would be wrong for what extends it"


@pytest.mark.parametrize("name", NAMES)
def test_every_task_has_two_other_prompts_that_take_the_same_columns_and_end_alike(name: str):
    first, others = task(name).prompt, task(name).prompts
    assert len({first, *others}) == 3
    for prompt in others:
        assert prompt.endswith("\n") == first.endswith("\n")
        assert prompt.rstrip("\n").endswith(":")
        alone = Task(prompt=prompt, answer="", options=task(name).options)
        assert set(row_columns(alone)) - {"activity_label"} == set(
            row_columns(Task(prompt=first, answer="", options=task(name).options))
        )


@pytest.mark.parametrize("name", NAMES)
def test_no_task_has_a_mistake(name: str):
    check = target_mistakes if Role.target in task(name).roles else None
    assert task_mistakes(name, task_files.task_files()[name], check) == []


def test_tasks_on_the_same_data_have_the_same_license():
    found: dict[tuple[str | None, str | None], set[str]] = {}
    for name in NAMES:
        data = task(name).dataset
        found.setdefault((data.hub, data.config), set()).add(task(name).license)
    assert len(found) < len(NAMES)
    assert all(len(stated) == 1 for stated in found.values())


def test_the_library_has_every_task_but_those_that_need_another_program_or_a_judge():
    suite = suite_file("library")
    others = {name for name in NAMES if task(name).metric in ("judge", "pass_at_1")}
    assert len(others) == 2
    assert sorted(suite.targets) == [name for name in task_files.options(Role.target) if name not in others]
    assert sorted(suite.sources) == [name for name in task_files.options(Role.source) if name != "base"]


def test_the_open_suite_has_the_tasks_of_the_library_whose_data_may_be_used_commercially():
    library, found = suite_file("library"), suite_file("open")
    assert found.targets == tuple(name for name in library.targets if is_open(task(name).license))
    assert found.sources == tuple(name for name in library.sources if is_open(task(name).license))
    assert {"gsm8k", "boolq"} <= set(found.targets)
    assert not {"imdb", "asdiv", "sick", "anli_r1", "pile"} & {*found.targets, *found.sources}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("MIT", True),
        ("CC-BY-SA-4.0", True),
        ("CC-BY-NC-4.0", False),
        ("CC-BY-NC-SA-3.0", False),
        ("unknown", False),
        ("", False),
        ("mit, or so", False),
    ],
)
def test_what_is_in_no_list_is_not_open(name: str, expected: bool):
    assert is_open(name) is expected


def test_the_licenses_of_a_job_are_those_of_its_data_sets():
    job = parsed("data=hub", "source=[mnli,goat]", "target=[mnli_words,imdb,boolq]")
    assert licenses(job) == {"mnli": "unknown", "goat": "Apache-2.0", "imdb": "unknown", "boolq": "CC-BY-SA-3.0"}
    assert by_license([licenses(job), {"gsm8k": "MIT", "goat": "Apache-2.0", "svamp": "MIT"}]) == [
        "MIT: gsm8k, svamp",
        "Apache-2.0: goat",
        "CC-BY-SA-3.0 (share-alike): boolq",
        "unknown: imdb, mnli",
    ]


def test_generated_data_are_the_miniatures_whatever_the_page_of_the_real_ones_states():
    job = parsed("source=imdb", "target=sick")
    assert licenses(job) == dict.fromkeys(("imdb", "sick"), "Apache-2.0, generated by crosstask")


def test_the_page_of_the_library_is_up_to_date():
    assert task_library.PATH.read_text(encoding="utf-8") == task_library.page(), "make docs writes it"


def test_the_page_has_every_task_three_times():
    lines = task_library.page().splitlines()
    for name in NAMES:
        assert len([line for line in lines if line.startswith(f"| `{name}` |")]) == 3
