"""What was made elsewhere acts on the base model as it did when it was first loaded."""

from collections.abc import Sequence
from dataclasses import replace

from crosstask.models.fine_tuned import FineTuned
from crosstask.storage.external_record import ExternalRecord
from crosstask.storage.store import Store


class ExternalEffect:
    """The effect of what was made elsewhere, as the store has it on record.

    Parameters
    ----------
    store
        Where it is, or goes.
    base
        Identity of the base model.
    found
        What it is.
    place
        Where it was found: path and revision.
    """

    def __init__(self, store: Store, base: str, found: FineTuned, place: tuple[str, str | None]) -> None:
        self.store = store
        self.base = base
        self.found = found
        self.place = place

    @property
    def tuned(self) -> FineTuned:
        """What it is, with its effect where it was loaded before."""
        record = self.store.external_record(self.base, self.found.content)
        return replace(self.found, effect=record.logit_difference if record else None)

    def note(self, effect: Sequence[float]) -> None:
        """Put its effect on record."""
        record = ExternalRecord(
            path=self.place[0],
            revision=self.place[1],
            base=self.base,
            content=self.found.content,
            logit_difference=tuple(effect),
        )
        self.store.write_json(self.store.external(self.base, self.found.content), record.to_json())
