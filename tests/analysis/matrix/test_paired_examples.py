"""Example by example, what the sources of a target score."""

import numpy as np
import pytest

from crosstask.analysis.matrix.paired_examples import PairedExamples
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
