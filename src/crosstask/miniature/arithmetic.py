"""Sums in plain words, as in Goat: very short answers."""

from random import Random

from crosstask.miniature.equations import operation, result
from crosstask.miniature.grammar import phrase

VERBS = {"+": "ask_add", "-": "ask_subtract", "*": "ask_multiply"}


def goat(rng: Random) -> dict[str, object]:
    """One sum: its wording, its bare form, the equation and the number."""
    left, operator, right = operation(rng)
    value = result(left, operator, right)
    expression = f"{left} {operator} {right}"
    return {
        "instruction": phrase(rng, f"{{{VERBS[operator]}}}", a=left, b=right),
        "input": expression,
        "output": f"{expression} = {value}",
        "answer": str(value),
    }
