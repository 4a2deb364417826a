"""The order of tasks in tables and figures, and each source's home."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from crosstask.analysis.schema import BASE

MIXED = "+"
"""Between the names of a mixture's parts."""


@dataclass(frozen=True)
class TaskOrder:
    """Order of sources and targets: as listed, then the others by name.

    Parameters
    ----------
    names : tuple of str
        Task names in the order wanted.
    homes : mapping of str to str
        Home of each source whose own target has another name, e.g. metamath: gsm8k. A source takes the place
        of its home.

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
        """Homes of a source, or of the parts of a mixture such as ``goat+metamath``."""
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
