"""Requests that are retried with back-off while the server does not answer."""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from crosstask.errors import UserError

log = logging.getLogger(__name__)


class NotThere(UserError):
    """The server does not have what was requested, or the client can make nothing of what it has."""

    def __init__(self, why: str) -> None:
        super().__init__(f"runs=wandb: {why}")
        self.why = why


T = TypeVar("T")
ATTEMPTS = 6
FIRST_WAIT = 2.0
"""Seconds before the second attempt; every further wait is twice as long."""
FINAL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.BAD_REQUEST)
"""Answers that waiting does not change."""


def with_retries(request: Callable[[], T]) -> T:
    """Return an answer of the server; 429, 5xx and no answer at all are retried with exponential back-off.

    The client itself tries again for some seconds each time.

    Raises
    ------
    NotThere
        If the server has no such thing, or it is not of the form that the client reads.
    UserError
        If the last attempt fails, or the server refuses for good.
    """
    from wandb.errors import CommError
    from wandb.sdk.lib.service.service_connection import WandbApiFailedError

    for attempt in range(1, ATTEMPTS + 1):
        try:
            return request()
        except (CommError, WandbApiFailedError) as error:
            why = " ".join(str(error).split())
            if isinstance(getattr(error, "exc", None), ValueError | TypeError):  # what the client makes of it
                raise NotThere(why) from error
            if attempt == ATTEMPTS or _status(error) in FINAL:
                raise UserError(f"runs=wandb: {why}") from error
        wait = FIRST_WAIT * 2 ** (attempt - 1)
        log.warning("W&B does not answer (%s); trying again in %.0f s", why, wait)
        time.sleep(wait)
    raise AssertionError


def _status(error: Any) -> int | None:
    """Return the HTTP status behind an error; None if there was no answer."""
    cause = getattr(error, "exc", None) or error
    return getattr(getattr(cause, "response", None), "http_status", None) or None
