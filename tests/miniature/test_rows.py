"""The miniature's rows against `relations.yaml`, against each other and against Python's own arithmetic."""

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from statistics import median

import pytest

from crosstask.errors import UserError
from crosstask.miniature.relations import relations
from crosstask.miniature.rows import GENERATORS, rows

COLUMNS = {
    "gsm8k": {"question", "answer"},
    "metamath": {"query", "response", "type", "original_question"},
    "goat": {"instruction", "input", "output", "answer"},
    "magicoder": {"problem", "solution", "lang"},
    "paws": {"id", "sentence1", "sentence2", "label"},
    "mnli": {"premise", "hypothesis", "label", "idx"},
    "pile": {"texts", "meta", "scores", "avg_score", "num_sents"},
    "flipkart": {"instruction", "input", "output"},
    "amazon": {"class_index", "review_title", "review_text"},
    "imdb": {"text", "label"},
}
INPUT = {
    "gsm8k": lambda row: row["question"],
    "metamath": lambda row: row["query"],
    "goat": lambda row: row["instruction"],
    "magicoder": lambda row: row["problem"],
    "paws": lambda row: (row["sentence1"], row["sentence2"]),
    "mnli": lambda row: (row["premise"], row["hypothesis"]),
    "pile": lambda row: tuple(row["texts"]),
    "flipkart": lambda row: row["input"],
    "amazon": lambda row: row["review_text"],
    "imdb": lambda row: row["text"],
}
CLASS = {
    "paws": (("sentence_pairs", "paws"), lambda row: row["label"]),
    "mnli": (("sentence_pairs", "mnli"), lambda row: row["label"]),
    "pile": (("passages",), lambda row: int(row["avg_score"] > 0.5)),
    "flipkart": (("reviews", "flipkart"), lambda row: row["output"]),
    "amazon": (("reviews", "amazon"), lambda row: row["class_index"]),
    "imdb": (("reviews", "imdb"), lambda row: row["label"]),
}
EQUATION = re.compile(r"(\d+) ([-+*]) (\d+) = (\d+)")

DIGEST = """
import hashlib, json
from crosstask.miniature.rows import GENERATORS, rows
text = json.dumps([rows(name, split)[:200] for name in GENERATORS for split in ("test", "train")])
print(hashlib.sha256(text.encode()).hexdigest())
"""


@pytest.mark.parametrize("dataset", GENERATORS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_columns_and_size(dataset, split):
    found = rows(dataset, split)
    assert len(found) == relations()["rows"][split]
    assert {frozenset(row) for row in found} == {frozenset(COLUMNS[dataset])}


@pytest.mark.parametrize("dataset", GENERATORS)
def test_inputs_are_distinct_and_apart(dataset):
    train, test = ([INPUT[dataset](row) for row in rows(dataset, split)] for split in ("train", "test"))
    assert len(set(train)) == len(train)
    assert len(set(test)) == len(test)
    assert not set(train) & set(test)


def test_no_test_problem_of_gsm8k_in_metamath():
    test = {row["question"] for row in rows("gsm8k", "test")}
    seen = {row[column] for row in rows("metamath", "train") for column in ("query", "original_question")}
    assert not test & seen


def test_no_test_sum_in_training_even_with_exchanged_operands():
    def operands(row):
        left, operator, right = row["input"].split()
        return operator, (left, right) if operator == "-" else frozenset((left, right))

    assert not {operands(row) for row in rows("goat", "test")} & {operands(row) for row in rows("goat", "train")}


@pytest.mark.parametrize("dataset", CLASS)
def test_class_shares(dataset):
    path, label = CLASS[dataset]
    plan = relations()
    for key in path:
        plan = plan[key]
    found = rows(dataset, "train")
    counts = Counter(label(row) for row in found)
    assert counts.keys() == plan["shares"].keys()
    for name, share in plan["shares"].items():
        deviation = (share * (1 - share) / len(found)) ** 0.5
        # inputs are kept once only, so short reviews of the largest class are slightly rarer than planned
        assert counts[name] / len(found) == pytest.approx(share, abs=4 * deviation + 0.01)


def test_same_rows_in_another_process():
    environment = {**os.environ, "PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)}
    other = subprocess.run(
        [sys.executable, "-c", DIGEST], env=environment, capture_output=True, text=True, check=True
    ).stdout
    text = json.dumps([rows(name, split)[:200] for name in GENERATORS for split in ("test", "train")])
    assert other.strip() == hashlib.sha256(text.encode()).hexdigest()


def test_goat_is_right():
    for row in rows("goat", "train") + rows("goat", "test"):
        assert row["answer"] == str(eval(row["input"]))
        assert row["output"] == f"{row['input']} = {row['answer']}"
        assert set(re.findall(r"\d+", row["input"])) == set(re.findall(r"\d+", row["instruction"]))


@pytest.mark.parametrize(("dataset", "column"), [("gsm8k", "answer"), ("metamath", "response")])
def test_rationales_are_right(dataset, column):
    for row in rows(dataset, "test"):
        equations = EQUATION.findall(row[column])
        assert equations
        assert all(eval(left + operator + right) == int(value) for left, operator, right, value in equations)
        assert f"#### {equations[-1][-1]}" in row[column].splitlines()
        if dataset == "metamath":
            assert row[column].endswith(f"\nThe answer is: {equations[-1][-1]}")


def test_python_solutions_parse_and_examples_are_right():
    found = rows("magicoder", "test")
    assert {row["lang"] for row in found} == set(relations()["programs"]["languages"])
    for row in found:
        if row["lang"] == "python":
            ast.parse(row["solution"])
        for left, operator, right, value in EQUATION.findall(row["solution"]):
            assert eval(left + operator + right) == int(value)


def test_scores_of_passages():
    for row in rows("pile", "test"):
        assert row["num_sents"] == len(row["texts"]) == len(row["scores"])
        assert row["avg_score"] == pytest.approx(sum(row["scores"]) / row["num_sents"])
        assert 0 <= min(row["scores"]) <= max(row["scores"]) <= 1


def test_lengths_differ_as_planted():
    def words(dataset, column):
        return median(len(row[column].split()) for row in rows(dataset, "train"))

    assert words("goat", "answer") == 1
    assert words("goat", "answer") < words("metamath", "response") < words("magicoder", "solution")
    assert 4 * words("flipkart", "input") < words("imdb", "text")
    complaints = [row for row in rows("flipkart", "train") if row["output"] == "negative"]
    assert median(len(row["input"].split()) for row in complaints) > words("flipkart", "input")


@pytest.mark.parametrize(("dataset", "split"), [("squad", "train"), ("imdb", "validation")])
def test_unknown_names(dataset, split):
    with pytest.raises(UserError, match=r"(squad|validation).*allowed: .*(imdb|test)"):
        rows(dataset, split)
