"""The samples of a log of Inspect -> what each is worth, without its texts."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosstask.errors import UserError, quoted
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from crosstask.runs.evaluation_logs.task_run import Classes, Measure, Samples, content_hash, identities

_WORTH = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
"""As Inspect's `value_to_float` has it: correct, partial, incorrect, no answer."""
_MEAN = ("", "mean")
Sample = Mapping[str, Any]


def read_samples(log: LogArchive, scorers: Mapping[Measure, str]) -> Samples:
    """Return the samples of a log.

    Parameters
    ----------
    log : LogArchive
        Of an evaluation that succeeded.
    scorers : mapping of Measure to str
        The scorer of each score; its value is a number or a letter, or a mapping with the score's name.

    Returns
    -------
    Samples
        One for each sample, whatever the number of epochs: then values are what the log has reduced them to. NaN where
        Inspect did not score one. Samples are told apart by their input, options and target.

    Raises
    ------
    UserError
        If there are no samples, or a value is no number.
    """
    try:
        return _read(log, scorers)
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{log.path}: not the samples of a log of Inspect ({type(error).__name__}: {error})") from error


def _read(log: LogArchive, scorers: Mapping[Measure, str]) -> Samples:
    """The samples of a log, whose content is as Inspect writes it."""
    samples = log.member("summaries.json")
    if samples is None:
        samples = [log.member(name) for name in log.members("samples")]
    latest = {(str(one["id"]), int(one.get("epoch", 1))): one for one in samples if one}
    by_id: dict[str, list[Sample]] = {}
    for (name, _), sample in sorted(latest.items()):
        by_id.setdefault(name, []).append(sample)
    if not by_id:
        raise UserError(f"{log.path}: no samples; --no-log-samples leaves them out")
    firsts = [epochs[0] for epochs in by_id.values()]
    reduced = log.member("reductions.json") or []
    values, aggregates, metrics, classes = {}, {}, {}, {}
    for measure, scorer in scorers.items():
        worth = _values(log, by_id, measure, scorer, reduced)
        if worth is None or np.isnan(worth).all():
            continue
        values[measure], aggregates[measure] = worth, float(np.nanmean(worth))
        metrics[measure] = _lengths(latest.values()) | _answered(latest.values(), scorer)
        if chosen := _classes(firsts, scorer, worth):
            classes[measure] = chosen
    return Samples(identities(map(_content, firsts)), values, aggregates, metrics, classes)


def _values(
    log: LogArchive,
    by_id: Mapping[str, Sequence[Sample]],
    measure: Measure,
    scorer: str,
    reduced: Sequence[Mapping[str, Any]],
) -> NDArray[np.float64] | None:
    """What each sample is worth; None where its epochs are reduced in a way that the log does not have."""
    if all(len(epochs) == 1 for epochs in by_id.values()):
        return np.array([_worth(log, _score(epochs[0], scorer), measure.metric) for epochs in by_id.values()])
    for one in reduced:
        if one.get("scorer") == scorer and (one.get("reducer") or "") == measure.variant:
            of_id = {str(s["sample_id"]): _worth(log, s, measure.metric) for s in one.get("samples") or []}
            return np.array([of_id.get(name, math.nan) for name in by_id])
    if measure.variant not in _MEAN:
        return None
    found = [[_worth(log, _score(s, scorer), measure.metric) for s in epochs] for epochs in by_id.values()]
    scored = [[worth for worth in epochs if not math.isnan(worth)] for epochs in found]
    return np.array([np.mean(epochs) if epochs else math.nan for epochs in scored])


def _score(sample: Sample, scorer: str) -> Mapping[str, Any] | None:
    """What a scorer says of a sample, if anything."""
    found = (sample.get("scores") or {}).get(scorer)
    return found if isinstance(found, dict) else None


def _worth(log: LogArchive, score: Mapping[str, Any] | None, name: str) -> float:
    """The value of a score as a number; NaN where there is none."""
    value = None if score is None else score.get("value")
    if isinstance(value, dict):
        value = value.get(name)
    if value is None:
        return math.nan
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, str):
        if (worth := _WORTH.get(value, _WORTH.get(value.lower()) if len(value) > 1 else None)) is not None:
            return worth
        try:
            return float(value)
        except ValueError:
            pass
    raise UserError(
        f"{log.path}: score {name} has the value {quoted(value)}, which is no number and no letter of C, I, P, N"
    )


def _content(sample: Sample) -> str:
    """Hash of what a sample asks, and what is right."""
    given = sample.get("input")
    # Messages have a random id each, and may hold images, of which summaries have a word alone.
    asked = given if isinstance(given, str) else [(m.get("role"), m.get("content")) for m in given or []]
    return content_hash(
        *(json.dumps(part, sort_keys=True) for part in (asked, sample.get("choices"), sample.get("target")))
    )


def _lengths(samples: Iterable[Sample]) -> dict[str, float]:
    """Mean number of tokens that the models wrote for a sample, where the log has it."""
    usage = [(sample.get("model_usage") or {}).values() for sample in samples]
    tokens = [sum(one.get("output_tokens") or 0 for one in of_sample) for of_sample in usage if of_sample]
    return {"output_tokens": float(np.mean(tokens))} if tokens and any(tokens) else {}


def _answered(samples: Iterable[Sample], scorer: str) -> dict[str, float]:
    """Share of samples in whose text a scorer found no answer, of a scorer that found some."""
    scores = [score for sample in samples if (score := _score(sample, scorer)) is not None]
    found = [bool(score.get("answer")) for score in scores]
    return {"invalid": 1 - float(np.mean(found))} if any(found) else {}


def _classes(samples: Sequence[Sample], scorer: str, worth: NDArray[np.float64]) -> Classes | None:
    """Right and chosen options; None where samples have none, or they do not give what the samples are worth."""
    options = [len(sample.get("choices") or ()) for sample in samples]
    if not min(options) or max(options) > len(ascii_uppercase):
        return None
    letters = ascii_uppercase[: max(options)]
    gold = [letters.find(t) if isinstance(t := sample.get("target"), str) and len(t) == 1 else -1 for sample in samples]
    answers = [str((_score(sample, scorer) or {}).get("answer") or "") for sample in samples]
    chosen = [letters.find(answer) if len(answer) == 1 else -1 for answer in answers]
    places = np.array([gold, chosen, options], dtype=np.int16)
    if places[0].min() < 0 or not np.array_equal(places[0] == places[1], worth == 1):
        return None
    texts = {tuple(sample["choices"]) for sample in samples}
    return Classes(tuple(letters), places[0], places[1], places[2], own_options=len(texts) > 1)
