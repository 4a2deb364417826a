"""Features of the single examples of data sets, kept in the store; no text is measured twice by the same measure."""

import hashlib
import logging
import random
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from crosstask.errors import UserError
from crosstask.features.data_sets import DataSetText
from crosstask.features.measuring import Measure
from crosstask.features.own_lines import documents, own_lines
from crosstask.storage.feature_files import (
    DOCUMENT,
    EXAMPLE,
    ROW,
    FeatureTable,
    feature_names,
    read_features,
    write_features,
)
from crosstask.storage.store import Store

log = logging.getLogger(__name__)


def keep_features(store: Store, data_sets: Iterable[DataSetText], measure: Measure) -> None:
    """Write the features of the examples of data sets to the store, unless they are there.

    Damaged ones are made again. Examples whose text was measured for another data set are not measured again.
    """
    lacking = [
        data_set for data_set in data_sets if _is_lacking(store.features(data_set.id, measure.identity), log.warning)
    ]
    if not lacking:
        return
    with store.lock("features", measure.identity):
        for data_set in lacking:
            final = store.features(data_set.id, measure.identity)
            if not _is_lacking(final):  # made by another process in the meantime
                continue
            table = _table(data_set, measure, store.features_by(measure.identity))
            with store.new_file(final) as path:
                write_features(path, final.name, table)


def _table(data_set: DataSetText, measure: Measure, made: Iterable[Path]) -> FeatureTable:
    """Return the features of a data set's examples, as far as possible from files that were made."""
    places, is_open = _drawn(len(data_set.examples), measure.most), not data_set.labels
    examples = [data_set.examples[place] for place in places]
    own = own_lines([example.prompt for example in data_set.examples])
    answers = [example.answer for example in examples]
    texts = [measure.texts(own[place], answer, is_open) for place, answer in zip(places, answers, strict=True)]
    rows = [row_number(*pair, is_open) for pair in texts]
    known = _known(made, set(rows))
    new = {row: pair for row, pair in zip(rows, texts, strict=True) if row not in known}
    if new and measure.most is not None:
        log.info("parsing %d texts of a data set", len(new))
    known |= dict(zip(new, measure.measure(list(new.values()), is_open), strict=True))
    features = pd.DataFrame([known[row] for row in rows], dtype=np.float32)
    leading = {
        EXAMPLE: [example.id for example in examples],
        DOCUMENT: np.array(documents([own[place] for place in places]), np.int32),
        ROW: np.array(rows, np.int64),
    }
    return FeatureTable(measure.described(list(features)), pd.concat([pd.DataFrame(leading), features], axis=1))


def _known(made: Iterable[Path], wanted: set[int]) -> dict[int, Mapping[str, float]]:
    """Return the features of those rows that files have."""
    known: dict[int, Mapping[str, float]] = {}
    for path in made:
        try:
            held = pq.read_table(path, columns=[ROW])[ROW].to_numpy()
            if not (wanted - known.keys()).intersection(held.tolist()):
                continue
            frame = read_features(path).frame
        except (OSError, ValueError, KeyError, UserError):  # damaged: what it was of is made again in its own time
            continue
        frame = frame[frame[ROW].isin(wanted)]
        known |= dict(zip(frame[ROW].tolist(), frame[feature_names(frame)].to_dict("records"), strict=True))
    return known


def _drawn(count: int, most: int | None) -> list[int]:
    """Return the places of at most so many of the examples, always the same ones, in their order."""
    if most is None or count <= most:
        return list(range(count))
    # A generator of its own with a fixed seed, as for the prompts that are embedded.
    return sorted(random.Random(0).sample(range(count), most))


def row_number(prompt: str, answer: str, is_open: bool) -> int:
    """Return 64 bits of a hash of what is measured of an example."""
    digest = hashlib.sha256(f"{len(prompt)} {is_open}\n{prompt}{answer}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _is_lacking(path: Path, say: Callable[[str], None] = lambda line: None) -> bool:
    """Return whether features are lacking or damaged; a line names those that are damaged."""
    if not path.exists():
        return True
    try:
        read_features(path)
    except UserError as error:
        say(f"{error}; made again")
        return True
    return False
