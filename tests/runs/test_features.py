"""Features of examples as the analysis gets them, from files as a job writes them."""

import logging
from collections.abc import Sequence

import numpy as np
import pytest

from crosstask.analysis.matrix.example_features import KeptFeatures
from crosstask.data.examples import Example
from crosstask.features.data_sets import DataSetText
from crosstask.features.example_features import keep_features
from crosstask.features.measuring import TextMeasure
from crosstask.fingerprint import fingerprint
from crosstask.runs.features import kept_features
from crosstask.storage.feature_files import Measured
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store
from tests.support.records import run_record


class Parses:
    """Stands for a parser: measures all but the first of three examples."""

    most = 2

    def __init__(self, name: str) -> None:
        self.name, self.identity = name, fingerprint(name)

    def described(self, names: Sequence[str]) -> Measured:
        return Measured("parse", self.name, {"relation_oprd": "tokens"}, {"relation_oprd": 0.77})

    def texts(self, prompt: str, answer: str, is_open: bool) -> tuple[str, str]:
        return prompt, ""

    def measure(self, texts: Sequence[tuple[str, str]], is_open: bool):
        return ({"tokens": 10, "relation_oprd": len(self.name)} for _ in texts)


FILMS = DataSetText([Example(f"test-{n}", f"A film of no {n}\nGood?", "1") for n in range(3)], ["0", "1"])


def written(store: Store, run: str, *parsers: Parses, updated: str = "2026-01-01T00:00:00+00:00") -> None:
    keep_features(store, [FILMS], TextMeasure())
    for parser in parsers:
        keep_features(store, [FILMS], parser)
    features = {"text": TextMeasure().identity}
    if parsers:
        features["parse"] = parsers[-1].identity
    store.record(run_record(run, "films", profiles={"target": {"films": FILMS.id}}, features=features, updated=updated))


def kept(store: Store) -> KeptFeatures:
    records = store.records()
    return kept_features(records, lambda: StoredRows(store).fetch_features(records))


def test_features_of_words_are_read_by_role_and_name(store: Store):
    written(store, "r")
    found = kept(store)
    assert found.names == (("target", "films"),)
    films = found.read("target", "films")
    assert films.examples.tolist() == ["test-0", "test-1", "test-2"]
    assert films.values["negations"].tolist() == [1, 1, 1]
    assert films.values["words"].tolist() == [5, 5, 5]  # without the line that all prompts have
    assert films.documents.tolist() == [0, 1, 2]
    assert films.of["negations"] == "words"
    assert found.read("target", "elsewhere") is None


def test_of_several_parsers_the_last_counts_and_examples_that_it_has(store: Store):
    written(store, "old", Parses("one"), updated="2026-01-01T00:00:00+00:00")
    written(store, "new", Parses("three"), updated="2026-01-02T00:00:00+00:00")
    written(store, "newest", updated="2026-01-03T00:00:00+00:00")
    films = kept(store).read("target", "films")
    assert len(films.examples) == 2
    assert films.values["relation_oprd"].tolist() == [5, 5]
    assert films.f1 == {"relation_oprd": 0.77}
    assert films.by["relation_oprd"] == "three"
    assert films.by["words"].startswith("crosstask")
    assert np.isfinite(films.values["words"]).all()


def test_a_damaged_file_counts_as_none(store: Store, caplog: pytest.LogCaptureFixture):
    written(store, "r", Parses("one"))
    store.features(FILMS.id, Parses("one").identity).write_bytes(b"")
    with caplog.at_level(logging.WARNING):
        films = kept(store).read("target", "films")
    assert "relation_oprd" not in films.values
    assert "left out" in caplog.text


def test_a_store_of_an_earlier_version_has_none(store: Store):
    store.record(run_record("r", "films", profiles={"target": {"films": FILMS.id}}))
    assert kept(store).names == ()
