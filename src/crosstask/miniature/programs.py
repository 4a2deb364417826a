"""Programs from a description, as in Magicoder: long answers, at times with a computed example in a comment."""

from random import Random

from crosstask.miniature.equations import EQUATION, held_out, operation, result
from crosstask.miniature.grammar import articles, drawn, phrase
from crosstask.miniature.relations import program_families, relations

COMMENT = {"python": "#", "javascript": "//"}


def magicoder(rng: Random) -> dict[str, object]:
    """A description and the program in one of two languages."""
    plan = relations()["programs"]
    families = program_families()
    language = drawn(rng, plan["languages"])
    family = rng.choice(families["programs"])
    which = rng.randrange(len(families["many"]))
    slots = {slot: families[slot][which] for slot in ("many", "one")}
    slots |= {slot: rng.choice(families[slot]) for slot in ("subject", "limit")}
    slots["f"] = phrase(rng, family["name"], **slots)
    asking = phrase(rng, rng.choice(families["asking"]), language=language.capitalize(), **slots)
    solution = articles(phrase(rng, family[language], **slots)).rstrip()
    if rng.random() < plan["worked_example"]:
        solution += f"\n\n{COMMENT[language]} for example {_example(rng)}"
    return {
        "problem": articles(f"{asking} {phrase(rng, family['does'], **slots)}."),
        "solution": solution,
        "lang": language,
    }


def solver(solution: str) -> str:
    """A program that computes what a solution in words works out, one line for each of its equations.

    Examples
    --------
    >>> print(solver("Tom has 5 + 3 = 8 cups. Tom has 8 - 2 = 6 cups."))
    def answer():
        total = 5
        total = total + 3  # 8
        total = total - 2  # 6
        return total
    """
    steps = EQUATION.findall(solution)
    lines = [f"total = {steps[0][0]}", *(f"total = total {op} {b}  # {c}" for _, op, b, c in steps), "return total"]
    return "\n    ".join(["def answer():", *lines])


def _example(rng: Random) -> str:
    """An equation as it stands in a comment."""
    left, operator, right = operation(rng)
    while held_out(f"{left} {operator} {right}"):
        left, operator, right = operation(rng)
    return f"{left} {operator} {right} = {result(left, operator, right)}"
