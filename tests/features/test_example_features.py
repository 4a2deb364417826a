"""Features of examples in the store: once per text, found again, made again where they are damaged."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest

from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.features.data_sets import DataSetText
from crosstask.features.example_features import keep_features
from crosstask.features.measuring import ParserMeasure, TextMeasure, measures
from crosstask.features.own_lines import documents, own_lines
from crosstask.features.parsers import Parser
from crosstask.fingerprint import fingerprint
from crosstask.storage.feature_files import Measured, read_features
from crosstask.storage.store import Store


@dataclass(frozen=True)
class Counting:
    """A measure that notes what it was asked."""

    identity: str = fingerprint("counting")
    most: int | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)

    def described(self, names: Sequence[str]) -> Measured:
        return Measured("parse", "counting 1", {}, {"length": 0.5})

    def texts(self, prompt: str, answer: str, is_open: bool) -> tuple[str, str]:
        return prompt, answer if is_open else ""

    def measure(self, texts: Sequence[tuple[str, str]], is_open: bool) -> Iterator[dict[str, float]]:
        self.asked.extend(texts)
        return ({"length": len(prompt), "answer": float(answer or np.nan)} for prompt, answer in texts)


def data_set(*prompts: str, labels: Sequence[str] = ("1", "2")) -> DataSetText:
    return DataSetText([Example(f"test-{n}", prompt, "1") for n, prompt in enumerate(prompts)], list(labels))


def test_no_text_is_measured_twice(store: Store):
    counting = Counting()
    first, second = data_set("aa", "b", "aa"), data_set("b", "ccc")
    keep_features(store, [first, second], counting)
    assert counting.asked == [("aa", ""), ("b", ""), ("ccc", "")]
    keep_features(store, [first, second], counting)
    keep_features(store, [data_set("ccc", "aa")], counting)
    assert len(counting.asked) == 3
    found = read_features(store.features(second.id, counting.identity))
    assert found.measured == counting.described([])
    assert found.frame["example"].tolist() == ["test-0", "test-1"]
    assert found.frame["length"].tolist() == [1, 3]
    assert found.frame["answer"].isna().all()


def test_another_measure_has_features_of_its_own(store: Store):
    data = data_set("aa", "b")
    for name in ("one", "two"):
        counting = replace(Counting(), identity=fingerprint(name))
        keep_features(store, [data], counting)
        assert len(counting.asked) == 2
    assert len(list((store.root / "features").iterdir())) == 2


def test_the_answer_to_an_open_question_counts(store: Store):
    counting = Counting()
    keep_features(store, [data_set("aa", labels=()), data_set("aa")], counting)
    assert counting.asked == [("aa", "1"), ("aa", "")]


def test_lines_of_the_template_are_left_out(store: Store):
    counting = Counting()
    prompts = [f"Text {letter * 3}\nIs it good?\nAnswer:" for letter in "abc"]
    keep_features(store, [data_set(*prompts)], counting)
    assert counting.asked == [("Text aaa", ""), ("Text bbb", ""), ("Text ccc", "")]


def test_examples_of_one_document_are_told():
    texts = ["A passage.\nWho?", "A passage.\nWhere was it then?", "Another one.\nWho?", "Is it?"]
    assert documents(texts) == [0, 1, 2, 3]  # the longest line counts: the second question is longer than the passage
    assert documents(["A long passage of a text.\nWho?", "A long passage of a text.\nWhere?", ""]) == [0, 0, 2]
    assert own_lines([]) == documents([]) == []


def test_of_very_many_examples_always_the_same_ones_are_parsed(store: Store):
    data = data_set(*(f"{number:03d}" for number in range(50)))
    counting = Counting(most=20)
    keep_features(store, [data], counting)
    found = read_features(store.features(data.id, counting.identity)).frame["example"].tolist()
    assert len(found) == len(set(found)) == 20
    assert found == sorted(found, key=lambda name: int(name.removeprefix("test-")))
    store.features(data.id, counting.identity).unlink()
    keep_features(store, [data], counting)
    assert read_features(store.features(data.id, counting.identity)).frame["example"].tolist() == found


def damaged(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def no_table(path: Path) -> None:
    path.write_text("no table")


@pytest.mark.parametrize("spoil", [damaged, no_table])
def test_damaged_features_are_made_again(store: Store, spoil, caplog: pytest.LogCaptureFixture):
    data = data_set("aa", "b")
    path = store.features(data.id, Counting().identity)
    keep_features(store, [data], Counting())
    before = read_features(path).frame
    spoil(path)
    with pytest.raises(UserError, match=f"{path.name}: no whole features of a data set"):
        read_features(path)
    with caplog.at_level(logging.WARNING):
        keep_features(store, [data], counting := Counting())
    assert "made again" in caplog.text
    assert len(counting.asked) == 2
    assert read_features(path).frame.equals(before)


def test_features_under_another_name_are_refused(store: Store):
    data = data_set("aa", "b")
    keep_features(store, [data], Counting())
    path = store.features(data.id, Counting().identity)
    other = path.rename(path.with_name("other.parquet"))
    with pytest.raises(UserError, match="renamed or copied"):
        read_features(other)


def test_what_words_are_kept_under_stays():
    """A store finds its features again; raise the version where the same text comes to have others."""
    assert TextMeasure().identity == "f3005822862c0edfafad"
    assert [*measures(None)] == ["text"]


def test_counts_and_the_parsers_f1_are_described():
    performance = {"dep_las_per_type": {"oprd": {"p": 0.8, "r": 0.7, "f": 0.77}, "root": {"f": 0.9}}}
    parser = Parser("x", Path(), {"lang": "en", "name": "x", "version": "1", "performance": performance})
    assert parser.f1 == {"relation_oprd": 0.77, "relation_ROOT": 0.9}
    text = TextMeasure().described(["words", "negations", "answer_numerals"])
    assert text.of == {"negations": "words", "answer_numerals": "answer_words"}


def test_the_parsers_f1_counts_for_answers_as_well(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crosstask.features.parsers.version", lambda name: "3.8")
    performance = {"ents_per_type": {"GPE": {"f": 0.9}}}
    parser = Parser("x", Path(), {"lang": "en", "name": "x", "version": "1", "performance": performance})
    found = ParserMeasure(parser).described(["tokens", "answer_entity_GPE", "pos_X"])
    assert found.by == "en_x 1, spaCy 3.8"
    assert found.of == {"answer_entity_GPE": "answer_tokens", "pos_X": "tokens"}
    assert found.f1 == {"answer_entity_GPE": 0.9}
