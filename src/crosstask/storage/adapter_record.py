"""What is written down of an adapter beside its weights: what made it, and how its training went."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

from crosstask.storage.schema import as_tuple, checked, known_fields, written


@dataclass(frozen=True)
class TrainingReport:
    """What happened in a training."""

    steps: int
    examples: int
    """Rows that were given to learn from; those dropped and those held out of them are among them."""
    rows_dropped: int
    """Rows of whose answer no token was left to learn from."""
    rows_held_out: int
    """Rows of the validation split, or else of those given."""
    trainable_parameters: int
    supervised_tokens: int
    """In one epoch."""
    rows_cut: int
    """Rows whose prompt or answer was too long."""
    prompt_tokens_cut: int
    supervised_tokens_lost: int
    """Answer tokens that were cut, in one epoch."""
    padding: float
    """Share of padding in the tokens that went through the model."""
    first_loss: float | None
    """Nats per supervised token, in the first step; None where nothing was trained."""
    last_loss: float | None
    """Mean over the last tenth of the steps; None where nothing was trained."""
    held_out_loss: float | None
    """Nats per supervised token of the held-out rows with the adapter that is kept; None without such rows."""
    kept_step: int
    """The step whose adapter is kept: the best one on held-out rows, else the last."""
    stopped: str
    """Why training ended."""
    seconds: float
    adapted_layers: Mapping[str, int] = field(default_factory=dict)
    """Number of layers of each name that have an adapter; empty where it was trained before that was written down."""
    rows_with_control_tokens: int = 0
    """Rows whose texts hold control tokens of the base model, which are plain text unless ``data.control_tokens=keep``;
    0 also where it was trained before that was counted."""


@dataclass(frozen=True)
class AdapterRecord:
    """What made an adapter, how its training went, and what the adapter does: the content of ``adapter.json``."""

    SCHEMA: ClassVar[int] = 1

    recipe: Mapping[str, Any]
    """The name of the sources, and all that the adapter's name in the store is the fingerprint of."""
    report: TrainingReport
    content: str
    """Fingerprint of the adapter's files."""
    logit_difference: tuple[float, ...]
    """For each of the fixed prompts the largest absolute difference of a next-token logit from the base model's."""

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "AdapterRecord":
        """Return what was written; errors are those of `crosstask.storage.records.RunRecord.from_json`."""
        known = known_fields(cls, content)
        if isinstance(report := known.get("report"), Mapping):
            known["report"] = checked(TrainingReport, report)
        if "logit_difference" in known:
            known["logit_difference"] = as_tuple(known["logit_difference"])
        return checked(cls, known)

    def to_json(self) -> dict[str, Any]:
        """Return what is written."""
        return {**written(self), "report": asdict(self.report)}
