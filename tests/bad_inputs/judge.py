"""Whether a command ended as a case says: by its exit status, what it printed and the files that it left.

The judge knows nothing of the code that it judges.
"""

import re

from tests.bad_inputs.case import Accepted, Case, MadeAgain, Outcome, Refused, Words

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What a terminal would obey: all control characters but the tab and the line break, changes of writing direction."""
WARNING = re.compile(r"\b[A-Z]\w*Warning: ")
"""How Python prints a warning, which is of no use to whoever runs a command."""
LONGEST = 1200
"""Characters of an error that a person may still read."""
RESULTS = ("*/scores.csv", "*/matrix.csv", "*/gains_long.csv")


def mistakes(case: Case, outcome: Outcome) -> list[str]:
    """What is wrong with an outcome; nothing if it is the expected one."""
    if outcome.status is None:
        return [f"hangs: killed after {case.limit:g} s"]
    found = []
    if "Traceback (most recent call last)" in outcome.text:
        found.append("a traceback")
    if warned := WARNING.search(outcome.text):
        found.append(f"a warning of Python, {warned[0]!r}")
    if raw := CONTROLS.search(outcome.text):
        found.append(f"a raw control character {raw[0]!a}")
    found += _refused(case.expected, outcome) if isinstance(case.expected, Refused) else []
    found += _accepted(case.expected, outcome) if isinstance(case.expected, Accepted) else []
    return found


def _refused(expected: Refused, outcome: Outcome) -> list[str]:
    """What is wrong with an error."""
    if outcome.status == 0:
        return ["accepted, where it should be refused"]
    found = [] if outcome.status == expected.status else [f"exit status {outcome.status}, not {expected.status}"]
    found += _too_long(outcome, expected.lines)
    said = outcome.errors if expected.lines == 1 else outcome.text
    if expected.lines == 1 and expected.status in (1, 2) and not said.startswith("error: "):
        found.append("the message does not begin with 'error: '")
    if expected.lines == 1 and len(said) > LONGEST:
        found.append(f"a message of {len(said)} characters")
    found += [f"says nothing of {_named(words)}" for words in unsaid(expected.words, said)]
    left = [path.name for pattern in RESULTS for path in outcome.folder.glob(pattern)]
    return found + [f"leaves {name}" for name in left]


def _accepted(expected: Accepted, outcome: Outcome) -> list[str]:
    """What is wrong with the outcome of a command that should do its work."""
    found = [f"exit status {outcome.status}, not 0"] if outcome.status else []
    found += _too_long(outcome, expected.lines)
    found += [f"says nothing of {_named(words)}" for words in unsaid(expected.words, outcome.text)]
    found += [f"says {word!r}" for word in expected.without if word in outcome.text]
    if isinstance(expected, MadeAgain) and not expected.words:
        found.append("the case does not say what must be named")
    for pattern, text in expected.files.items():
        paths = sorted(outcome.folder.glob(pattern))
        if not any(text in path.read_text(encoding="utf-8", errors="replace") for path in paths):
            found.append(f"{pattern} does not hold {text!r}" if paths else f"no file {pattern}")
    return found


def _too_long(outcome: Outcome, most: int) -> list[str]:
    """What is wrong with the number of lines printed."""
    lines = [line for line in outcome.text.splitlines() if line.strip()]
    return [f"{len(lines)} lines, at most {most}"] if len(lines) > most else []


def unsaid(words: Words, text: str) -> list[str | tuple[str, ...]]:
    """The words that a text lacks."""
    said = " ".join(text.split()).casefold()
    return [
        word for word in words if not any(one.casefold() in said for one in ([word] if isinstance(word, str) else word))
    ]


def _named(words: str | tuple[str, ...]) -> str:
    """Words as the table shows them."""
    return repr(words) if isinstance(words, str) else " or ".join(map(repr, words))
