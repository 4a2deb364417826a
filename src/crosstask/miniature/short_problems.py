"""Word problems whose answer is the number alone: SVAMP, ASDiv and MultiArith."""

import re
from collections.abc import Mapping
from random import Random
from typing import Any

from crosstask.miniature.relations import relations
from crosstask.miniature.word_problems import Story, story_of

_SUM = re.compile(r"(\d+)([-+*])(\d+)=")
_TYPES = {"+": "Addition", "-": "Subtraction", "*": "Multiplication"}


def svamp(rng: Random) -> dict[str, object]:
    """A problem of one step, most of them with a sentence that does not matter."""
    story = _story(rng, "svamp")
    body, question = story.told(rng, ask=False), story.asked(rng)
    (operator, operand), start = story.steps[0], story.values[0]
    return {
        "ID": "chal-0",
        "Body": body,
        "Question": question,
        "Equation": f"( {start}.0 {operator} {operand}.0 )",
        "Answer": f"{story.values[-1]}.0",
        "Type": _TYPES[operator],
        "question_concat": f"{body} {question}",
    }


def asdiv(rng: Random) -> dict[str, object]:
    """A problem of one step in other words; the answer names the unit."""
    story = _story(rng, "asdiv")
    (operator, operand), start = story.steps[0], story.values[0]
    return {
        "body": story.told(rng, again=True, ask=False),
        "question": story.asked(rng, again=True),
        "solution_type": _TYPES[operator],
        "answer": f"{story.values[-1]} ({story.item})",
        "formula": f"{start}{operator}{operand}={story.values[-1]}",
    }


def multiarith(rng: Random) -> dict[str, object]:
    """A problem of two steps, or of one."""
    story = _story(rng, "multiarith")
    return {"question": story.told(rng), "final_ans": str(story.values[-1])}


def told(dataset: str, row: Mapping[str, Any]) -> tuple[str, str, str]:
    """A problem, the sum that solves it ('' for two steps) and its number, out of a row of one of the three.

    Examples
    --------
    >>> told("asdiv", {"body": "Tom has 3 pens.", "question": "How many?", "answer": "5 (pens)", "formula": "3+2=5"})
    ('Tom has 3 pens. How many?', '3 + 2', '5')
    """
    match dataset:
        case "svamp":
            equation = row["Equation"].strip("( )").replace(".0", "")
            return row["question_concat"], equation, row["Answer"].removesuffix(".0")
        case "asdiv":
            equation = _SUM.sub(r"\1 \2 \3", row["formula"].partition("=")[0] + "=")
            return f"{row['body']} {row['question']}", equation, row["answer"].partition(" ")[0]
        case _:
            return row["question"], "", row["final_ans"]


def _story(rng: Random, dataset: str) -> Story:
    """A story as the data set has them."""
    return story_of(rng, relations()["word_problems"][dataset])
