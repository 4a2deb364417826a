"""The endpoint of a judge, through OpenAI's own client, which repeats a request with back-off where that may help."""

from __future__ import annotations

import os
from typing import Any, NoReturn
from urllib.parse import urlsplit

import openai

from crosstask.config.judge import Judge
from crosstask.errors import UserError
from crosstask.judging.api_key import api_key, masking
from crosstask.judging.connection import Connection
from crosstask.judging.questions import question
from crosstask.judging.refusals import RefusedQuestion, reason_of_refusal
from crosstask.storage.replies import Reply, readable_count, readable_text

NO_KEY = "none"
"""What the client is given where there is no key: it would else look for one in the environment. It is not sent."""
OF_AN_ACCOUNT = ("OpenAI-Organization", "OpenAI-Project")
"""Headers that the client fills from the environment, whoever the endpoint belongs to."""
CUSTOM_HEADERS = "OPENAI_CUSTOM_HEADERS"
"""Environment variable with further ones, a line for each."""
OPENAI = "api.openai.com"
"""Where what the environment has for OpenAI belongs."""
ENDS = {"max_tokens": "length", "model_context_window_exceeded": "length", "sensitive": "content_filter"}
"""Why a reply ended, in words of other vendors, and OpenAI's word for it."""
CONTROL = question("2 + 2?", ["4"], "4").text
"""What any endpoint replies to that replies at all."""
SHOWN = 200
"""Most characters that are shown of what an endpoint says of an error."""


class Endpoint:
    """Where a judge is asked, one question after the other or several at a time.

    Parameters
    ----------
    judge
        Its settings, with a model. A key is taken from the environment, if they name a variable.

    Attributes
    ----------
    completions
        All replies of the judge itself, which are paid for.

    Raises
    ------
    UserError
        If there is no address, or the environment has no such variable.
    """

    def __init__(self, judge: Judge) -> None:
        if judge.base_url is None:
            raise UserError("judge.base_url has no value, and the store has no reply to some questions")
        assert judge.model is not None
        self.judge = judge
        self.completions: list[Reply] = []
        self._key = api_key(judge)
        self._masked = masking(self._key)
        self._client = openai.AsyncOpenAI(
            api_key=self._key or NO_KEY,
            base_url=judge.base_url,
            timeout=judge.timeout,
            max_retries=judge.max_retries,
            http_client=Connection(judge.timeout),
        )

    async def ask(self, text: str) -> Reply:
        """Return the reply to a question.

        One that is refused has a reply without text if that is due to the question, since the endpoint answers
        another one and, where it does not say why, refuses this one again.

        Raises
        ------
        UserError
            If the endpoint cannot be reached, refuses whatever it is asked, still fails after all repetitions, or is
            none.
        """
        try:
            return await self._completion(text)
        except RefusedQuestion as error:
            refused = error
        try:
            await self._completion(CONTROL)
        except RefusedQuestion:
            raise refused.error from None
        if refused.is_explained:
            return Reply(text="", ended=refused.reason, model="")
        try:
            return await self._completion(text)
        except RefusedQuestion as again:
            return Reply(text="", ended=again.reason, model="")

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def _completion(self, text: str) -> Reply:
        """Return what the judge replies to a text; RefusedQuestion if the endpoint does not let it reply."""
        limits = {"temperature": self.judge.temperature, "max_tokens": self.judge.max_tokens}
        given = {name: value for name, value in limits.items() if value is not None}
        try:
            completion = await self._client.chat.completions.create(
                model=str(self.judge.model),
                messages=[{"role": "user", "content": text}],
                extra_body=self.judge.parameters or None,
                extra_headers=self._headers(),
                **given,
            )
        except openai.APIStatusError as error:
            message = _message(error)
            if reason := reason_of_refusal(error.status_code, error.code, message):
                raise RefusedQuestion(reason, self._failure(self._status(error, message))) from None
            self._stop(self._status(error, message), error)
        except openai.APITimeoutError as error:
            self._stop(f"no reply in {self.judge.timeout:g} s (judge.timeout){self._repeated}", error)
        except openai.APIConnectionError as error:
            self._stop(f"cannot be reached ({self._shown(str(error.__cause__ or error))}){self._repeated}", error)
        except (openai.OpenAIError, ValueError) as error:  # no JSON, or JSON of something else
            self._stop(f"no OpenAI-compatible endpoint: its reply cannot be read ({self._shown(str(error))})", error)
        reply = self._reply(completion)
        self.completions.append(reply)
        return reply

    def _headers(self) -> dict[str, Any]:
        """Return the headers that the client must not take from the environment, and the key's."""
        bearer = f"Bearer {self._key}" if self._key else openai.Omit()
        host = urlsplit(str(self.judge.base_url)).hostname or ""
        if self._key and (host == OPENAI or host.endswith(f".{OPENAI}")):
            return {"Authorization": bearer}
        lines = os.environ.get(CUSTOM_HEADERS, "").split("\n")
        custom = [line.partition(":")[0].strip() for line in lines if ":" in line]
        return {**dict.fromkeys([*OF_AN_ACCOUNT, *custom], openai.Omit()), "Authorization": bearer}

    def _reply(self, completion: Any) -> Reply:
        """Return the first choice of a completion, whose parts the client does not check."""
        try:
            choice, usage = completion.choices[0], completion.usage
            refused = getattr(choice.message, "refusal", None)
            ended = str(choice.finish_reason or "stop")
            mark = readable_text(getattr(completion, "system_fingerprint", None))
            return Reply(
                text=self._masked(str(refused or _text(choice.message.content))),
                ended="refusal" if refused else self._masked(ENDS.get(ended, ended)),
                model=self._masked(readable_text(completion.model) or ""),
                system_fingerprint=None if mark is None else self._masked(mark),
                input_tokens=readable_count(getattr(usage, "prompt_tokens", None)),
                output_tokens=readable_count(getattr(usage, "completion_tokens", None)),
            )
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            self._stop(f"no OpenAI-compatible endpoint: its reply is {self._shown(repr(completion))}", error)

    def _status(self, error: openai.APIStatusError, message: str) -> str:
        """Return what a status means, and what helps."""
        said = f"status {error.status_code}: {self._shown(message)}"
        match error.status_code:
            case 401 | 403 if self._key:
                return f"refuses the key in {self.judge.api_key_env} ({said})"
            case 401 | 403:
                return f"wants a key, whose environment variable judge.api_key_env names ({said})"
            case 404:
                return f"has no model judge.model={self.judge.model}, or is no endpoint ({said})"
            case 429 if wait := self._masked(error.response.headers.get("retry-after", "")):
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
        return self._masked(text)[:SHOWN]

    def _failure(self, what: str) -> UserError:
        """Return the error of an endpoint."""
        return UserError(f"judge.base_url={self.judge.base_url}: {what}")

    def _stop(self, what: str, error: Exception) -> NoReturn:
        """Raise the error of an endpoint; the client's own, which a log would show, may hold the key."""
        raise self._failure(what) from (None if self._key else error)


def _text(content: Any) -> str:
    """Return the text of a message, which some endpoints split into parts; TypeError or KeyError if it has none."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list):
        raise TypeError(type(content).__name__)
    return "".join(part["text"] for part in content if part["type"] == "text")


def _message(error: openai.APIStatusError) -> str:
    """Return what an endpoint says of an error, which may stand in a reply that failed half-way."""
    match error.body:
        case {"choices": [{"error": cause}, *_]} if cause:
            return str(cause)
        case {"choices": [{"finish_reason": end}, *_]}:
            return f"a reply that ended by {end!r}"
    return error.message.removeprefix(f"Error code: {error.status_code} - ")
