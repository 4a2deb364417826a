"""Inference requests: what a scorer has the model compute for a target, as tokens ready to be batched."""

from collections.abc import Sequence
from typing import Any, Protocol


class Response(Protocol):
    """What the model returns for one request."""

    def columns(self) -> dict[str, Any]:
        """Return it as the columns of a row of outputs."""
        ...


class InferenceRequests(Protocol):
    """The requests of a target, the same for every adapter.

    They are cached for as long as a base model may be used, so they hold tokens and no weights.
    """

    @property
    def lengths(self) -> Sequence[int]:
        """Tokens that each request takes up in a forward pass."""
        ...

    @property
    def batch_tokens(self) -> int:
        """Tokens of a forward pass that suit the device, padding included."""
        ...

    def run(self, model: Any, members: Sequence[int]) -> Sequence[Response]:
        """Run some of the requests, given by their numbers, in one batch; returns their responses in that order."""
        ...
