"""Rows of data sets on the Hub, to be trained and scored on."""

from collections.abc import Sequence
from contextlib import nullcontext
from functools import cache
from typing import Any, cast

from crosstask.errors import NotAtHand, UserError
from crosstask.hub.cache import is_cached_only, library_offline
from crosstask.hub.reasons import reason


def dataset_rows(name: str, config: str | None, split: str, revision: str | None) -> Sequence[dict[str, Any]]:
    """Return a split of a data set on the Hub; rows are decoded when they are indexed.

    Where the Hub cannot be reached, the rows are those in the cache, of the commit that was asked for or last seen.

    Raises
    ------
    NotAtHand
        Within `crosstask.hub.cache.cached_only`, if the cache does not have it.
    UserError
        If the Hub cannot be reached and the data set is not in the cache, or has no such configuration or split.
    """
    return _dataset_rows(name, config, split, revision, is_cached_only())


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
        with nullcontext() if reached else library_offline():
            builder = datasets.load_dataset_builder(name, config, revision=commit)
        if builder.hash != commit:  # without the Hub, the library takes what it prepared last, whatever the revision
            raise LookupError(f"the Hub does not give commit {commit}, and the cache has {builder.hash} instead")
        builder.download_and_prepare()
        return cast(Sequence[dict[str, Any]], builder.as_dataset(split))
    except Exception as error:  # the library raises a dozen unrelated types for what is one thing to a user
        if cached:
            raise NotAtHand(f"{what}: not in the cache of this machine") from error
        raise UserError(f"{what}: {reason(error, f'datasets/{name}')}") from error


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
