"""What each kind of variant makes of training rows, and which sources it makes no sense for."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from crosstask.config.task import AnswerExtraction, Form, Task
from crosstask.config.variant import Variant, VariantKind, check_variant
from crosstask.data.examples import Example
from crosstask.errors import NotApplicable, UserError
from crosstask.variants.varied import vary, vary_validation

CLOSED = Task(labels=[" bad", " good"])
LETTERS = Task(options="choices", form=Form.letters)
OPEN = Task(extraction=AnswerExtraction(strict=r"#### (\d+)", lenient=r"(\d+)", number=True))
FILMS = [
    Example(f"train-{number}", f"Film {number} was what it was.\nSentiment:", " good" if number % 5 == 0 else " bad")
    for number in range(40)
]
SUMS = [
    Example(f"train-{number}", f"What is {number} plus 1?\n", f"It is {number + 1}. Easy!\n#### {number + 1}")
    for number in range(12)
]
QUIZ = [Example(f"train-{n}", f"{n}?", " A" if n % 2 else " C", options=(" A", " B", " C")) for n in range(10)]


def varied(examples: list[Example], task: Task, kind: str, **more: Any) -> Any:
    """What a variant makes of one source."""
    variant = Variant(VariantKind(kind), **more)
    check_variant(variant)
    return vary(variant, {"it": examples}, {"it": task}, lambda name: examples[:6] + OTHERS)["it"]


OTHERS = [Example(f"train-{number}", f"Film {number} was.\nSentiment:", " bad") for number in range(90, 98)]


def test_balanced_has_as_many_rows_of_each_class_and_in_all():
    made = varied(FILMS, CLOSED, "balanced")
    assert Counter(one.answer for one in made.examples) == {" good": 20, " bad": 20}
    good = Counter(one.id for one in made.examples if one.answer == " good")
    assert len(good) == 8
    assert set(good.values()) <= {2, 3}
    bad = [one.id for one in made.examples if one.answer == " bad"]
    assert len(set(bad)) == 20
    assert set(made.examples) <= set(FILMS), "every row is as it was"
    assert made.share == pytest.approx(12 / 40), "twelve of the frequent class are left out"
    assert made.what == "rows of bad 32 -> 20, good 8 -> 20"


def test_shares_of_labels_that_the_command_line_reads_as_no_text():
    films = [replace(one, answer=" true" if one.answer == " good" else " false") for one in FILMS]
    made = varied(films, Task(labels=[" true", " false"]), "shares", shares={True: 0.75, False: 0.25})
    assert Counter(one.answer for one in made.examples) == {" true": 30, " false": 10}
    assert Variant(VariantKind.shares, shares={True: 0.75, False: 0.25}).name == "shares true=0.75 false=0.25"
    with pytest.raises(NotApplicable, match=r"no label 'true'; there are bad, good \(without quotes YAML reads yes"):
        varied(FILMS, CLOSED, "shares", shares={True: 1.0})


def test_shares_are_those_that_are_given():
    made = varied(FILMS, CLOSED, "shares", shares={"good": 0.75, "bad": 0.25})
    assert Counter(one.answer for one in made.examples) == {" good": 30, " bad": 10}
    alone = varied(FILMS, CLOSED, "shares", shares={"good": 1.0})
    assert Counter(one.answer for one in alone.examples) == {" good": 40}
    letters = varied(QUIZ, LETTERS, "shares", shares={"A": 0.8, "C": 0.2})
    assert Counter(one.answer for one in letters.examples) == {" A": 8, " C": 2}


def test_every_row_has_a_wrong_label_and_any_of_the_others_alike():
    made = varied(FILMS, CLOSED, "wrong_labels")
    assert all(one.answer != other.answer for one, other in zip(made.examples, FILMS, strict=True))
    assert [replace(one, answer="") for one in made.examples] == [replace(one, answer="") for one in FILMS]
    many = [replace(one, id=f"train-{number}", answer=" 0") for number, one in enumerate(FILMS * 50)]
    counts = Counter(one.answer for one in varied(many, Task(labels=[" 0", " 1", " 2", " 3"]), "wrong_labels").examples)
    assert counts[" 0"] == 0
    assert all(abs(counts[label] - 2000 / 3) < 5 * (2000 * 2 / 9) ** 0.5 for label in (" 1", " 2", " 3"))


def test_wrong_options_are_of_the_same_row():
    made = varied(QUIZ, LETTERS, "wrong_labels")
    assert all(one.answer in one.options for one in made.examples)
    assert all(one.answer != other.answer for one, other in zip(made.examples, QUIZ, strict=True))


def test_doses_of_wrong_labels_are_nested():
    made = {share: varied(FILMS, CLOSED, "share_wrong", share=share) for share in (0.0, 0.25, 0.5, 1.0)}
    wrong = {
        share: {one.id for one, other in zip(of.examples, FILMS, strict=True) if one.answer != other.answer}
        for share, of in made.items()
    }
    assert [len(wrong[share]) for share in made] == [0, 10, 20, 40]
    assert wrong[0.25] < wrong[0.5] < wrong[1.0]
    assert [of.share for of in made.values()] == [0.0, 0.25, 0.5, 1.0]
    assert made[1.0].examples == varied(FILMS, CLOSED, "wrong_labels").examples
    other = varied(FILMS, CLOSED, "share_wrong", share=0.25, seed=1)
    assert other.examples != made[0.25].examples


def test_shuffled_labels_keep_their_counts():
    for examples, task in ((FILMS, CLOSED), (SUMS, OPEN)):
        made = varied(examples, task, "shuffled_labels")
        assert Counter(one.answer for one in made.examples) == Counter(one.answer for one in examples)
        assert [one.prompt for one in made.examples] == [one.prompt for one in examples]
        differ = sum(one.answer != other.answer for one, other in zip(made.examples, examples, strict=True))
        assert made.share == differ / len(examples) > 0


def test_labels_have_other_names_and_the_space_around_them():
    made = varied(FILMS, CLOSED, "number_labels")
    assert [one.answer for one in made.examples] == [" 1" if one.answer == " good" else " 0" for one in FILMS]
    words = varied(FILMS, CLOSED, "word_labels")
    names = {one.answer for one in words.examples}
    assert len(names) == 2
    assert all(name[0] == " " and name[1:].isalpha() and name not in CLOSED.labels for name in names)
    assert varied(FILMS, CLOSED, "word_labels", seed=5).examples != words.examples
    called = {other.answer: one.answer for one, other in zip(words.examples, FILMS, strict=True)}
    assert words.what == ", ".join(f"{label.strip()} is {called[label].strip()}" for label in CLOSED.labels)


def test_labels_that_differ_by_case_or_space_alone_get_words_of_their_own():
    films = [replace(one, answer=" Bad" if number % 2 else " bad") for number, one in enumerate(FILMS)]
    words = {one.answer for one in varied(films, Task(labels=[" bad", " Bad"]), "word_labels").examples}
    assert len(words) == 2


def test_answers_are_what_is_extracted_or_a_sentence():
    assert [one.answer for one in varied(SUMS, OPEN, "short_answers").examples][:2] == ["#### 1", "#### 2"]
    told = [
        Example("train-0", "Why?", " Because of that. And of this.\nAnd more."),
        Example("train-1", "So?", "No\nend"),
    ]
    assert [one.answer for one in varied(told, Task(), "short_answers").examples] == [" Because of that.", "No"]
    long = varied(SUMS, OPEN, "long_answers")
    assert long.examples[3].answer == "What is 3 plus 1?\nIt is 4. Easy!\n#### 4"
    assert long.examples[3].prompt == SUMS[3].prompt


def test_a_longer_answer_begins_with_the_space_that_the_answer_began_with():
    spaced = [replace(one, answer=f" {one.answer}") for one in SUMS]
    assert varied(spaced, OPEN, "long_answers").examples[2].answer.startswith(" What is 2 plus 1?\nIt is 3.")


def test_prompts_are_empty_or_their_own_words_shuffled():
    assert {one.prompt for one in varied(FILMS, CLOSED, "no_prompt").examples} == {""}
    made = varied(FILMS, CLOSED, "shuffled_words").examples
    for one, other in zip(made, FILMS, strict=True):
        own, shared = one.prompt.split("\n")
        assert shared == "Sentiment:", "a line of the task stays"
        assert sorted(own.split()) == sorted(other.prompt.split("\n")[0].split())
    assert sum(one.prompt != other.prompt for one, other in zip(made, FILMS, strict=True)) > 35
    spaced = [Example("train-0", "  one  two\tthree\n\nfour five", "x"), Example("train-1", "a b", "y")]
    found = varied(spaced, Task(), "shuffled_words", seed=3).examples[0].prompt
    assert [len(line.split()) for line in found.split("\n")] == [3, 0, 2]
    assert found.startswith("  ")


def test_fewer_rows_are_nested_and_other_rows_are_counted():
    half, quarter = (varied(FILMS, CLOSED, "fewer_rows", share=share) for share in (0.5, 0.25))
    assert len(half.examples) == 20
    assert {one.id for one in quarter.examples} < {one.id for one in half.examples}
    assert half.share == 0.5
    other = varied(FILMS, CLOSED, "other_rows")
    assert other.share == pytest.approx(8 / 14)
    assert other.what == "8 of 14 rows are others"


@pytest.mark.parametrize(
    ("examples", "task", "kind", "words"),
    [
        (SUMS, OPEN, "balanced", "it has no classes"),
        (SUMS, OPEN, "wrong_labels", "it has no classes"),
        (SUMS, OPEN, "number_labels", "it has no classes"),
        (QUIZ, LETTERS, "word_labels", "it has options"),
        (FILMS, CLOSED, "short_answers", "it has labels or options"),
        (FILMS, CLOSED, "long_answers", "it has labels or options"),
        (FILMS[1:5], CLOSED, "shuffled_labels", "it would be the same"),
        (FILMS[:2], CLOSED, "balanced", "it has these shares already"),
        ([replace(one, prompt="") for one in SUMS], Task(), "long_answers", "it is plain texts"),
        ([replace(one, prompt="") for one in SUMS], Task(), "shuffled_labels", "it is plain texts"),
        ([replace(one, prompt="") for one in SUMS], Task(), "no_prompt", "it would be the same"),
        (FILMS, CLOSED, "shares", r"it needs variant\.shares=\{label: share\}"),
        (
            [replace(one, answer=" good") for one in FILMS],
            Task(labels=[" good"]),
            "wrong_labels",
            "it has a single label",
        ),
    ],
)
def test_what_makes_no_sense_is_skipped_with_the_reason(examples: list[Example], task: Task, kind: str, words: str):
    with pytest.raises(NotApplicable, match=f"variant={kind}: {words}"):
        varied(examples, task, kind)


def test_labels_that_there_are_not_are_named():
    with pytest.raises(NotApplicable, match="it has no label 'fine'; there are bad, good"):
        varied(FILMS, CLOSED, "shares", shares={"fine": 1.0})
    with pytest.raises(NotApplicable, match="it has no row with the label ' good'"):
        varied([one for one in FILMS if one.answer == " bad"], CLOSED, "shares", shares={"good": 0.5, "bad": 0.5})
    with pytest.raises(NotApplicable, match="base is trained on nothing"):
        vary(Variant(VariantKind.balanced), {}, {}, lambda name: [])


def test_rows_that_are_evaluated_meanwhile_are_changed_alike():
    variant = Variant(VariantKind.word_labels)
    learned = vary(variant, {"it": FILMS}, {"it": CLOSED}, lambda name: [])["it"].examples
    evaluated = vary_validation(variant, {"it": FILMS[:7]}, {"it": CLOSED})["it"]
    assert evaluated == learned[:7]
    assert vary_validation(Variant(VariantKind.balanced), {"it": FILMS[:7]}, {"it": CLOSED})["it"] == FILMS[:7]


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        (Variant(VariantKind.balanced, share=0.5), r"variant\.share=0\.5: only variant=share_wrong and"),
        (Variant(VariantKind.share_wrong), r"variant\.share has no value"),
        (Variant(VariantKind.share_wrong, share=1.5), r"variant\.share=1\.5: must be a share, 0 to 1"),
        (Variant(VariantKind.fewer_rows, share=0.0), r"variant\.share=0: .* above 0"),
        (Variant(VariantKind.balanced, shares={"good": 1.0}), r"variant\.shares: only variant=shares uses it"),
        (Variant(seed=3), r"variant\.seed=3: variant=none draws nothing"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(variant: Variant, words: str):
    with pytest.raises(UserError, match=words):
        check_variant(variant)
