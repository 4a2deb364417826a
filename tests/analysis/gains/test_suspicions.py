"""What looks like a mistake in a table is an alarm, and alarms are few lines."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.gains.suspicions import suspicions
from crosstask.analysis.gains.unchanged import alarm_lines
from crosstask.analysis.matrix.score_unit import FRACTION
from crosstask.analysis.matrix.transfer_matrix import transfer_matrix
from crosstask.analysis.schema import ALARMS, column_names


def table(scores: dict[tuple[str, int | None], list[float]], targets: Sequence[str] = "ab", metric: str | None = None):
    """A score table of runs."""
    rows = [
        (source, target, seed, metric, score)
        for (source, seed), of_run in scores.items()
        for target, score in zip(targets, of_run, strict=True)
    ]
    frame = pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score"])
    return frame.astype({"seed": "Int64"})


def found(scores: pd.DataFrame, lower=()) -> list[tuple[str, str]]:
    """Kind and name of each suspicion."""
    return [alarm[:2] for alarm in suspicions(scores, transfer_matrix(scores), lower)]


def single(**targets: list[float]) -> pd.DataFrame:
    """Scores of base and other sources with one seed."""
    rows = [("base" if i == 0 else f"s{i}", t, None, None, x) for t, xs in targets.items() for i, x in enumerate(xs)]
    return pd.DataFrame(rows, columns=["source", "target", "seed", "metric", "score"]).astype({"seed": "Int64"})


RTE, COPA = [52.1, 58.3, 61.0, 49.9], [55.0, 54.2, 57.5, 60.0]
MEAN = [53.6, 56.2, 59.2, 55.0]
"""Rounded, as they are published."""


def test_a_mean_of_the_others_is_found_by_its_numbers_and_by_its_name():
    assert found(single(rte=RTE, copa=COPA, all=MEAN)) == [("aggregate", "all")]
    assert found(single(rte=RTE, copa=COPA, all=[53.6, 56.2, 59.2, 56.0])) == []
    assert found(single(rte=RTE, copa=COPA, Average=[1.0, 2.0, 3.0, 4.0])) == [("aggregate", "Average")]
    assert found(single(rte=RTE, average_age=COPA)) == []  # with two targets nothing is a mean of others


def test_a_row_that_is_the_mean_of_the_others_is_found():
    runs = {("base", None): [52.1, 55.0], ("x", None): [58.3, 54.2], ("y", None): [61.0, 57.5]}
    for mean in ([57.1, 55.6], [59.7, 55.9]):  # with base, (52.1 + 58.3 + 61) / 3 = 57.13, and without
        assert found(table({**runs, ("Average", None): mean})) == [("aggregate", "Average")]
        assert found(table({**runs, ("z", None): mean})) == []  # one of so few may lie in the middle
    assert found(table({**runs, ("Mean Teacher", None): [59.0, 54.0]})) == []


def test_copies_of_a_target_are_found():
    assert found(single(rte=RTE, copa=COPA, again=RTE)) == [("duplicate", "rte")]
    assert found(single(rte=[50.0] * 4, copa=[50.0] * 4)) == []


def test_names_that_differ_in_case_or_white_space_alone_are_found():
    names = ["base", "Alpaca", "alpaca", "code alpaca", "Code\u00a0 Alpaca", "dolly"]
    scores = table({(name, None): [10.0 + place, 20.0 - place] for place, name in enumerate(names)}, ["rte", "RTE "])
    alarms = [alarm for alarm in suspicions(scores, transfer_matrix(scores)) if alarm[0] == "alike"]
    assert [alarm[2].partition(" differ")[0] for alarm in alarms] == [
        "sources 'Alpaca', 'alpaca'",
        "sources 'Code\\xa0 Alpaca', 'code alpaca'",
        "targets 'RTE ', 'rte'",
    ]
    assert found(single(rte=RTE, rte2=COPA)) == []


def test_names_of_what_less_is_better_of_are_found():
    assert found(single(wiki_ppl=RTE, copa=COPA)) == [("lower", "wiki_ppl")]
    assert found(single(wiki_ppl=RTE, copa=COPA), ["wiki_ppl"]) == []
    assert found(table({("base", None): [21.0, 19.0], ("x", 0): [20.0, 18.0]}, metric="perplexity")) == [
        ("lower", "perplexity")
    ]
    assert found(single(loss_aversion=RTE, glossary=COPA)) == [("lower", "loss_aversion")]


def test_a_run_whose_scores_are_all_0_is_found():
    runs = {("base", None): [0.5, 0.4], ("x", 0): [0.6, 0.5], ("x", 1): [0.0, 0.0], ("y", 0): [0.0, 0.1]}
    (alarm,) = suspicions(table(runs), transfer_matrix(table(runs)))
    assert alarm == ("failed_run", "x", "all scores of x, seed 1 are 0: did it fail?")


def runs_of(far: float) -> pd.DataFrame:
    """Four sources with three seeds each, the last of one of them off."""
    generator = np.random.default_rng(0)
    runs = {(f"s{i}", seed): list(generator.normal(0.6, 0.01, 2)) for i in range(4) for seed in range(3)}
    runs["s2", 1] = [score - far for score in runs["s2", 1]]
    return table(runs)


def test_a_run_far_from_the_other_seeds_of_its_source_is_found():
    assert found(runs_of(0.3)) == [("failed_run", "s2")]
    assert found(runs_of(0.0)) == []


def gains(p: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Long gains whose cells are significant below 0.05."""
    rows = [(source, target, x, x < 0.05, -0.1, 0.2) for (source, target), x in p.items()]
    return pd.DataFrame(rows, columns=["source", "target", "p", "significant", "ci_low", "ci_high"])


def lines(p: dict[tuple[str, str], float], *kinds: str) -> list[str]:
    """Lines on alarms of some kinds."""
    rows = [(kind, f"n{i}", f"message {i}") for i, kind in enumerate(kinds)]
    return alarm_lines(pd.DataFrame(rows, columns=column_names(ALARMS)), gains(p), "base", FRACTION)


REACH = "the intervals, which unlike the tests are not corrected, reach from -10.0 to +20.0 (percentage points)"


def test_sources_without_effect_are_one_line_and_targets_are_not_said_again():
    still = {(source, target): 0.5 for source in "xyz" for target in "ab"}
    kinds = ["no_effect"] * 3 + ["nothing_moves"] * 2
    assert lines(still, *kinds) == [f"none of 3 sources is distinguishable from base on any target; {REACH}"]


def test_some_sources_and_targets_are_named():
    some = {(source, target): 0.5 for source in "xyz" for target in "abc"} | {("z", "c"): 0.01}
    assert lines(some, "no_effect", "no_effect", "nothing_moves", "nothing_moves") == [
        f"2 of 3 sources are not distinguishable from base on any target: x, y; {REACH}",
        f"2 of 3 targets are not distinguishable from base with any source: a, b; {REACH}",
    ]


def test_a_lone_alarm_is_said_as_it_is_and_many_of_a_kind_are_counted():
    some = {("x", "a"): 0.5, ("y", "a"): 0.01}
    assert lines(some, "no_effect") == ["message 0"]
    assert lines(some, *["refused"] * 4) == ["message 0", "message 1", "message 2", "message 3"]
    assert lines(some, *["refused"] * 6)[3:] == ["and 3 more of this kind (refused) in alarms.csv"]
