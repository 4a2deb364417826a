"""The runs that answered a target, source by source, and the base model that each is held against."""

from collections.abc import Sequence
from dataclasses import dataclass

from crosstask.analysis.schema import BASE


@dataclass(frozen=True)
class SourceRuns:
    """The runs of a source on one target that differ in nothing but their seeds."""

    source: str
    settings: tuple[str, ...]
    """What else tells rows apart, as in `answers.Run`."""
    places: tuple[int, ...]
    """Rows of the target's arrays, one per seed."""
    seeds: tuple[int | None, ...]
    """None for the base model."""
    base: int | None
    """Row of the base model that these are held against: that of the same settings, or one that stands for all; None
    of the base model itself, or where there is none."""


def source_runs(rows: Sequence[tuple[str, int | None, *tuple[str, ...]]]) -> tuple[SourceRuns, ...]:
    """Rows of a target by source and settings, in the order in which these first come.

    Examples
    --------
    >>> [(runs.source, runs.places, runs.base) for runs in source_runs([("base", None), ("imdb", 0), ("imdb", 1)])]
    [('base', (0,), None), ('imdb', (1, 2), 0)]
    """
    places: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for place, (source, _, *settings) in enumerate(rows):
        places.setdefault((source, tuple(settings)), []).append(place)
    bases = [(settings, found[0]) for (source, settings), found in places.items() if source == BASE]
    return tuple(
        SourceRuns(
            source,
            settings,
            tuple(found),
            tuple(rows[place][1] for place in found),
            None if source == BASE else _base_of(settings, bases),
        )
        for (source, settings), found in places.items()
    )


def _base_of(settings: tuple[str, ...], bases: list[tuple[tuple[str, ...], int]]) -> int | None:
    """Row of the base model of some settings: each is the same, or empty where the base model stands for all."""
    fits = [place for of_base, place in bases if all(a in ("", b) for a, b in zip(of_base, settings, strict=True))]
    return fits[0] if fits else None
