"""chrF against another library."""

import numpy as np
from torchmetrics.functional.text import chrf_score

from crosstask.config.task import Task
from crosstask.evaluation.scorers.chrf import Chrf
from tests.support.outputs import generated_outputs


def test_chrf_agrees_with_another_library():
    gold = ["def add(a, b):\n    return a + b", "print(x)", "for i in y:\n  z()"]
    text = ["def add(x, y):\n    return x - y", "print( x )", ""]
    scorer = Chrf("magicoder", Task(prompt="p", answer="a", metric="chrf"))
    answers = scorer.score(generated_outputs(gold, text))
    # torchmetrics passes over blanks but not over line ends, which do not count either.
    flat = [(" ".join(t.split()), " ".join(g.split())) for t, g in zip(text, gold, strict=True)]
    expected = [float(chrf_score([t], [[g]], n_word_order=0)) if t else 0.0 for t, g in flat]
    np.testing.assert_allclose(answers["score"], expected, atol=1e-6)
    assert answers["valid"].tolist() == [True, True, False]
    assert "lenient" not in scorer.metrics(answers)
