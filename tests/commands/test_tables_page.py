"""Every example of docs/tables.md is read as the page says; pages name every option of results made elsewhere."""

import re
import shlex
from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from crosstask.commands.schemas import SCHEMAS
from crosstask.commands.sections import AnalyzeConfig
from crosstask.config import task_files
from crosstask.config.analysis import ONLY_OF, RunsKind
from crosstask.config.parsing import parse
from crosstask.runs.score_tables.reading import ScoreTable, read_score_table

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "tables.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^`(\w+\.[ct]sv)`.*?:\n\n```\w*\n(.*?)```\n\n```\n(python.*?)```", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (name, table, command) for name, table, commands in EXAMPLE.findall(PAGE) for command in commands.splitlines()
]
SCORES = {
    "long.csv": ("imdb", "rte", 0, 0.58),
    "headers.tsv": ("imdb", "rte", None, 0.58),
    "wide.csv": ("mnli-tuned", "rte", None, 61.0),
    "numbers.csv": ("imdb", "copa", None, 0.54),
    "metrics.csv": ("base", "books", None, {"acc": 0.28, "perplexity": 30.2}),
    "units.csv": ("imdb", "stsb", None, -0.05),
}
"""A score of each, by hand."""


def read(command: str) -> ScoreTable:
    """What a command of the page reads."""
    task_files.register(SCHEMAS)
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        config = parse(compose("analyze", shlex.split(command)[2:]), AnalyzeConfig)
    return read_score_table(config.runs)


def test_every_table_of_the_page_has_a_command():
    assert {name for name, _, _ in EXAMPLES} == set(SCORES)


@pytest.mark.parametrize(("name", "table", "command"), EXAMPLES, ids=[command for _, _, command in EXAMPLES])
def test_an_example_is_read(name, table, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(table, encoding="utf-8")
    found = read(command)
    source, target, seed, score = SCORES[name]
    rows = found.scores[(found.scores["source"] == source) & (found.scores["target"] == target)]
    (row,) = rows[rows["seed"].isna() if seed is None else rows["seed"] == seed].to_dict("records")
    assert row["score"] == (score[row["metric"]] if isinstance(score, dict) else score)
    assert (found.scores["source"] == "base").any()


def test_the_page_names_every_option_of_tables():
    assert not [name for name, kinds in ONLY_OF.items() if RunsKind.table in kinds and f"runs.{name}" not in PAGE]


def test_the_page_of_logs_names_every_option_of_these():
    page = (ROOT / "docs" / "results_elsewhere.md").read_text(encoding="utf-8")
    assert not [name for name, kinds in ONLY_OF.items() if RunsKind.lm_eval in kinds and f"runs.{name}" not in page]
