"""What the columns of a table are called, and which of them are what."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crosstask.config.analysis import TableColumns

FIELDS = tuple(field.name for field in dataclasses.fields(TableColumns))
COMMON = {
    "source": ("source", "model", "adapter", "checkpoint", "run", "trained_on", "train", "finetuned_on"),
    "target": ("target", "task", "dataset", "data set", "benchmark", "eval", "evaluation", "test", "subset"),
    "score": ("score", "acc", "accuracy", "value", "result", "performance", "f1", "exact_match", "em"),
}
"""What people call them, for proposals in errors."""
ALSO = {"se": "stderr", "sem": "stderr", "standard error": "stderr", "samples": "n", "random seed": "seed"}
"""Further names of columns that a table can do without."""
OF_ERRORS = ("_stderr", " stderr", "_se", " se", "_std_err")
"""Ends of headers over standard errors."""


@dataclass(frozen=True)
class Columns:
    """Headers by what stands below them."""

    named: Mapping[str, str]
    """Field -> header, of those fields that the table has."""
    targets: tuple[str, ...] = ()
    """Of a wide table the columns of scores; none of a long one."""
    counts: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Column of scores -> that of the numbers of rows scored, such as ``acc_n``."""
    notes: tuple[str, ...] = ()
    """What the reader must know of the choice."""

    def error_of(self, score: str, header: Sequence[str]) -> str | None:
        """Return the header over the standard errors of a column of scores, such as ``acc_stderr``; None without."""
        if not self.targets and "stderr" in self.named:
            return self.named["stderr"]
        return next(
            (score + end for end in OF_ERRORS if score + end in header and score + end not in self.targets), None
        )
