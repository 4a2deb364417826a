"""The only module that talks to the Hugging Face Hub.

What was looked up is cached until the process ends, so that a sweep sees one state of the Hub.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, cast

from crosstask.errors import NotAtHand, UnreachableError, UserError

MODEL_FILES = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
CONFIG_FILES = ["config.json"]
_cached_only = False


@contextmanager
def cached_only() -> Iterator[None]:
    """Take everything from the cache within the block, and connect to nothing; what is not there is `NotAtHand`."""
    global _cached_only
    before, _cached_only = _cached_only, True
    try:
        yield
    finally:
        _cached_only = before


BUSY = (429, 502, 503, 504)
"""Answers by which a server puts off whoever asks, whatever it is asked for."""


@dataclass(frozen=True)
class Published:
    """What the Hub says of a data set without a look at its rows."""

    commit: str
    """What the revision stands for now."""
    licenses: tuple[str, ...]
    """The license tags of its newest card, such as ``cc-by-4.0``; none where the card states none."""


def dataset_rows(name: str, config: str | None, split: str, revision: str | None) -> Sequence[dict[str, Any]]:
    """Return a split of a data set on the Hub; rows are decoded when they are indexed.

    Where the Hub cannot be reached, the rows are those in the cache, of the commit that was asked for or last seen.

    Raises
    ------
    NotAtHand
        Within `cached_only`, if the cache does not have it.
    UserError
        If the Hub cannot be reached and the data set is not in the cache, or has no such configuration or split.
    """
    return _dataset_rows(name, config, split, revision, _cached_only)


@cache
def _dataset_rows(
    name: str, config: str | None, split: str, revision: str | None, cached: bool
) -> Sequence[dict[str, Any]]:
    """Return a split of a data set; if ``cached``, without the Hub."""
    import datasets

    given = {"config": config, "split": split, "revision": revision}
    what = f"data set {name} on the Hub ({', '.join(f'{key}={value}' for key, value in given.items() if value)})"
    try:
        commit, reached = _commit(name, revision, cached)
        with nullcontext() if reached else _only_cache():
            builder = datasets.load_dataset_builder(name, config, revision=commit)
        if builder.hash != commit:  # without the Hub, the library takes what it prepared last, whatever the revision
            raise LookupError(f"the Hub does not give commit {commit}, and the cache has {builder.hash} instead")
        builder.download_and_prepare()
        return cast(Sequence[dict[str, Any]], builder.as_dataset(split))
    except Exception as error:  # the library raises a dozen unrelated types for what is one thing to a user
        if cached:
            raise NotAtHand(f"{what}: not in the cache of this machine") from error
        raise UserError(f"{what}: {_reason(error, f'datasets/{name}')}") from error


@cache
def published(name: str, revision: str | None) -> Published:
    """Return what the Hub says of a data set now; nothing in the cache stands for it.

    Raises
    ------
    UserError
        If there is no such data set or revision.
    UnreachableError
        If the Hub does not answer.
    """
    from huggingface_hub import HfApi

    with _explained(f"data set {name} on the Hub" + (f" (revision={revision})" if revision else ""), name):
        newest = HfApi().dataset_info(name)  # whose card counts: that of a converted revision is empty
        found = newest if revision is None else HfApi().dataset_info(name, revision=revision)
        card = newest.card_data or {}
        stated = card.get("license_name") if card.get("license") == "other" else None
        stated = stated or card.get("license") or ()
        return Published(str(found.sha), tuple(map(str, [stated] if isinstance(stated, str) else stated)))


@cache
def first_rows(name: str, config: str | None, split: str, commit: str, count: int) -> Sequence[dict[str, Any]]:
    """Return at most ``count`` first rows of a split, read from the Hub as far as they reach.

    Raises
    ------
    UserError
        If the data set has no such configuration or split, or cannot be read.
    UnreachableError
        If the Hub does not answer.
    """
    what = f"data set {name} on the Hub ({f'config={config}, ' if config else ''}split={split})"
    with _explained(what, name), _few_retries():
        splits = _streams(name, config, commit)
        if split not in splits:
            raise LookupError(f"no such split; there are {', '.join(splits)}")
        return list(islice(splits[split], count))


@cache
def _streams(name: str, config: str | None, commit: str) -> Mapping[str, Any]:
    """Return the rows of each split of a data set, read when they are asked for."""
    import datasets
    from huggingface_hub import HfApi

    HfApi().auth_check(name, repo_type="dataset")  # says that one is gated, which the library words in many ways
    streams: Mapping[str, Any] = datasets.load_dataset_builder(name, config, revision=commit).as_streaming_dataset()
    return streams


def folder_or_model(name: str, knob: str, revision: str | None = None) -> Path:
    """Return a folder by its path, or that of a model on the Hub by its id.

    Parameters
    ----------
    name
        A path, or ``owner/name`` where there is no such folder.
    knob
        Key of the config that holds the name, for errors.
    revision
        Of the model on the Hub.

    Raises
    ------
    UserError
        If there is neither.
    """
    folder = Path(name).expanduser()
    if folder.exists():
        return folder
    if name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise UserError(f"{knob}={name}: no such folder")
    return _model_folder(name, revision, knob, _cached_only)


def config_folder(name: str, revision: str | None) -> Path | None:
    """Return the folder in the cache with the configuration of a model on the Hub, with weights or not, if any."""
    import huggingface_hub

    try:
        found = huggingface_hub.snapshot_download(
            name, revision=revision, allow_patterns=CONFIG_FILES, local_files_only=True
        )
    except Exception:  # as below
        return None
    return Path(found) if (Path(found) / CONFIG_FILES[0]).is_file() else None


@cache
def _model_folder(name: str, revision: str | None, knob: str, cached: bool) -> Path:
    """Return the local folder with a model of the Hub, downloaded if it is not in the cache.

    Raises
    ------
    UserError
        If there is no such model, or the Hub cannot be reached and the model is not in the cache.
    """
    import huggingface_hub

    try:
        folder = Path(
            huggingface_hub.snapshot_download(
                name, revision=revision, allow_patterns=MODEL_FILES, local_files_only=cached
            )
        )
        if cached and not any(folder.glob("*.safetensors")):
            raise LookupError("the cache has other files of it")
        return folder
    except Exception as error:  # as above
        if cached:
            raise NotAtHand(f"{knob}={name}: not in the cache of this machine") from error
        what = f"{knob}={name}" + (f" (revision={revision})" if revision else "")
        raise UserError(f"{what}: no such folder; as an id on the Hub: {_reason(error, name)}") from error


def _commit(name: str, revision: str | None, cached: bool) -> tuple[str, bool]:
    """Return the commit that a data set's revision stands for, and whether the Hub can be reached, and may be."""
    from huggingface_hub import HfApi, errors

    commit = HfApi().resolve_revision(name, repo_type="dataset", revision=revision, local_files_only=cached).resolved
    if cached:
        return commit, False
    try:
        HfApi().auth_check(name, repo_type="dataset")
    except errors.RepositoryNotFoundError:
        raise
    except Exception:  # of the HTTP library or of the Hub itself; the cache may do
        return commit, False
    return commit, True


@contextmanager
def _only_cache() -> Iterator[None]:
    """Keep the library from requests to a Hub that does not respond, which would take half a minute per split."""
    import datasets

    before = datasets.config.HF_HUB_OFFLINE
    datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = before


@contextmanager
def _few_retries() -> Iterator[None]:
    """Keep the library from trying for minutes to read rows of a Hub that stopped to respond."""
    import datasets

    names = ("STREAMING_OPEN_MAX_RETRIES", "STREAMING_READ_MAX_RETRIES")
    before = {name: getattr(datasets.config, name) for name in names}
    try:
        for name in names:
            setattr(datasets.config, name, 1)
        yield
    finally:
        for name in names:
            setattr(datasets.config, name, before[name])


@contextmanager
def _explained(what: str, name: str) -> Iterator[None]:
    """Turn what the libraries raise about a data set into one line."""
    from huggingface_hub import constants

    try:
        yield
    except Exception as error:  # as above
        if _unanswered(error):
            why = textwrap.shorten(str(error) or type(error).__name__, 200, placeholder=" ...")
            raise UnreachableError(f"the Hub ({constants.ENDPOINT}) cannot be reached: {why}") from error
        raise UserError(f"{what}: {_reason(error, f'datasets/{name}')}") from error


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


def _reason(error: Exception, page: str) -> str:
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
