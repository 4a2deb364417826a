"""One file of samples of lm-evaluation-harness -> what each sample is worth, without its texts."""

import gzip
import json
import math
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.lm_eval_answers import Choices, Generations
from crosstask.runs.evaluation_logs.task_run import Measure, Samples, identities

BITS_PER_BYTE = "bits_per_byte"
"""Metric whose samples are pairs of a text's log-likelihood and its number of bytes."""
_decode = json.JSONDecoder().decode
_AGAIN = "copy it again, or leave the run out"
_SINCE = {"doc_hash": "0.4.3", "prompt_hash": "0.4.3", "target_hash": "0.4.3"}
"""What lines have since which version."""
_DIGITS = 16
"""Of each hash, 64 bits: far more than it takes to tell the samples of a task apart."""


class _Variant:
    """What the lines of one filter say, line by line."""

    def __init__(self, metrics: Sequence[str]) -> None:
        self.contents: list[str] = []
        self.numbers: set[int] = set()
        self.prompts = 0
        self.values = {metric: array("d") for metric in metrics}
        self.pairs = array("d"), array("d")
        self.choices, self.generations = Choices(metrics), Generations()

    def add(self, line: Mapping[str, Any]) -> None:
        """Take a line; KeyError, TypeError or ValueError where it is none of lm-eval's, or comes again."""
        if line["doc_id"] in self.numbers:
            raise ValueError(f"doc_id {line['doc_id']} comes again")
        self.numbers.add(line["doc_id"])
        self.contents.append(line["doc_hash"][:_DIGITS] + line["target_hash"][:_DIGITS])
        self.prompts += int(line["prompt_hash"][:_DIGITS], 16)
        for metric, values in self.values.items():
            value = line.get(metric)
            if metric == BITS_PER_BYTE and isinstance(value, list):
                likelihood, size = map(float, value)
                self.pairs[0].append(likelihood)
                self.pairs[1].append(size)
                value = math.exp(likelihood / size)
            values.append(float(value) if isinstance(value, int | float) else math.nan)
        self.choices.add(line)
        self.generations.add(line)


def read_samples(path: Path, measures: Sequence[Measure], count: int) -> Samples:
    """Return the samples of a file.

    Parameters
    ----------
    path : Path
        ``samples_<task>_<date>.jsonl``, or that with ``.gz``: a line for each sample and filter. Lines of versions
        before 0.4.7 do not say of which filter they are: first are all those of the first filter.
    measures : sequence of Measure
        Those that the results print, in the order of their filters.
    count : int
        Number of samples that the results promise; 0 where they do not say.

    Returns
    -------
    Samples
        Values are the numbers of the lines; of ``bits_per_byte``, whose lines have the log-likelihood of a text and its
        bytes, 2 to the power of minus the bits of a byte, as of crosstask's own plain texts. A measure of which a line
        has something else than a number has none.

    Raises
    ------
    UserError
        If a line is damaged or comes again, naming it, there are fewer samples than promised, or filters have other
        samples.
    """
    found: dict[str, _Variant] = {}
    variants = list(dict.fromkeys(measure.variant for measure in measures)) or [""]
    metrics = {variant: [m.metric for m in measures if m.variant == variant] for variant in variants}
    times: Counter[int] = Counter()
    for number, line in _lines(path):
        try:
            if "filter" in line:
                name = "" if line["filter"] == "none" else line["filter"]
            else:
                name = variants[min(times[line["doc_id"]], len(variants) - 1)]
                times[line["doc_id"]] += 1
            if name not in found:
                found[name] = _Variant(metrics.get(name, ()))
            found[name].add(line)
        except KeyError as error:
            name = error.args[0]
            since = f", which lm-eval writes from {_SINCE[name]} on" if name in _SINCE else f"; {_AGAIN}"
            raise UserError(f"{path}, line {number}: no {name}{since}") from error
        except (TypeError, ValueError, OverflowError) as error:
            raise UserError(
                f"{path}, line {number}: not a sample of lm-evaluation-harness ({error}); {_AGAIN}"
            ) from error
    if not found:
        raise UserError(f"{path}: no samples; {_AGAIN}")
    for name, variant in found.items():
        if count and len(variant.contents) != count:
            of_filter = f" of filter {name}" if name else ""
            raise UserError(
                f"{path}: {len(variant.contents)} samples{of_filter} of the {count} in its results; {_AGAIN}"
            )
    return _samples(path, found)


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Number and content of each line."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    yield number, _decode(str(line, "utf-8"))
                except ValueError as error:
                    if line.isspace():
                        continue
                    cut = f"no JSON ({error})" if line.endswith(b"\n") else "cut short"
                    raise UserError(f"{path}, line {number}: {cut}; {_AGAIN}") from error
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error})") from error


def _samples(path: Path, found: Mapping[str, _Variant]) -> Samples:
    """The samples of all filters, which are the same."""
    first = next(iter(found.values()))
    examples = identities(first.contents)
    if any(variant.contents != first.contents for variant in found.values()):
        raise UserError(f"{path}: filters list other samples, or in another order; {_AGAIN}")
    values, aggregates, metrics, classes, unusable = {}, {}, {}, {}, {}
    for name, variant in found.items():
        for metric, numbers in variant.values.items():
            measure, worth = Measure(metric, name), np.frombuffer(numbers)
            if lacking := int(np.isnan(worth).sum()):
                unusable[measure] = f"{lacking} of its {len(worth)} samples have no number {metric}"
                continue
            values[measure] = worth
            aggregates[measure] = _bits(*variant.pairs) if len(variant.pairs[0]) else float(worth.mean())
            metrics[measure] = variant.generations.metrics(filtered=bool(name))
            if chosen := variant.choices.classes(metric, worth):
                classes[measure] = chosen
    return Samples(examples, values, aggregates, metrics, classes, unusable, first.prompts % 2**64)


def _bits(likelihoods: Sequence[float], sizes: Sequence[float]) -> float:
    """Bits of a byte, all texts together."""
    return -sum(likelihoods) / sum(sizes) / math.log(2)
