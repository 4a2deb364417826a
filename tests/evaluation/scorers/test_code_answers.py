"""The program is found in what a model writes: after its prompt as it stands, or in a chat's words and fences."""

import subprocess
import sys
from typing import Any

import pytest

from crosstask.evaluation.scorers.code_answers import program

GIVEN = 'from math import floor\n\n\ndef double(x):\n    return 2 * x\n\n\ndef half(x: int) -> int:\n    """Halve."""\n'
BODY = "    y = floor(x / 2)\n    return y\n"
WHOLE = f'def half(x: int) -> int:\n    """Halve."""\n{BODY}'
BEFORE = "from math import floor\n\n\ndef double(x):\n    return 2 * x\n"
FENCED = "```python\n{}```\n"
GOES_ON = {
    "ends by itself": BODY,
    "begins another function": BODY + "\n\ndef other():\n    return 1\n",
    "begins the same function again": BODY + f"\n\n{WHOLE}",
    "begins a class": BODY + "\nclass A:\n    pass\n",
    "prints": BODY + "\nprint(half(3))\n",
    "is run as a script": BODY + '\n\nif __name__ == "__main__":\n    print(half(4))\n',
    "goes on with a comment": BODY + "\n# Test it\nassert half(2) == 1\n",
    "closes the fence of its prompt": BODY + "```\nThis halves.\n```python\nhalf(2)\n```",
    "is in a fence": FENCED.format(BODY) + "This halves.",
    "is in a fence after words": " Sure, here it is:\n\n" + FENCED.format(BODY),
    "is in a fence without its indentation": FENCED.format("y = floor(x / 2)\nreturn y\n"),
    "is in a fence that is not closed": "```py\n" + BODY,
}
REPEATS = {
    "alone": WHOLE,
    "in a fence": FENCED.format(WHOLE),
    "in a fence after words": "Here is the function:\n\n" + FENCED.format(WHOLE) + "\nIt works.",
    "after words without a fence": "Here is the function:\n\n" + WHOLE + "\nIt works since x is whole.\n",
    "in a fence without a language": "```\n" + WHOLE + "```",
    "in a fence of tildes": "~~~\n" + WHOLE + "~~~",
    "in an indented fence": "1. So:\n   ```python\n"
    + "".join(f"   {line}\n" for line in WHOLE.splitlines())
    + "   ```\n",
    "in the second fence": "```\npip install nothing\n```\nThen\n" + FENCED.format(WHOLE),
    "in a fence that is not closed": "```python\n" + WHOLE,
    "before the fence of its prompt is closed": WHOLE + "```\nDone.",
    "with examples": FENCED.format(WHOLE + "\nprint(half(3))\nassert half(2) == 1\n"),
    "with a script": FENCED.format(WHOLE + '\nif __name__ == "__main__":\n    print(half(input()))\n'),
}


def stripped(code: str | None) -> str:
    return "\n".join(line for line in str(code).splitlines() if line.strip())


@pytest.mark.parametrize("case", GOES_ON)
def test_an_answer_goes_on_from_its_prompt(case: str):
    assert stripped(program(GOES_ON[case], GIVEN, "half")) == stripped(GIVEN + BODY)


@pytest.mark.parametrize("case", REPEATS)
def test_an_answer_repeats_the_function(case: str):
    assert stripped(program(REPEATS[case], GIVEN, "half")) == stripped(BEFORE + WHOLE)


@pytest.mark.parametrize("case", [case for case in REPEATS if case != "in an indented fence"])
def test_an_answer_is_a_whole_program(case: str):
    assert stripped(program(REPEATS[case], "", "half")) == stripped(WHOLE)


def test_what_the_function_needs_stays_with_it():
    code = f"import re\nFIRST = 1\nsize: int = 2\n\n\n@cache\n{WHOLE}\n\ndef other():\n    return [\n]\n\nLAST = (\n)\n"
    assert stripped(program(f"So:\n{code}That is all.\n", "", "half")) == stripped(code)


def test_text_in_quotes_is_part_of_the_function_wherever_it_begins():
    code = 'def half(x):\n    """Halve.\n\nNot indented, as some are.\n"""\n    return x // 2\n\nSo it is.\n'
    assert stripped(program(code, "", "half")) == stripped(code.removesuffix("So it is.\n"))


@pytest.mark.parametrize("text", ["", "  \n\n", "```python\n```", "```\n\n```\nsorry"])
def test_without_code_there_is_no_program(text: str):
    assert program(text, GIVEN, "half") is None


def test_words_are_no_code_and_are_tried_as_they_stand():
    assert program("I do not know.", GIVEN, "half") == GIVEN + "I do not know."
    assert program("class Solution:\n    def half(self, x):\n        return x", "", "half") is not None


def test_a_name_that_only_begins_alike_is_another():
    assert program("def half_of(x):\n    return 1\n", GIVEN, "half") == GIVEN + "def half_of(x):\n    return 1\n"


STUB = "def f(x):\n    '''Double.'''\n"
DOUBLES = {  # outputs whose program doubles a number
    "an import that may fail follows": "def f(x):\n    return g(x)\n\ntry:\n    import math\n"
    "except ImportError:\n    pass\n\n"
    "def g(x):\n    return 2*x\n",
    "a constant follows": "def f(x):\n    return g(x)\nK=2\ndef g(x):\n    return K*x\n",
    "constants follow in one line": "def f(x):\n    return A*x*B\nA, B = 1, 2\n",
    "a call follows before a function": "import sys\ndef f(x):\n    return g(x)\n\nsys.setrecursionlimit(10000)\n\n"
    "def g(x):\n    return 2*x\n",
    "a line goes on in brackets": "def f(x):\n    return (x +\nx)\n",
    "a line goes on in other brackets": "def f(x):\n    d = {\n'a': 2,\n}\n    return d['a']*x\n",
    "a line goes on after a backslash": "def f(x):\n    s = 'a\\\nb'\n    return 2*x\n",
    "a text has a form feed": "def f(x):\n    s = 'a\x0cb'\n    return 2*x\n",
    "a text has another end of lines": "def f(x):\n    s = 'a\u2028b'\n    return 2*x\n",
    "a comment has quotes": "def f(x):\n    # don't use ''' here\n    return 2*x\n\nassert f(1) == 2\nf('boom').nope\n",
    "it is a value": "f = lambda x: 2*x\n",
    "it is made by a function": "def made(n):\n    return lambda x: n*x\nf = made(2)\nassert f(0) == 1\n",
    "its docstring has a fence": "def f(x):\n    '''\n    ```\n    f(1)\n    ```\n    '''\n    return 2*x\n",
    "statements share a line": "import math; K = 2\ndef f(x): return K*x\nprint(f(1)); f('a') / 2\n",
    "a script follows": "def f(x):\n    return 2*x\n\ndef main():\n    print(f(int(input())))\n\nmain()\n",
    "unit tests follow": "def f(x):\n    return 2*x\n\nimport unittest\n\nclass T(unittest.TestCase):\n"
    "    def test(self):\n        self.assertEqual(f(1), 3)\n\nunittest.main()\n",
    "an example reads and goes on": "def f(x):\n    return 2*x\n\nn = int(input())\nm = n + 1\nprint(f(m))\n",
    "it breaks off in an example": "def f(x):\n    return 2*x\n\nfor n in range(3):\n    print(f(",
    "it has lines of another system": "def f(x):\r\n    return 2*x\r\n",
    "it imports from the future": "from __future__ import annotations\n\ndef f(x: Number) -> Number:\n    return 2*x\n",
}
FENCES = {
    "an import before": "First:\n```python\nimport math\n```\nthen\n```python\ndef f(x):\n"
    "    return math.floor(2*x)\n```",
    "a function before": "First:\n```python\nK = 2\ndef g(x):\n    return K*x\n```\nthen\n"
    "```python\ndef f(x):\n    return g(x)\n```",
    "a function after": "```python\ndef f(x):\n    return g(x)\n```\nwith\n```python\ndef g(x):\n"
    "    return 2*x\n\nassert f(1) == 3\n```",
    "a draft before": "```python\nimport nothing\ndef f(x):\n    return x\n```\nOops, fixed:\n"
    "```python\ndef f(x):\n    return 2*x\n```",
    "more ticks": "````python\ndef f(x):\n    return 2*x\n````",
    "examples after": "```python\ndef f(x):\n    return 2*x\n```\nSo:\n```python\n>>> f(1)\n2\n```\n"
    "or\n```\nf(2) # 4\n```",
}


def doubles(code: str | None) -> bool:
    names: dict[str, Any] = {}
    exec(str(code), names)
    return bool(names["f"](1) == 2 and names["f"](3) == 6)


@pytest.mark.parametrize("given", [STUB, "import math\n\n" + STUB, ""], ids=["a stub", "more", "nothing"])
@pytest.mark.parametrize("case", DOUBLES)
def test_a_program_is_whole(case: str, given: str):
    assert doubles(program(FENCED.format(DOUBLES[case].rstrip("\n") + "\n"), given, "f"))


@pytest.mark.parametrize("case", FENCES)
def test_a_program_has_what_it_needs_of_other_fences_and_the_last_word(case: str):
    assert doubles(program(FENCES[case], STUB, "f"))


def test_what_is_no_python_inside_of_the_function_stays_so():
    code = program(FENCED.format("def f(x):\n    return 2*x\n      y = 1\n\nprint(1)\n"), STUB, "f")
    with pytest.raises(IndentationError):
        compile(str(code), "answer.py", "exec")


TOO_MUCH = ["-" * 40_000 + "1", "(" * 40_000, "x" + ".a" * 20_000, "1" + "+1" * 20_000, "[" * 150 + "]" * 150]
TOO_MUCH += ["a\0b", "\ud800", "lambda:" * 6_000 + "1", "not " * 10_000 + "x", "x" + "[0]" * 16_000, "f'{" * 5_000]
TOO_MUCH += ["if x:\n" + " if x:\n" * 999, "x if y else " * 4_000 + "z", "@" * 40_000, "x = " * 10_000 + "1"]
TOO_MUCH += ["9" * 40_000, "\\\n" * 20_000, "'''" * 9_999]


def test_no_text_brings_the_parser_down():
    code = (
        "import sys\nfrom crosstask.evaluation.scorers.code_answers import program\n"
        f"for text in {TOO_MUCH!r}:\n    program('```\\ndef f(x):\\n    return 1\\ny = ' + text + '\\n```', '', 'f')\n"
        "    program(text, '', 'f')\nprint('alive')"
    )
    done = subprocess.run([sys.executable, "-"], input=code, capture_output=True, text=True)
    assert done.stdout == "alive\n", done.stderr[-2000:]
