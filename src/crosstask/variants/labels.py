"""Variants of the labels of a source: which row has which, and what they are called."""

from dataclasses import replace

from crosstask.data.examples import Example
from crosstask.variants.changed import Changed, Source, compared
from crosstask.variants.classes import classes

WORDS = (
    *("river", "table", "orange", "window", "music", "garden", "paper", "winter", "horse", "bridge", "silver"),
    *("market", "candle", "forest", "pocket", "ladder", "island", "kitchen", "button", "engine", "feather", "mirror"),
    *("basket", "tunnel", "carpet", "pepper", "summer", "planet", "tower", "needle", "saddle", "blanket"),
)
"""Common English words that say nothing about a label."""


def wrong(source: Source, share: float) -> Changed:
    """A share of the rows with another label than their own, any of the others alike.

    Rows of a smaller share are among those of a larger one, and have the same wrong label there.

    Raises
    ------
    NotApplicable
        If rows have neither labels nor options.
    """
    count = round(share * len(source.examples))
    order = [*range(len(source.examples))]
    source.random("which rows").shuffle(order)
    made = list(source.examples)
    for place in order[:count]:
        made[place] = _wrong(source, made[place])
    return Changed(made, count / len(made), f"{count} of {len(made)} rows have a wrong label")


def _wrong(source: Source, example: Example) -> Example:
    """Return a row with another label, or another of its options."""
    possible = example.options or classes(source)
    others = [label for label in possible if label != example.answer]
    if not others:
        raise source.refuse("has a single label")
    return replace(example, answer=source.random(f"label of {example.id}").choice(others))


def shuffled(source: Source) -> Changed:
    """Answers that have changed places among the rows at random.

    Raises
    ------
    NotApplicable
        If the source is plain texts, or all answers are the same.
    """
    if not any(example.prompt for example in source.examples):
        raise source.refuse("is plain texts: nothing asks for an answer")
    order = [*range(len(source.examples))]
    source.random("order of answers").shuffle(order)
    answers = [source.examples[place].answer for place in order]
    made = [replace(one, answer=answer) for one, answer in zip(source.examples, answers, strict=True)]
    return compared(source, made, "answers in random order")


def numbered(source: Source) -> Changed:
    """Labels that are called 0, 1, 2, ... in the order of the task file."""
    return _renamed(source, [str(number) for number in range(len(_own(source)))])


def worded(source: Source) -> Changed:
    """Labels that are called by words that have nothing to do with them, drawn once for all."""
    labels = _own(source)
    taken = {label.strip().lower() for label in labels}
    words = [word for word in WORDS if word not in taken]
    if len(words) < len(labels):
        raise source.refuse(f"has {len(labels)} labels; there are words for {len(words)}")
    return _renamed(source, source.random("words").sample(words, len(labels)))


def _own(source: Source) -> tuple[str, ...]:
    """Return the labels of a task that has such."""
    found = classes(source)
    if not source.task.labels:
        raise source.refuse("has options, whose letters its prompts list")
    return found


def _renamed(source: Source, names: list[str]) -> Changed:
    """Labels under other names, with the white space that is around them."""
    labels = _own(source)
    called = {
        label: label.replace(label.strip(), name) if label.strip() else name
        for label, name in zip(labels, names, strict=True)
    }
    made = [replace(one, answer=called[one.answer]) for one in source.examples]
    names_now = ", ".join(f"{label.strip()} is {name.strip()}" for label, name in called.items())
    return compared(source, made, names_now)
