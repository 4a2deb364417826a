"""What is kept on a target: shares, their intervals, and where they cannot be told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel
from sklearn.dummy import DummyClassifier
from sklearn.model_selection import ShuffleSplit

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.forgetting.cells import forgetting
from crosstask.analysis.forgetting.commonest_label import commonest_label
from crosstask.analysis.forgetting.example_errors import paired_parts
from crosstask.analysis.forgetting.findings import lines
from crosstask.analysis.forgetting.levels import levels
from crosstask.analysis.forgetting.options import NoAbility, Options
from crosstask.analysis.forgetting.section import Section
from crosstask.analysis.forgetting.text_bits import text_bits
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.pipeline import analyze, transfer_of_scores
from crosstask.analysis.transfer import Transfer
from crosstask.commands.gate import CANNOT_TELL, verdict
from crosstask.errors import UserError
from tests.simulation.forgetting import transfer_of

N = 100


def right(count: int) -> np.ndarray:
    """So many right answers, then wrong ones."""
    return (np.arange(N) < count).astype(np.float32)


def answers(seeds: int = 1) -> Answers:
    """Base and two sources on a target of two labels and an open one; source b forgets on a, a's own target is a."""
    runs = (("base", None), *((source, seed) for source in ("a", "b") for seed in range(seeds)))
    of = {"a": {"base": 80, "a": 95, "b": 65}, "open": {"base": 40, "a": 40, "b": 2}}
    gold = {"a": {"no": 60, "yes": 40}, "open": {}}
    ids = np.array([f"row {number}" for number in range(N)], dtype=object)
    return Answers(
        {
            target: TargetAnswers(
                runs, ids, np.array([right(counts[run[0]] + 2 * (run[1] or 0)) for run in runs]), gold[target]
            )
            for target, counts in of.items()
        }
    )


def test_shares_are_of_what_base_is_above_the_commonest_label():
    transfer = transfer_of(answers())
    table = forgetting(transfer, np.array([0.6, 0.0])).set_index(["source", "target"])
    assert ("a", "a") not in table.index  # its own task
    assert table.loc[("b", "a"), "kept"] == pytest.approx(0.05 / 0.2)
    assert table.loc[("b", "open"), "kept"] == pytest.approx(0.02 / 0.4)
    assert table.loc["b"].index.tolist() == ["open", "a"]  # the worst first
    assert table["seed"].tolist() == [0, 0, 0]
    same = table.loc[("a", "open")]
    assert same["kept"] == 1
    assert 0.85 < same["ci_low"] < 1 < same["ci_high"] < 1.15  # no answer changed, which proves nothing
    assert same["p"] == 1
    assert table.loc[("b", "open"), "significant"]


def test_guessing_and_stated_scores_are_other_levels():
    transfer = transfer_of(answers())
    guessing = levels(transfer, Options(NoAbility.guessing))
    assert (guessing.values.tolist(), guessing.variances.tolist()) == ([0.5, 0.0], [0.0, 0.0])
    commonest, variance = commonest_label({"no": 60, "yes": 40})
    assert levels(transfer, Options(chance={"open": 0.25})).values.tolist() == [commonest, 0.25]
    assert levels(transfer, Options()).variances.tolist() == [variance, 0]
    assert levels(transfer, Options(chance={"a": 0.7})).variances.tolist() == [0, 0]
    options = pd.DataFrame(
        [("base", "open", None, "chance", 0.2)], columns=["source", "target", "seed", "metric", "value"]
    )
    assert levels(replace(transfer, metrics=options), Options()).values.tolist() == [commonest, 0.2]


def test_the_commonest_label_is_that_of_other_rows():
    gold = np.repeat([0, 1, 2], [45, 40, 15])
    halves = ShuffleSplit(400, train_size=0.5, random_state=0).split(gold)
    always = DummyClassifier(strategy="most_frequent")
    scores = [always.fit(gold[one, None], gold[one]).score(gold[other, None], gold[other]) for one, other in halves]
    found, variance = commonest_label({"c": 15, "a": 45, "b": 40})
    assert found == pytest.approx(np.mean(scores), abs=0.01)
    assert found == commonest_label({"a": 45, "b": 40, "c": 15})[0]
    assert found < 0.44  # not as often as the label that happens to lead
    assert variance == pytest.approx(0.45 * 0.55 / 100)
    assert commonest_label({"a": 50, "b": 50}) == (0.5, 0.0025)
    assert commonest_label({"a": 100, "b": 0}) == (1.0, 0.0)
    assert commonest_label({"a": 1, "b": 0}) == (1.0, 0.0)


def test_the_level_of_even_classes_is_not_too_high():
    generator = np.random.default_rng(0)
    drawn = [int(generator.binomial(200, 0.5)) for _ in range(60)]
    found = [commonest_label({"a": count, "b": 200 - count})[0] for count in drawn]
    assert np.mean([max(count, 200 - count) / 200 for count in drawn]) > 0.525
    assert 0.495 < np.mean(found) < 0.52


@pytest.mark.parametrize(
    ("chance", "message"),
    [
        ({"opne": 0.5}, r"chance=\{opne: 0\.5\}: no target of that name \(did you mean 'open'\?\)"),
        ({"open": 1}, r"chance=\{open: 1\}: must be below 1, the highest score"),
    ],
)
def test_levels_that_cannot_be_are_refused(chance: dict[str, float], message: str):
    with pytest.raises(UserError, match=message):
        levels(transfer_of(answers()), Options(chance=chance))
    with pytest.raises(UserError, match=message):  # before any section of an analysis
        analyze(transfer_of(answers()), {"forgetting": Section(Options(chance=chance))})


def test_near_chance_nothing_is_said():
    transfer = transfer_of(answers())
    table = forgetting(transfer, np.array([0.78, 0.0])).set_index(["source", "target"])
    assert table.loc[("b", "a"), ["kept", "ci_low", "ci_high"]].isna().all()
    assert table.loc[("b", "a"), "p"] < 0.01  # that the score fell can be told
    below = forgetting(transfer, np.array([0.99, 0.0])).set_index(["source", "target"])
    assert pd.isna(below.loc[("b", "a"), "kept"])


def test_several_seeds_have_a_row_each_and_one_for_their_mean():
    table = forgetting(transfer_of(answers(3)), np.array([0.6, 0.0]))
    cell = table[(table["source"] == "b") & (table["target"] == "a")]
    assert cell["seed"].astype(object).where(cell["seed"].notna(), None).tolist() == [None, 0, 1, 2]
    assert cell["seeds"].tolist() == [3, 1, 1, 1]
    assert cell["kept"].tolist() == pytest.approx([0.07 / 0.2, 0.05 / 0.2, 0.07 / 0.2, 0.09 / 0.2])
    assert cell["q"].notna().tolist() == [True, False, False, False]


def test_errors_over_examples_are_those_of_the_rows_with_one_won_and_one_lost():
    generator = np.random.default_rng(0)
    scores, base = generator.integers(0, 2, (3, 50)).astype(float), generator.integers(0, 2, 50).astype(float)
    found = paired_parts(scores, base, True)
    for row, of_row in enumerate(scores):
        covariance = np.cov(np.append(of_row, [1, 0]), np.append(base, [0, 1]), ddof=0) / 52 * (52 / 50) ** 2
        assert [part[row] for part in found] == pytest.approx([covariance[0, 0], covariance[0, 1], covariance[1, 1]])
    graded = paired_parts(scores / 3, base / 3, False)
    covariance = np.cov(scores[1] / 3, base / 3) / 50
    assert [part[1] for part in graded] == pytest.approx([covariance[0, 0], covariance[0, 1], covariance[1, 1]])


def test_a_table_of_scores_is_enough():
    rows = [
        ("base", "x", 80.0),
        ("base", "y", 60.0),
        ("x", "x", 90.0),
        ("x", "y", 45.0),
        ("y", "x", 79.0),
        ("y", "y", 70.0),
    ]
    scores = pd.DataFrame(rows, columns=["source", "target", "score"]).assign(
        seed=None, metric="acc", stderr=2.0, n=400
    )
    transfer = transfer_of_scores(scores.astype({"seed": "Int64", "n": "Int64"}), Conventions())
    found = Section(Options(chance={"y": 50.0}))(transfer)
    table = found.tables[0].frame.set_index("source")
    assert table.loc["x", "level"] == 50
    assert table.loc["x", "kept"] == pytest.approx(-0.5)
    assert table.loc["y", "kept"] == pytest.approx(79 / 80)
    assert any("not known on x and taken for 0" in note for note in found.notes)


@pytest.mark.parametrize("seeds", [1, 3])
def test_without_errors_over_rows_nothing_is_told_however_many_seeds(seeds: int):
    generator = np.random.default_rng(0)
    runs = [("base", None), *((source, seed) for source in ("x", "y", "z") for seed in range(seeds))]
    rows = [(*run, target, 0.6 + generator.normal(0, 0.01)) for run in runs for target in ("x", "y", "z", "v")]
    scores = pd.DataFrame(rows, columns=["source", "seed", "target", "score"]).assign(metric="acc", stderr=None, n=None)
    types = {"seed": "Int64", "n": "Int64", "stderr": float}
    found = Section(Options())(transfer_of_scores(scores.astype(types), Conventions()))
    tables = {table.schema.name: table.frame for table in found.tables}
    assert tables["kept"][["kept", "ci_low", "all_high", "backward_low"]].isna().all(axis=None)
    assert tables["forgetting"]["kept"].isna().all()
    assert found.lines == (
        "What a source keeps of base's abilities in all cannot be told: errors of scores over test rows are not known,"
        " which takes n or stderr",
    )
    assert verdict(tables["kept"], 0.9)[0] == CANNOT_TELL


def test_rows_that_cannot_be_told_are_no_contradiction_of_cells_that_can():
    kept = pd.DataFrame({"source": ["x"], "kept": [None], "all_high": [None]})
    columns = ["source", "target", "base", "score", "kept", "ci_low", "ci_high", "significant"]
    rows = [("x", "y", 0.6, 0.5, 0.06, -114.0, 0.64, True), ("x", "z", 0.2, 0.2, None, None, None, False)]
    assert lines(kept, pd.DataFrame(rows, columns=columns), pd.DataFrame({"significant": []})) == [
        "What a source keeps of base's abilities in all cannot be told: on no other target is base so far above a score"
        " that takes no ability as a mean over targets needs",
        "Cell by cell, less is kept in 1 of 1 off the diagonal where base is above a score that takes no ability (of 2"
        " cells, each with a test), least on x -> y: 6 % (at most 64); not told on z: base is too near to a score that"
        " takes no ability",
    ]


def test_of_the_base_model_alone_there_is_one_note():
    scores = pd.DataFrame({"source": ["base", "base"], "target": ["x", "y"], "score": [0.5, 0.6]})
    known = scores.assign(seed=None, metric="acc", stderr=0.01, n=100).astype({"seed": "Int64", "n": "Int64"})
    found = Section(Options())(transfer_of_scores(known, Conventions()))
    assert found.notes == ("forgetting: the base model alone, so there is nothing that it could forget",)
    assert not found.tables


def test_without_base_there_is_one_note():
    scores = pd.DataFrame({"source": ["x", "y"], "target": ["x", "x"], "score": [0.5, 0.6]})
    transfer = transfer_of_scores(
        scores.assign(seed=pd.array([0, 0], "Int64"), metric="m", stderr=0.1, n=9), Conventions()
    )
    found = Section(Options())(transfer)
    assert not found.tables
    assert found.notes == ("forgetting: no base model, so it cannot be told what is kept of its abilities",)


def of_texts(transfer: Transfer) -> Transfer:
    """Target open is plain text."""
    scores = transfer.scores
    return replace(transfer, scores=scores.assign(metric=np.where(scores["target"] == "open", "bits_per_byte", "acc")))


def test_plain_texts_are_compared_by_bits_text_by_text():
    generator = np.random.default_rng(1)
    known = answers()
    bits = generator.normal(1.0, 0.2, (3, N)) + np.array([[0.0], [0.15], [0.01]])
    texts = replace(known.targets["open"], scores=(2.0**-bits).astype(np.float32))
    transfer = of_texts(transfer_of(Answers({**known.targets, "open": texts})))
    found = levels(transfer, Options())
    assert np.isnan(found.values).tolist() == [False, True]
    table = text_bits(transfer, found.texts).set_index("source")
    for row, source in enumerate(("a", "b"), start=1):
        expected = ttest_rel(bits[row], bits[0])
        assert table.loc[source, "change"] == pytest.approx((bits[row] - bits[0]).mean(), abs=1e-5)
        assert table.loc[source, "p"] == pytest.approx(expected.pvalue, rel=1e-3)
        interval = expected.confidence_interval()
        assert table.loc[source, ["ci_low", "ci_high"]].tolist() == pytest.approx(list(interval), abs=1e-5)
    lines = Section(Options())(transfer).lines
    assert any(line.startswith("Plain texts take more bits per byte in 1 of 2 cells, most a -> open") for line in lines)
