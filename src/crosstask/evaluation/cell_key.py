"""What a cell is: the fingerprint of everything that makes it, and of nothing else.

Names, paths and dates never enter, so changing any input makes a new cell and renaming one does not.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from crosstask.config import Scoring, Task
from crosstask.data.examples import Example, content_hash
from crosstask.fingerprint import fingerprint

OUTPUT_VERSION = 4
"""Raised when the code comes to get other outputs from the same model."""
JUDGEMENT_VERSION = 3
"""Raised when the code comes to judge the same outputs otherwise."""


@dataclass(frozen=True)
class CellKey:
    """The two parts of a cell's identity, and the part that a whole column shares."""

    outputs: str
    """Adapter, base model, examples, and how outputs are got."""
    scoring: str
    """How outputs are judged."""
    adapter: str | None
    """Content of the adapter; None for the bare base model."""
    target: str
    """Everything but the adapter and the base model: cells of one column are comparable only if this is equal."""


def cell_key(
    base: str, adapter: str | None, task: Task, scoring: Scoring, examples: Sequence[Example], content_free: str
) -> CellKey:
    """Return the identity of a cell; ``adapter`` is the content of its adapter, None for the bare base model."""
    limits = {"max_new_tokens": new_tokens(task, scoring)}
    asked = {
        "version": OUTPUT_VERSION,
        "examples": content_hash(examples),
        "asked": {"labels": task.labels, "content_free": content_free} if task.labels else limits,
    }
    judged = {
        "version": JUDGEMENT_VERSION,
        "metric": task.metric,
        "labels": task.labels,
        "decide": task.decide,
        "extraction": None if task.extraction is None else asdict(task.extraction),
    }
    return CellKey(
        outputs=fingerprint({**asked, "base": base, "adapter": adapter}),
        scoring=fingerprint(judged),
        adapter=adapter,
        target=fingerprint([asked, judged]),
    )


def new_tokens(task: Task, scoring: Scoring) -> int:
    """Return the longest output of an open task, in tokens."""
    return min(task.max_new_tokens, scoring.max_new_tokens or task.max_new_tokens)
