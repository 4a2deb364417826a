"""Features of the data sets of a row, kept in the store beside its scores."""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from crosstask.data.examples import Example, content_hash
from crosstask.features.surface import embedding_profile, profile
from crosstask.fingerprint import fingerprint
from crosstask.storage.store import Store

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
        drawn = random.Random(0).sample(range(len(self.examples)), min(DRAWN, len(self.examples)))
        # The seed is fixed: an embedding is kept under the content of its data set alone, so the same content must give
        # the same prompts in every run.
        return [self.examples[place].prompt for place in sorted(drawn)]


def keep_profiles(store: Store, data_sets: Iterable[DataSetText]) -> None:
    """Write the surface features of data sets to the store, unless they are there."""
    for data_set in data_sets:
        if not store.profile(data_set.id).exists():
            with store.new_file(store.profile(data_set.id)) as path:
                profile(data_set.examples, data_set.labels).to_parquet(path, index=False)


def keep_embeddings(
    store: Store, data_sets: Iterable[DataSetText], model: str, kind: str, embed: Callable[[Sequence[str]], list[float]]
) -> None:
    """Write the embeddings of data sets by a model to the store, unless they are there.

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
        final = store.profile(data_set.id, model)
        if not final.exists():
            vector = embed(data_set.drawn_prompts)
            with store.new_file(final) as path:
                embedding_profile(vector, kind).to_parquet(path, index=False)
