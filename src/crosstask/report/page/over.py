"""What gains are over, in words."""

from crosstask.analysis.matrix.reference_names import FEW_SHOT, MEAN, NAMES, PLAIN, PRIOR_CORRECTED
from crosstask.analysis.wording import listed
from crosstask.report.page.tables import Tables

SCORES = {
    NAMES[PLAIN]: "the base model's score",
    NAMES[FEW_SHOT]: "the base model's score when it is shown examples",
    NAMES[PRIOR_CORRECTED]: "the base model's score with its preferences for labels taken off",
    MEAN: "each target's mean over sources",
}
"""What each is, in words."""
_NAMED = 4
"""Targets that a sentence names."""


def in_words(name: str) -> str:
    """What a table's name of it stands for; a name that is not known stands for itself."""
    return SCORES.get(name, name)


class Over:
    """Says what gains on each target are over.

    Parameters
    ----------
    tables : Tables
        What was found.
    """

    def __init__(self, tables: Tables) -> None:
        self._names = {str(row["target"]): str(row["gains_over"]) for row in tables.rows("targets")}

    @property
    def is_mean(self) -> bool:
        """Whether no base model was run."""
        return MEAN in self._names.values()

    def name(self, target: str) -> str:
        """What tables call it."""
        return self._names.get(target, NAMES[PLAIN])

    def is_plain(self, target: str) -> bool:
        """Whether it is the base model asked as targets ask it."""
        return self.name(target) == NAMES[PLAIN]

    @property
    def has_other_base(self) -> bool:
        """Whether it is the base model asked otherwise on any target."""
        return bool({*self._names.values()} - {NAMES[PLAIN], MEAN})

    @property
    def row(self) -> str:
        """What the row of the base model has."""
        return f"what gains are over: {self.scores}" if self.has_other_base else "the base model's scores"

    def score(self, target: str) -> str:
        """What gains on a target are over."""
        return in_words(self.name(target))

    @property
    def scores(self) -> str:
        """What gains are over, the commonest first, with the targets of the others."""
        by_name: dict[str, list[str]] = {}
        for target, name in self._names.items():
            by_name.setdefault(name, []).append(target)
        first, *others = sorted(by_name, key=lambda name: -len(by_name[name])) or [NAMES[PLAIN]]
        parts = [f"on {listed(by_name[name], _NAMED)} over {in_words(name)}" for name in others]
        return "; ".join([in_words(first), *parts])
