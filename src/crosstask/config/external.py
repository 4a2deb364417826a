"""A row that was made elsewhere: an adapter, or a fine-tuned model, and what is known of its training data."""

from dataclasses import dataclass, field
from pathlib import PurePath

from crosstask.limits import short_text

PLAIN = ("adapter", "best", "checkpoint", "final", "last", "latest", "lora", "model", "out", "output")
"""What folders are called whatever they hold."""


@dataclass
class External:
    """An adapter, or a fine-tuned model, that was made elsewhere, as the row that evaluate.py scores."""

    name: str | None = short_text(128)
    """How tables and runs call the row; null is the last part of its path."""
    path: str | None = None
    """Folder or id on the Hub of an adapter (peft) or of a whole model; null is none: the adapter is that of source."""
    revision: str | None = None
    """Commit, tag or branch on the Hub; null is the newest."""
    trained_on: list[str] = field(default_factory=list)
    """Tasks, as in conf/task, of whose data sets it was trained; several are a mixture. None where that is not known:
    then the row has no own task and is similar to nothing."""
    base_checked: bool = False
    """The base model is the one that it was trained on, although it names another: a copy, say, or a quantized one."""


def external_name(name: str | None, path: str) -> str:
    """Return what a row is called: its name, else the last part of its path, with the one before it where folders are
    called so whatever they hold.

    Examples
    --------
    >>> external_name(None, "adapters/sst2"), external_name(None, "out/sst2/checkpoint-500"), external_name("a", "b/c")
    ('sst2', 'sst2-checkpoint-500', 'a')
    """
    if name is not None:
        return name
    *before, last = PurePath(path).parts or (path,)
    is_plain = last.partition("-")[0].lower() in PLAIN
    return f"{before[-1]}-{last}" if is_plain and before and before[-1].strip("/.~") else last
