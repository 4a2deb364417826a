"""Features of the data sets of a row, kept in the store beside its scores."""

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import pandas as pd

from crosstask.data.examples import Example, content_hash
from crosstask.errors import UserError
from crosstask.features.surface import embedding_profile, profile
from crosstask.fingerprint import fingerprint
from crosstask.storage.profile_files import read_profile, write_profile
from crosstask.storage.store import Store

log = logging.getLogger(__name__)

DRAWN = 100
"""Most prompts of a data set that are embedded."""


@dataclass(frozen=True)
class DataSetText:
    """The examples of a source (those of a mixture together) or of a target."""

    examples: list[Example]
    labels: list[str]
    """Of a closed task; empty for an open one."""

    @cached_property
    def id(self) -> str:
        """Fingerprint of the content."""
        return fingerprint([content_hash(self.examples), self.labels])

    @property
    def drawn_prompts(self) -> list[str]:
        """The prompts that are embedded: of more than 100 examples those of 100, always the same ones."""
        # A generator of its own with a fixed seed: the embedding is kept under the content alone, so the same content
        # must give the same prompts in every run.
        drawn = random.Random(0).sample(range(len(self.examples)), min(DRAWN, len(self.examples)))
        return [self.examples[place].prompt for place in sorted(drawn)]


def keep_profiles(store: Store, data_sets: Iterable[DataSetText]) -> None:
    """Write the surface features of data sets to the store, unless they are there; damaged ones are made again."""
    for data_set in data_sets:
        _keep(store, store.profile(data_set.id), partial(profile, data_set.examples, data_set.labels))


def keep_embeddings(
    store: Store, data_sets: Iterable[DataSetText], model: str, kind: str, embed: Callable[[Sequence[str]], list[float]]
) -> None:
    """Write the embeddings of data sets by a model to the store, unless they are there; damaged ones are made again.

    Parameters
    ----------
    model
        Identity of the model.
    kind
        What the profile calls such a vector: ``embedding`` of a base model, ``sentence_embedding``.
    embed
        From prompts to their mean embedding.
    """
    for data_set in data_sets:
        _keep(store, store.profile(data_set.id, model), partial(_embedding, data_set, kind, embed))


def _embedding(data_set: DataSetText, kind: str, embed: Callable[[Sequence[str]], list[float]]) -> pd.DataFrame:
    """Return the embedding of a data set as a profile."""
    return embedding_profile(embed(data_set.drawn_prompts), kind)


def are_embedded(store: Store, data_sets: Iterable[DataSetText], model: str) -> bool:
    """Return whether the store has the embedding of every data set by a model, undamaged."""
    return all(_is_whole(store.profile(data_set.id, model)) for data_set in data_sets)


def _keep(store: Store, final: Path, make: Callable[[], pd.DataFrame]) -> None:
    """Write a profile to the store, unless it is there; a warning names one that is damaged."""
    if final.exists():
        try:
            read_profile(final)
        except UserError as error:
            log.warning("%s; made again", error)
        else:
            return
    made = make()
    with store.new_file(final) as path:
        write_profile(path, final.name, made)


def _is_whole(path: Path) -> bool:
    """Return whether a profile is there, and undamaged."""
    try:
        read_profile(path)
    except UserError:
        return False
    return True
