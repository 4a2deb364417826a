"""Ordinal closeness: how far the chosen label is from the right one, of labels that have an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crosstask.evaluation.scorers.accuracy import Accuracy
from crosstask.evaluation.scorers.closeness import closeness, correlations

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd


class OrdinalCloseness(Accuracy):
    """Scores the most probable label by its place: 1 for the right label, 0 for the other end of the scale.

    The task lists its labels in their order; they are equally far from each other ::

        score  =  1 - |place of the prediction - place of the right label| / (number of labels - 1)
    """

    version: ClassVar[int] = 1

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs as `Accuracy.score` does, with the score by place."""
        answers = super().score(outputs)
        pairs = zip(self._places(answers["prediction"]), self._places(answers["gold"]), strict=True)
        return answers.assign(score=[closeness(found, right, 0, len(self.labels) - 1) for found, right in pairs])

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also ``accuracy`` (0 to 1), and ``pearson`` and ``spearman`` of the places."""
        found = super().metrics(answers)
        found["accuracy"] = float((answers["prediction"] == answers["gold"]).mean())
        return found | correlations(self._places(answers["prediction"]), self._places(answers["gold"]))

    def _places(self, labels: pd.Series) -> list[int]:
        """Return the place of each label."""
        return [self.labels.index(label) for label in labels]
