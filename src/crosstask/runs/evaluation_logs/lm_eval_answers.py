"""What lines of lm-evaluation-harness say of the answers behind the scores: the option chosen, the text written."""

from array import array
from collections.abc import Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosstask.runs.evaluation_logs.task_run import Classes

_INVALID = "[invalid]"
"""What lm-eval's filters give for a text in which they find nothing."""
_OF_CHOICE = _PLAIN, _OF_LENGTH = "acc", "acc_norm"
"""Metrics that a choice among options gives: that of the largest log-likelihood, or per character."""


class Choices:
    """The options of lines of multiple choice; of other lines there are none."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self._labels: set[tuple[str, ...]] = set()
        self._gold, self._options = array("h"), array("h")
        self._chosen = {metric: array("h") for metric in _OF_CHOICE if metric in metrics}
        self._known = bool(self._chosen)

    def add(self, line: Mapping[str, Any]) -> None:
        """Take a line."""
        self._known = self._known and self._add(line)

    def _add(self, line: Mapping[str, Any]) -> bool:
        """Take a line, if it is one of multiple choice whose right option is told by its place."""
        pairs, target = line["filtered_resps"], str(line["target"])
        count = len(pairs)
        if count < 2 or not target.isdecimal() or int(target) >= count or not all(map(_is_pair, pairs)):
            return False
        requests = line["arguments"]
        texts = [requests[f"gen_args_{place}"]["arg_1"] for place in range(count)]
        likelihoods = [float(likelihood) for likelihood, _ in pairs]
        if len(self._labels) <= 1:
            self._labels.add(tuple(text.strip() for text in texts))
        self._gold.append(int(target))
        self._options.append(count)
        if _PLAIN in self._chosen:
            self._chosen[_PLAIN].append(_first_largest(likelihoods))
        if _OF_LENGTH in self._chosen:
            # What stands between prompt and option is part of the texts, not of the length that lm-eval divides by.
            per_character = [each / max(1, len(t.lstrip())) for each, t in zip(likelihoods, texts, strict=True)]
            self._chosen[_OF_LENGTH].append(_first_largest(per_character))
        return True

    def classes(self, metric: str, values: NDArray[np.float64]) -> Classes | None:
        """Return right and chosen labels; None where these do not give the values of a metric."""
        if not self._known or metric not in self._chosen:
            return None
        gold, chosen = _array(self._gold), _array(self._chosen[metric])
        if not np.array_equal(gold == chosen, values == 1):
            return None
        own, most = len(self._labels) > 1, max(self._options)
        if own and most > len(ascii_uppercase):
            return None
        labels = tuple(ascii_uppercase[:most]) if own else next(iter(self._labels))
        if len(set(labels)) < len(labels):
            return None
        return Classes(labels, gold, chosen, _array(self._options), own)


class Generations:
    """The texts of lines of generated text; of other lines there are none."""

    def __init__(self) -> None:
        self._characters = self._words = self._empty = self._invalid = self._lines = self._texts = 0

    def add(self, line: Mapping[str, Any]) -> None:
        """Take a line."""
        self._lines += 1
        requests, filtered = line["arguments"], line["filtered_resps"]
        if len(requests) != 1 or not isinstance(requests["gen_args_0"].get("arg_1"), dict):
            return  # arg_1 has how a text is to be generated
        first = line["resps"][0]
        self._texts += 1
        self._characters += len(first[0])
        self._words += len(first[0].split())
        self._empty += not first[0].strip()
        self._invalid += bool(filtered) and filtered[0] == _INVALID

    def metrics(self, filtered: bool) -> dict[str, float]:
        """Return shares and lengths of the texts; whether they can be parsed where a filter did so."""
        if not self._texts or self._texts < self._lines:
            return {}
        found = {
            "empty": self._empty / self._texts,
            "output_characters": self._characters / self._texts,
            "output_words": self._words / self._texts,
        }
        return {**found, "invalid": self._invalid / self._texts} if filtered else found


def _is_pair(response: object) -> bool:
    """Whether a response is a log-likelihood and whether it is the largest of all texts."""
    return isinstance(response, list) and len(response) == 2


def _first_largest(numbers: Sequence[float]) -> int:
    """Place of the largest number, the first of several, as NumPy's argmax has it."""
    return numbers.index(max(numbers))


def _array(numbers: "array[int]") -> NDArray[np.int16]:
    """The numbers as an array."""
    return np.array(numbers, dtype=np.int16)
