"""Lines of text -> typed records; what is no number, or cannot be one, is named with its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crosstask.analysis.wording import counted
from crosstask.config.analysis import DecimalMark
from crosstask.errors import UserError
from crosstask.runs.score_tables.lines import Line
from crosstask.runs.score_tables.numbers import Notation, has_plus, is_missing, notation, remedy
from crosstask.runs.score_tables.raw_rows import RawRows

_LARGEST = 2**53  # whole numbers up to here are exact as floats
_SUMMARIES = {"mean", "avg", "avg.", "average", "median", "std", "std.", "sd", "stdev"}
"""What stands in place of a seed on lines that sum up those of others."""
_NAMED = 5
"""Cells that a note names."""


@dataclass(frozen=True)
class Record:
    """One score."""

    line: Line
    values: Mapping[str, object]
    """By the names of ``SCORES``; None where nothing is known."""
    percent: bool
    """Whether it is written with a percent sign."""


def records(raw: RawRows, lines: Sequence[Line], decimal: DecimalMark | None) -> tuple[list[Record], list[str]]:
    """Return the records of those lines that have a score, and what the reader must know of the others.

    Parameters
    ----------
    raw : RawRows
        Where they are from, for messages.
    lines : sequence of Line
        A line for each score.
    decimal : DecimalMark or None
        What stands before decimals; None to let the numbers tell.

    Raises
    ------
    UserError
        If a value is not a number or one that cannot be, or no line has a score.
    """
    texts = [(raw.where(line.number), line.fields[name]) for line in lines for name in ("score", "stderr")]
    reading, notes = notation(texts, decimal)
    for line in lines:
        for name in ("source", "target"):
            if not line.fields[name]:
                raise UserError(f"{raw.where(line.number)}: {name} is empty")
    scored = [line for line in lines if not is_missing(line.fields["score"])]
    if not scored:
        raise UserError(f"{raw.path}: every score is missing")
    seeds, of_seeds = _seeds(scored, raw, reading)
    found = [_record(line, seeds[line.fields["seed"]], reading, raw.where(line.number)) for line in scored]
    _refuse_differences(found, raw)
    if any(_says_error(line, reading) for line in scored):
        notes.append("what stands behind +- is taken for the standard error of the score")
    return found, [*notes, *of_seeds, *_missing(lines, scored)]


def _record(line: Line, seed: int | None, reading: Notation, where: str) -> Record:
    """The typed values of one line."""
    text = line.fields
    score = reading.score(text["score"])
    if score is None:
        raise UserError(f"{where}: score {text['score']!r} is not a number; {remedy(text['score'])}")
    stderr = _number(text["stderr"], "stderr", reading, where)
    if stderr is not None and score.stderr is not None:
        raise UserError(f"{where}: two standard errors, {text['score']!r} and stderr {text['stderr']!r}")
    stderr = score.stderr if stderr is None else stderr
    if stderr is not None and stderr < 0:
        raise UserError(f"{where}: stderr {text['stderr'] or text['score']!r} is below 0")
    n = _whole_number(text["n"], "n", reading, where)
    if n is not None and n < 1:
        raise UserError(f"{where}: n {text['n']!r} is below 1; leave it empty where it is not known")
    values = {
        "source": text["source"],
        "target": text["target"],
        "seed": seed,
        "metric": text["metric"] or None,
        "score": score.value,
        "stderr": stderr,
        "n": n,
    }
    return Record(line, values, score.percent)


def _says_error(line: Line, reading: Notation) -> bool:
    """Whether the score of a line has its standard error with it."""
    score = reading.score(line.fields["score"])
    return score is not None and score.stderr is not None


def _seeds(scored: Sequence[Line], raw: RawRows, reading: Notation) -> tuple[dict[str, int | None], list[str]]:
    """Seed -> its number; where some are names, all are numbered from 0 in their order, which a note says."""
    texts = list(dict.fromkeys(line.fields["seed"] for line in scored))
    named = [text for text in texts if not is_missing(text)]
    _refuse_summaries(named, scored, raw)
    if all(reading.number(text) is not None for text in named):
        places = {line.fields["seed"]: raw.where(line.number) for line in reversed(scored)}
        return {text: _whole_number(text, "seed", reading, places[text]) for text in texts}, []
    numbers = {text: number for number, text in enumerate(sorted(named))}
    told = ", ".join(f"{text} {number}" for text, number in numbers.items())
    return {text: numbers.get(text) for text in texts}, [f"seeds are numbered: {told}"]


def _refuse_summaries(seeds: Sequence[str], scored: Sequence[Line], raw: RawRows) -> None:
    """Raise if a line sums up those of several seeds: it would count as one more, and make intervals too short."""
    found = next((seed for seed in seeds if seed.casefold() in _SUMMARIES), None)
    if found is not None and len(seeds) > 1:
        place = next(raw.where(line.number) for line in scored if line.fields["seed"] == found)
        raise UserError(f"{place}: seed {found!r} is none, but sums up other lines; leave lines with it out")


def _refuse_differences(found: Sequence[Record], raw: RawRows) -> None:
    """Raise if of a target some scores have a plus sign and others, above 0, have none: gains over base, as papers
    print them, would be read as scores.
    """
    signed: dict[str, Line] = {}
    plain: dict[str, Line] = {}
    for record in found:
        score, line = record.values["score"], record.line
        if isinstance(score, float) and score > 0:
            (signed if has_plus(line.fields["score"]) else plain).setdefault(line.fields["target"], line)
    for target, line in signed.items():
        if target in plain:
            other = plain[target]
            raise UserError(
                f"{raw.where(line.number)}: score {line.fields['score']!r} has a plus sign, but"
                f" {other.fields['score']!r} ({raw.unit} {other.number}) of target {target!r} has none; write scores,"
                " not differences, and scores without the sign"
            )


def _number(text: str, name: str, reading: Notation, where: str) -> float | None:
    """The number written, or None for nothing."""
    if is_missing(text):
        return None
    number = reading.number(text)
    if number is None:
        raise UserError(f"{where}: {name} {text!r} is not a number")
    return number


def _whole_number(text: str, name: str, reading: Notation, where: str) -> int | None:
    """The whole number written, 3 or 3.0, or None for nothing."""
    number = _number(text, name, reading, where)
    if number is not None and (number != int(number) or abs(number) > _LARGEST):
        raise UserError(f"{where}: {name} {text!r} is not a whole number" + " of this size" * (number == int(number)))
    return None if number is None else int(number)


def _missing(lines: Sequence[Line], scored: Sequence[Line]) -> list[str]:
    """A note on scores that are missing, and one on runs of which all are: they may have failed."""
    if len(scored) == len(lines):
        return []
    there = {_run(line) for line in scored}
    lacking = [line for line in lines if is_missing(line.fields["score"])]
    cells = ", ".join(f"{line.fields['source']} -> {line.fields['target']}" for line in lacking[:_NAMED])
    more = ", ..." * (len(lacking) > _NAMED)
    notes = [f"{counted(len(lacking), 'score')} of {len(lines)} missing: {cells}{more}"]
    failed = [run for run in dict.fromkeys(map(_run, lacking)) if run not in there]
    if failed:
        named = ", ".join(f"{source}{f' (seed {seed})' if seed else ''}" for source, seed in failed)
        notes.append(f"without any score, perhaps failed: {named}")
    return notes


def _run(line: Line) -> tuple[str, str]:
    """The source and seed of a line."""
    return line.fields["source"], line.fields["seed"]
