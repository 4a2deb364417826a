"""What the data sets of a row look like, kept in the store beside its scores, and read back as a table."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from crosstask.analysis.columns import PROFILES, column_names
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


def profile_table(store: Store, runs: Iterable[str]) -> pd.DataFrame:
    """Return what the store knows of the data sets of runs.

    Returns
    -------
    DataFrame
        The columns of :data:`crosstask.analysis.columns.PROFILES`; of several data sets under one name the last run's.
    """
    wanted = set(runs)
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for record in store.records():
        if record["run"] in wanted:
            found |= _data_sets(record.get("profiles", {}), record["base"])
    frames = [_kept(store, *names, *content) for names, content in sorted(found.items())]
    return pd.concat(frames) if frames else pd.DataFrame(columns=column_names(PROFILES))


def _data_sets(profiles: Mapping[str, Mapping[str, str]], base: str) -> dict[tuple[str, str], tuple[str, str]]:
    """Return by role and name the data set and the base model that sees it."""
    return {(role, name): (data_set, base) for role, names in profiles.items() for name, data_set in names.items()}


def _kept(store: Store, role: str, name: str, data_set: str, base: str) -> pd.DataFrame:
    """Return what the store has of one data set."""
    paths = [path for path in (store.profile(data_set), store.profile(data_set, base)) if path.exists()]
    frames = [pd.read_parquet(path).assign(role=role, name=name) for path in paths]
    return pd.concat(frames)[column_names(PROFILES)] if frames else pd.DataFrame(columns=column_names(PROFILES))
