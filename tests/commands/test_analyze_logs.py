"""Logs of other tools, from the options to what is printed and written."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.options import Options as GainOptions
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.score_unit import PERCENT
from crosstask.analysis.pipeline import transfer_of_scores, with_answers
from crosstask.analysis.traits.options import Options as TraitOptions
from crosstask.commands.analyze import analyze
from crosstask.commands.sections import Analysis, AnalyzeConfig
from crosstask.config.analysis import Runs, RunsKind
from tests.runs.evaluation_logs.conftest import unpacked

BASES = {RunsKind.lm_eval: "miniature", RunsKind.inspect: "small"}


@pytest.mark.parametrize("kind", BASES)
def test_logs_become_a_matrix_with_paired_tests(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: RunsKind):
    runs = Runs(kind, str(unpacked(str(kind), tmp_path) / "logs"), base=BASES[kind])
    few = Analysis(figures=[], gains=GainOptions(resamples=100), traits=TraitOptions(noise_draws=99, resamples=10))
    analyze(AnalyzeConfig(runs, few, output=str(tmp_path / "results")))
    gains = pd.read_csv(tmp_path / "results" / "gains_long.csv")
    assert set(gains["test"]) <= {"mcnemar", "sign_flip"}  # both on the same samples; a table would have unpaired_z
    assert set(gains.loc[gains["target"] == "texts", "test"]) <= {"sign_flip"}
    assert pd.read_csv(tmp_path / "results" / "matrix.csv")["source"].iloc[0] == "base"
    analyzed = pd.read_csv(tmp_path / "results" / "analyzed.csv", index_col="what")["value"]
    assert re.fullmatch(rf"logs of \d+ evaluated models \({kind}\)", analyzed["runs"])
    printed = capsys.readouterr().out
    assert "these logs have neither training data nor adapters: no similarity" in printed
    assert "scored by" in printed
    assert not (tmp_path / "results" / "similarity.csv").exists()


def test_answers_of_several_units_are_paired_on_the_scale_of_the_scores():
    generator = np.random.default_rng(0)
    worth = {"x": generator.random((2, 40)), "y": 100 * generator.random((2, 40)), "z": generator.random((2, 40))}
    runs = (("base", None), ("a", None))
    scores = pd.DataFrame(
        [
            (run[0], t, None, "m", v.mean(), v.std(ddof=1) / 40**0.5, 40)
            for t, of in worth.items()
            for run, v in zip(runs, of, strict=True)
        ],
        columns=["source", "target", "seed", "metric", "score", "stderr", "n"],
    )
    examples = np.array(list(map(str, range(40))), dtype=object)
    gold = {"p": 30, "q": 10}
    answers = Answers({t: TargetAnswers(runs, examples, of.astype(np.float32), gold) for t, of in worth.items()})
    plain = transfer_of_scores(scores, Conventions(), {"y": PERCENT}, ["z"])
    transfer = with_answers(plain, answers, pd.DataFrame(columns=["source", "target", "seed", "metric", "value"]))
    assert transfer.scales is not None
    assert transfer.answers is not None
    assert not any(found.gold for found in transfer.answers.targets.values())  # a share of a class is on another scale
    for target, sign in (("x", 1), ("y", 1), ("z", -1)):
        gain = transfer.gains.loc["a", target] / abs(transfer.scales.factors[target])
        assert gain == pytest.approx(sign * (worth[target][1].mean() - worth[target][0].mean()))
        place = list(transfer.matrix.columns).index(target)
        difference = worth[target][1] - worth[target][0]
        _, variance, _ = transfer.means.errors.differences(transfer.evidence.reference)
        factor = transfer.scales.factors[target]
        row = list(transfer.matrix.index).index("a")
        assert variance[row, place] == pytest.approx(factor**2 * difference.var(ddof=1) / 40, rel=1e-5)
