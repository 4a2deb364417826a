"""What the Hub says of a data set now, and the first rows of its splits; the whole is never downloaded."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

from crosstask.hub.reasons import explained


@dataclass(frozen=True)
class Published:
    """What the Hub says of a data set without a look at its rows."""

    commit: str
    """What the revision stands for now."""
    licenses: tuple[str, ...]
    """The license tags of its newest card, such as ``cc-by-4.0``; none where the card states none."""


@cache
def published(name: str, revision: str | None) -> Published:
    """Return what the Hub says of a data set now; nothing in the cache stands for it.

    Raises
    ------
    UserError
        If there is no such data set or revision.
    UnreachableError
        If the Hub does not answer.
    """
    from huggingface_hub import HfApi

    with explained(f"data set {name} on the Hub" + (f" (revision={revision})" if revision else ""), name):
        newest = HfApi().dataset_info(name)  # whose card counts: that of a converted revision is empty
        found = newest if revision is None else HfApi().dataset_info(name, revision=revision)
        card = newest.card_data or {}
        stated = card.get("license_name") if card.get("license") == "other" else None
        stated = stated or card.get("license") or ()
        return Published(str(found.sha), tuple(map(str, [stated] if isinstance(stated, str) else stated)))


@cache
def first_rows(name: str, config: str | None, split: str, commit: str, count: int) -> Sequence[dict[str, Any]]:
    """Return at most ``count`` first rows of a split, read from the Hub as far as they reach.

    Raises
    ------
    UserError
        If the data set has no such configuration or split, or cannot be read.
    UnreachableError
        If the Hub does not answer.
    """
    what = f"data set {name} on the Hub ({f'config={config}, ' if config else ''}split={split})"
    with explained(what, name), _few_retries():
        splits = _streams(name, config, commit)
        if split not in splits:
            raise LookupError(f"no such split; there are {', '.join(splits)}")
        return list(islice(splits[split], count))


@cache
def _streams(name: str, config: str | None, commit: str) -> Mapping[str, Any]:
    """Return the rows of each split of a data set, read when they are asked for."""
    import datasets
    from huggingface_hub import HfApi

    HfApi().auth_check(name, repo_type="dataset")  # says that one is gated, which the library words in many ways
    streams: Mapping[str, Any] = datasets.load_dataset_builder(name, config, revision=commit).as_streaming_dataset()
    return streams


@contextmanager
def _few_retries() -> Iterator[None]:
    """Keep the library from trying for minutes to read rows of a Hub that stopped to respond."""
    import datasets

    names = ("STREAMING_OPEN_MAX_RETRIES", "STREAMING_READ_MAX_RETRIES")
    before = {name: getattr(datasets.config, name) for name in names}
    try:
        for name in names:
            setattr(datasets.config, name, 1)
        yield
    finally:
        for name in names:
            setattr(datasets.config, name, before[name])
