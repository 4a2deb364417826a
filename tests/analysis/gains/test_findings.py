"""What the gains say in a line, and what is not said where nothing was tested."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.gains import findings
from crosstask.analysis.gains.checks import alarms
from crosstask.analysis.gains.columns import REFERENCES
from crosstask.analysis.gains.donors_recipients import donors
from crosstask.analysis.gains.effect_parts import effect_parts
from crosstask.analysis.gains.gain_tests import gains_long
from crosstask.analysis.gains.notes import gain_notes
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.score_unit import FRACTION
from crosstask.analysis.matrix.standard_errors import means_of_table
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.inference import Inference
from crosstask.errors import UserError

NO_REFERENCES = pd.DataFrame(columns=column_names(REFERENCES))
INDICES = pd.DataFrame(columns=["index", "corrected", "ci_low", "ci_high"])

REACH = "the intervals, which unlike the tests are not corrected, reach from -10.0 to +30.0 (percentage points)"


def gains(targets: str) -> pd.DataFrame:
    """Gains of one source without a significant one."""
    table = pd.DataFrame({"source": "a", "target": list(targets), "gain": 0.1, "home": False, "p": 0.5})
    return table.assign(ci_low=-0.1, ci_high=0.3, significant=False, test="crossed_t", seeds=3, n=100)


def test_one_source_and_one_target_are_singular():
    assert alarms(gains("b"), NO_REFERENCES)["message"].tolist() == [
        f"a is not distinguishable from base on its only target; {REACH}",
        f"its only source is not distinguishable from base on b; {REACH}",
    ]
    several = alarms(gains("bc"), NO_REFERENCES)["message"]
    assert several[0].startswith("a is not distinguishable from base on any of 2 targets;")
    one_untested = pd.concat([gains("b"), gains("c").assign(p=np.nan)])
    assert gain_notes(one_untested, Inference())[:2] == [
        "0 of 1 gain off the diagonal differs from 0 at a false discovery rate of 0.05: 0 up, 0 down",
        "1 gain off the diagonal cannot be tested: errors are not known",
    ]
    with pytest.raises(UserError, match="2 gains of 1 source on 2 targets do not tell donors from recipients"):
        additive_model(np.ones((1, 2), bool))


@pytest.mark.parametrize(
    ("known", "told"), [([None, None], ""), ([True, None], "; 1 of 1 distinguishable from the mean")]
)
def test_donors_that_were_not_tested_are_not_counted(known, told):
    table = pd.DataFrame({"name": ["a", "b"], "role": "donor", "effect": [0.1, -0.1], "shrunken": np.nan})
    line = findings.donor_finding(table.assign(significant=pd.array(known, dtype="boolean")), FRACTION)
    assert line == f"a gives most (+10.0 against the mean source), b least (-10.0){told}"


def test_equal_donors_have_no_order():
    table = pd.DataFrame({"name": ["a", "b"], "role": "donor", "effect": [1e-17, 0.0], "shrunken": 0.0})
    line = findings.donor_finding(table.assign(significant=False), FRACTION)
    assert line == "No source gives more than another"


def test_pairs_that_were_not_tested_are_not_counted():
    pairs = pd.DataFrame({"significant": pd.array([None, None], dtype="boolean")})
    assert findings.asymmetry_finding(pairs, INDICES) == "Gains between 2 pairs of tasks, each way"
    pairs["significant"] = pd.array([True, None], dtype="boolean")
    assert findings.asymmetry_finding(pairs, INDICES) == "1 of 1 pair of tasks is asymmetric"


def test_affinities_without_intervals_name_no_leader():
    table = pd.DataFrame({"target": "b", "source": ["a", "c"], "affinity": [0.9, 0.1]})
    unknown = findings.affinity_finding(table.assign(ci_low=np.nan, ci_high=np.nan))
    assert unknown == "Which source is best on most examples of a target (normalized affinity)"
    known = findings.affinity_finding(table.assign(ci_low=[0.8, 0.0], ci_high=[1.0, 0.2]))
    assert known == "One source clearly leads on 1 of 1 target (normalized affinity)"


def test_targets_on_which_base_has_no_score_are_not_counted():
    rows = [("b", "base", 0.5), ("b", "majority", 0.4), ("c", "majority", 0.4)]
    table = pd.DataFrame(rows, columns=["target", "reference", "score"])
    assert findings.reference_finding(table).endswith("above the majority class on 1 of 1 closed target")


def test_a_target_without_a_score_of_base_costs_the_others_no_donors():
    names = ["a", "b", "c", "d"]
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        [(source, target, rng.uniform(0.3, 0.7)) for source in ["base", *names] for target in names],
        columns=["source", "target", "score"],
    ).assign(seed=pd.array([None] * 20, "Int64"), metric="accuracy", stderr=np.nan, n=200)
    lacking = table[(table["source"] != "base") | (table["target"] != "d")]
    matrix = table.pivot(index="source", columns="target", values="score").loc[["base", *names]]

    def effects(scores: pd.DataFrame, targets: list[str]) -> pd.DataFrame:
        chosen = scores[scores["target"].isin(targets)]
        evidence = GainEvidence(means_of_table(chosen, matrix[targets], 1.0), "base")
        model = additive_model(evidence.gains.notna().to_numpy())
        return donors(evidence, effect_parts(evidence, model), Inference())

    pd.testing.assert_frame_equal(effects(lacking, names), effects(table, names[:3]))


def test_no_interval_of_a_gain_reaches_beyond_what_scores_can_gain():
    """Two rows a score: by Student's quantile of one degree of freedom it would, by far."""
    table = pd.DataFrame([("base", "t", 0.3), ("a", "t", 0.6)], columns=["source", "target", "score"])
    table = table.assign(seed=pd.array([None] * 2, "Int64"), metric="f1", stderr=0.2, n=2)
    matrix = pd.DataFrame([[0.3], [0.6]], ["base", "a"], ["t"])
    home = pd.DataFrame([[False]], ["a"], ["t"])
    for ceiling, limits in ((1.0, [-1.0, 1.0]), (np.nan, [-3.294, 3.894])):
        evidence = GainEvidence(means_of_table(table, matrix, ceiling), "base")
        found = gains_long(evidence, home, ceiling, {}, Inference())
        assert found[["ci_low", "ci_high"]].iloc[0].tolist() == pytest.approx(limits, abs=1e-2)
