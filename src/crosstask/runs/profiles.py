"""What the data sets of a matrix look like, as a table for the analysis, from the folders that hold their profiles."""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from crosstask.analysis.interventions.kinds import RANDOM
from crosstask.analysis.matrix.columns import PROFILES
from crosstask.analysis.schema import column_names
from crosstask.config.scoring import ASKED
from crosstask.errors import UserError
from crosstask.storage.profile_files import read_profile
from crosstask.storage.records import RunRecord
from crosstask.storage.store import profile_name

log = logging.getLogger(__name__)


def profile_table(records: Iterable[RunRecord], files: Iterable[Path]) -> pd.DataFrame:
    """Return what is known of the data sets of rows.

    Parameters
    ----------
    records
        Rows of the matrix.
    files
        Their profiles, by whose names they are found.

    Returns
    -------
    DataFrame
        The columns of ``PROFILES``. Of several data sets under one name the last row's, in the prompt of the training;
        embeddings are those of the last row's base model and of the last encoder, since those of several cannot be
        compared. A data set without a profile is not among them; a damaged one is left out, and a warning names it.
    """
    ordered = sorted(records, key=lambda record: (record.updated, record.run))
    found = last_data_sets(ordered)
    encoders = [record.encoder for record in ordered if record.encoder]
    models = (None, *(record.base for record in ordered[-1:]), *encoders[-1:])
    paths = {path.name: path for path in files}
    read = [
        (role, name, table)
        for (role, name), data_set in sorted(found.items())
        for file in (profile_name(data_set, model) for model in models)
        if file in paths and (table := _profile(paths[file])) is not None
    ]
    columns = column_names(PROFILES)
    if not read:
        return pd.DataFrame(columns=columns)
    roles, names, tables = zip(*read, strict=True)
    rows = [len(table) for table in tables]
    joined = pa.concat_tables(tables, promote_options="permissive").to_pandas(ignore_metadata=True)
    return joined.assign(role=np.repeat(roles, rows), name=np.repeat(names, rows))[columns]


def _profile(path: Path) -> pa.Table | None:
    """Return the profile in a file; None where it is damaged or another's, which a warning names."""
    try:
        return read_profile(path)
    except UserError as error:
        log.warning("%s; left out of the similarities; the train.py that made it makes it again", error)
        return None


def contents(records: Iterable[RunRecord]) -> dict[tuple[str, str], str]:
    """Return by role and name the fingerprint of the rows of a data set, of several that used last.

    A random update was trained on none of the rows of its source, so it has none.
    """
    ordered = sorted(records, key=lambda record: (record.updated, record.run))
    return last_data_sets(record for record in ordered if record.variant is None or record.variant.kind != RANDOM)


def profile_notes(records: Iterable[RunRecord]) -> list[str]:
    """Return what the reader must know of :func:`profile_table`: where there was something to choose from."""
    records = list(records)
    several = sorted({name for (_, name), found in _data_sets(records).items() if len(set(found)) > 1})
    notes = [f"similarity is that of the data used last, of several: {', '.join(several)}"] if several else []
    if len({record.base for record in records}) > 1:
        notes.append("embeddings of data sets are those of the base model used last, of several")
    return notes


def last_data_sets(records: Iterable[RunRecord]) -> dict[tuple[str, str], str]:
    """Return by role and name the data set that was used last, of rows in the order in which they were written."""
    return {key: data_sets[-1] for key, data_sets in _data_sets(records).items()}


def _data_sets(records: Iterable[RunRecord]) -> dict[tuple[str, str], list[str]]:
    """Return by role and name the data sets of rows, in the order of the rows.

    Targets in other prompts, or with examples shown, are other texts: they count where there is none in the prompt that
    training has.
    """
    plain: dict[tuple[str, str], list[str]] = {}
    otherwise: dict[tuple[str, str], list[str]] = {}
    for record in records:
        for role, named in record.profiles.items():
            is_plain = role == "source" or not any(record.config.get(f"scoring.{name}") for name in ASKED)
            for name, data_set in named.items():
                (plain if is_plain else otherwise).setdefault((role, name), []).append(data_set)
    return otherwise | plain
