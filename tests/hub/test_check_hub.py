"""Tasks against a Hub through the unpatched clients: what fits, each thing that does not, and a Hub that is down."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from crosstask.commands import check_hub
from crosstask.config import task_files
from crosstask.config.task import DataSet
from crosstask.errors import UnreachableError, UserError
from crosstask.jobs import hub_check
from crosstask.jobs.hub_check import HubCheck
from tests.hub.conftest import Client, environment
from tests.support.hub.hub_server import HubServer, Repository, card, json_lines
from tests.support.hub.repositories import films, publish, publish_task

GOOD: dict[str, Any] = {
    "dataset": {"name": "films", "hub": "acme/checked"},
    "prompt": "{{ text }}\nSentiment:\n",
    "answer": "{{ ['bad', 'good'][label] }}",
    "metric": "accuracy",
    "labels": ["bad", "good"],
}


def check_in(folder: Path, name: str) -> HubCheck:
    """Check a task of another folder than conf/."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task_files, "CONF", folder)
        return hub_check.check(name)


def checked(client: Client, tmp_path: Path, **fields: Any) -> HubCheck:
    """What is found of a task that differs from the good one in some fields; those of the data set are one by one."""
    dataset = GOOD["dataset"] | fields.pop("dataset", {})
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "films.yaml").write_text(yaml.safe_dump(GOOD | fields | {"dataset": dataset}))
    return client(check_in, tmp_path, "films")


@pytest.fixture(scope="module")
def repository(hub: HubServer) -> Repository:
    """A data set of two commits; beside it one whose test labels are withheld, and one where a single row lacks it."""
    splits = {"train": films("train", 60), "test": films("test", 8)}
    withheld = [row | {"label": -1} for row in splits["test"]]
    some = [row | ({"label": -1} if number == 3 else {}) for number, row in enumerate(splits["test"])]
    publish(hub, "acme/withheld", train=splits["train"], test=withheld)
    publish(hub, "acme/some", train=splits["train"], test=some)
    found = publish(hub, "acme/checked", **splits)
    found.refs["v1"] = found.refs["main"]
    files = {f"{split}.jsonl": json_lines(rows + rows[:1]) for split, rows in splits.items()}
    found.commit(files | {"README.md": card(license="cc-by-4.0")})
    return found


@pytest.mark.parametrize("revision", [None, "v1"])
def test_a_task_that_fits(client: Client, repository: Repository, tmp_path: Path, revision: str | None):
    found = checked(client, tmp_path, dataset={"revision": revision}, license="CC-BY-4.0")
    assert (found.mistake, found.notes) == (None, ())
    assert found.commit == repository.refs[revision or "main"]
    assert found.hub_licenses == ("cc-by-4.0",)
    assert not found.license_differs


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"prompt": "{{ review }}"}, "split train, row 0: prompt: 'review' is undefined"),
        ({"prompts": ["{{ review }}"]}, "scoring.prompt=1: "),
        ({"dataset": {"test_split": "dev"}}, "(split=dev): no such split; there are train, test"),
        ({"dataset": {"validation_split": "dev"}}, "(split=dev): no such split; there are train, test"),
        ({"dataset": {"config": "de"}}, "(config=de, split=train): BuilderConfig 'de' not found"),
        ({"dataset": {"revision": "v9"}}, "data set acme/checked on the Hub (revision=v9): no such revision"),
        ({"dataset": {"hub": "acme/nothing"}}, "data set acme/nothing on the Hub: no such repository"),
        ({"dataset": {"hub": "acme/withheld"}}, "of 5 test rows none has what the task asks for"),
        ({"dataset": {"hub": "acme/some"}}, "split test, row 3: answer: "),
        (
            {"dataset": {"hub": "acme/withheld"}, "answer": "{{ label }}", "labels": ["0", "1"]},
            "the label '-1' is not",
        ),
        ({"dataset": {"filter": "label == 2"}}, "of 61 first train rows none fulfills the filter 'label == 2'"),
        ({"labels": ["bad", "great"]}, "the label 'good' is not one of 'bad', 'great'"),
        ({"metric": "nothing"}, "metric=nothing: no such metric"),
    ],
)
def test_what_does_not_fit_is_one_line(
    client: Client, repository: Repository, tmp_path: Path, fields: dict[str, Any], mistake: str
):
    found = checked(client, tmp_path, **fields)
    assert mistake in str(found.mistake)
    assert len(str(found.mistake).splitlines()) == 1


def test_rows_that_the_task_leaves_out_are_noted(client: Client, repository: Repository, tmp_path: Path):
    found = checked(client, tmp_path, dataset={"hub": "acme/some"}, incomplete_rows="drop")
    assert found.mistake is None
    assert found.notes == (
        "1 of the first 5 test rows lack what the task asks for, and incomplete_rows=drop leaves them out",
    )


def test_splits_that_a_task_does_not_use_may_lack(client: Client, repository: Repository, tmp_path: Path):
    found = checked(client, tmp_path, roles=["target"], dataset={"train_split": "none"})
    assert found.mistake is None


def test_of_one_split_the_tenth_is_looked_at_that_is_tested(client: Client, hub: HubServer, tmp_path: Path):
    rows = films("only", 60)
    rows[40]["label"] = -1  # the fifth test row
    publish(hub, "acme/divided", train=rows)
    found = checked(client, tmp_path, dataset={"hub": "acme/divided", "test_split": "train"})
    assert "split train, row 40: answer: " in str(found.mistake)


def test_a_filter_may_find_its_first_row_late(client: Client, hub: HubServer, tmp_path: Path):
    rows = films("a", 450)
    publish(hub, "acme/late", train=rows, test=rows)
    found = checked(client, tmp_path, dataset={"hub": "acme/late", "filter": "text == 'a 449'"})
    assert found.mistake is None


@pytest.mark.parametrize(
    ("tag", "stated", "differs"),
    [
        ({"license": "mit"}, "MIT", False),
        ({"license": "mit"}, "unknown", True),
        ({}, "unknown", False),
        ({}, "MIT", True),
        ({"license": ["cc-by-sa-3.0", "gpl-3.0"]}, "CC-BY-SA-3.0", True),
        ({"license": "other", "license_name": "any purpose"}, "any purpose", False),
    ],
)
def test_licenses_are_compared_as_they_are_meant(
    client: Client, hub: HubServer, tmp_path: Path, tag: dict[str, Any], stated: str, differs: bool
):
    name = f"acme/licensed-{tmp_path.name}"
    files = {"train.jsonl": json_lines(films("a", 5)), "test.jsonl": json_lines(films("b", 5))}
    hub.datasets.setdefault(name, Repository()).commit(files | {"README.md": card(pretty_name="films", **tag)})
    found = checked(client, tmp_path, dataset={"hub": name}, license=stated)
    assert found.mistake is None
    assert found.license_differs is differs


@pytest.mark.parametrize("status", [429, 503])
def test_a_hub_that_puts_off_is_as_one_that_is_down(client: Client, hub: HubServer, tmp_path: Path, status: int):
    publish(hub, "acme/busy", train=films("a", 5)).status = status
    started = time.monotonic()
    with pytest.raises(UnreachableError, match=rf"^the Hub \({hub.url}\) cannot be reached: .*{status}"):
        checked(client, tmp_path, dataset={"hub": "acme/busy"})
    assert time.monotonic() - started < 5


def test_an_error_of_the_hub_with_one_data_set_is_that_of_its_task(client: Client, hub: HubServer, tmp_path: Path):
    publish(hub, "acme/damaged", train=films("a", 5)).status = 500
    assert "acme/damaged on the Hub: " in str(checked(client, tmp_path, dataset={"hub": "acme/damaged"}).mistake)


def run(hub: HubServer, home: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "crosstask.commands.check_hub", *names]
    return subprocess.run(
        command, cwd=home, env=environment(hub, home), capture_output=True, text=True, check=False, timeout=120
    )


@pytest.mark.slow
def test_the_command_prints_tasks_pins_and_licenses(hub: HubServer, tmp_path: Path):
    rows = [{"sentence1": f"a {i}", "sentence2": f"b {i}", "label": i % 2} for i in range(9)]
    rte = DataSet(name="rte", hub="nyu-mll/glue", config="rte", test_split="validation")
    publish_task(hub, rte, ["entailment", "not_entailment"], {"train": rows, "validation": rows})
    publish(hub, "stanfordnlp/sst2", train=[{"sentence": "a", "label": 1}])
    glue, sst2 = (hub.datasets[name].refs["main"] for name in ("nyu-mll/glue", "stanfordnlp/sst2"))
    ended = run(hub, tmp_path, "rte", "sst2", "rte")
    ok, wrong, *rest = ended.stdout.splitlines()
    assert ok == "rte: ok"
    assert wrong.startswith("sst2: data set stanfordnlp/sst2 on the Hub (split=validation): no such split")
    assert rest == [
        "",
        "# what the revisions stand for now, for `dataset` in the task files",
        f"revision: {glue}  # rte",
        f"revision: {sst2}  # sst2 (does not fit)",
    ]
    assert ended.stderr.splitlines()[-1] == "error: 1 of 2 tasks do not fit the Hub: sst2"
    assert ended.returncode == 1
    alone = run(hub, tmp_path, "rte")
    assert (alone.returncode, alone.stdout.splitlines()[0]) == (0, "rte: ok")


def test_a_hub_that_is_down_is_one_line_at_once(tmp_path: Path):
    with HubServer().running() as stopped:
        pass
    started = time.monotonic()
    ended = run(stopped, tmp_path)
    assert time.monotonic() - started < 15
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"error: the Hub ({stopped.url}) cannot be reached: ")


def test_a_task_that_there_is_not_is_refused(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(UserError, match="task 'rtee': no such file in conf/task .did you mean 'rte'"):
        check_hub.main(["rtee"])
    assert not capsys.readouterr().out


def test_licenses_that_differ_are_a_table(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    found = HubCheck("rte", commit="c" * 40, license="unknown", hub_licenses=("cc-by-4.0",))
    others = {"rte": found, "sst2": replace(found, task="sst2", license="CC-BY-4.0")}
    monkeypatch.setattr(check_hub, "check", others.__getitem__)
    check_hub.main(["rte", "sst2"])
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "| task | task file | the Hub's card |",
        "|---|---|---|",
        "| rte | unknown | cc-by-4.0 |",
    ]
