"""What the data sets of a row look like, kept in the store beside its scores."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from crosstask.base_model import BaseModel
from crosstask.data.examples import Example, content_hash
from crosstask.data.profile import embedding_profile, profile
from crosstask.embedding import mean_hidden_state
from crosstask.fingerprint import fingerprint
from crosstask.store import Store


@dataclass(frozen=True)
class DataSetText:
    """The examples of a source (a mixture's together) or of a target."""

    examples: list[Example]
    labels: list[str]
    """Of a closed task; empty for an open one."""

    @cached_property
    def id(self) -> str:
        """Fingerprint of the content."""
        return fingerprint([content_hash(self.examples), self.labels])


def keep_profiles(store: Store, data_sets: Iterable[DataSetText]) -> None:
    """Write down the surface of data sets, where the store lacks it."""
    for data_set in data_sets:
        if not store.profile(data_set.id).exists():
            with store.new_file(store.profile(data_set.id)) as path:
                profile(data_set.examples, data_set.labels).to_parquet(path, index=False)


def keep_embeddings(store: Store, data_sets: Iterable[DataSetText], base: BaseModel) -> None:
    """Write down where the bare base model sees data sets, where the store lacks it."""
    for data_set in data_sets:
        final = store.profile(data_set.id, base.identity)
        if not final.exists():
            mean = mean_hidden_state(base, [example.prompt for example in data_set.examples])
            with store.new_file(final) as path:
                embedding_profile(mean).to_parquet(path, index=False)
