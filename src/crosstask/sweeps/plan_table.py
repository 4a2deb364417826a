"""The plan of a dry run as text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crosstask.errors import printable
from crosstask.jobs.ahead import EXISTS, MADE, Forecast
from crosstask.jobs.amount import Amount
from crosstask.sweeps.status_table import duration

HEADING = ("job", "adapter", "rows", "steps", "cells", "train tokens", "score tokens", "time", "memory")
HOUR, GIGABYTE = 3600, 1e9
MARKS = (
    "cells: those that exist + those to make; score tokens count every generated text at its longest",
    "~ estimated, > known in part, ? not known; times and memory are rules of thumb (docs/dry_run.md)",
)


@dataclass(frozen=True)
class Ahead:
    """A job of a plan: what it will do, why there is nothing to do, or why it would fail."""

    name: str
    targets: tuple[str, ...]
    forecast: Forecast | None
    error: str = ""
    inapplicable: str = ""


def plan_table(jobs: Sequence[Ahead], device: str) -> str:
    """Return the plan of the jobs of a command: a line for each, their targets, what is estimated, and totals.

    Parameters
    ----------
    jobs
        In the order of the command.
    device
        What the machine computes with, in words.
    """
    good = [job.forecast for job in jobs if job.forecast is not None]
    rows = [HEADING, *(_row(job.name, job.forecast) for job in jobs if job.forecast is not None)]
    if len(good) > 1:
        rows.append(_totals(good))
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADING))]
    lines = ["dry run: nothing is trained, scored, downloaded or written"]
    lines += ["  ".join(_aligned(row, widths)).rstrip() for row in rows] if good else []
    lines += [f"{job.name}: inapplicable: {job.inapplicable}" for job in jobs if job.inapplicable]
    lines += [f"{job.name}: would fail: {job.error}" for job in jobs if job.error]
    lines += [*_targets(jobs), *_judged(good), *_lacking(good)]
    failing = sum(bool(job.error) for job in jobs)
    counted = f"{len(jobs)} {'jobs' if len(jobs) > 1 else 'job'}"
    lines.append(f"{counted}{f', of which {failing} would fail' if failing else ''}; on {device}")
    return "\n".join(map(printable, [*lines, *(MARKS if good else ())]))


def _row(name: str, found: Forecast) -> tuple[str, ...]:
    """Return the line of a job."""
    training = found.training
    return (
        name,
        found.adapter or "none",
        str(training.rows) if training else "",
        str(training.steps) if training else "",
        _cells([found]),
        str(training.tokens) if training else "",
        str(found.scored) if found.scored != Amount() else "",
        time(found.seconds),
        gigabytes(found.memory),
    )


def _totals(found: Sequence[Forecast]) -> tuple[str, ...]:
    """Return the line of all jobs together; of memory the most that one of them takes."""
    trained = [one.training for one in found if one.training is not None]
    adapters = Counter(one.adapter for one in found if one.adapter)
    memories = [one.memory for one in found]
    largest = Amount(max(memory.value for memory in memories), max(memory.certainty for memory in memories))
    return (
        "all",
        ", ".join(f"{count} {state}" for state, count in adapters.items()) or "none",
        "",
        str(sum((one.steps for one in trained), Amount())) if trained else "",
        _cells(found),
        str(sum((one.tokens for one in trained), Amount())) if trained else "",
        str(sum((one.scored for one in found), Amount())),
        time(sum((one.seconds for one in found), Amount())),
        gigabytes(largest),
    )


def _cells(found: Sequence[Forecast]) -> str:
    """Return how many cells exist, or do by then, and how many are to be made."""
    states = [state for one in found for state in one.cells.values()]
    there = sum(state in (EXISTS, MADE) for state in states)
    return f"{there} + {len(states) - there}"


def time(seconds: Amount) -> str:
    """Return a time in hours, a short one as `duration` does; nothing for none.

    Examples
    --------
    >>> time(Amount(90)), time(Amount(45_000)), time(Amount())
    ('2 min', '12.5 h', '')
    """
    if seconds == Amount():
        return ""
    hours = seconds.value / HOUR
    return seconds.shown(f"{hours:.{1 if hours < 100 else 0}f} h" if hours >= 1 else duration(seconds.value))


def gigabytes(memory: Amount) -> str:
    """Return an amount of memory in GB; nothing for none."""
    decimals = 1 if memory.value >= GIGABYTE else 2
    return "" if memory == Amount() else memory.shown(f"{memory.value / GIGABYTE:.{decimals}f} GB")


def _aligned(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the cells of a line with names on the left and amounts on the right."""
    return [
        text.ljust(width) if column < 2 else text.rjust(width)
        for column, (text, width) in enumerate(zip(row, widths, strict=True))
    ]


def _targets(jobs: Sequence[Ahead]) -> list[str]:
    """Return which targets are scored, and which cells of a single job are to be made."""
    sets = list(dict.fromkeys(job.targets for job in jobs if job.forecast is not None))
    lines = [f"targets: {', '.join(names)}" for names in sets]
    if len(jobs) == 1 and (found := jobs[0].forecast) is not None:
        to_make = [name for name, state in found.cells.items() if state not in (EXISTS, MADE)]
        if len(to_make) < len(found.cells):
            lines.append(f"to make: {', '.join(to_make) or 'none'}")
    return lines


def _judged(found: Sequence[Forecast]) -> list[str]:
    """Return how many answers a judge is asked about, where there is one."""
    judged = sum((one.judged for one in found), Amount())
    if judged == Amount():
        return []
    return [f"judge: at most {judged} calls, less those for answers that the store has a reply for"]


def _lacking(found: Sequence[Forecast]) -> list[str]:
    """Return what is not at hand, for which amounts are estimated."""
    lacking = list(dict.fromkeys(what for one in found for what in one.lacking))
    return [f"not in the cache of this machine, so estimated: {', '.join(lacking)}"] if lacking else []
