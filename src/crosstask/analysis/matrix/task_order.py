"""The order of tasks in tables and figures, and each source's home."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from crosstask.analysis.schema import BASE

MIXED = "+"
"""Between the names of a mixture's parts."""
NOWHERE = ""
"""The home of a source of which it is not known what it was trained on, whatever its name."""


@dataclass(frozen=True)
class TaskOrder:
    """Order of sources and targets: as listed, then the others by name.

    Parameters
    ----------
    names : tuple of str
        Task names in the order wanted.
    homes : mapping of str to str
        Home of each source whose own target has another name, e.g. metamath: gsm8k; of several they are joined by
        ``+``; ``NOWHERE`` is none. A source takes the place of its home.

    Examples
    --------
    >>> order = TaskOrder(("gsm8k", "goat"), {"metamath": "gsm8k"})
    >>> order.sources(["goat", "extra", "metamath", "base"])
    ['base', 'metamath', 'goat', 'extra']
    >>> order.targets(["extra", "goat", "gsm8k"])
    ['gsm8k', 'goat', 'extra']
    """

    names: tuple[str, ...] = ()
    homes: Mapping[str, str] = field(default_factory=dict)

    def home(self, source: str) -> str:
        """Target that scores the same task as the source trains."""
        return self.homes.get(source, source)

    def own_tasks(self, source: str) -> list[str]:
        """Homes of a source, or of the parts of a mixture such as ``goat+metamath``; none where they are not known."""
        if (stated := self.homes.get(source)) is not None:
            return [task for task in stated.split(MIXED) if task != NOWHERE]
        return [self.home(source), *(self.home(part) for part in source.split(MIXED) if part != source)]

    def targets(self, names: Iterable[str]) -> list[str]:
        """Distinct names as targets, in order."""
        return sorted(set(names), key=self._target_place)

    def sources(self, names: Iterable[str]) -> list[str]:
        """Distinct names as sources, in order; the base model first."""
        return sorted(set(names), key=self._source_place)

    def _target_place(self, name: str) -> tuple[int, str]:
        """Sort key of a target."""
        return (self.names.index(name) if name in self.names else len(self.names), name)

    def _source_place(self, name: str) -> tuple[bool, int, str]:
        """Sort key of a source."""
        return (name != BASE, self._target_place(self.home(name))[0], name)


def is_home(table: pd.DataFrame, order: TaskOrder) -> pd.Series:
    """Whether the target of each row is the source's own task."""
    pairs = table[["source", "target"]].drop_duplicates().itertuples(index=False, name=None)
    home = {pair: pair[1] in order.own_tasks(pair[0]) for pair in pairs}
    return pd.Series([home[pair] for pair in zip(table["source"], table["target"], strict=True)], table.index, bool)


def homes_by_name(sources: Iterable[str], targets: Iterable[str]) -> dict[str, str]:
    """Target that each source seems to be trained on, because its name stands in the source's as a whole word.

    Parameters
    ----------
    sources, targets : iterable of str
        Their names; letters and digits make words, case does not count.

    Returns
    -------
    dict of str to str
        Sources whose name says nothing are left out; of several targets it is the one with the longest name.

    Examples
    --------
    >>> homes_by_name(["base", "imdb_train", "sst2-en", "mnlix"], ["imdb", "sst2", "mnli"])
    {'imdb_train': 'imdb', 'sst2-en': 'sst2'}
    """
    by_length = sorted(map(str, targets), key=lambda target: (-len(target), target))
    found = {source: next((t for t in by_length if _has_word(source, t)), None) for source in map(str, sources)}
    return {source: target for source, target in found.items() if target is not None and source != BASE}


def _has_word(text: str, word: str) -> bool:
    """Whether a word stands in a text with no letter or digit next to it."""
    before, found, after = text.lower().partition(word.lower())
    return bool(found) and not before[-1:].isalnum() and not after[:1].isalnum()
