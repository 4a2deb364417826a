"""Variants of the classes of a source: how often each occurs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

from crosstask.config.task import Form
from crosstask.config.variant import label_text
from crosstask.data.examples import Example
from crosstask.variants.changed import Changed, Source


def classes(source: Source) -> tuple[str, ...]:
    """Return what the answers of a source can be: its labels, or the letters of its options.

    Raises
    ------
    NotApplicable
        If answers are generated, or are options by their texts.
    """
    task, answers = source.task, [example.answer for example in source.examples]
    if task.labels and set(answers) <= set(task.labels):
        return tuple(task.labels)
    if task.options and task.form is Form.letters:
        every = {option for example in source.examples for option in example.options}
        return tuple(sorted(every))
    raise source.refuse("has no classes: its answers are not one of a few labels or letters")


def balanced(source: Source) -> Changed:
    """Every class that the source has rows of, equally often."""
    answers = [example.answer for example in source.examples]
    there = [label for label in classes(source) if label in answers]
    return with_shares(source, {label: 1 / len(there) for label in there})


def with_shares(source: Source, shares: Mapping[str, float]) -> Changed:
    """Classes with these shares, as many rows in all: some rows left out, others repeated.

    Labels are named as in the task file, or without the spaces around them there.

    Raises
    ------
    NotApplicable
        If a label that is to have a share is not the source's, or no row has it.
    """
    named = {label.strip(): label for label in classes(source)}
    asked = {label_text(label): share for label, share in shares.items()}
    if missing := [label for label in asked if label not in named]:
        raise source.refuse(f"has no label {missing[0]!r}; there are {', '.join(named)}{_unquoted(shares)}")
    wanted = {named[label]: share for label, share in asked.items() if share}
    rows = {label: [one for one in source.examples if one.answer == label] for label in wanted}
    if empty := [label for label, of_label in rows.items() if not of_label]:
        raise source.refuse(f"has no row with the label {empty[0]!r}")
    random = source.random("shares")
    counts = _rounded([wanted[label] for label in rows], len(source.examples))
    chosen = [one for label, count in zip(rows, counts, strict=True) for one in _drawn(rows[label], count, random)]
    before = Counter(example.answer for example in source.examples)
    moves = [f"{label.strip()} {before[label]} -> {count}" for label, count in zip(rows, counts, strict=True)]
    moves += [f"{label.strip()} {count} -> 0" for label, count in before.items() if label not in rows]
    kept = len({example.id for example in chosen})
    if kept == len(source.examples):
        raise source.refuse(f"has these shares already: {', '.join(moves)}")
    return Changed(chosen, 1 - kept / len(source.examples), f"rows of {', '.join(moves)}")


def _unquoted(shares: Mapping[str, float]) -> str:
    """Return what to do about labels that YAML did not read as texts, such as ``yes``."""
    found = any(isinstance(label, bool) for label in shares)
    return " (without quotes YAML reads yes and no as true and false)" if found else ""


def _rounded(shares: Sequence[float], total: int) -> list[int]:
    """Return whole numbers of this sum that are closest to shares of it (largest remainders).

    Examples
    --------
    >>> _rounded([1 / 3, 1 / 3, 1 / 3], 100)
    [34, 33, 33]
    """
    exact = [share * total for share in shares]
    counts = [int(one) for one in exact]
    by_remainder = sorted(range(len(exact)), key=lambda place: counts[place] - exact[place])
    for place in by_remainder[: total - sum(counts)]:
        counts[place] += 1
    return counts


def _drawn(rows: Sequence[Example], count: int, random: Random) -> list[Example]:
    """Return so many of some rows, each as often as any other but for one."""
    whole, rest = divmod(count, len(rows))
    return [*rows] * whole + random.sample(rows, rest)
