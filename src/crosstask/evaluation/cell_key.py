"""What a cell is: the fingerprint of everything that makes it, and of nothing else.

Names, paths and dates never enter, so changing any input makes a new cell and renaming one does not.
"""

from dataclasses import dataclass

from crosstask.data.examples import content_hash
from crosstask.evaluation.scorers.protocol import Target
from crosstask.fingerprint import fingerprint
from crosstask.storage.records import CellRef


@dataclass(frozen=True)
class CellKey:
    """The two parts of a cell's identity, and the part that a whole column shares."""

    outputs: str
    """Adapter, base model, examples, and how outputs are generated."""
    scoring: str
    """How outputs are scored."""
    adapter: str | None
    """Content of the adapter; None for the bare base model."""
    target: str
    """Everything but the adapter and the base model: cells of one column are comparable only if this is equal."""

    @property
    def ref(self) -> CellRef:
        """Where the store has the cell."""
        return CellRef(self.outputs, self.scoring)


def cell_key(base: str, adapter: str | None, target: Target) -> CellKey:
    """Return the identity of a cell.

    Parameters
    ----------
    base
        Identity of the base model.
    adapter
        Fingerprint of the adapter's content; None for the bare base model.
    target
        The column of the cell.
    """
    scorer = target.scorer
    # The names in these dictionaries are part of the fingerprints, so they stay whatever they are called elsewhere.
    outputs = {
        "version": scorer.outputs_version,
        "examples": content_hash(target.examples),
        "asked": scorer.outputs_identity(target),
        **({"control_tokens": "plain"} if target.plain else {}),  # earlier versions kept them
    }
    judge = {} if target.judge is None else {"judge": target.judge.identity()}
    scoring = {"version": scorer.version, **scorer.scoring_identity(), **judge}
    return CellKey(
        outputs=fingerprint({**outputs, "base": base, "adapter": adapter}),
        scoring=fingerprint(scoring),
        adapter=adapter,
        target=fingerprint([outputs, scoring]),
    )
