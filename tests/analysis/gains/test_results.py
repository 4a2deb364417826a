"""The score table with an interval for each run."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.results import gain_tables
from crosstask.analysis.matrix.answers import CellAnswers, paired_answers
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.statistics.proportions import wilson
from crosstask.analysis.transfer import Transfer

RUNS = {("base", None, ""): 0.1, ("a\t1", None, "m"): 0.3, ("a", 1, "\tm"): 0.7, ("a", 1, "m"): 0.5}
"""Runs and their scores; with tabs between their parts the second and the third would read the same."""


@pytest.mark.parametrize("known", ["answers", "standard errors"])
def test_every_run_has_the_interval_of_its_own_score_whatever_it_is_called(known):
    columns = ["source", "target", "seed", "metric", "score", "stderr", "n", "model"]
    rows = [
        (source, target, seed, "accuracy", score, np.nan, 200, model or None)
        for (source, seed, model), score in RUNS.items()
        for target in ("goat", "imdb")
    ]
    scores = pd.DataFrame(rows, columns=columns).astype({"seed": "Int64", "n": "Int64"})
    examples = np.arange(200).astype(object)
    cells = [
        CellAnswers(source, target, seed, examples, (np.arange(200) < 200 * score).astype(float), (model,))
        for (source, seed, model), score in RUNS.items()
        for target in ("goat", "imdb")
    ]
    answers = paired_answers(cells, {}) if known == "answers" else None
    conventions = Conventions(rows=("source", "model"))
    found = gain_tables(Transfer(scores, conventions, answers=answers), Inference()).scores
    low, high = wilson(found["score"], 200, 0.05)
    np.testing.assert_allclose(found["ci_low"], low)
    np.testing.assert_allclose(found["ci_high"], high)
