"""The samples of a log of Inspect -> what each is worth, without its texts."""

import math
from collections.abc import Iterable, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crosstask.errors import UserError, quoted
from crosstask.runs.evaluation_logs.inspect_contents import Sample, contents
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from crosstask.runs.evaluation_logs.task_run import Classes, Measure, Samples, identities

_WORTH = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
"""As Inspect's `value_to_float` has it: correct, partial, incorrect, no answer."""
_MEAN = ("", "mean")


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
        Inspect did not score one. Samples are told apart by their input, options and target. A score with a value that
        is no number has none.

    Raises
    ------
    UserError
        If there are no samples, or they are none of Inspect's.
    """
    try:
        return _read(log, scorers)
    except (KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{log.path}: not the samples of a log of Inspect ({type(error).__name__}: {error})") from error


def _read(log: LogArchive, scorers: Mapping[Measure, str]) -> Samples:
    """The samples of a log, whose content is as Inspect writes it."""
    samples = log.member("summaries.json")
    whole = samples is None or log.path.suffix == ".json"
    if samples is None:
        samples = log.each(log.members("samples"))
    latest = {(str(one["id"]), int(one.get("epoch", 1))): one for one in samples if one}
    by_id: dict[str, list[Sample]] = {}
    for (name, _), sample in sorted(latest.items()):
        by_id.setdefault(name, []).append(sample)
    if not by_id:
        raise UserError(f"{log.path}: no samples; --no-log-samples leaves them out")
    firsts = [epochs[0] for epochs in by_id.values()]
    reduced = log.member("reductions.json") or []
    values, aggregates, metrics, classes, unusable = {}, {}, {}, {}, {}
    for measure, scorer in scorers.items():
        try:
            worth = _values(by_id, measure, scorer, reduced)
        except _NoNumber as error:
            unusable[measure] = str(error)
            continue
        values[measure], aggregates[measure] = worth, float(np.nanmean(worth))
        metrics[measure] = _lengths(latest.values()) | _answered(latest.values(), scorer)
        if chosen := _classes(firsts, scorer, worth):
            classes[measure] = chosen
    return Samples(identities(contents(log, firsts, whole)), values, aggregates, metrics, classes, unusable)


class _NoNumber(Exception):
    """Samples have no number of a score."""


def _values(
    by_id: Mapping[str, Sequence[Sample]], measure: Measure, scorer: str, reduced: Sequence[Mapping[str, Any]]
) -> NDArray[np.float64]:
    """What each sample is worth."""
    found = _unchecked(by_id, measure, scorer, reduced)
    if np.isnan(found).all():
        raise _NoNumber(f"none of its {len(found)} samples has a score {measure}")
    return found


def _unchecked(
    by_id: Mapping[str, Sequence[Sample]], measure: Measure, scorer: str, reduced: Sequence[Mapping[str, Any]]
) -> NDArray[np.float64]:
    """What each sample is worth, if any is worth something."""
    if all(len(epochs) == 1 for epochs in by_id.values()):
        return np.array([_worth(_score(epochs[0], scorer), measure.metric) for epochs in by_id.values()])
    for one in reduced:
        if one.get("scorer") == scorer and (one.get("reducer") or "") == measure.variant:
            of_id = {str(s["sample_id"]): _worth(s, measure.metric) for s in one.get("samples") or []}
            return np.array([of_id.get(name, math.nan) for name in by_id])
    if measure.variant not in _MEAN:
        raise _NoNumber(f"its epochs are reduced by {measure.variant}, and the log does not have to what")
    found = [[_worth(_score(s, scorer), measure.metric) for s in epochs] for epochs in by_id.values()]
    scored = [[worth for worth in epochs if not math.isnan(worth)] for epochs in found]
    return np.array([np.mean(epochs) if epochs else math.nan for epochs in scored])


def _score(sample: Sample, scorer: str) -> Mapping[str, Any] | None:
    """What a scorer says of a sample, if anything."""
    found = (sample.get("scores") or {}).get(scorer)
    return found if isinstance(found, dict) else None


def _worth(score: Mapping[str, Any] | None, name: str) -> float:
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
    raise _NoNumber(f"score {name} has the value {quoted(value)}, which is no number and no letter of C, I, P, N")


def _lengths(samples: Iterable[Sample]) -> dict[str, float]:
    """Mean number of tokens that the model wrote for a sample, and no other in a role, where the log has it."""
    tokens = [_tokens(one["model_usage"]) - _tokens(one.get("role_usage")) for one in samples if one.get("model_usage")]
    return {"output_tokens": float(np.mean(tokens))} if tokens and any(tokens) else {}


def _tokens(usage: Mapping[str, Mapping[str, Any]] | None) -> int:
    """Tokens that models wrote."""
    return sum(one.get("output_tokens") or 0 for one in (usage or {}).values())


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
