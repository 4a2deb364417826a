"""The table of all cases in Markdown: docs/bad_inputs.md."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.bad_inputs.case import Accepted, Case, MadeAgain, Outcome, Refused, Words
from tests.bad_inputs.judge import CONTROLS, unsaid
from tests.bad_inputs.workplace import ROOT

LONGEST = 240
"""Characters of what is said of a case."""
INTRODUCTION = """# Bad inputs

<!-- Written by `python -m tests.bad_inputs --markdown docs/bad_inputs.md`. -->

What the commands say to {count} inputs, most of them wrong, some only odd: command lines, task files, data sets,
stores, tables of scores, contents of W&B, and models.

```
python -m tests.bad_inputs
```

gives every one of them to the real commands and fails unless each is refused in one line that names what is wrong,
accepted with a note, or named and made again, without a traceback, without hanging, and without a character that a
terminal would obey. `--list` lists the cases, `--kind KIND` and `--case NAME` choose, and `--fresh` runs each command
in a new process instead of a forked one.

To find out what a message of yours means, search this page for its words.
"""
HEADS = {
    Refused: "refused in one line",
    Accepted: "accepted, with a note",
    MadeAgain: "named, and made again",
}


@dataclass(frozen=True)
class Result:
    """A case and how it went."""

    case: Case
    outcome: Outcome
    mistakes: tuple[str, ...]
    folder: Path


def summary(results: Iterable[Result]) -> str:
    """How many cases of each kind went how."""
    rows = ["| kind | cases | " + " | ".join(HEADS.values()) + " | wrong |", "|---|---|---|---|---|---|"]
    results = list(results)
    kinds = list(dict.fromkeys(result.case.kind for result in results))
    for kind in [*kinds, "all"]:
        of_kind = [result for result in results if kind in (result.case.kind, "all")]
        right = [type(result.case.expected) for result in of_kind if not result.mistakes]
        counts = [len(of_kind), *(right.count(head) for head in HEADS), len(of_kind) - len(right)]
        rows.append(f"| {kind} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(rows) + "\n"


def page(results: Iterable[Result]) -> str:
    """The whole page."""
    results = list(results)
    parts = [INTRODUCTION.format(count=len(results)), summary(results)]
    for kind, of_kind in groupby(results, key=lambda result: result.case.kind):
        parts.append(f"## {kind[0].upper()}{kind[1:]}\n\n| case | what happens |\n|---|---|")
        parts[-1] += (
            "".join(f"\n| {_harmless(result.case.about)} | {_quoted(said(result))} |" for result in of_kind) + "\n"
        )
    return "\n".join(parts)


def said(result: Result) -> str:
    """What the command said, in one line without the folders of this run."""
    expected, outcome = result.case.expected, result.outcome
    if result.mistakes:
        return "**wrong**: " + "; ".join(result.mistakes)
    lines = [line.strip() for line in (outcome.errors + outcome.output).splitlines() if line.strip()]
    if isinstance(expected, Refused):
        told = [line for line in lines if line.startswith("error: ")] or _telling(lines, expected.words) or lines[-1:]
        return _placed(told[0], result.folder)
    told = _telling(lines, expected.words)
    return ("made again: " if isinstance(expected, MadeAgain) else "accepted: ") + (
        _placed(told[0], result.folder) if told else "no word"
    )


def _placed(line: str, folder: Path) -> str:
    """A line without the folders of this run and of this machine."""
    for path, name in ((folder, "FOLDER"), (folder.parent, "SHARED"), (ROOT, "REPOSITORY")):
        line = line.replace(str(path), name)
    return line


def _telling(lines: list[str], words: Words) -> list[str]:
    """The lines that have most of the words, the first one first."""
    scores = [len(words) - len(unsaid(words, line)) for line in lines]
    return [line for line, score in zip(lines, scores, strict=True) if score and score == max(scores)]


def _quoted(text: str) -> str:
    """What a command said, such that Markdown takes nothing in it for markup; long ones are cut."""
    plain = " ".join(_harmless(text, bar="|").split())
    plain = re.sub(r"conf/task/\w+\.yaml", "conf/task/<name>.yaml", plain)  # of a copy of this repository
    cut = plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 4]} ..."
    return re.sub(r"([|*_<>\\\[\]`#])", r"\\\1", cut)


def _harmless(text: str, bar: str = r"\|") -> str:
    """A text without control characters."""
    return CONTROLS.sub(lambda found: ascii(found[0])[1:-1], text).replace("|", bar)
