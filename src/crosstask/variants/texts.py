"""Variants of the texts of a source: shorter and longer answers, prompts without sense."""

import re
from collections import Counter
from dataclasses import replace
from random import Random

from crosstask.config.patterns import last_match
from crosstask.data.examples import Example
from crosstask.variants.changed import Changed, Source, compared

_SENTENCE = re.compile(r"\S.*?(?:[.!?][\"')\]]*(?=\s|$)|$)", re.MULTILINE)
"""From a first character to the end of a sentence, or of its line."""


def short_answers(source: Source) -> Changed:
    """Of every generated answer what the task extracts, in the form that it asks for, else the first sentence."""
    _require_generated(source)
    made = [replace(one, answer=_short(source, one.answer)) for one in source.examples]
    return compared(source, made, _lengths(source, made))


def _short(source: Source, answer: str) -> str:
    """Return the short form of an answer, after the white space that it begins with."""
    extraction = source.task.extraction
    found = last_match(extraction.strict, answer) if extraction else _SENTENCE.search(answer)
    start = answer[: len(answer) - len(answer.lstrip())]
    return start + found[0].strip() if found else answer


def long_answers(source: Source) -> Changed:
    """Generated answers with the question before them once more, in a line of its own."""
    _require_generated(source)
    made = [replace(one, answer=_long(one)) for one in source.examples]
    return compared(source, made, _lengths(source, made))


def _long(example: Example) -> str:
    """Return the long form of an answer, after the white space that it begins with."""
    said = example.answer.lstrip()
    start = example.answer[: len(example.answer) - len(said)]
    return f"{start}{example.prompt.strip()}\n{said}"


def no_prompt(source: Source) -> Changed:
    """Answers after an empty prompt."""
    made = [replace(one, prompt="", system="") for one in source.examples]
    return compared(source, made, "prompts are empty")


def shuffled_words(source: Source) -> Changed:
    """The words of each line of a prompt in random order, but for lines that all prompts have, which are the task's."""
    lines = Counter(line for one in source.examples for line in set(one.prompt.split("\n")))
    shared = {line for line, count in lines.items() if count == len(source.examples) and count > 1}
    made = [replace(one, prompt=_shuffled(one, shared, source.random(f"words of {one.id}"))) for one in source.examples]
    return compared(source, made, "words of prompts in random order")


def _shuffled(example: Example, shared: set[str], random: Random) -> str:
    """Return a prompt with the words of its own lines in random order; white space stays where it is."""
    lines = []
    for line in example.prompt.split("\n"):
        words = line.split()
        if line not in shared and len(words) > 1:
            random.shuffle(words)
            following = iter(words)
            line = re.sub(r"\S+", lambda _, following=following: next(following), line)  # type: ignore[misc]
        lines.append(line)
    return "\n".join(lines)


def _require_generated(source: Source) -> None:
    """Refuse sources whose answers are labels or options, or that are plain texts."""
    if source.task.labels or source.task.options:
        raise source.refuse("has labels or options; the length of an answer is a property of open tasks")
    if not any(example.prompt for example in source.examples):
        raise source.refuse("is plain texts: nothing asks for an answer")


def _lengths(source: Source, made: list[Example]) -> str:
    """Say how long answers were, and are."""
    before, after = (sum(len(one.answer) for one in rows) / len(rows) for rows in (source.examples, made))
    return f"answers have {after:.0f} characters on average, {before:.0f} before"
