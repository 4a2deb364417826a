"""What is written down of an adapter, or a model, that was made elsewhere: where it was, and what it does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from crosstask.storage.schema import as_tuple, checked, known_fields, written


@dataclass(frozen=True)
class ExternalRecord:
    """The content of a file in ``external/``, written when it was first loaded."""

    SCHEMA: ClassVar[int] = 1

    path: str
    """Where it was then; the user's home folder is ``~``."""
    revision: str | None
    """On the Hub."""
    base: str
    """Fingerprint of the base model."""
    content: str
    """Fingerprint of its weights and its configuration."""
    logit_difference: tuple[float, ...]
    """For each of the fixed prompts the largest absolute difference of a next-token logit from the base model's."""

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "ExternalRecord":
        """Return what was written; errors are those of `crosstask.storage.records.RunRecord.from_json`."""
        known = known_fields(cls, content)
        if "logit_difference" in known:
            known["logit_difference"] = as_tuple(known["logit_difference"])
        return checked(cls, known)

    def to_json(self) -> dict[str, Any]:
        """Return what is written."""
        return written(self)
