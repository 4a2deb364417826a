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

import numpy as np
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
    "svamp": {"ID", "Body", "Question", "Equation", "Answer", "Type", "question_concat"},
    "asdiv": {"body", "question", "solution_type", "answer", "formula"},
    "multiarith": {"question", "final_ans"},
    "sst2": {"idx", "sentence", "label"},
    "rotten_tomatoes": {"text", "label"},
    "tweet_eval_sentiment": {"text", "label"},
    "financial_phrasebank": {"sentence", "label"},
    "rte": {"sentence1", "sentence2", "label", "idx"},
    "sick": {"id", "sentence_A", "sentence_B", "label"},
    "qqp": {"question1", "question2", "label", "idx"},
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
    "svamp": lambda row: row["question_concat"],
    "asdiv": lambda row: (row["body"], row["question"]),
    "multiarith": lambda row: row["question"],
    "sst2": lambda row: row["sentence"],
    "rotten_tomatoes": lambda row: row["text"],
    "tweet_eval_sentiment": lambda row: row["text"],
    "financial_phrasebank": lambda row: row["sentence"],
    "rte": lambda row: (row["sentence1"], row["sentence2"]),
    "sick": lambda row: (row["sentence_A"], row["sentence_B"]),
    "qqp": lambda row: (row["question1"], row["question2"]),
}
SHORT_REVIEWS = ("sst2", "rotten_tomatoes", "tweet_eval_sentiment", "financial_phrasebank")
PAIRED_CLAIMS = ("rte", "sick", "qqp")
CLASS = {
    "paws": (("sentence_pairs", "paws"), lambda row: row["label"]),
    "mnli": (("sentence_pairs", "mnli"), lambda row: row["label"]),
    "pile": (("passages",), lambda row: int(row["avg_score"] > 0.5)),
    "flipkart": (("reviews", "flipkart"), lambda row: row["output"]),
    "amazon": (("reviews", "amazon"), lambda row: row["class_index"]),
    "imdb": (("reviews", "imdb"), lambda row: row["label"]),
    **{name: (("reviews", name), lambda row: row["label"]) for name in SHORT_REVIEWS},
    **{name: (("sentence_pairs", name), lambda row: row["label"]) for name in PAIRED_CLAIMS},
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


def test_no_test_problem_in_training_of_any_set_of_word_problems():
    names = ["gsm8k", "metamath", "svamp", "asdiv", "multiarith"]
    texts = {name: [" ".join(np.atleast_1d(INPUT[name](row))) for row in rows(name, "train")] for name in names}
    for name in names:
        test = {" ".join(np.atleast_1d(INPUT[name](row))) for row in rows(name, "test")}
        assert not [other for other in names if test & set(texts[other])]


def test_another_draw_has_other_rows_and_none_of_a_test_split():
    for dataset in ("imdb", "svamp", "qqp"):
        plain = {split: {str(INPUT[dataset](row)) for row in rows(dataset, split)} for split in ("train", "test")}
        other = {
            split: {str(INPUT[dataset](row)) for row in rows(dataset, split, "development")}
            for split in ("train", "test")
        }
        assert not (other["train"] | other["test"]) & plain["test"]
        assert not other["train"] & other["test"]
        assert len(other["train"] & plain["train"]) < 1000


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


def test_short_problems_are_right():
    for row in rows("svamp", "test"):
        assert eval(row["Equation"]) == float(row["Answer"]) == counted(row["question_concat"])
    for row in rows("asdiv", "test"):
        formula, _, value = row["formula"].partition("=")
        number, unit = re.fullmatch(r"(\d+) \((\w+)\)", row["answer"]).groups()
        assert eval(formula) == int(value) == int(number) == counted(row["body"])
        assert unit in row["question"]
    for row in rows("multiarith", "test"):
        assert int(row["final_ans"]) == counted(row["question"])


def counted(problem):
    """The number of things in the end, read off the sentences of a problem."""
    sentences = [part for part in problem.split(".") if re.search(r"\d", part)]
    owner = re.search(r"^([A-Z]\w+) (?:has|starts)|bag of (\w+)|morning (\w+)", sentences[0])
    owner = next(name for name in owner.groups() if name)
    value = int(re.search(r"\d+", sentences[0]).group())
    for sentence in sentences[1:]:
        number = int(re.search(r"\d+", sentence).group())
        if "years old" in sentence or "miles away" in sentence:
            continue
        if "times as many" in sentence:
            value *= number
        elif re.search(rf"buys|gives {owner}|come from|finds", sentence):
            value += number
        else:
            value -= number
    return value


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
