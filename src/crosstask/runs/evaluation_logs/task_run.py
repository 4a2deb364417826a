"""What a log says of one model on one task, whichever tool wrote it."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-6
"""Largest difference of two means of the same numbers that another order of summation makes, with room."""


@dataclass(frozen=True, order=True)
class Measure:
    """What samples are scored by."""

    metric: str
    """lm-eval's metric, such as ``acc_norm``; of Inspect the score's name, that of its scorer."""
    variant: str = ""
    """lm-eval's filter, such as ``strict-match``; Inspect's reducer of several epochs. Empty where there is none."""
    scorer: str = ""
    """Scorer of Inspect that gives several scores, of which the metric is one; empty where its score has its name."""

    @property
    def names(self) -> tuple[str, ...]:
        """What an option may call the metric; the first is the one that nothing else has."""
        return (f"{self.scorer}/{self.metric}", self.metric) if self.scorer else (self.metric,)

    def __str__(self) -> str:
        """Return the name in tables and notes."""
        return f"{self.names[0]}/{self.variant}" if self.variant else self.names[0]


@dataclass(frozen=True)
class Classes:
    """Of a task with labels or options: those that are right, and those that were chosen."""

    labels: tuple[str, ...]
    """The labels, or letters where each sample has options of its own."""
    gold: NDArray[np.int16]
    """Place of the right label of each sample, shape (n,)."""
    chosen: NDArray[np.int16]
    """Place of the label chosen, shape (n,)."""
    options: NDArray[np.int16]
    """Number of labels of each sample to choose from, shape (n,)."""
    own_options: bool
    """Whether each sample has options of its own, and a label is but their place."""


@dataclass(frozen=True)
class Samples:
    """The samples of one model and task."""

    examples: NDArray[np.object_]
    """Identity of each sample by its content, text, shape (n,), each once; see :func:`identities`."""
    values: Mapping[Measure, NDArray[np.float64]]
    """What each sample is worth by each measure that is a number, shape (n,); NaN where it was not scored."""
    aggregates: Mapping[Measure, float]
    """By measure the number that the tool prints if it prints what its name says: most often the mean of the values."""
    metrics: Mapping[Measure, Mapping[str, float]] = field(default_factory=dict)
    """By measure what else the samples tell, by the names of metrics of cells."""
    classes: Mapping[Measure, Classes] = field(default_factory=dict)
    """By measure, where the task has classes, and the choice among them gives the values."""
    unusable: Mapping[Measure, str] = field(default_factory=dict)
    """Measures that are no number of each sample, and have no values -> what is the matter."""
    prompts: int = 0
    """The same number for the same prompts, whatever their order."""


@dataclass(frozen=True)
class TaskRun:
    """One model on one task in one run, of which the log's head was read, and the samples are read on request."""

    model: str
    """The model's name as the tool has it."""
    further: Mapping[str, str]
    """What else the model was loaded with that may tell two of one name apart, such as a revision."""
    task: str
    asked: Mapping[str, str]
    """How the task was put to the model, such as the number of examples shown; comparable where this is equal."""
    date: str
    """When the run was made; later ones sort higher."""
    place: Path
    """The file of the samples, for messages."""
    count: int
    """Number of samples that the log's head promises."""
    printed: Mapping[Measure, Mapping[str, float]]
    """Numbers that the tool prints of each measure, in its order: by the name of the metric."""
    lower: frozenset[str]
    """Metrics of which less is better."""
    read: Callable[[], Samples]
    """Read the samples; UserError where they are damaged, or fewer than promised."""
    groups: Mapping[str, Mapping[Measure, Mapping[str, float]]] = field(default_factory=dict)
    """Groups that the task is a part of, with what the tool prints of them."""
    scored: Mapping[Measure, Mapping[str, str]] = field(default_factory=dict)
    """By measure how samples were scored, such as the options of a scorer; comparable where this is equal."""

    @property
    def who(self) -> str:
        """The model and what else it was loaded with, as one text."""
        return repr((self.model, sorted(self.further.items())))

    def conditions(self, measures: Iterable[Measure]) -> dict[str, str]:
        """Return how the task was put to the model, and how samples were scored by some measures."""
        of_measures = {name: value for m in measures for name, value in self.scored.get(m, {}).items()}
        return {**self.asked, **of_measures}


def identities(contents: Iterable[str]) -> NDArray[np.object_]:
    """Return the identity of samples by their content; a content that comes again is numbered.

    Examples
    --------
    >>> identities(["a", "b", "a"]).tolist()
    ['a', 'b', 'a#2']
    """
    seen: Counter[str] = Counter()
    found = []
    for content in contents:
        seen[content] += 1
        found.append(content if seen[content] == 1 else f"{content}#{seen[content]}")
    return np.array(found, dtype=object)


def content_hash(*parts: str) -> str:
    """Return a short hash of texts, of which no two lists have the same."""
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def agrees(first: float, second: float) -> bool:
    """Tell whether two numbers are the same but for rounding; NaN is like nothing."""
    return abs(first - second) <= TOLERANCE * max(1.0, abs(second))
