"""How often the garbage collector looks for objects that only refer to each other."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (50_000, 20, 100)
"""Objects, and collections of younger ones, after which each generation is looked through; Python's are (700, 10, 10)
or so."""


@contextmanager
def collected_rarely() -> Iterator[None]:
    """Look rarely for the time of the block, and never at what there is before it.

    An analysis makes millions of objects that stay until it ends, such as the labels of figures and the records of
    runs. Looking through them again and again takes a tenth of its time, and finds a few megabytes.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
