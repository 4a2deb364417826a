"""The program in what a model wrote: it went on from code, or repeated all of it, in a chat's fences or without.

Text is cut by its lines alone. Nothing is parsed: Python's own parser can be brought down by a text, and this is no
sandbox.
"""

import re
import textwrap

STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""What ends an answer that goes on from code, as in lm-evaluation-harness."""
FENCE = re.compile(r"^([ \t]*)(?:```|~~~).*$", re.MULTILINE)
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
    pieces = _pieces(text, entry_point)
    # What goes on from the beginning of the function may begin the same function again: that is no answer of its own.
    repeated = (piece for piece in pieces if _definition(piece, entry_point) and not INDENTED.match(piece))
    whole = next(repeated, None)
    if whole is not None:
        return f"{_before_function(given, entry_point)}\n{_whole_program(whole, entry_point)}"
    body = pieces[0]
    if not body.strip():
        return None
    if given and FENCE.search(text) and not INDENTED.match(body):  # chat models leave the indentation out
        body = textwrap.indent(body, BODY)
    return given + body[: min((place for stop in STOPS if (place := body.find(stop)) >= 0), default=len(body))]


def _pieces(text: str, entry_point: str) -> list[str]:
    """Return the parts of an output that may be code: what is in fences, or what there is without any."""
    fences = list(FENCE.finditer(text))
    if not fences:
        return [text]
    before = text[: fences[0].start()]
    if INDENTED.match(before) or _definition(before, entry_point):  # the prompt had opened the first fence
        return [before]
    ends = [*(fence.start() for fence in fences[1::2]), len(text)]
    blocks = [(text[fence.end() + 1 : end], fence[1]) for fence, end in zip(fences[::2], ends, strict=False)]
    return [textwrap.dedent(block) if indentation else block for block, indentation in blocks]


def _definition(code: str, entry_point: str) -> re.Match[str] | None:
    """Return where a function is defined that is in no class or other function; None if it is not."""
    return re.search(rf"^(?:async )?def {re.escape(entry_point)}\b", code, re.MULTILINE)


def _before_function(given: str, entry_point: str) -> str:
    """Return what is given besides the beginning of the function itself, which the answer repeats."""
    found = _definition(given, entry_point)
    return given if found is None else given[: found.start()].rstrip("\n") + "\n"


def _whole_program(code: str, entry_point: str) -> str:
    """Return the definitions in a text, from the first line of code on up to what follows them and is none."""
    lines = code.splitlines(keepends=True)
    first = next(place for place, line in enumerate(lines) if CODE.match(line))
    kept, is_defined, is_in_quotes = [], False, False
    for line in lines[first:]:
        is_defined = is_defined or _definition(line, entry_point) is not None
        if is_defined and not is_in_quotes and line.strip() and not line[0].isspace() and not CODE.match(line):
            break
        kept.append(line)
        is_in_quotes ^= len(QUOTES.findall(line)) % 2 == 1
    return "".join(kept)
