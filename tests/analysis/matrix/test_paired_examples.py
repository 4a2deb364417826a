"""Example by example, what the sources of a target score."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.paired_examples import PairedExamples, means_of_answers
from tests.support.drawn_answers import answers

SCORES = np.array([[0, 1, 0], [1, 1, 0], [1, 0, 0]])  # base, and a source with two seeds


def test_example_means_are_over_seeds_and_0_for_a_source_without_answers():
    examples = PairedExamples(answers({"goat": SCORES}, ["a"], seeds=2), ["base", "a", "b"], ["goat", "imdb"])
    assert examples.example_means("goat").tolist() == [[0, 1, 0], [1, 0.5, 0], [0, 0, 0]]
    assert examples.example_means("imdb") is None


def test_example_means_serve_every_statistic_and_so_cannot_be_written_to():
    examples = PairedExamples(answers({"goat": SCORES}, ["a"], seeds=2), ["base", "a"], ["goat"])
    assert examples.example_means("goat") is examples.example_means("goat")
    with pytest.raises(ValueError, match="read-only"):
        examples.example_means("goat")[0, 0] = 1


def test_a_seed_is_the_same_on_every_target_whichever_seeds_a_target_lacks():
    scores = np.random.default_rng(0).normal(size=(3, 40)).astype(np.float32)
    ids = np.array([str(place) for place in range(40)], dtype=object)
    whole = TargetAnswers((("a", 0), ("a", 1), ("a", 2)), ids, scores)
    without_the_first = TargetAnswers((("a", 1), ("a", 2)), ids, scores[1:])
    names = pd.DataFrame(0.0, ["a"], ["goat", "imdb"])
    deviations = means_of_answers(Answers({"goat": whole, "imdb": without_the_first}), names).deviations[0]
    means = scores.mean(axis=1)
    assert deviations[:, 0] == pytest.approx((means - means.mean()) / 6**0.5, rel=1e-4)
    assert deviations[:, 1] == pytest.approx([0, *(means[1:] - means[1:].mean()) / 2**0.5], rel=1e-4)


def test_of_one_example_no_error_is_known():
    examples = PairedExamples(answers({"goat": SCORES[:, :1]}, ["a"], seeds=2), ["base", "a"], ["goat"])
    middle, variance, _ = examples.differences(np.array([[1.0], [0.0]]))
    assert not np.isnan(middle).any()
    assert np.isnan(variance).all()
