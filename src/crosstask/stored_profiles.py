"""What the data sets of a matrix look like, as a table for the analysis, from the folders that hold their profiles."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.analysis.columns import PROFILES, column_names
from crosstask.store import profile_name


def profile_table(records: Iterable[Mapping[str, Any]], folders: Iterable[Path]) -> pd.DataFrame:
    """Return what is known of the data sets of rows.

    Parameters
    ----------
    records
        Rows of the matrix.
    folders
        Those that hold profiles, whose names are their contents.

    Returns
    -------
    DataFrame
        The columns of :data:`crosstask.analysis.columns.PROFILES`. Of several data sets under one name the last row's;
        embeddings are those of the last row's base model and encoder, since those of several cannot be compared. A data
        set without a profile is not among them.
    """
    ordered = sorted(records, key=lambda record: (record["updated"], record["run"]))
    found: dict[tuple[str, str], str] = {}
    for record in ordered:
        for role, named in record.get("profiles", {}).items():
            found |= {(role, name): data_set for name, data_set in named.items()}
    models = (None, ordered[-1]["base"], ordered[-1].get("encoder")) if ordered else ()
    paths = {path.name: path for folder in folders for path in folder.glob("*.parquet")}
    frames = [
        pd.read_parquet(paths[file]).assign(role=role, name=name)
        for (role, name), data_set in sorted(found.items())
        for file in dict.fromkeys(profile_name(data_set, model) for model in models)
        if file in paths
    ]
    columns = column_names(PROFILES)
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
