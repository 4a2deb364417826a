"""Patterns mean what they mean in Python, and end in time."""

import re

import pytest

from crosstask.config import task_files
from crosstask.config.patterns import compiled, last_match

TEXTS = [
    "#### -1,024.5",
    "x{e} xe x x{}",
    "\x08oxed{5} \\boxed{5}",
    "aa aaa AaB",
    "12 R 3",
    " $7 ",
    "[:a:]",
    "café_1 ٣",
]
PATTERNS = [
    *(
        task["extraction"][way]
        for task in task_files.task_files().values()
        if "extraction" in task
        for way in ("strict", "lenient")
    ),
    "x{e}",
    "x{}",
    "x{,2}",
    "a{2}",
    r"\boxed{(\d+)}",
    r"\\boxed\{(\d+)\}",
    r"(?i)(a+)b",
    r"[{e}]+",
    r"\N{LATIN SMALL LETTER A}",
    r"(?m)^(\S+)$",
    r"(?<=\s)(\d)(?!\d)",
    r"(a)++",
    r"(é\w*)",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_matches_what_it_matches_in_python(pattern: str):
    for text in TEXTS:
        expected = [match.span() for match in re.finditer(pattern, text)]
        assert [match.span() for match in compiled(pattern).finditer(text)] == expected
        last = last_match(pattern, text)
        assert (last.span() if last else None) == (expected[-1] if expected else None)


@pytest.mark.parametrize(
    "pattern", ["(a", "*", r"\p{L}", "[[:alpha:]]", "(a)(b)", "(?R)", "a(?i)b", "(?P<a>x)(?P<a>y)"]
)
def test_what_is_no_pattern_of_pythons_is_refused(pattern: str):
    with pytest.raises(ValueError, match=r"\w"):
        compiled(pattern)


def test_a_match_ends_in_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crosstask.config.patterns.SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        last_match("(a|aa)+$", "a" * 80 + "!")
