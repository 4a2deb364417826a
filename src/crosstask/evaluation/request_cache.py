"""The requests of targets that were tokenized lately, so that a sweep over adapters tokenizes each target once."""

from collections.abc import Callable

from crosstask.evaluation.requests import InferenceRequests

TOKENS = 2**23
"""Most tokens that are kept, some 300 MB: more than the 30 targets of a large matrix with 1,000 prompts each have."""


class RequestCache:
    """Least recently used requests are dropped where all of them together have more than so many tokens.

    Parameters
    ----------
    limit
        Most tokens. The requests asked for last are kept even where they alone have more.
    """

    def __init__(self, limit: int = TOKENS) -> None:
        self.limit = limit
        self._kept: dict[str, InferenceRequests] = {}  # the least recently used first

    def get(self, key: str, make: Callable[[], InferenceRequests]) -> InferenceRequests:
        """Return the requests of a key, made by ``make`` where they are not kept."""
        requests = self._kept.pop(key, None) or make()
        self._kept[key] = requests
        while self.tokens > self.limit and len(self._kept) > 1:
            self._kept.pop(next(iter(self._kept)))
        return requests

    @property
    def tokens(self) -> int:
        """Tokens of all requests that are kept."""
        return sum(sum(requests.lengths) for requests in self._kept.values())


REQUESTS = RequestCache()
"""Of this process."""
