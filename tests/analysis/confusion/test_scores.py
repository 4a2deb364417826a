"""Scores of confusion matrices, their intervals, and where two of them rank adapters differently."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import stats
from sklearn.metrics import balanced_accuracy_score, cohen_kappa_score, f1_score, matthews_corrcoef
from torchmetrics.functional.classification import (
    multiclass_accuracy,
    multiclass_cohen_kappa,
    multiclass_matthews_corrcoef,
)

from crosstask.analysis.confusion.rankings import ranked_differently
from crosstask.analysis.confusion.scores import SCORES, scores_of_counts, scores_of_runs
from crosstask.analysis.matrix.base_changes import levels
from crosstask.analysis.matrix.closed_targets import ClosedTarget
from crosstask.analysis.matrix.crossed_parts import Estimates
from tests.simulation.closed_answers import SKEWED, World, closed
from tests.simulation.confusions import simulate

PUBLISHED = Path(__file__).parents[2] / "reference_data" / "paper_confusions.csv"
RUNS = [("base", None), ("goat", 0)]


def counted(table: pd.DataFrame) -> tuple[ClosedTarget, list[str]]:
    """A target whose one run has the counts of a published matrix."""
    labels = list(dict.fromkeys(table["true"]))
    gold = np.repeat([labels.index(label) for label in table["true"]], table["count"])
    predicted = np.repeat([labels.index(label) for label in table["predicted"]], table["count"])
    return closed([("goat", 0)], gold, np.eye(len(labels))[predicted][None]), labels


def published(source: str, target: str) -> dict[str, float]:
    """Scores of a published matrix; ``variation`` of predicted and gold shares, ``first``: share of the first label."""
    table = pd.read_csv(PUBLISHED, dtype={"true": str, "predicted": str})
    found, labels = counted(table[(table["source"] == source) & (table["target"] == target)])
    values, _ = scores_of_runs(found)
    shares, gold = (np.bincount(of, minlength=len(labels)) / found.n for of in (found.predicted[0], found.gold))
    return dict(zip(SCORES, values[0], strict=True)) | {
        "variation": np.abs(shares - gold).sum() / 2,
        "first": shares[0],
    }


def test_published_matrices_give_the_published_numbers():
    imdb, pile = published("imdb", "flipkart"), published("pile", "flipkart")
    assert [imdb[name] for name in ("accuracy", "macro_f1", "kappa", "variation")] == pytest.approx(
        [0.8555, 0.572, 0.571, 0.041], abs=5e-4
    )
    assert [pile[name] for name in ("accuracy", "macro_f1", "kappa", "variation")] == pytest.approx(
        [0.8390, 0.624, 0.511, 0.060], abs=5e-4
    )
    balanced, plain = published("flipkart_balanced", "imdb"), published("flipkart", "imdb")
    assert [balanced[name] for name in ("accuracy", "first", "kappa")] == pytest.approx(
        [0.5780, 0.926, 0.148], abs=6e-4
    )
    assert [plain[name] for name in ("accuracy", "first", "kappa")] == pytest.approx([0.7715, 0.722, 0.541], abs=6e-4)


@pytest.fixture
def target() -> ClosedTarget:
    """Three labels, answers in some of which none can be read, and a label that is rare."""
    target, _ = World(SKEWED, invalid=0.1, sources=2, n=120).draw(np.random.default_rng(3))
    return target


@pytest.mark.filterwarnings("ignore:y_pred contains classes")
def test_scores_are_those_of_scikit_learn_and_torchmetrics(target: ClosedTarget):
    values, _ = scores_of_runs(target)
    for predicted, found in zip(target.predicted, values, strict=True):
        gold = target.gold
        of_others = {
            "accuracy": (gold == predicted).mean(),
            "balanced_accuracy": balanced_accuracy_score(gold, predicted),
            "macro_f1": f1_score(gold, predicted, labels=[0, 1, 2], average="macro", zero_division=0),
            "kappa": cohen_kappa_score(gold, predicted),
            "mcc": matthews_corrcoef(gold, predicted),
        }
        assert found == pytest.approx([of_others[name] for name in SCORES], abs=1e-12)
        pair = torch.tensor(predicted), torch.tensor(gold)
        assert found[3] == pytest.approx(float(multiclass_cohen_kappa(*pair, num_classes=4)), abs=1e-6)
        assert found[4] == pytest.approx(float(multiclass_matthews_corrcoef(*pair, num_classes=4)), abs=1e-6)
        recall = multiclass_accuracy(*pair, num_classes=4, average=None)[:3]
        assert found[1] == pytest.approx(float(recall.mean()), abs=1e-6)


def test_a_model_that_always_says_the_same_has_no_correlation_and_one_that_cannot_err_no_kappa():
    right, gold, predicted = np.array([3.0, 0.0]), np.array([3.0, 2.0]), np.array([5.0, 0.0, 0.0])
    assert scores_of_counts(right, gold, predicted)[3:].tolist() == [0.0, 0.0]
    only = scores_of_counts(np.array([5.0, 0.0]), np.array([5.0, 0.0]), np.array([5.0, 0.0, 0.0]))
    assert np.isnan(only[SCORES.index("kappa")])
    assert only[SCORES.index("balanced_accuracy")] == 1.0


@pytest.mark.filterwarnings("ignore:y_pred contains classes")
def test_what_examples_add_is_what_leaving_each_out_changes(target: ClosedTarget):
    values, influence = scores_of_runs(target)
    n = target.n
    left_out = np.empty((n, 5))
    for place in range(n):
        kept = np.arange(n) != place
        gold, predicted = target.gold[kept], target.predicted[1][kept]
        left_out[place] = [
            (gold == predicted).mean(),
            balanced_accuracy_score(gold, predicted),
            f1_score(gold, predicted, labels=[0, 1, 2], average="macro", zero_division=0),
            cohen_kappa_score(gold, predicted),
            matthews_corrcoef(gold, predicted),
        ]
    assert influence[1] == pytest.approx((n - 1) * (left_out.mean(axis=0) - left_out), abs=1e-9)
    assert values[1, 0] + influence[1, :, 0] == pytest.approx((target.gold == target.predicted[1]).astype(float))


def test_a_label_with_one_example_leaves_balanced_accuracy_without_interval():
    gold = np.array([0, 0, 0, 1])
    _, influence = scores_of_runs(closed([("goat", 0)], gold, np.eye(2)[[0, 1, 0, 1]][None]))
    assert np.isnan(influence[..., 1]).all()
    assert not np.isnan(influence[..., 0]).any()


def test_adapters_that_accuracy_and_macro_f1_rank_differently_are_named():
    table = pd.read_csv(PUBLISHED, dtype=str).astype({"count": int})
    flipkart = table[table["target"] == "flipkart"]
    (imdb, _), (pile, _) = (counted(flipkart[flipkart["source"] == name]) for name in ("imdb", "pile"))
    assert (imdb.gold == pile.gold).all()
    logits = np.eye(3)[np.vstack([imdb.predicted, pile.predicted])]
    both = closed([("imdb", 0), ("pile", 0)], imdb.gold, logits)
    values, influence = scores_of_runs(both)
    found = levels(both, ("accuracy", "macro_f1"), (values[:, [0, 2]], influence[:, :, [0, 2]]))
    rankings, pairs = ranked_differently([found], (), 0.05)
    assert pairs == 1
    row = rankings.iloc[0]
    assert (row["source"], row["other"]) == ("imdb", "pile")
    assert row["told"]  # on the same 2,000 rows
    assert row["macro_f1_high"] < 0 < row["accuracy_low"]
    assert [row["accuracy"], row["other_macro_f1"]] == pytest.approx([0.8555, 0.624], abs=5e-4)
    difference = (both.predicted[0] == both.gold).astype(float) - (both.predicted[1] == both.gold)
    half = stats.t.ppf(0.975, len(difference) - 1) * difference.std(ddof=1) / len(difference) ** 0.5
    assert [row["accuracy_low"], row["accuracy_high"]] == pytest.approx([0.0165 - half, 0.0165 + half], abs=1e-4)


def test_two_seeds_each_make_the_interval_of_a_ranking_as_long_as_they_must():
    generator, gold = np.random.default_rng(0), np.arange(60) % 3
    logits = generator.normal(size=(4, 60, 3)) + np.array([0.5, 1.5, 1.0, 0.2])[:, None, None] * np.eye(3)[gold]
    found, _ = ranked_differently([_accuracy_against_itself(logits, gold)], (), 0.05)
    right = (logits.argmax(axis=2) == gold).astype(float).reshape(2, 2, 60)
    means = right.mean(axis=2)
    between = means.var(axis=1, ddof=1) / 2  # fewer than 8 cells: nothing is moderated, nor an interaction taken off
    df = between.sum() ** 2 / (between**2).sum()
    examples = (right[0] - right[1]).mean(axis=0).var(ddof=1) / 60
    half = np.sqrt(stats.t.ppf(0.975, df) ** 2 * between.sum() + stats.t.ppf(0.975, 59) ** 2 * examples)
    row = found.iloc[0]
    assert (row["accuracy_high"] - row["accuracy_low"]) / 2 == pytest.approx(half)


def _accuracy_against_itself(logits: np.ndarray, gold: np.ndarray) -> Estimates:
    """Accuracy, and its negative in the place of macro-F1: the ranks always differ."""
    target = closed([("a", 0), ("a", 1), ("b", 0), ("b", 1)], gold, logits)
    right = (target.predicted == target.gold).astype(float)
    values, influence = right.mean(axis=1), right - right.mean(axis=1, keepdims=True)
    both = np.array([1, -1])
    return levels(target, ("accuracy", "macro_f1"), (values[:, None] * both, influence[:, :, None] * both))


def test_intervals_hold_the_truth():
    assert (simulate(World(SKEWED, invalid=0.2), 60) > 0.88).all(axis=None)
