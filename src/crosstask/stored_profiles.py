"""What the data sets of a matrix look like, as a table for the analysis, from the folders that hold their profiles."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.analysis.columns import PROFILES, column_names
from crosstask.store import profile_name


def profile_table(records: Iterable[Mapping[str, Any]], folders: Mapping[str, Sequence[Path]]) -> pd.DataFrame:
    """Return what is known of the data sets of rows.

    Parameters
    ----------
    records
        Rows of the matrix.
    folders
        By run the folders that may hold the profiles of its data sets.

    Returns
    -------
    DataFrame
        The columns of :data:`crosstask.analysis.columns.PROFILES`. Of several data sets under one name the last row's;
        embeddings are those of the last row's base model and encoder, since those of several cannot be compared. A data
        set without a profile is not among them.
    """
    ordered = sorted(records, key=lambda record: (record["updated"], record["run"]))
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for record in ordered:
        for role, named in record.get("profiles", {}).items():
            found |= {(role, name): (data_set, record["run"]) for name, data_set in named.items()}
    models = (None, ordered[-1]["base"], ordered[-1].get("encoder")) if ordered else ()
    frames = [
        pd.read_parquet(path).assign(role=role, name=name)
        for (role, name), (data_set, run) in sorted(found.items())
        for file in dict.fromkeys(profile_name(data_set, model) for model in models)
        if (path := _first_there(folder / file for folder in folders[run]))
    ]
    columns = column_names(PROFILES)
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def _first_there(paths: Iterable[Path]) -> Path | None:
    """Return the first path that exists."""
    return next((path for path in paths if path.exists()), None)
