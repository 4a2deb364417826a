"""The connection to an endpoint: a reply is whole in time, and a failure has the status of one.

OpenAI's client repeats a request by the status of the response alone. Gateways say 200 before the model has said a
word, and put what goes wrong afterwards into the reply: OpenRouter an ``error`` with a code, or a choice that ends by
``error``. Here such a response gets the status that it stands for, so that it is repeated, or named, as any other.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import openai

FAILED_ENDS = ("error", "network_error", "insufficient_system_resource", "abort")
"""Why a reply ended that is none: as gateways, Z.AI, DeepSeek and servers that are being shut down say."""
BAD_GATEWAY = 502
"""The status of a failure behind the endpoint that names none."""


class Connection(openai.DefaultAsyncHttpxClient):
    """Sends requests to an endpoint.

    Parameters
    ----------
    seconds
        Longest time from a request to the end of its response, however busily that drips.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    async def send(self, request: httpx2.Request, **how: Any) -> httpx2.Response:
        """Return the whole response to a request."""
        try:
            async with asyncio.timeout(self._seconds):
                response = await super().send(request, **how)
        except TimeoutError as error:
            raise httpx2.ReadTimeout("the response is not whole", request=request) from error
        if response.is_success and (status := _status_of_failure(response)):
            response.status_code = status
        return response


def _status_of_failure(response: httpx2.Response) -> int | None:
    """Return the status that a response stands for; None where it reports no failure."""
    try:
        content = response.json()
    except ValueError:  # for the client to name
        return None
    match content:
        case {"error": Mapping() | str() as error} if error:
            return _status(error)
        case {"choices": [{"error": Mapping() | str() as error}, *_]} if error:
            return _status(error)
        case {"choices": [Mapping() as choice, *_]}:
            ends = (choice.get("finish_reason"), choice.get("native_finish_reason"))
            return BAD_GATEWAY if any(end in FAILED_ENDS for end in ends) else None
    return None


def _status(error: Mapping[str, Any] | str) -> int:
    """Return the status that an error names, which is its code if that is one."""
    code = error.get("code") if isinstance(error, Mapping) else None
    return code if isinstance(code, int) and 400 <= code < 600 else BAD_GATEWAY
