"""A copy of a store that is small and has no text in it: what an analysis reads, to be published with its findings.

Records and scores are as they were. Of an answer there are its example's number, gold and predicted label or number,
log-probabilities of the labels, score, whether it is valid or was cut, and the lengths of answer and gold. Profiles
keep their numbers; features that were named by a text have a number for a name, function words aside. Features of
examples are numbers and stay. There are no prompts, no adapters, no outputs, no curves and no logs.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from crosstask.errors import UserError
from crosstask.storage.cell_score import CellScore
from crosstask.storage.compact_answers import NAMED_BY_TEXT, CountTokens, compact_answers
from crosstask.storage.feature_files import ROW, read_features, write_features
from crosstask.storage.profile_files import read_profile, write_profile
from crosstask.storage.records import CellRef, RunRecord
from crosstask.storage.rows import features_of, profiles_of
from crosstask.storage.store import Store


def write_compact(store: Store, folder: Path, count_tokens: CountTokens) -> Store:
    """Write a copy of a store without texts.

    Parameters
    ----------
    store
        With the answers of every cell.
    folder
        New or empty.
    count_tokens
        From texts to their lengths in tokens of the base model.

    Raises
    ------
    UserError
        If a file of the store is damaged.
    """
    compact, records = Store(folder), store.records()
    for record in records:
        for cell in record.cells.values():
            if (score := store.score(cell)) is not None:
                _write_cell(
                    compact, cell, score, compact_answers(_answers(store, cell), score.labels or (), count_tokens)
                )
        compact.write_json(compact.root / "records" / f"{record.run}.json", _without_texts(record).to_json())
    write_profiles(compact, sorted(profiles_of(store, records)))
    _write_features(compact, sorted(features_of(store, records)))
    shutil.rmtree(compact.root / "unfinished", ignore_errors=True)
    return compact


def _without_texts(record: RunRecord) -> RunRecord:
    """Return a record that names no folder of the machine it was made on, no address of a judge, and no prompts."""
    places = {
        name: Path(value).name for name, value in record.config.items() if isinstance(value, str) and "/" in value
    }
    judged = {target: replace(use, endpoint="") for target, use in record.judged.items()}
    return replace(record, config={**record.config, **places}, judged=judged, examples={})


def _answers(store: Store, cell: CellRef) -> pd.DataFrame:
    """Return the answers of a cell; UserError where they are not there, or damaged."""
    path = store.answers(cell)
    try:
        return pd.read_parquet(path, page_checksum_verification=True)
    except (OSError, ValueError) as error:  # pyarrow's errors are some of these
        raise UserError(f"{path}: cannot be read: {error}; a copy needs the answers of every cell") from error


def _write_cell(compact: Store, cell: CellRef, score: CellScore, answers: pd.DataFrame) -> None:
    """Write a cell: its score, and its answers, which have no texts."""
    made = pa.Table.from_pandas(answers, preserve_index=False).replace_schema_metadata(None)
    with compact.new_folder(compact.cell(cell)) as folder:
        pq.write_table(made, folder / "answers.parquet", compression="zstd", write_page_checksum=True)
        compact.write_json(folder / "score.json", score.to_json())


def write_profiles(compact: Store, files: Sequence[Path]) -> None:
    """Write profiles whose features have numbers for names where the names were texts; the same in all of them."""
    profiles = {path.name: read_profile(path).to_pandas() for path in files}
    if not profiles:
        return
    every = pd.concat([_named_by_text(profile) for profile in profiles.values()], ignore_index=True)
    names = {name: f"#{number}" for number, name in enumerate(sorted(set(every["feature"])))}
    names |= {word: word for word in ENGLISH_STOP_WORDS}  # which the measures leave out, or look at alone
    for name, profile in profiles.items():
        chosen = profile["kind"].isin(NAMED_BY_TEXT)
        numbered = profile["feature"].where(~chosen, profile["feature"].map(names))
        with compact.new_file(compact.root / "profiles" / name) as path:
            write_profile(path, name, profile.assign(feature=numbered))


def _write_features(compact: Store, files: Sequence[Path]) -> None:
    """Write the features of examples, which are numbers, without the hash of the text that they are of."""
    for path in files:
        table = read_features(path)
        with compact.new_file(compact.root / "features" / path.name) as made:
            write_features(made, path.name, replace(table, frame=table.frame.drop(columns=ROW, errors="ignore")))


def _named_by_text(profile: pd.DataFrame) -> pd.DataFrame:
    """Return the features of a profile whose names are texts."""
    return profile[profile["kind"].isin(NAMED_BY_TEXT)]
