"""Features of real parses, by spaCy and the model that is installed, and the commands that make them."""

import json
from pathlib import Path

import pandas as pd
import pytest

from crosstask.data.examples import Example
from crosstask.features.data_sets import DataSetText
from crosstask.features.example_features import keep_features
from crosstask.features.measuring import measures
from crosstask.features.parsers import OFFICIAL, Parser, find_parser
from crosstask.storage.feature_files import read_features
from crosstask.storage.store import Store
from tests.support.small_sweep import SmallSweep

pytestmark = pytest.mark.linguistic

SENTENCES = {
    "The letter was not written by Ann.": {"nsubjpass": 1, "auxpass": 1, "agent": 1, "neg": 1, "pobj": 1},
    "The film was called boring.": {"oprd": 1, "nsubjpass": 1},
    "She gave up the book that he had bought.": {"prt": 1, "relcl": 1, "dobj": 2},
    "He wants to eat 3 apples.": {"xcomp": 1, "nummod": 1},
    "Tom's dog sleeps because it is tired.": {"poss": 1, "case": 1, "advcl": 1, "mark": 1, "acomp": 1},
}


@pytest.fixture(scope="module")
def parser() -> Parser:
    return find_parser(OFFICIAL)


def test_relations_are_found(parser: Parser):
    for (sentence, expected), found in zip(SENTENCES.items(), parser.parse(list(SENTENCES)), strict=True):
        relations = {name: found[f"relation_{name}"] for name in expected}
        assert relations == expected, sentence
        assert found["relation_ROOT"] == found["parsed_sentences"] == 1


def test_counts_and_trees_are_those_that_spacy_says(parser: Parser):
    import spacy

    text = "Natalia sold clips to 48 of her friends in April, and then she sold half as many.\n\nHow many in Paris?"
    doc = spacy.load(parser.folder)(text)
    (found,) = parser.parse([text])
    tokens = [token for token in doc if not token.is_space]
    assert found["tokens"] == len(tokens)
    assert found["tree_depth"] == max(len(list(token.ancestors)) for token in doc)
    heads = [abs(token.i - token.head.i) for token in tokens if token.dep_ != "ROOT"]
    assert found["dependency_distance"] == pytest.approx(sum(heads) / len(heads))
    for prefix, labels in (
        ("pos", [token.pos_ for token in tokens]),
        ("relation", [token.dep_ for token in tokens]),
        ("entity", [entity.label_ for entity in doc.ents]),
    ):
        counts = {name: value for name, value in found.items() if name.startswith(f"{prefix}_") and value}
        assert counts == {f"{prefix}_{label}": labels.count(label) for label in labels}
    assert found["entity_GPE"] >= 1  # Paris; the model takes Natalia for one as well


@pytest.mark.parametrize("text", ["", " ", "\n\n", "!", "a", "🙂" * 3, "word " * 5000])
def test_odd_texts_are_parsed(parser: Parser, text: str):
    (found,) = parser.parse([text])
    assert found["tokens"] == len(text.split()) or "🙂" in text


def test_a_text_longer_than_the_model_takes_is_cut(parser: Parser, monkeypatch: pytest.MonkeyPatch):
    from crosstask.features import parsers

    monkeypatch.setattr(parsers._load(parser.folder, parser.asked), "max_length", 10)
    assert next(parser.parse(["one two three four"]))["tokens"] == 3


def test_every_label_of_the_model_is_a_feature_of_every_text(parser: Parser):
    first, second = parser.parse(["One.", "Two were called three in Paris."])
    assert first.keys() == second.keys()
    assert sum(name.startswith("relation_") for name in first) == 45


def test_which_model_parsed_and_how_well_it_does_is_kept(store: Store, parser: Parser):
    data = DataSetText([Example("test-0", "The film was called boring.", "It was.")], [])
    measure = measures(OFFICIAL)["parse"]
    keep_features(store, [data], measure)
    kept = read_features(store.features(data.id, measure.identity))
    assert kept.measured.by == parser.name
    meta = json.loads((parser.folder / "meta.json").read_text())["performance"]
    assert kept.measured.f1["relation_oprd"] == meta["dep_las_per_type"]["oprd"]["f"]
    assert kept.measured.f1["relation_ROOT"] == meta["dep_las_per_type"]["root"]["f"]
    assert kept.measured.f1["answer_entity_GPE"] == meta["ents_per_type"]["GPE"]["f"]
    assert kept.frame["relation_oprd"].tolist() == [1]
    assert kept.frame["answer_relation_nsubj"].tolist() == [1]


def test_a_store_without_parses_gets_them_by_the_same_command(tmp_path: Path, model_folder: Path):
    sweep = SmallSweep(tmp_path, model_folder)
    sweep.train("plain", sources="base")
    again = sweep.train("plain", "parser=en_core_web_sm", sources="base")
    assert "reused" in again.stdout + again.stderr
    (record,) = Store(tmp_path / "plain").records()
    assert {*record.features} == {"text", "parse"}
    sweep.train("plain", "trainer.max_steps=3", sources="imdb")
    sweep.script("analyze.py", f"store={tmp_path}/plain", f"output={tmp_path}/results", "analysis.figures=[]")
    table = pd.read_csv(tmp_path / "results" / "features.csv").set_index(["role", "name", "feature"])
    assert table.loc[("target", "imdb", "relation_acomp"), "mean"] > 0
    assert table.loc[("target", "imdb", "relation_acomp"), "f1"] == pytest.approx(0.905, abs=0.05)
    assert "spaCy" in table.loc[("target", "pile", "pos_AUX"), "measured_by"]
