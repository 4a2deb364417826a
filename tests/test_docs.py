"""What README.md and docs/ say of the repository is there: pages, anchors, files, commands, options, packages."""

import dataclasses
import re
import shlex
import typing
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from crosstask.commands.overrides import check_overrides, group_options
from crosstask.commands.sections import AnalyzeConfig
from crosstask.config.job import TrainConfig
from crosstask.config.status import StatusConfig
from crosstask.config.task_files import task_files
from crosstask.errors import UserError
from tests.test_layers import ORDER

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "benchmarks" / "RESULTS.md", *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED = [ROOT / "docs" / "configuration.md", ROOT / "docs" / "outputs.md"]
"""Tests of their own compare them with the schemas that they are made of."""
SCHEMAS = {"train": TrainConfig, "evaluate": TrainConfig, "analyze": AnalyzeConfig, "status": StatusConfig}
FOREIGN = {"dtype", "train_sampling_strategy"}
"""Settings of lm-evaluation-harness and TRL, which docs/trust.md names."""
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PATH = re.compile(r"(?<![\w/.-])(?:(?:src|conf|docs|tests|benchmarks|oracle)/[\w./<>{},*-]*|requirements[\w-]*\.txt)")
SETTING = re.compile(r"[a-z_]+(\.[a-z_]+)*=")
FILES = ("json", "yaml")
"""What names of files end in that begin like a group of keys, such as adapter.json."""
KEY = re.compile(r"[a-z_]+(\.[a-z_0-9]+)+")


def page_id(page: Path) -> str:
    """Path of a page within the repository."""
    return str(page.relative_to(ROOT))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page: of equal ones the later have a number."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found


def broken_links(text: str, page: Path) -> list[str]:
    """Relative links of a page whose file or anchor is not there."""
    broken = []
    for link in LINK.findall(FENCED.sub("", text)):
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if link.startswith(("http://", "https://")):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target.read_text() if name else text)):
            broken.append(link)
    return broken


def missing_files(text: str) -> list[str]:
    """Paths that a page names and that are not in the repository; of one with a placeholder, what precedes it."""
    named = [path.rstrip(".,") for path in PATH.findall(text)]
    return [path for path in named if not (ROOT / re.split(r"[<{*]", path)[0]).exists()]


def spans(text: str) -> Iterator[str]:
    """The lines of a page's code blocks, continued ones joined, and its code within lines."""
    for block in FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from (" ".join(code.split()) for code in re.findall(r"`([^`]+)`", FENCED.sub("", text)))


def wrong_settings(text: str) -> list[str]:
    """What is wrong with the commands, settings and keys that a page shows."""
    return [mistake for span in spans(text) for mistake in _wrong(span)]


def _wrong(span: str) -> list[str]:
    """What is wrong with one piece of code, if it is a command, the name of a key, or nothing but settings."""
    if command := re.match(r"python (\w+)\.py\b(.*)", span):
        return _wrong_command(command[1], shlex.split(command[2], comments=True))
    if KEY.fullmatch(span):
        return [] if _known(span) or not _names_a_group(span) else [f"{span}: no such key"]
    if "=" in span and "(" not in span.replace("glob(", ""):
        words = shlex.split(span)
        return [mistake for word in words for mistake in _wrong_setting(word)] if all(map(SETTING.match, words)) else []
    return []


def _wrong_command(script: str, arguments: list[str]) -> list[str]:
    """What is wrong with the command line of a script."""
    if script not in SCHEMAS or not (ROOT / f"{script}.py").is_file():
        return [f"{script}.py: no such script"]
    schema = SCHEMAS[script]
    if "--help" in arguments:
        known = {"--help", *_fields(schema), *group_options(schema)}
        return [f"--help {name}: no such group" for name in arguments if name not in known]
    return _refused([argument for argument in arguments if argument != "-m"], schema)


def _wrong_setting(word: str) -> list[str]:
    """What is wrong with ``key=value`` or ``key=``, which one of the scripts must take."""
    key, _, value = word.partition("=")
    if key in FOREIGN:
        return []
    if value:
        first = key.split(".")[0]
        knowing = [schema for schema in SCHEMAS.values() if first in _fields(schema) or first in group_options(schema)]
        return min((_refused([word], schema) for schema in knowing or SCHEMAS.values()), key=len)
    return [] if _known(key) else [f"{word}: no such key or group"]


def _refused(overrides: list[str], schema: type) -> list[str]:
    """Why a script would refuse these overrides; nothing if it takes them. Folders of adapters need not be there."""
    names = [one for one in overrides if not re.match(r"adapter=[^,]*/", one)]
    try:
        check_overrides(names, schema)
    except UserError as error:
        return [str(error)]
    return []


def _known(key: str) -> bool:
    """Whether one of the scripts has this key or group."""
    return any(_has(schema, key) or key in group_options(schema) for schema in SCHEMAS.values())


def _names_a_group(key: str) -> bool:
    """Whether a dotted name begins with a group of keys, so that it is one and not the name of a file."""
    first, _, last = key.partition(".")
    return last not in FILES and any(_fields(_fields(schema).get(first)) for schema in SCHEMAS.values())


def _fields(schema: object) -> dict[str, object]:
    """Names and types of the fields of a dataclass; none of anything else."""
    return typing.get_type_hints(schema) if dataclasses.is_dataclass(schema) else {}


def _has(schema: object, key: str) -> bool:
    """Whether a schema has a dotted key."""
    name, _, rest = key.partition(".")
    fields = _fields(schema)
    return name in fields and (not rest or _has(fields[name], rest))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(page: Path):
    broken = broken_links(page.read_text(), page)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_file_that_a_page_names_is_there(page: Path):
    missing = missing_files(page.read_text())
    assert missing == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in GENERATED], ids=page_id)
def test_every_command_and_setting_that_a_page_shows_is_known(page: Path):
    wrong = wrong_settings(page.read_text())
    assert wrong == []


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page not in reached and page.suffix == ".md" and page.is_file():
            reached.add(page)
            waiting += [page.parent / link.partition("#")[0] for link in LINK.findall(page.read_text())]
    assert set(PAGES) <= reached


def test_the_readme_is_short():
    lines = (ROOT / "README.md").read_text().splitlines()
    assert len(lines) <= 120
    assert not [line for line in lines if len(line) > 120 and not line.startswith("|") and "](" not in line]


def test_the_page_about_the_architecture_has_the_packages_in_their_order():
    block = FENCED.findall((ROOT / "docs" / "architecture.md").read_text())[0]
    lines = [re.split(r" {2,}", line)[:-1] for line in block.splitlines()]
    assert [set(line) for line in lines] == [set(names) for names in ORDER]


def test_the_task_file_that_is_shown_is_a_task(tmp_path: Path):
    block, suite, choice = FENCED.findall((ROOT / "docs" / "tasks.md").read_text())
    content = yaml.safe_load(suite)
    assert set(content["defaults"][0]["/target"]) <= set(task_files())
    assert set(content["suite"]["sources"]) <= set(task_files())
    (tmp_path / "ag_news.yaml").write_text(block)
    assert task_files(tmp_path)["ag_news"]["labels"] == ["0", "1", "2", "3"]
    assert yaml.safe_load(choice).items() <= task_files()["arc_challenge"].items()


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        ("[here](docs/tasks.md#closed-tasks) [there](#words)\n# Words", []),
        ("[here](docs/nowhere.md)", ["docs/nowhere.md"]),
        ("[here](docs/tasks.md#nothing)", ["docs/tasks.md#nothing"]),
        ("[there](#words)\n```\n# Words\n```", ["#words"]),
    ],
)
def test_links_that_lead_nowhere_are_noticed(text: str, mistakes: list[str]):
    assert broken_links(text, ROOT / "README.md") == mistakes


def test_files_that_are_not_there_are_noticed():
    assert missing_files("`conf/task/<name>.yaml`, tests/test_docs.py, src/crosstask/errors.py.") == []
    assert missing_files("`conf/tsk/<name>.yaml`, src/crosstask/error.py") == [
        "conf/tsk/<name>.yaml",
        "src/crosstask/error.py",
    ]


@pytest.mark.parametrize(
    "right",
    [
        "```\npython train.py -m 'source=glob(*)' seed=0,1 \\\n    lora.rank=4  # a comment\n```",
        "`python train.py --help lora`, `launcher=`, `'target=[gsm8k,imdb]' data=hub`, `dtype=auto`, `runs.seed`",
        "`f(x, seed=5)`, `sweep.json`, `HF_HUB_OFFLINE=1`",
    ],
)
def test_settings_that_are_known_are_let_through(right: str):
    assert wrong_settings(right) == []


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ("```\npython train.py 'source=glob(*)' \\\n    lora.rnak=4\n```", "lora.rnak"),
        ("```\npython train.py runs.seed=1\n```", "runs"),
        ("`python tune.py source=goat`", "tune"),
        ("`python train.py --help laura`", "laura"),
        ("`source=goat lora.rnak=4`", "lora.rnak"),
        ("`launcher=pbs`", "pbs"),
        ("`launcer=`", "launcer"),
        ("`trainer.helt_out`", "helt_out"),
    ],
)
def test_settings_that_are_not_known_are_noticed(wrong: str, named: str):
    (mistake,) = wrong_settings(wrong)
    assert named in mistake
