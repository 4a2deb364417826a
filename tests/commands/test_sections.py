"""Every section keeps what a section promises, and the config of an analysis is put together from their options."""

import dataclasses
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest
from omegaconf import OmegaConf

from crosstask.commands.analyze import made_sections
from crosstask.commands.sections import OPTIONS, SECTIONS, Analysis, AnalyzeConfig
from crosstask.config.analysis import Page, Reference, Runs, RunsKind
from crosstask.config.task_files import CONF
from crosstask.errors import UserError

MADE = made_sections(Analysis())


def test_no_two_sections_write_the_same_file():
    tables = [schema.name for section in MADE.values() for schema in section.tables]
    figures = [name for section in MADE.values() for name in section.figures]
    assert len(set(tables)) == len(tables)
    assert len(set(figures)) == len(figures)
    assert list(MADE) == list(SECTIONS)


def test_every_section_says_what_it_is_called_and_how_it_was_done():
    titles = [section.title for section in MADE.values()]
    assert len(set(titles)) == len(titles)
    for section in MADE.values():
        assert section.method.endswith(".")
        assert 40 < len(section.method) < 200
        assert "  " not in section.method


def test_a_comparison_needs_the_page_that_shows_it():
    with pytest.raises(UserError, match=r"^report\.compare=before: shown in report\.html, which report\.html=false"):
        AnalyzeConfig(report=Page(html=False, compare="before"))


@pytest.mark.parametrize("section", SECTIONS)
def test_options_are_a_dataclass_of_the_sections_own(section: str):
    assert dataclasses.is_dataclass(OPTIONS[section])
    assert OPTIONS[section].__module__ == f"crosstask.analysis.{section}.options"
    assert MADE[section].options == OPTIONS[section]()


def test_the_file_in_conf_names_every_option_at_its_default():
    written = OmegaConf.load(CONF / "analysis" / "default.yaml")
    defaults = OmegaConf.to_container(OmegaConf.structured(Analysis), enum_to_str=True)
    assert OmegaConf.to_container(written) == defaults | {"order": list(written.order)}


def test_options_import_nothing_heavy():
    code = "import sys; from crosstask.commands.sections import AnalyzeConfig; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in found.stdout.split()}
    assert "omegaconf" in loaded
    assert not loaded & {"pandas", "numpy", "matplotlib", "scipy", "torch"}


@pytest.mark.parametrize("section", SECTIONS)
def test_options_come_from_the_standard_library_and_limits_alone(section: str):
    module = import_module(f"crosstask.analysis.{section}.options")
    foreign = {
        value.__module__
        for value in vars(module).values()
        if hasattr(value, "__module__") and value.__module__.partition(".")[0] not in sys.stdlib_module_names
    }
    assert foreign <= {module.__name__, "crosstask.limits"}


def test_a_table_without_a_path_and_rows_that_do_not_begin_with_the_source_are_refused():
    with pytest.raises(UserError, match=r"^runs\.path has no value"):
        AnalyzeConfig(runs=Runs(kind=RunsKind.table))
    with pytest.raises(UserError, match=r"^analysis\.rows=\[seed\]: the first is source$"):
        AnalyzeConfig(analysis=Analysis(rows=["seed"]))


@pytest.mark.parametrize(
    ("kind", "path", "says"),
    [
        (RunsKind.table, ".", r"^runs\.path=\.: a folder; runs\.path is a file; runs=table reads"),
        (RunsKind.lm_eval, __file__, r": a file; runs\.path is a folder; runs=lm_eval reads the folder"),
        (RunsKind.inspect, __file__, r": a file; runs\.path is a folder; runs=inspect reads a folder of \.eval logs"),
        (RunsKind.inspect, None, r"^runs\.path has no value; runs=inspect reads"),
    ],
)
def test_a_path_of_the_wrong_kind_is_refused(kind: RunsKind, path: str | None, says: str):
    with pytest.raises(UserError, match=says):
        AnalyzeConfig(runs=Runs(kind=kind, path=path))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"runs": {"source": "imdb"}}, r"^runs\.source=imdb: is not for runs=lm_eval; every log in the folder counts"),
        ({"runs": {"seed": 1}}, r"^runs\.seed=1: is not for runs=lm_eval; runs\.sources=\{model: source\}"),
        ({"runs": {"sheet": "a"}}, r"^runs\.sheet=a: only runs=table has it, not runs=lm_eval$"),
        ({"runs": {"metric": ["acc"]}}, r"^runs\.metric=\['acc'\]: must be text, or \{task: text\}$"),
        ({"runs": {"metric": {"imdb": 1}}}, r"^runs\.metric=\{'imdb': 1\}: must be \{task: metric\}, both text$"),
        ({"runs": {"sources": "imdb"}}, r"^runs\.sources=imdb: must be \{model: source\}, both text$"),
        ({"analysis": {"rows": ["source", "model"]}}, r"^analysis\.rows: logs of other tools do not tell model"),
        (
            {"analysis": {"reference": Reference.few_shot}},
            r"^analysis\.reference=few_shot: logs of other tools have no",
        ),
    ],
)
def test_what_logs_of_other_tools_do_not_tell_is_refused(given: dict[str, dict[str, Any]], says: str):
    runs = Runs(kind=RunsKind.lm_eval, path=".", **given.get("runs", {}))
    with pytest.raises(UserError, match=says):
        AnalyzeConfig(runs=runs, analysis=Analysis(**given.get("analysis", {})))


def test_what_is_of_logs_is_refused_of_a_table():
    with pytest.raises(
        UserError, match=r"^runs\.filter=x: only runs=lm_eval and runs=inspect have it, not runs=table$"
    ):
        AnalyzeConfig(runs=Runs(kind=RunsKind.table, path="scores.csv", filter="x"))
    with pytest.raises(UserError, match=r"^runs\.metric=3: must be text$"):
        AnalyzeConfig(runs=Runs(kind=RunsKind.table, path="scores.csv", metric=3))


@pytest.mark.parametrize(
    ("given", "instead"),
    [
        ({"source": "imdb"}, "runs.source=imdb: is not for runs=table; leave the lines of other sources out"),
        ({"seed": 0}, "runs.seed=0: is not for runs=table; leave the lines of other seeds out"),
        ({"model": "m"}, "runs.model=m: is not for runs=table; .* analysis.rows=.source,model. keeps them apart"),
        ({"data": "d"}, "runs.data=d: is not for runs=table; .* analysis.rows=.source,data. keeps them apart"),
        ({"group": "g"}, "runs.group=g: is not for runs=table; leave the lines of other groups out"),
    ],
)
def test_what_chooses_among_runs_is_refused_of_a_table(given: dict[str, Any], instead: str):
    with pytest.raises(UserError, match=instead):
        AnalyzeConfig(runs=Runs(kind=RunsKind.table, path="scores.csv", **given))
