"""A task is one file; its mistakes stop only what uses it, and come all at once; its texts are literal."""

import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from crosstask.commands.overrides import check_overrides, with_literal_tasks
from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.config.parsing import parse
from crosstask.config.task import Role
from crosstask.errors import UserError
from crosstask.evaluation.scorers.registry import target_mistakes
from tests.config.test_config import composed

TASK = """
dataset: {name: jokes}
prompt: "{{ text }}"
answer: "{{ label }}"
metric: accuracy
labels: [a, b]
"""
CONF = task_files.CONF


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of task files, with those that there are."""
    shutil.copytree(CONF / "task", tmp_path / "task")
    monkeypatch.setattr(task_files, "CONF", tmp_path)
    return tmp_path / "task"


def job(*names: str, **fields: Any) -> TrainConfig:
    """A job whose targets are tasks by their files."""
    contents = {name: task_files.escaped(task_files.task_files()[name]) for name in names}
    base = OmegaConf.create({"source": {"base": None}, "model": {"path": "m"}, "data": {"name": "d", "kind": "local"}})
    merged = OmegaConf.merge(OmegaConf.structured(TrainConfig), base, {"target": contents}, fields)
    return parse(merged, TrainConfig, target_mistakes)


def refused(*names: str, **fields: Any) -> str:
    """The message about such a job."""
    with pytest.raises(UserError) as caught:
        job(*names, **fields)
    assert "\n" not in str(caught.value)
    return str(caught.value)


DATA = {"data": {"root": "somewhere"}}


def test_one_yaml_file_makes_a_task(folder: Path):
    (folder / "jokes.yaml").write_text(TASK)
    assert job("jokes", **DATA).target["jokes"].labels == ["a", "b"]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{inner}'] * 10)}]" for inner, name in pairwise("abcde")
)


@pytest.mark.parametrize(
    ("lost", "replacement", "message"),
    [
        ('prompt: "{{ text }}"', "", "the field 'prompt' has no value"),
        ("dataset: {name: jokes}", "", "the field 'dataset.name' has no value"),
        ("labels: [a, b]", "labels: [a, a, b]", "labels: 'a' comes twice"),
        ("labels: [a, b]", "labels: [a, '']", "labels: an empty label"),
        ("[a, b]", "[yes, 'no']", "line 6: labels: YAML reads 'yes' as another value; in quotes it is a label"),
        ("[a, b]", "[a, null]", "line 6: labels: YAML reads 'null' as another value; in quotes it is a label"),
        ("[a, b]", "[010, 8]", "line 6: labels: YAML reads '010' as another value; in quotes it is a label"),
        ("{{ text }}", "{{ text", "prompt: line 1: unexpected end of template"),
        ("{{ label }}", "{{ label | uper }}", "answer: line 1: No filter named 'uper'"),
        ("labels:", "home: gms8k\nlabels:", "home: 'gms8k' is no target; one of ag_news, "),
        ("labels:", "roles: []\nlabels:", "roles=[]: has at least one of source, target"),
        ("labels:", "max_new_tokens: 0\nlabels:", "max_new_tokens=0: must be at least 1"),
        ("labels:", "metric: chrf\nlabels:", "line 6: the key 'metric' comes twice"),
        ("accuracy", "acuracy", "metric=acuracy: no such metric; a target has one of accuracy, exact_match"),
        ("{{ text }}", "Yes or no?", "prompt: 'Yes or no?' takes nothing from a row, so every row would ask the same"),
        ("{name: jokes}", "{name: ../jokes}", "dataset.name: '../jokes' is no folder in data.root"),
        ("{name: jokes}", "{name: a/../../jokes}", "dataset.name: 'a/../../jokes' is no folder in data.root"),
        ("{name: jokes}", "{name: /etc}", "dataset.name: '/etc' is no folder in data.root"),
        (
            "labels:",
            "extraction: {strict: '(a)', lenient: '(a)'}\nlabels:",
            "the field 'extraction' has a value, and metric accuracy reads labels; leave one of both out",
        ),
        ("labels:", "extraction: {strict: '(', lenient: '(a)'}\nlabels:", "extraction.strict: '(' is no regular expr"),
        (
            "labels:",
            "extraction: {strict: a, lenient: '(a)(b)'}\nlabels:",
            "extraction.lenient: '(a)(b)' is no regular",
        ),
        (
            "labels:",
            "extraction: {strict: '[[:digit:]]', lenient: a}\nlabels:",
            "extraction.strict: '[[:digit:]]' is no",
        ),
    ],
)
def test_a_mistake_in_a_task_file_is_named(folder: Path, lost: str, replacement: str, message: str):
    assert lost in TASK
    (folder / "jokes.yaml").write_text(TASK.replace(lost, replacement))
    assert refused("jokes").startswith(f"conf/task/jokes.yaml: {message}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prompt: [", r"jokes\.yaml: line \d+: not YAML"),
        ("just words", r"jokes\.yaml: a task file is a mapping"),
        ("promt: x", r"conf/task/jokes\.yaml: no field 'promt'; a task has dataset, prompt, answer, "),
        ("decide: rawest", r"jokes\.yaml: decide: Invalid value 'rawest', expected one of \[raw, per_token"),
        ("dataset: {nmae: x}", r"jokes\.yaml: dataset\.nmae: Key 'nmae' not in 'DataSet'; name, .*are its"),
        (
            "extraction: {strikt: x}",
            r"extraction\.strikt: Key 'strikt' not in 'AnswerExtraction'; strict, .*are",
        ),
        (f"{BOMB}\nlabels: *e", r"jokes\.yaml: more than 10000 values, repeated by anchors \(&\) and aliases \(\*\)"),
        ("labels: &a [*a]", r"jokes\.yaml: more than 10000 values, repeated by anchors"),
        ("extends: nothing", r"jokes\.yaml: extends: 'nothing' is not one of ag_news, "),
        ("extends: jokes", r"jokes\.yaml: extends: 'jokes' is not one of ag_news, "),
    ],
)
def test_a_file_that_is_no_task_is_named_and_stops_no_other(folder: Path, text: str, message: str):
    (folder / "jokes.yaml").write_text(text)
    assert {"jokes", "imdb"} <= set(task_files.options(Role.target))
    assert job("imdb", **DATA).target["imdb"].metric == "accuracy"
    with pytest.raises(UserError, match=message):
        job("imdb", "jokes")


def test_no_task_has_the_name_of_the_base_model(folder: Path):
    (folder / "base.yaml").write_text(TASK)
    with pytest.raises(UserError, match=r"^conf/task/base\.yaml: base is the model without fine-tuning"):
        task_files.register({})


def test_all_mistakes_of_all_tasks_come_at_once(folder: Path):
    (folder / "jokes.yaml").write_text("promt: x\nlabels: [a, a, no]\nhome: nowhere\nmetric: acuracy\ndecide: rawest\n")
    (folder / "puns.yaml").write_text("extends: jokes\ndataset: {name: puns}\n")
    message = refused("jokes", "puns")
    for part in ("no field 'promt'", "'a' comes twice", "reads 'no' as another", "'nowhere' is no target"):
        assert part in message
    for part in ("metric=acuracy: no such metric", "decide: Invalid value", "the field 'prompt' has no value"):
        assert part in message
    assert "conf/task/puns.yaml: extends jokes: " in message


def test_numbers_that_are_written_as_their_text_are_labels_without_quotes(folder: Path):
    (folder / "jokes.yaml").write_text(TASK.replace("[a, b]", "[0, 1]"))
    assert job("jokes", **DATA).target["jokes"].labels == ["0", "1"]


@pytest.mark.parametrize(
    "text",
    [
        "It costs ${price}.",
        "${oc.env:HOME}",
        "a ${ b",
        r"LaTeX \${x} and \\${y}",
        "$ { } ${} $${a}",
        "C:\\",
        "${a${b}}",
        "'${x}\"",
    ],
)
def test_texts_of_task_files_are_literal(folder: Path, text: str):
    fields = {"dataset": {"name": "jokes"}, "answer": "{{ label }}", "metric": "accuracy"}
    (folder / "jokes.yaml").write_text(yaml.safe_dump({**fields, "prompt": text + "{{ x }}", "labels": ["a", text]}))
    task = parse(chosen("jokes"), TrainConfig).target["jokes"]
    assert (task.prompt, task.labels) == (text + "{{ x }}", ["a", text])


@pytest.mark.parametrize("text", ["It costs ${price}.", "${oc.env:HOME}", "a ${ b", "${seed}"])
def test_texts_on_the_command_line_are_literal(text: str):
    written = with_literal_tasks([f"++target.imdb.prompt='{text}'", f"++target.imdb.labels=['{text}',b]"])
    check_overrides(written, TrainConfig)
    task = parse(composed("target=imdb", *written), TrainConfig).target["imdb"]
    assert (task.prompt, task.labels) == (text, [text, "b"])


def test_a_text_that_hydra_took_as_an_interpolation_is_literal_all_the_same():
    cfg = composed("target=imdb", "++target.imdb.prompt=${oc.env:HOME}", "seed=3", "data.train_seed=${seed}")
    found = parse(cfg, TrainConfig)
    assert (found.target["imdb"].prompt, found.data.train_seed) == ("${oc.env:HOME}", 3)


def test_a_task_with_mistakes_is_an_option_whose_mistakes_are_the_error(folder: Path):
    (folder / "jokes.yaml").write_text("dataset: {name: jokes}\nprompt: 7\nlabels: {a: b}\nanswer: x\nmetric: chrf\n")
    assert "jokes" in task_files.options(Role.target)
    with pytest.raises(UserError, match=r"conf/task/jokes\.yaml: labels: Cannot merge DictConfig with ListConfig"):
        parse(chosen("jokes"), TrainConfig)
    assert parse(chosen("imdb"), TrainConfig).target["imdb"].labels == ["0", "1"]


def chosen(name: str) -> Any:
    """The composed config of a job that is scored on a task, as the command line makes it."""
    task_files.register(SCHEMAS)
    with initialize_config_dir(str(CONF), version_base="1.3"):
        return compose("train", overrides=[f"target={name}"])
