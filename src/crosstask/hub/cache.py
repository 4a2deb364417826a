"""Whether what is on the Hub may be downloaded, or is taken from the cache of this machine alone."""

from collections.abc import Iterator
from contextlib import contextmanager

_cached_only = False


@contextmanager
def cached_only() -> Iterator[None]:
    """Take everything from the cache within the block, and connect to nothing; what is not there is `NotAtHand`."""
    global _cached_only
    before, _cached_only = _cached_only, True
    try:
        yield
    finally:
        _cached_only = before


def is_cached_only() -> bool:
    """Tell whether everything is taken from the cache, see `cached_only`."""
    return _cached_only


@contextmanager
def library_offline() -> Iterator[None]:
    """Keep the library from requests to a Hub that does not respond, which would take half a minute per split."""
    import datasets

    before = datasets.config.HF_HUB_OFFLINE
    datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = before
