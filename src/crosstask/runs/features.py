"""Features of the single examples of a matrix's data sets, from the folder that holds them."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.example_features import ExampleFeatures, KeptFeatures
from crosstask.errors import UserError
from crosstask.runs.profiles import last_data_sets
from crosstask.storage.feature_files import DOCUMENT, EXAMPLE, FeatureTable, feature_names, read_features
from crosstask.storage.records import RunRecord
from crosstask.storage.store import features_name

log = logging.getLogger(__name__)

Files = Callable[[], Iterable[Path]]
"""Gives the files with features of rows."""


def kept_features(records: Iterable[RunRecord], files: Files) -> KeptFeatures:
    """Return the features of the data sets of rows, which are read one data set at a time.

    Parameters
    ----------
    records
        Rows of the matrix.
    files
        The files with their features, by whose names they are found.

    Returns
    -------
    KeptFeatures
        Of several data sets under one name the last row's, in the prompt of the training, as for the profiles; of
        several parsers the one that was asked for last. Examples that one of the measures left out are left out. A
        damaged file counts as none, and a warning names it.
    """
    ordered = sorted(records, key=lambda record: (record.updated, record.run))
    measures: dict[str, str] = {}
    for record in ordered:
        measures |= record.features
    paths = {path.name: path for path in files()} if measures else {}
    found = {
        key: of_data_set
        for key, data_set in sorted(last_data_sets(ordered).items())
        if (of_data_set := _there(paths, data_set, measures))
    }

    def read(role: str, name: str) -> ExampleFeatures | None:
        tables = [table for path in found.get((role, name), ()) if (table := _read(path)) is not None]
        return _joined(tables) if tables else None

    return KeptFeatures(tuple(found), read)


def _there(paths: Mapping[str, Path], data_set: str, measures: Mapping[str, str]) -> list[Path]:
    """Return the files of a data set that there are, those of words first."""
    names = [features_name(data_set, measures[kind]) for kind in ("text", "parse") if kind in measures]
    return [paths[name] for name in names if name in paths]


def _read(path: Path) -> FeatureTable | None:
    """Return the features in a file; None where it is damaged, which a warning says."""
    try:
        return read_features(path)
    except UserError as error:
        log.warning("%s; left out; the train.py that made it makes it again", error)
        return None


def _joined(tables: Sequence[FeatureTable]) -> ExampleFeatures:
    """Return what several measures found of the examples that all of them have."""
    frames = [table.frame.set_index(EXAMPLE) for table in tables]
    features = pd.concat([frame[feature_names(frame)] for frame in frames], axis=1, join="inner")
    of: dict[str, str] = {}
    f1: dict[str, float] = {}
    by: dict[str, str] = {}
    for table in tables:
        of |= table.measured.of
        f1 |= table.measured.f1
        by |= dict.fromkeys(feature_names(table.frame), table.measured.by)
    documents = frames[0][DOCUMENT].reindex(features.index).to_numpy(np.intp)
    return ExampleFeatures(features.index.to_numpy(object), documents, features.reset_index(drop=True), of, f1, by)
