"""Features of texts against values counted by hand, and formulas written out again."""

import math
import random

import pytest

from crosstask.features import text_measures
from crosstask.features.text_measures import count_sentences, count_syllables, measures, type_token_ratio

SYLLABLES = {
    1: "cat make makes walked times the",
    2: "table wanted boxes apple water question",
    3: "animal family another",
    4: "information territory",
}


def test_an_example_is_measured():
    found = measures("Tom doesn't own 3 cars, or 4.5!\nHow many does he sell?", "He sells 12.")
    counted = {
        "characters": 54,
        "words": 12,
        "sentences": 2,
    }
    assert {name: found[name] for name in counted} == counted
    expected = {"numerals": 2, "negations": 1, "questions": 1, "commas": 1, "question_words": 1, "capitals": 2}
    assert {name: found[name] for name in expected} == expected
    assert (found["pronouns"], found["conjunctions"], found["determiners"], found["auxiliaries"]) == (1, 1, 1, 1)
    assert found["function_words"] == 6  # doesn't, or, How, many, does, he
    assert (found["answer_words"], found["answer_numerals"], found["answer_sentences"]) == (3, 1, 1)


@pytest.mark.parametrize(("count", "words"), SYLLABLES.items())
def test_syllables_are_counted(count: int, words: str):
    assert {word: count_syllables(word) for word in words.split()} == dict.fromkeys(words.split(), count)


def test_readability_is_that_of_the_formulas():
    found = measures("The cat sat on the mat. It was happy.", "")  # 9 words, 2 sentences, 10 syllables
    assert found["reading_ease"] == pytest.approx(206.835 - 1.015 * 4.5 - 84.6 * 10 / 9)
    assert found["grade_level"] == pytest.approx(0.39 * 4.5 + 11.8 * 10 / 9 - 15.59)
    assert found["syllables_per_word"] == pytest.approx(10 / 9)
    assert found["characters_per_word"] == pytest.approx(27 / 9)


@pytest.mark.parametrize("window", [1, 3, 25, 100])
def test_the_moving_ratio_is_the_mean_over_all_windows(window: int):
    chance = random.Random(window)
    words = [chance.choice("abcdefgh") for _ in range(60)]
    width = min(window, len(words))
    windows = [words[start : start + width] for start in range(len(words) - width + 1)]
    expected = sum(len(set(part)) / width for part in windows) / len(windows)
    assert type_token_ratio(words, window) == pytest.approx(expected)


def test_of_a_text_without_words_some_features_are_not_defined():
    found = measures("3 + 4 =", "")
    assert (found["words"], found["numerals"], found["symbols"], found["answer_words"]) == (2, 2, 2, 0)
    undefined = {name for name, value in found.items() if math.isnan(value)}
    assert undefined == {
        *("characters_per_word", "syllables_per_word", "reading_ease", "grade_level"),
        *("type_token", "moving_type_token"),
    }
    assert all(math.isnan(value) or math.isfinite(value) for value in measures("", "").values())


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("One. Two! Three?", 3), ("It costs 3.5 dollars.", 1), ("a\nb\n\nc", 3), ("... ?!", 0), ("no end", 1)],
)
def test_sentences_end_at_marks_and_lines(text: str, count: int):
    assert count_sentences(text) == count


def test_every_count_is_a_feature():
    assert {*text_measures.COUNTED} <= measures("a", "b").keys()
