"""The judge: a language model behind an OpenAI-compatible endpoint that scores targets with ``metric: judge``."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crosstask.errors import UserError, quoted
from crosstask.limits import at_least, checked_by, short_text

NAME_LENGTH = 256
"""Most characters of a model's name."""
_OWN = ("model", "temperature", "max_tokens")
"""Parameters of a request that have keys of their own."""
_FIXED = ("messages", "stream", "n")
"""Parameters of a request that are always the same."""
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")


def check_address(key: str, value: str) -> None:
    """Refuse what is no address of an endpoint, or has a user, a password or a query in it, which are not shown.

    Examples
    --------
    >>> check_address("judge.base_url", "localhost:8000")
    Traceback (most recent call last):
    crosstask.errors.UserError: judge.base_url='localhost:8000': no address; one is such as http://localhost:8000/v1
    """
    if any(mark in value for mark in "@?#"):
        raise UserError(
            f"{key}: has a user, a password, a query or a fragment, none of which is taken or shown; a key stands in an"
            " environment variable, which judge.api_key_env names"
        )
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in value
    except ValueError:  # such as a port that is no number
        whole = False
    if not whole:
        raise UserError(f"{key}={quoted(value)}: no address; one is such as http://localhost:8000/v1")


def check_variable(key: str, value: str) -> None:
    """Refuse what is no name of an environment variable, and may therefore be the key itself: it is not shown."""
    if not _VARIABLE.fullmatch(value):
        raise UserError(
            f"{key}: no name of an environment variable (capitals, digits and _); it is not shown, since it may be a"
            " key, which stands in the environment alone"
        )


def check_parameters(key: str, value: Any) -> None:
    """Refuse what are no parameters of a request, and those that have keys of their own or are always the same."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise UserError(f"{key}={quoted(value)}: must be a mapping such as {{reasoning_effort: low}}")
    for name in value:
        if name in _OWN:
            raise UserError(f"{key}: {name} has a key of its own; write judge.{name}=VALUE")
        if name in _FIXED:
            raise UserError(f"{key}: {name} is always the same; a question is one message and has one whole reply")


@dataclass
class Judge:
    """The language model that scores targets of ``metric: judge``."""

    base_url: str | None = checked_by(check_address, default=None)
    """Where the endpoint is, such as http://localhost:8000/v1: the part before ``/chat/completions``."""
    model: str | None = short_text(NAME_LENGTH)
    """What the endpoint calls the model."""
    api_key_env: str | None = checked_by(check_variable, default=None)
    """Environment variable that holds the key; null sends none, whatever the environment holds. The key itself is in
    no config, log, store or run."""
    temperature: float | None = at_least(0.0, default=0.0)
    """Sampling temperature of the judge; null leaves it to the endpoint."""
    max_tokens: int | None = at_least(1, default=1024)
    """Longest reply of the judge, in tokens; one that is cut has no verdict. null leaves it to the endpoint."""
    parameters: Any = checked_by(check_parameters, default=None)  # noqa: RUF009 - OmegaConf adds no keys to a dict
    """Further parameters of every request, as the endpoint calls them: {reasoning_effort: low}."""
    concurrency: int = at_least(1, default=8)
    """Most requests at a time of one job."""
    timeout: float = at_least(0.1, default=120.0)
    """Seconds to wait for a reply before the request is repeated."""
    max_retries: int = at_least(0, default=8)
    """How often a request is repeated that meets a rate limit, an error of the server or no reply: when the server
    says, or else after 0.5, 1, 2, 4, 8, 8, ... seconds. Then the job stops."""
    input_price: float | None = at_least(0.0, default=None)
    """Price of a million tokens that the judge reads, in any currency; decides the cost in logs and records alone."""
    output_price: float | None = at_least(0.0, default=None)
    """Price of a million tokens that the judge writes."""

    def identity(self) -> dict[str, Any]:
        """Return what a reply depends on besides the question, as JSON can hold it.

        Where the endpoint is, how long it may take and what it costs are no part of it.
        """
        plain = {name: getattr(self, name) for name in ("model", "temperature", "max_tokens")}
        return {**plain, "parameters": dict(self.parameters or {})}

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Return the price of tokens; None where a price is not known."""
        if self.input_price is None or self.output_price is None:
            return None
        return (input_tokens * self.input_price + output_tokens * self.output_price) / 1e6
