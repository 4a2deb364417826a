"""What is written down of the score of a cell: by the store in files, by W&B in the config of a run.

A metric that is undefined is NaN in memory and null in JSON. What was written before scores had a schema version lacks
some fields; each such field says what stands for it.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from crosstask.storage.json_files import NotARecord
from crosstask.storage.names import TaskName
from crosstask.storage.schema import KEY, as_tuple, checked, known_fields, written


@dataclass(frozen=True)
class CellScore:
    """How an adapter, or the base model, scores on a target: the content of ``score.json``."""

    SCHEMA: ClassVar[int] = 1

    target: TaskName
    target_id: str
    """Fingerprint of all that cells of one column have in common: scores are comparable only where it is equal."""
    metric: str
    """Name of the metric that ``score`` is."""
    metrics: Mapping[str, float]
    """Every metric by name, ``score``, ``stderr`` and ``n`` among them; NaN where it is undefined."""
    adapter: str | None
    """Fingerprint of the adapter's content; None for the base model."""
    logit_difference: tuple[float, ...] | None
    """What the adapter does to the logits of the fixed prompts, one number per prompt; None for the base model."""
    labels: tuple[str, ...] | None = None
    """Labels of a closed target in the order of the vectors in ``answers.parquet``, which is the task file's; empty
    for an open target. None where the score was written before it held them: then the order is unknown."""
    decide: str | None = None
    """Which vector of ``answers.parquet`` the label is chosen by; None for an open target, and where ``labels`` is."""
    cell: tuple[str, ...] | None = None
    """The two fingerprints of the cell, as a `~crosstask.storage.records.CellRef` has them; None where the score was
    written before it held them."""

    @property
    def is_complete(self) -> bool:
        """Whether it holds all that is written today."""
        return self.labels is not None

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "CellScore":
        """Return what was written; errors are those of `crosstask.storage.records.RunRecord.from_json`."""
        known = known_fields(cls, content)
        if isinstance(metrics := known.get("metrics"), Mapping):
            known["metrics"] = {name: _number(value) for name, value in metrics.items()}
            _check_score(known["metrics"])
        for name in ("labels", "logit_difference", "cell"):
            known[name] = as_tuple(known.get(name))
        return checked(cls, known)

    def to_json(self) -> dict[str, Any]:
        """Return what is written; of a score of an earlier version what was read, so that it does not pass for a new
        one.
        """
        metrics = {name: None if math.isnan(value) else value for name, value in self.metrics.items()}
        unknown = [*(() if self.is_complete else (KEY, "labels", "decide")), *(() if self.cell else ("cell",))]
        return {name: value for name, value in {**written(self), "metrics": metrics}.items() if name not in unknown}


def _number(value: Any) -> Any:
    """Return a metric as it is in memory; what is no number as it is, for `checked` to name."""
    if value is None:
        return math.nan
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    return float(value) if abs(value) < 2**53 else math.inf


def _check_score(metrics: Mapping[str, Any]) -> None:
    """Raise NotARecord where the score of a cell, its error or its number of examples cannot be one.

    A score is a mean over examples of what each answer is worth, 0 to 1.
    """
    if lacking := [name for name in ("score", "stderr", "n") if name not in metrics]:
        raise NotARecord(f"metrics: lacks {', '.join(lacking)}")
    for name, possible, low, high in (("score", "0 to 1", 0, 1), ("stderr", "0 to 1", 0, 1), ("n", "1 on", 1, 2**53)):
        value = metrics[name]
        unknown = name == "stderr" and isinstance(value, float) and math.isnan(value)
        if isinstance(value, float) and not unknown and not low <= value <= high:
            raise NotARecord(f"metrics.{name}: {value!r} is out of range, {possible}")
