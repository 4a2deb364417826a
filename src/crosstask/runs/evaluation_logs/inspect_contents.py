"""What a sample of a log of Inspect asks -> its identity.

Summaries are not enough for it: they cut texts after some thousand characters, and have a word for an image. Such
samples are read whole.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crosstask.errors import UserError
from crosstask.runs.evaluation_logs.log_archive import LogArchive
from crosstask.runs.evaluation_logs.task_run import content_hash

_LONGEST = 5120
"""Characters of a text that Inspect's summaries have."""
_CUT = "(content truncated)"
"""What they have for the rest."""
_ATTACHED = "attachment://"
"""Begin of what stands for a part that a log has elsewhere."""
_NOT_LOGGED = "<base64-data-removed>"
"""What stands for an image that was not logged (``--no-log-images``)."""
Sample = Mapping[str, Any]


def contents(log: LogArchive, samples: Sequence[Sample], whole: bool) -> list[str]:
    """Return a hash of what each sample asks, and of what is right.

    Parameters
    ----------
    log : LogArchive
        That the samples are of.
    samples : sequence of mapping
        As summaries have them, or whole.
    whole : bool
        Whether they are whole.

    Returns
    -------
    list of str
        The same for the same input, options and target, whichever form of log they are read from. Samples with images
        that were not logged are told apart by their number besides.

    Raises
    ------
    UserError
        If a summary is cut, and the log does not have the sample.
    """
    cut = [place for place, sample in enumerate(samples) if not whole and _is_cut(sample)]
    names = [f"samples/{samples[place]['id']}_epoch_{samples[place].get('epoch', 1)}.json" for place in cut]
    found = [content_hash() if place in set(cut) else _content(sample) for place, sample in enumerate(samples)]
    for place, name, sample in zip(cut, names, log.each(names), strict=True):
        if not sample:
            raise UserError(
                f"{log.path}: summaries.json has a part of what sample {samples[place]['id']} asks, and there is no"
                f" {name}, which has all of it: samples cannot be told apart"
            )
        found[place] = _content(sample)
    return found


def _is_cut(sample: Sample) -> bool:
    """Whether a summary may have less than the sample: a text is cut, or a message has parts, such as images."""
    asked, target = sample.get("input") or "", sample.get("target") or ""
    of_messages = [message.get("content") for message in asked] if isinstance(asked, list) else [asked]
    of_target = target if isinstance(target, list) else [target]
    return any(map(_is_part, [*of_messages, *of_target]))


def _is_part(content: object) -> bool:
    """Whether a content of a summary may be a part of the sample's."""
    return isinstance(content, list) or (
        isinstance(content, str) and (len(content) > _LONGEST or content.endswith(_CUT))
    )


def _content(sample: Sample) -> str:
    """Hash of what a sample asks, and what is right."""
    given = sample.get("input")
    # Messages have a random identity each.
    asked = given if isinstance(given, str) else [(m.get("role"), _parts(m.get("content"))) for m in given or []]
    texts = json.dumps(_attached(asked, sample.get("attachments") or {}), sort_keys=True)
    number = [str(sample["id"])] if _NOT_LOGGED in texts else []
    return content_hash(
        texts, *(json.dumps(sample.get(name), sort_keys=True) for name in ("choices", "target")), *number
    )


def _parts(content: object) -> object:
    """A message's content; of its parts what they say, without what is said of them."""
    if not isinstance(content, list):
        return content
    return [{k: v for k, v in part.items() if v is not None and k not in ("id", "internal")} for part in content]


def _attached(value: Any, attachments: Mapping[str, str]) -> Any:
    """The same with every part in its place that the log has elsewhere."""
    if isinstance(value, str) and value.startswith(_ATTACHED):
        return attachments.get(value.removeprefix(_ATTACHED), value)
    if isinstance(value, Mapping):
        return {name: _attached(part, attachments) for name, part in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_attached(part, attachments) for part in value]
    return value
