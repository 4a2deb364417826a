"""Questions that an endpoint refuses for what they are: too long for the judge, or filtered.

Every server has its own words for it, so a status that may be about one question alone is enough to suspect that it
is; whether the endpoint refuses others as well tells the two apart. Words decide what the reason is called.
"""

import re

from crosstask.errors import UserError

OF_ONE_REQUEST = (400, 403, 413, 422)
"""Statuses that may be about one question. 403: OpenRouter for what is flagged; 422: TGI for what is too long."""
REFUSED = "refused"
"""The reason of a refusal whose words are not known."""
TOO_LONG = re.compile(
    r"context[ _](length|size|window)"  # OpenAI, vLLM, SGLang, llama.cpp and its bindings in Python
    r"|too long to fit into the model"  # vLLM
    r"|maximum allowed length"  # SGLang
    r"|`inputs` (must have less than|tokens)",  # TGI
    re.IGNORECASE,
)
"""How endpoints say that a question is too long, most of them without a code; llama.cpp at times with status 500."""


class RefusedQuestion(Exception):
    """A question that is refused, for what it is or as any other would be.

    Parameters
    ----------
    reason
        Why its reply ended, if it is due to the question.
    error
        What it is if not.
    """

    def __init__(self, reason: str, error: UserError) -> None:
        super().__init__(reason)
        self.reason = reason
        self.error = error

    @property
    def is_explained(self) -> bool:
        """Whether the endpoint says what is wrong with the question."""
        return self.reason != REFUSED


def reason_of_refusal(status: int, code: object, message: str) -> str | None:
    """Return why a question may have been refused for what it is; None where the error is another.

    Examples
    --------
    >>> reason_of_refusal(400, 400, "The input (9000 tokens) is longer than the model's context length (8192 tokens).")
    'context_length_exceeded'
    >>> reason_of_refusal(400, "invalid_prompt", "flagged"), reason_of_refusal(404, None, "no such model")
    ('refused', None)
    """
    is_too_long = code == "context_length_exceeded" or TOO_LONG.search(message) is not None
    if is_too_long and (status in OF_ONE_REQUEST or status >= 500):
        return "context_length_exceeded"
    if status not in OF_ONE_REQUEST:
        return None
    return "content_filter" if code == "content_filter" else REFUSED
