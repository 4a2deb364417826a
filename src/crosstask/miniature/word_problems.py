"""Word problems told from a chain of sums, with worked solutions: GSM8K and its augmented relative MetaMath."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from crosstask.miniature.equations import result
from crosstask.miniature.grammar import drawn, phrase
from crosstask.miniature.relations import lexicon, relations

TELLING = {"+": "more", "-": "less", "*": "times"}
INVERSE = {"+": "-", "-": "+"}
REVERSED = "GSM_FOBAR"
REPHRASED = "GSM_Rephrased"


@dataclass(frozen=True)
class Story:
    """A start and steps (operator, operand) on the things of one owner; `values` are the results in order."""

    owner: str
    friend: str
    item: str
    values: tuple[int, ...]
    steps: tuple[tuple[str, int], ...]
    aside: str

    @property
    def holder(self) -> str:
        """Who is asked about: the friend when the last step compares."""
        return self.friend if self.steps[-1][0] == "*" else self.owner

    def told(self, rng: Random, again: bool = False, start: object = None, ask: bool = True) -> str:
        """The problem as text; `again` chooses the rephrased templates, `start` replaces the first number."""
        suffix = "_again" if again else ""
        names = self._names
        lines = [phrase(rng, f"{{begin{suffix}}}", a=start or self.values[0], **names)]
        lines += [phrase(rng, f"{{{TELLING[op]}{suffix}}}", b=operand, **names) for op, operand in self.steps]
        if self.aside:
            lines.insert(rng.randint(1, len(lines)), self.aside)
        if ask:
            lines.append(self.asked(rng, again))
        return " ".join(lines)

    def asked(self, rng: Random, again: bool = False) -> str:
        """The question alone."""
        return phrase(rng, "{ask_again}" if again else "{ask}", **self._names)

    @property
    def _names(self) -> dict[str, object]:
        """What the templates call owner, friend, thing and who is asked about."""
        return {"owner": self.owner, "friend": self.friend, "item": self.item, "holder": self.holder}

    def worked(self, rng: Random) -> list[str]:
        """One line with an equation for each step."""
        holders = [self.owner] * (len(self.steps) - 1) + [self.holder]
        rows = zip(holders, self.values, self.steps, self.values[1:], strict=False)
        return [
            phrase(rng, lexicon()["worked"], holder=holder, a=a, operator=op, b=b, c=c, item=self.item)
            for holder, a, (op, b), c in rows
        ]

    def worked_back(self, rng: Random) -> list[str]:
        """One line with the inverse equation for each step, from the result to the start."""
        rows = list(zip(self.values, self.steps, self.values[1:], strict=False))[::-1]
        return [phrase(rng, lexicon()["reversed"], a=a, operator=INVERSE[op], b=b, c=c) for a, (op, b), c in rows]


def gsm8k(rng: Random) -> dict[str, object]:
    """A word problem and its solution, whose last line is ``#### <number>``."""
    story = story_of(rng, relations()["word_problems"]["gsm8k"])
    return {
        "question": story.told(rng),
        "answer": "\n".join([*story.worked(rng), f"#### {story.values[-1]}"]),
    }


def metamath(rng: Random) -> dict[str, object]:
    """A word problem, rephrased or reversed at times, and a solution that ends in ``The answer is: <number>``."""
    kind = drawn(rng, relations()["word_problems"]["types"])
    story = story_of(rng, relations()["word_problems"]["gsm8k"], compare=kind != REVERSED)
    original = story.told(rng)
    query, lines, number = original, story.worked(rng), story.values[-1]
    if kind == REPHRASED:
        query = story.told(rng, again=True)
    if kind == REVERSED:
        unknown = phrase(rng, lexicon()["unknown"], n=story.values[-1])
        query = f"{story.told(rng, start='x')} {unknown}"
        lines, number = story.worked_back(rng), story.values[0]
    response = "\n".join([*lines, f"#### {number}", f"The answer is: {number}"])
    return {"query": query, "response": response, "type": kind, "original_question": original}


def story_of(rng: Random, plan: Mapping[str, Any], compare: bool = True) -> Story:
    """A random story; its last step may compare with a friend (a product) if `compare`.

    `plan` has the shares of numbers of steps, that of stories with a sentence that does not matter (``distractor``),
    and the ranges of the first number (``start``) and of the others (``operand``).
    """
    owner, friend = rng.sample(lexicon()["name"], 2)
    values = [rng.randint(*plan["start"])]
    events: list[tuple[str, int]] = []
    for left in range(drawn(rng, plan["steps"]), 0, -1):
        operator, operand = _step(rng, values[-1], compare and left == 1, plan["operand"])
        events.append((operator, operand))
        values.append(result(values[-1], operator, operand))
    other = ""
    if rng.random() < plan["distractor"]:
        other = phrase(rng, "{distractor}", owner=owner, friend=friend, n=rng.randint(5, 40))
    return Story(owner, friend, phrase(rng, "{item}"), tuple(values), tuple(events), other)


def _step(rng: Random, value: int, compare: bool, operands: Sequence[int]) -> tuple[str, int]:
    """An operator and an operand that keep the result between 1 and the most that `relations.yaml` allows."""
    while True:
        operator = rng.choice("++--*" if compare else "+-")
        operand = rng.randint(2, 4) if operator == "*" else rng.randint(*operands)
        if 1 <= result(value, operator, operand) <= relations()["word_problems"]["most"]:
            return operator, operand
