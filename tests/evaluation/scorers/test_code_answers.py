"""The program is found in what a model writes: after its prompt as it stands, or in a chat's words and fences."""

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
