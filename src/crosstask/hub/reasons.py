"""Why the Hub did not give what it was asked for, in one line."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager

from crosstask.errors import UnreachableError, UserError

BUSY = (429, 502, 503, 504)
"""Answers by which a server puts off whoever asks, whatever it is asked for."""


@contextmanager
def explained(what: str, name: str) -> Iterator[None]:
    """Turn what the libraries raise about a data set into one line."""
    from huggingface_hub import constants

    try:
        yield
    except Exception as error:  # the libraries raise a dozen unrelated types for what is one thing to a user
        if _unanswered(error):
            why = textwrap.shorten(str(error) or type(error).__name__, 200, placeholder=" ...")
            raise UnreachableError(f"the Hub ({constants.ENDPOINT}) cannot be reached: {why}") from error
        raise UserError(f"{what}: {reason(error, f'datasets/{name}')}") from error


def _unanswered(error: BaseException | None) -> bool:
    """Tell whether an error comes of a request that nobody answered, or that is put off like any other would be."""
    from huggingface_hub import errors

    while error is not None:
        if isinstance(error, errors.HTTPError):  # the HTTP library's own, some of which hold an answer
            answer = getattr(error, "response", None)
            return answer is None or answer.status_code in BUSY
        if isinstance(error, ConnectionError):
            return True
        error = error.__cause__ or error.__context__
    return False


def reason(error: Exception, page: str) -> str:
    """Return in one line why the Hub did not give what is on one of its pages."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return f"it is gated; ask for access on https://huggingface.co/{page}, then `hf auth login` or set HF_TOKEN"
    if isinstance(error, errors.RepositoryNotFoundError):
        return "no such repository; for a private one `hf auth login` or set HF_TOKEN"
    if isinstance(error, errors.RevisionNotFoundError):
        return "no such revision"
    if isinstance(error, ConnectionError | errors.LocalEntryNotFoundError | errors.RevisionResolutionError):
        return "the Hub cannot be reached, and the cache does not have it"
    causes = [str(cause) for cause in (error, error.__cause__) if cause is not None and str(cause)]
    return textwrap.shorten(": ".join(causes) or type(error).__name__, 300, placeholder=" ...")
