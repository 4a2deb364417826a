"""Variance over seeds and examples, by loops and by classical formulas."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.gain_evidence import GainEvidence
from crosstask.analysis.matrix.paired_examples import means_of_answers
from crosstask.analysis.statistics.variance_parts import VarianceParts, difference_variance, pooled_df
from tests.support.drawn_answers import answers, matrix

GENERATOR = np.random.default_rng(3)
SCORES = GENERATOR.uniform(size=(7, 12))  # base, and two sources with three seeds


def parts(seeds, interaction, examples, seeds_df, examples_df):
    values = (seeds, interaction, examples, seeds_df, examples_df, np.nan)
    return VarianceParts(*(np.atleast_1d(np.asarray(v, float)) for v in values))


def mean_squares(x):
    """Two-way analysis of variance without replication, term by term: seeds, examples, interaction."""
    seeds, n = x.shape
    grand = sum(x[s, e] for s in range(seeds) for e in range(n)) / seeds / n
    row = [sum(x[s, e] for e in range(n)) / n for s in range(seeds)]
    column = [sum(x[s, e] for s in range(seeds)) / seeds for e in range(n)]
    of_rows = n * sum((r - grand) ** 2 for r in row) / (seeds - 1)
    of_columns = seeds * sum((c - grand) ** 2 for c in column) / (n - 1)
    rest = sum((x[s, e] - row[s] - column[e] + grand) ** 2 for s in range(seeds) for e in range(n))
    return of_rows, of_columns, rest / (seeds - 1) / (n - 1)


def test_the_parts_are_the_mean_squares_of_the_analysis_of_variance():
    found = answers({"goat": SCORES}, ["a", "b"], seeds=3)
    means = means_of_answers(found, matrix(found))
    for place, x in ((1, SCORES[1:4]), (2, SCORES[4:7])):
        expected = np.array(mean_squares(x)) / x.size
        got = means.parts
        of_cell = got.seeds[place, 0], got.examples[place, 0], means.interaction[place, 0]
        assert of_cell == pytest.approx(expected, rel=1e-5)
        assert (got.seeds_df[place, 0], got.examples_df[place, 0]) == (2, 11)


def test_with_one_seed_it_is_students_interval():
    found = answers({"goat": SCORES[:3]}, ["a", "b"])
    half = means_of_answers(found, matrix(found)).parts.half_width(0.1)
    for place in range(3):
        low, high = stats.ttest_1samp(SCORES[place], 0).confidence_interval(0.9)
        assert half[place, 0] == pytest.approx((high - low) / 2, rel=1e-5)


def test_without_a_part_between_seeds_p_is_that_of_students_test():
    """Whether or not others beside them have such a part."""
    examples, df = [1e-4, 1e-3, 0, 2e-4, np.nan, 1e-4], [99, np.inf, 99, 0, 99, 5]
    alone = parts(np.zeros(6), np.zeros(6), examples, np.zeros(6), df)
    beside = parts([*np.zeros(6), 4e-4], np.zeros(7), [*examples, 1e-4], [*np.zeros(6), 2], [*df, 99])
    estimate = np.array([0.03, -0.1, 0.2, 0.1, 0.1, 0.0])
    found = alone.p_value(estimate)
    expected = [2 * stats.t.sf(3, 99), 2 * stats.norm.sf(0.1 / 1e-3**0.5), 1e-16, 1e-16, np.nan, 1.0]
    assert found == pytest.approx(expected, rel=1e-6, nan_ok=True)
    assert beside.p_value(np.array([*estimate, 0.05]))[:6] == pytest.approx(expected, rel=1e-6, nan_ok=True)


def test_p_is_the_level_at_which_the_interval_reaches_0():
    of_two = parts([4e-4, 0, 1e-6], [1e-4, 0, 1e-5], [1e-4, 4e-4, 1e-3], [2, 0, 4], [199, 99, np.inf])
    estimate = np.array([0.05, -0.03, 0.2])
    for p, distance, place in zip(of_two.p_value(estimate), np.abs(estimate), range(3), strict=True):
        assert of_two.half_width(p)[place] == pytest.approx(distance, rel=1e-6)
    assert of_two.p_value(estimate)[1] == pytest.approx(2 * stats.t.sf(0.03 / 0.02, 99), rel=1e-6)
    assert of_two.p_value(estimate)[2] == pytest.approx(2 * stats.norm.sf(0.2 / 1e-3**0.5), rel=1e-6)


def test_no_difference_has_p_1_and_an_unknown_variance_none():
    p = parts([0, 0, 0], [0, 0, 0], [1e-4, 0, np.nan], [0, 0, 0], [99, 99, 99]).p_value([0.0, 0.0, 0.1])
    assert p[:2] == pytest.approx([1, 1])
    assert np.isnan(p[2])


def test_pooled_degrees_of_freedom_are_welchs():
    a, b = GENERATOR.normal(size=8), GENERATOR.normal(size=15) * 3
    welch = stats.ttest_ind(a, b, equal_var=False).df
    assert pooled_df([a.var(ddof=1) / 8, b.var(ddof=1) / 15], [7, 14]) == pytest.approx(welch)
    assert pooled_df([1.0, 0.0], [0, 5]) == 0


def test_a_difference_from_a_weighted_mean_has_the_variance_of_its_weights_written_out():
    variance = GENERATOR.uniform(1, 2, (4, 2))
    reference = np.array([[1.0, 0.25], [0.0, 0.25], [0.0, 0.25], [0.0, 0.25]])
    written_out = np.eye(4)[:, :, None] - reference[None]
    expected = np.einsum("ikt,kt->it", written_out**2, variance)
    assert difference_variance(variance, reference) == pytest.approx(expected)


def test_a_gain_over_0_1_scores_has_bonett_and_prices_interval():
    generator = np.random.default_rng(1)
    scores = generator.integers(0, 2, (2, 60))
    found = answers({"goat": scores}, ["a"])
    middle, gain = GainEvidence(means_of_answers(found, matrix(found)), "base").cells()
    better, worse = ((scores[1] > scores[0]).sum() + 1) / 62, ((scores[1] < scores[0]).sum() + 1) / 62
    assert middle.iloc[0, 0] == pytest.approx(better - worse, rel=1e-6)
    assert gain.standard_error[0, 0] == pytest.approx(((better + worse - (better - worse) ** 2) / 62) ** 0.5, rel=1e-6)


def sums_by_hand(over):
    """Means, evidence and weights of two targets with missing cells."""
    generator = np.random.default_rng(4)
    scores = {"goat": generator.uniform(size=(7, 30)), "pile": generator.uniform(size=(7, 20))}
    found = answers(scores, ["a", "b"], seeds=3)
    evidence = GainEvidence(means_of_answers(found, matrix(found)), over)
    return scores, evidence


def test_a_sum_of_one_cell_has_the_parts_of_the_cell():
    _, evidence = sums_by_hand("base")
    weights = np.zeros((1, 2, 2))
    weights[0, 1, 0] = 1
    of_sum, (_, cells) = evidence.sums(weights), evidence.cells()
    for name in ("seeds", "examples", "seeds_df", "examples_df"):
        assert getattr(of_sum, name)[0] == pytest.approx(getattr(cells, name)[1, 0], rel=1e-5), name
    assert of_sum.interaction[0] == pytest.approx(evidence.means.interaction[2, 0])


def test_gains_over_the_mean_have_the_parts_of_their_sum():
    _, evidence = sums_by_hand("mean")
    weights = np.zeros((1, 3, 2))
    weights[0, 1, 0] = 1
    of_sum, (_, cells) = evidence.sums(weights), evidence.cells()
    for name in ("seeds", "examples"):
        assert getattr(of_sum, name)[0] == pytest.approx(getattr(cells, name)[1, 0], rel=1e-5), name


def test_the_examples_of_a_sum_count_by_example_and_its_seeds_over_all_targets():
    scores, evidence = sums_by_hand("base")
    weights = np.array([[[1.0, -0.5], [0.25, 2.0]]])
    found = evidence.sums(weights)
    examples = 0.0
    for place, (_, x) in enumerate(scores.items()):
        of_example = weights[0, 0, place] * (x[1:4].mean(0) - x[0]) + weights[0, 1, place] * (x[4:7].mean(0) - x[0])
        examples += of_example.var(ddof=1) / x.shape[1]
    assert found.examples[0] == pytest.approx(examples, rel=1e-5)
    seeds = 0.0
    for source, rows in ((0, slice(1, 4)), (1, slice(4, 7))):
        of_seed = sum(weights[0, source, place] * x[rows].mean(1) for place, x in enumerate(scores.values()))
        seeds += of_seed.var(ddof=1) / 3
    assert found.seeds[0] == pytest.approx(seeds, rel=1e-5)


def test_replicates_have_the_means_and_the_variance_of_the_gains():
    _, evidence = sums_by_hand("base")
    drawn = evidence.draws(20_000, np.random.default_rng(0))
    _, cells = evidence.cells()
    n = np.array([30, 20])
    # the bootstrap divides by n where the sample variance divides by n - 1
    expected = cells.between_seeds + cells.examples * (n - 1) / n
    assert drawn.mean(axis=0) == pytest.approx(evidence.gains.to_numpy(), abs=0.003)
    assert drawn.var(axis=0) == pytest.approx(expected, rel=0.05)


def test_replicates_count_no_interaction_for_seeds_that_do_not_differ():
    """Ten sources whose seeds answer at random, each example with a rate of its own."""
    generator = np.random.default_rng(0)
    rates = generator.uniform(size=(10, 100))
    found = answers(
        {name: generator.uniform(size=(31, 100)) < rates[place] for place, name in enumerate("abcdefghij")},
        list("abcdefghij"),
        seeds=3,
    )
    means = means_of_answers(found, matrix(found))
    assert means.parts.between_seeds[1:].mean() < 0.3 * means.interaction[1:].mean()
    variance = means.draws(4000, generator).var(axis=0)
    assert variance == pytest.approx(means.parts.between_seeds + means.parts.examples * 99 / 100, rel=0.15)


def test_replicates_of_a_source_move_together_as_far_as_its_seeds_do():
    generator = np.random.default_rng(0)
    level = np.array([0.5, 0.2, 0.4, 0.9])[:, None] * np.ones(50)
    found = answers({"goat": level, "imdb": level, "pile": generator.uniform(size=(4, 50))}, ["a"], seeds=3)
    drawn = means_of_answers(found, matrix(found)).draws(2000, generator)[:, 1]
    assert np.corrcoef(drawn[:, :2].T)[0, 1] == pytest.approx(1)
    assert abs(np.corrcoef(drawn[:, [0, 2]].T)[0, 1]) < 0.999


def test_how_targets_go_together_is_learned_from_all_sources():
    """Three seeds of one source alone put the correlation of two independent targets at 0.64 on average, up or down."""
    generator = np.random.default_rng(0)
    names = [f"s{number}" for number in range(30)]
    own = {name: generator.normal(0.5, 0.1, (91, 1)) * np.ones(60) for name in ("goat", "imdb")}
    shared = {"mnli": own["goat"] + 0.05}
    noise = {name: generator.normal(0, 0.1, (91, 60)) for name in ("goat", "imdb", "mnli")}
    found = answers({name: values + noise[name] for name, values in (own | shared).items()}, names, seeds=3)
    means = means_of_answers(found, matrix(found))
    drawn = means.draws(1000, generator)[:, 1:]
    place = {name: number for number, name in enumerate(means.targets)}
    for other, low, high in (("imdb", 0.0, 0.3), ("mnli", 0.9, 1.0)):
        pairs = [np.corrcoef(row[:, place["goat"]], row[:, place[other]])[0, 1] for row in drawn.transpose(1, 0, 2)]
        assert low <= np.mean(np.abs(pairs)) <= high


def test_missing_answers_leave_their_cell_alone_missing():
    generator = np.random.default_rng(5)
    found = answers({"goat": generator.uniform(size=(3, 9)), "pile": generator.uniform(size=(2, 9))}, ["a", "b"])
    evidence = GainEvidence(means_of_answers(found, matrix(found)), "base")
    _, cells = evidence.cells()
    assert np.isnan(cells.examples).tolist() == [[False, False], [False, True]]
    assert np.isnan(evidence.draws(5, generator))[0].tolist() == [[False, False], [False, True]]
    assert isinstance(evidence.gains, pd.DataFrame)


def test_a_target_without_base_has_no_gains_and_no_replicates_of_any():
    generator = np.random.default_rng(5)
    whole = answers({"goat": generator.uniform(size=(3, 9)), "pile": generator.uniform(size=(3, 9))}, ["a", "b"])
    pile = whole.targets["pile"]
    found = Answers({**whole.targets, "pile": TargetAnswers(pile.rows[1:], pile.examples, pile.scores[1:])})
    evidence = GainEvidence(means_of_answers(found, matrix(found)), "base")
    middle, cells = evidence.cells()
    for values in (evidence.gains, middle, cells.standard_error, evidence.draws(5, generator)[0]):
        assert np.isnan(np.asarray(values)).tolist() == [[False, True], [False, True]]
