"""The program in what a model wrote: it went on from code, or repeated all of it, in a chat's fences or without.

Where the text of a function is Python, its parser tells what belongs to it (`code_definitions`); else its lines do.
"""

import re
import textwrap

from crosstask.evaluation.scorers.code_definitions import definitions

STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""What ends an answer that goes on from code, as in lm-evaluation-harness."""
FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})(.*)$", re.MULTILINE)
DEEPER = 4
"""Columns that a line of ticks is indented by, beyond its fence, if it is part of what is in the fence."""
INDENTED = re.compile(r"\s*^(?:\t| {2,})\S", re.MULTILINE)
"""Text whose first line that is not blank is indented; one space is how many tokenizers begin a sentence."""
CODE = re.compile(r"from \S+ import|import \w|(?:async )?def \w|class \w|@\w|\w+(?:: ?\w[\w\[\], .]*)? = |#|[)\]}]")
"""How a line begins that is not indented and is part of a program: nothing that only runs, such as an example."""
QUOTES = re.compile(r'"""|\'\'\'')
BODY = " " * 4


def program(text: str, given: str, entry_point: str) -> str | None:
    r"""Return the program in an output; None where the output has no code.

    Parameters
    ----------
    text
        The output.
    given
        The code that the prompt showed, which the answer may go on from or repeat; empty where it showed none.
    entry_point
        The function that is asked for.

    Examples
    --------
    >>> stub = "import math\ndef half(x):\n    '''Halve.'''\n"
    >>> program("    return x / 2\n\nprint(half(3))", stub, "half") == stub + "    return x / 2\n"
    True
    >>> program("Here it is:\n```python\ndef half(x):\n    return x / 2\n```\nDone.", stub, "half")
    'import math\n\ndef half(x):\n    return x / 2\n'
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # Python takes them for the same
    pieces = _pieces(text, entry_point)
    whole = _whole(pieces, entry_point)
    if whole is not None:
        return _future_first(f"{_before_function(given, entry_point)}\n{whole}")
    body = pieces[0]
    if not body.strip():
        return None
    if given and FENCE.search(text) and not INDENTED.match(body):  # chat models leave the indentation out
        body = textwrap.indent(body, BODY)
    return given + body[: min((place for stop in STOPS if (place := body.find(stop)) >= 0), default=len(body))]


def _whole(pieces: list[str], entry_point: str) -> str | None:
    """Return the last of the programs that define a function, as a draft comes before what is better; None without.

    What it needs of the other pieces comes before it. A piece that goes on from the beginning of the function may begin
    the same function again: that is no answer of its own.
    """
    own = [piece for piece in pieces if not INDENTED.match(piece)]
    for piece in reversed(own):
        found = definitions(piece, [other for other in pieces if other is not piece], entry_point)
        if found is not None:
            return found
    unparsed = next((piece for piece in own if _definition(piece, entry_point)), None)
    return None if unparsed is None else _whole_program(unparsed, entry_point)


def _future_first(code: str) -> str:
    """Return a program in which imports from the future, which have to, come first."""
    future = "".join(re.findall(r"^from __future__ import [^(\n]*\n", code, re.MULTILINE))
    return future + re.sub(r"^from __future__ import [^(\n]*\n", "", code, flags=re.MULTILINE) if future else code


def _pieces(text: str, entry_point: str) -> list[str]:
    """Return the parts of an output that may be code: what is in fences, or what there is without any."""
    fence = FENCE.search(text)
    if fence is None:
        return [text]
    opened = text if INDENTED.match(text) or _definition(text[: fence.start()], entry_point) else None
    if opened is not None:  # the prompt had opened the first fence
        end = next((one.start() for one in FENCE.finditer(text) if len(one[1]) < DEEPER), len(text))
        return [text[:end]]
    pieces = []
    while fence is not None:
        closing = _closing(text, fence)
        block = text[fence.end() + 1 : closing.start() if closing else len(text)]
        pieces.append(textwrap.dedent(block) if fence[1] else block)
        fence = FENCE.search(text, closing.end()) if closing else None
    return pieces


def _closing(text: str, opening: re.Match[str]) -> re.Match[str] | None:
    """Return the line that closes a fence: of the same ticks, as many or more, nothing else, and not deeper inside."""
    for line in FENCE.finditer(text, opening.end()):
        is_alike = line[2].startswith(opening[2]) and not line[3].strip()
        if is_alike and len(line[1]) < len(opening[1]) + DEEPER:
            return line
    return None


def _definition(code: str, entry_point: str) -> re.Match[str] | None:
    """Return where a function is defined that is in no class or other function; None if it is not."""
    return re.search(rf"^(?:async )?def {re.escape(entry_point)}\b", code, re.MULTILINE)


def _before_function(given: str, entry_point: str) -> str:
    """Return what is given besides the beginning of the function itself, which the answer repeats."""
    found = _definition(given, entry_point)
    return given if found is None else given[: found.start()].rstrip("\n") + "\n"


def _whole_program(code: str, entry_point: str) -> str:
    """Return the definitions in a text, from the first line of code on up to what follows them and is none."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", code)
    first = next(place for place, line in enumerate(lines) if CODE.match(line))
    kept, is_defined, is_in_quotes = [], False, False
    for line in lines[first:]:
        is_defined = is_defined or _definition(line, entry_point) is not None
        if is_defined and not is_in_quotes and line.strip() and not line[0].isspace() and not CODE.match(line):
            break
        kept.append(line)
        is_in_quotes ^= len(QUOTES.findall(line)) % 2 == 1
    return "".join(kept)
