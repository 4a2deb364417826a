"""The endpoint of a judge, through OpenAI's own client, which repeats a request with back-off where that may help."""

from __future__ import annotations

from typing import Any, NoReturn

import openai

from crosstask.config.judge import Judge
from crosstask.errors import UserError
from crosstask.judging.api_key import api_key
from crosstask.storage.replies import Reply

OF_THE_QUESTION = ("content_filter", "context_length_exceeded")
"""Errors that are about one question, so that it has no verdict and others go on."""
NO_KEY = "none"
"""What the client is given where there is no key: it would else look for one in the environment. It is not sent."""
OF_AN_ACCOUNT = ("Authorization", "OpenAI-Organization", "OpenAI-Project")
"""Headers that the client would fill from the environment, whoever the endpoint belongs to."""
TOO_LONG = "maximum context length"
"""How endpoints say so that give their errors no code."""
SHOWN = 200
"""Most characters that are shown of what an endpoint says of an error."""


class Endpoint:
    """Where a judge is asked, one question after the other or several at a time.

    Parameters
    ----------
    judge
        Its settings, with an address and a model. A key is taken from the environment, if they name a variable.

    Raises
    ------
    UserError
        If the environment has no such variable.
    """

    def __init__(self, judge: Judge) -> None:
        assert judge.base_url is not None
        assert judge.model is not None
        self.judge = judge
        self._key = api_key(judge)
        self._client = openai.AsyncOpenAI(
            api_key=self._key or NO_KEY, base_url=judge.base_url, timeout=judge.timeout, max_retries=judge.max_retries
        )

    async def ask(self, text: str) -> Reply:
        """Return the reply to a question.

        Raises
        ------
        UserError
            If the endpoint cannot be reached, refuses, still fails after all repetitions, or is none. A question that
            it refuses for its content or its length has a reply without text.
        """
        limits = {"temperature": self.judge.temperature, "max_tokens": self.judge.max_tokens}
        given = {name: value for name, value in limits.items() if value is not None}
        try:
            completion = await self._client.chat.completions.create(
                model=str(self.judge.model),
                messages=[{"role": "user", "content": text}],
                extra_body=self.judge.parameters or None,
                extra_headers=None if self._key else dict.fromkeys(OF_AN_ACCOUNT, openai.Omit()),
                **given,
            )
        except openai.BadRequestError as error:
            return self._refused_question(error)
        except openai.APIStatusError as error:
            self._stop(self._status(error), error)
        except openai.APITimeoutError as error:
            self._stop(f"no reply in {self.judge.timeout:g} s (judge.timeout){self._repeated}", error)
        except openai.APIConnectionError as error:
            self._stop(f"cannot be reached ({self._shown(str(error.__cause__ or error))}){self._repeated}", error)
        except (openai.OpenAIError, ValueError) as error:  # no JSON, or JSON of something else
            self._stop(f"no OpenAI-compatible endpoint: its reply cannot be read ({self._shown(str(error))})", error)
        return self._reply(completion)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _reply(self, completion: Any) -> Reply:
        """Return the first choice of a completion, whose parts the client does not check."""
        try:
            choice, usage = completion.choices[0], completion.usage
            message = choice.message
            refused = getattr(message, "refusal", None)
            return Reply(
                text=str(refused or message.content or ""),
                ended="refusal" if refused else str(choice.finish_reason or "stop"),
                model=str(completion.model or ""),
                system_fingerprint=getattr(completion, "system_fingerprint", None),
                input_tokens=_count(usage, "prompt_tokens"),
                output_tokens=_count(usage, "completion_tokens"),
            )
        except (AttributeError, IndexError, TypeError) as error:
            self._stop(f"no OpenAI-compatible endpoint: its reply is {self._shown(repr(completion))}", error)

    def _refused_question(self, error: openai.BadRequestError) -> Reply:
        """Return what stands for the reply to a question that is refused for what it is; any other error stops."""
        code = OF_THE_QUESTION[1] if TOO_LONG in error.message else error.code
        if code not in OF_THE_QUESTION:
            self._stop(self._status(error), error)
        return Reply(text="", ended=code, model="")

    def _status(self, error: openai.APIStatusError) -> str:
        """Return what a status means, and what helps."""
        message = error.message.removeprefix(f"Error code: {error.status_code} - ")
        said = f"status {error.status_code}: {self._shown(message)}"
        match error.status_code:
            case 401 | 403 if self._key:
                return f"refuses the key in {self.judge.api_key_env} ({said})"
            case 401 | 403:
                return f"wants a key, whose environment variable judge.api_key_env names ({said})"
            case 404:
                return f"has no model judge.model={self.judge.model}, or is no endpoint ({said})"
            case 429 if wait := error.response.headers.get("retry-after"):
                return f"limits the rate, and wants the next request after {wait:.40} s ({said})"
            case 429:
                return f"limits the rate{self._repeated} ({said})"
            case status if status in (408, 409) or status >= 500:
                return f"fails{self._repeated} ({said})"
        return f"refuses the request ({said})"

    @property
    def _repeated(self) -> str:
        """What was tried."""
        return f", repeated as often as judge.max_retries={self.judge.max_retries} allows"

    def _shown(self, text: str) -> str:
        """Return what an endpoint says, at most a line of it, without the key, which it may repeat."""
        return (text.replace(self._key, "...") if self._key else text)[:SHOWN]

    def _stop(self, what: str, error: Exception) -> NoReturn:
        """Raise the error of an endpoint; the client's own, which a log would show, may hold the key."""
        raise UserError(f"judge.base_url={self.judge.base_url}: {what}") from (None if self._key else error)


def _count(usage: Any, name: str) -> int | None:
    """Return a count of tokens; None where the endpoint does not count."""
    value = getattr(usage, name, None)
    return value if isinstance(value, int) else None
