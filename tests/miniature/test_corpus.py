"""Pre-training text: the same twice, of every kind, and nothing from the test splits."""

import re
from itertools import islice

from crosstask.miniature.corpus import Corpus
from crosstask.miniature.rows import rows

EQUATION = re.compile(r"^(\d+) ([-+*]) (\d+) = (\d+)$", re.MULTILINE)


def documents(count, seed="pretrain"):
    return list(islice(Corpus(seed).documents(), count))


def test_documents_are_the_same_twice_and_differ_by_seed():
    assert documents(50) == documents(50)
    assert documents(50) != documents(50, "another")


def test_bare_equations_are_right_and_none_is_tested():
    tested = {frozenset([row["input"], " ".join(row["input"].split()[::-1])]) for row in rows("goat", "test")}
    found = EQUATION.findall("\n".join(documents(2000)))
    assert len(found) > 1000
    for left, operator, right, value in found:
        assert eval(left + operator + right) == int(value)
        forward = f"{left} {operator} {right}"
        backward = f"{right} {operator} {left}"
        assert frozenset([forward, backward]) not in tested


def test_no_test_input_occurs():
    text = "\n".join(documents(3000))
    for dataset, column in [
        ("gsm8k", "question"),
        ("magicoder", "problem"),
        ("imdb", "text"),
        ("amazon", "review_text"),
        ("svamp", "question_concat"),
        ("multiarith", "question"),
        ("rotten_tomatoes", "text"),
    ]:
        assert not [row for row in rows(dataset, "test") if row[column] in text]
