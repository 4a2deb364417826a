"""The section on hand-made answers and features: what it finds, what it says cannot be told, and when it is silent."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import t

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.linguistic.columns import FEATURE_TESTS, FEATURES
from crosstask.analysis.linguistic.findings import finding_lines
from crosstask.analysis.linguistic.options import Clusters, Options
from crosstask.analysis.linguistic.section import NO_FEATURES, Section
from crosstask.analysis.linguistic.target_tests import TargetTests
from crosstask.analysis.matrix.behavior import TargetBehavior
from crosstask.analysis.matrix.example_features import ExampleFeatures, KeptFeatures
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Findings
from crosstask.analysis.transfer import Transfer

N = 500
NONE = pd.DataFrame()


def examples(n: int = N) -> NDArray[np.object_]:
    return np.array([f"test-{number}" for number in range(n)], dtype=object)


def features_of(values: Mapping[str, NDArray], **more: object) -> ExampleFeatures:
    n = len(next(iter(values.values())))
    return ExampleFeatures(examples(n), np.arange(n), pd.DataFrame(values).astype(float), **more)


def transfer_of(
    scores: Mapping[tuple[str, int | None], NDArray], features: ExampleFeatures | None, **more: object
) -> Transfer:
    """One target, gsm8k, and the runs that answer it."""
    rows = sorted(scores, key=lambda run: (run[0] != "base", run[0], run[1] or 0))
    values = np.array([scores[row] for row in rows], dtype=np.float32)
    behavior = TargetBehavior(tuple(rows), examples(values.shape[1]), values, np.ones(values.shape, bool))
    table = pd.DataFrame(
        {
            "source": [row[0] for row in rows],
            "target": "gsm8k",
            "seed": pd.array([row[1] for row in rows], "Int64"),
            "metric": "exact_match",
            "score": values.mean(axis=1),
            "stderr": 0.01,
            "n": pd.array([values.shape[1]] * len(rows), "Int64"),
        }
    )
    kept = {("target", "gsm8k"): features} if features else {}
    data_sets = DataSets(NONE, None, features=KeptFeatures(tuple(kept), lambda role, name: kept[role, name]))
    return Transfer(table, behavior={"gsm8k": behavior}.get, data_sets=data_sets, **more)


def table_of(found: Findings) -> pd.DataFrame:
    return next(table.frame for table in found.tables if table.schema.name == "feature_tests")


def noise(count: int, n: int = N, share: float = 0.3, seed: int = 3) -> dict[str, NDArray]:
    chance = np.random.default_rng(seed)
    return {f"noise_{number}": chance.random(n) < share for number in range(count)}


def planted(seeds: int = 3) -> Transfer:
    """Base is right in a fifth; imdb wins three quarters of those with negations, and a fifth of the others."""
    chance = np.random.default_rng(0)
    base = (chance.random(N) < 0.2).astype(float)
    negations = chance.random(N) < 0.4
    gain = np.where(negations, 0.75, 0.2)
    scores = {("base", None): base}
    for seed in range(seeds):
        scores["imdb", seed] = np.where(base == 1, chance.random(N) < 0.8, chance.random(N) < gain)
        scores["goat", seed] = np.where(base == 1, chance.random(N) < 0.8, chance.random(N) < 0.3)
    words = chance.integers(20, 80, N)
    values = {"words": words, "negations": negations * 1.0, **noise(10)}
    return transfer_of(scores, features_of(values, f1={"negations": 0.95}))


def test_a_planted_feature_is_found_and_nothing_else():
    found = Section(Options())(planted())
    table = table_of(found)
    assert list(table) == column_names(FEATURE_TESTS)
    significant = table[table["significant"].fillna(False)]
    assert significant[["source", "outcome", "feature", "verdict"]].to_numpy().tolist() == [
        ["imdb", "won", "negations", "more"]
    ]
    (row,) = significant.to_dict("records")
    truth = 0.75 / 0.25 / (0.2 / 0.8)
    assert row["ci_low"] < truth < row["ci_high"]
    assert (row["f1"], row["seeds"], row["above"]) == (0.95, 3, 0)
    assert pd.isna(row["seed"])
    assert row["ease_p"] < 0.05  # imdb's seeds agree on what negations make easy: the training taught that
    assert row["changed_with"] > row["expected"]
    assert "imdb wins more on gsm8k with negations" in found.lines[0]
    assert "parser's F1 0.95" in found.lines[0]
    assert "but so does one seed over another" in found.lines[0]
    assert found.lines[1].startswith("Whether features matter cannot be told in 3 of 4 cells")
    assert len(found.lines) == 3


def test_odds_without_limits_are_said_in_words():
    table = table_of(Section(Options())(planted())).assign(row="imdb")
    nothing = table.assign(odds_ratio=np.nan, ci_low=np.nan, ci_high=np.nan)
    assert "negations, odds ratio infinite; " in finding_lines(nothing, 0.05)[0]
    assert "negations, odds ratio 0; " in finding_lines(nothing.assign(verdict="fewer"), 0.05)[0]


def test_counts_are_those_counted_one_by_one():
    transfer = planted(seeds=1)
    table = table_of(Section(Options())(transfer)).set_index(["source", "outcome", "feature"])
    behavior = transfer.behavior("gsm8k")
    base, imdb = behavior.scores[0] > 0, behavior.scores[behavior.rows_of("imdb")[0]] > 0
    has = transfer.data_sets.features.read("target", "gsm8k").values["negations"].to_numpy() > 0
    row = table.loc[("imdb", "lost", "negations")]
    assert row[["n", "with"]].tolist() == [base.sum(), (base & has).sum()]
    assert row[["changed", "changed_with"]].tolist() == [(base & ~imdb).sum(), (base & ~imdb & has).sum()]
    assert row["seed"] == 0
    assert pd.isna(row["placebo_p"])
    assert pd.isna(row["ease_p"])


def paper() -> Transfer:
    """The paper's figure: relations on 6, 3, 2, 1 and 1 problems that the adapter solves and base does not."""
    solved = {"oprd": 6, "parataxis": 3, "csubj": 2, "preconj": 1, "meta": 1}
    chance = np.random.default_rng(1)
    n = 1319
    base = np.zeros(n)
    base[:129] = 1  # 9.78 %
    adapter = np.where(base == 1, chance.random(n) < 0.5, chance.random(n) < 0.11).astype(float)
    values = {"words": chance.integers(20, 80, n)}
    place = 200
    for name, count in solved.items():
        values[f"relation_{name}"] = np.zeros(n)
        values[f"relation_{name}"][place : place + count] = 1
        adapter[place : place + count] = 1
        place += count
    f1 = {"relation_oprd": 0.77, "relation_parataxis": 0.52}
    return transfer_of({("base", None): base, ("magicoder", 0): adapter}, features_of(values, f1=f1))


def test_the_papers_relations_cannot_be_told():
    found = Section(Options())(paper())
    table = table_of(found)
    relations = table[table["feature"].str.startswith("relation_") & (table["outcome"] == "won")]
    assert relations["changed_with"].tolist() == relations["with"].tolist() == [6, 3, 2, 1, 1]
    assert (relations["verdict"] == "not testable").all()
    assert relations[["odds_ratio", "p", "q", "significant"]].isna().all(axis=None)
    assert relations["f1"].iloc[0] == 0.77
    (line,) = found.lines
    assert "cannot be told in 1 of 1 cell; 5 of 5 tests cannot be made, on too few examples" in line
    assert "(changed most often: relation_oprd 6 of 6, relation_parataxis 3 of 3, relation_csubj 2 of 2)" in line


def test_even_if_few_occurrences_were_enough_expected_counts_are_not():
    table = table_of(Section(Options(occurrences=1))(paper()))
    assert (table.loc[table["feature"].str.startswith("relation_"), "verdict"] == "not testable").all()


def test_one_seed_against_another_finds_nothing_where_there_is_nothing():
    hits = easy = cells = 0
    for draw in range(14):
        chance = np.random.default_rng([9, draw])
        values = {"words": chance.integers(20, 80, 400), **noise(20, 400, seed=draw)}
        likely = np.where(values["noise_0"], 0.85, 0.35)  # one feature makes examples easy, for every model
        scores = {("base", None): chance.random(400) < likely}
        scores |= {("imdb", seed): chance.random(400) < likely for seed in (0, 1)}
        table = table_of(Section(Options(permutations=199))(transfer_of(scores, features_of(values))))
        assert table.groupby("feature")["placebo_p"].nunique().max() <= 1  # the same for won and lost
        least = table[["placebo_p", "ease_p"]].min()
        hits, easy, cells = hits + (least["placebo_p"] <= 0.05), easy + (least["ease_p"] <= 0.05), cells + 1
    assert hits <= 3  # 0.7 are expected; 4 and more come in 1 of 250
    assert easy >= 11  # a seed wins back what is easy from another one


def test_means_are_those_of_the_features_with_a_t_interval():
    values = {"words": np.array([10.0, 20, 40]), "negations": np.array([0.0, 1, 1]), "never": np.zeros(3)}
    features = features_of(values, of={"negations": "words"}, by={"words": "a measure"})
    transfer = transfer_of({("base", None): np.array([1.0, 0, 1])}, features)
    table = Section(Options())(transfer).tables[0].frame
    assert list(table) == column_names(FEATURES)
    assert table["feature"].tolist() == ["words", "negations"]
    rates = np.array([0, 5, 2.5])
    row = table.iloc[1]
    half = t.ppf(0.975, 2) * rates.std(ddof=1) / np.sqrt(3)
    assert row[["mean", "ci_low", "ci_high"]].tolist() == pytest.approx([2.5, 2.5 - half, 2.5 + half])
    assert row[["role", "name", "unit", "n"]].tolist() == ["target", "gsm8k", "per 100 words", 3]
    assert row["share"] == pytest.approx(2 / 3)
    assert table["measured_by"].tolist() == ["a measure", ""]


def test_examples_of_one_document_may_be_taken_together():
    transfer = planted(seeds=1)
    features = transfer.data_sets.features.read("target", "gsm8k")
    grouped = replace(features, documents=np.arange(N) // 5)
    kept = KeptFeatures((("target", "gsm8k"),), lambda role, name: grouped)
    transfer = replace(transfer, data_sets=replace(transfer.data_sets, features=kept))
    alone, together = (
        table_of(Section(Options(clusters=clusters))(transfer)).set_index(["source", "outcome", "feature"])
        for clusters in Clusters
    )
    row = ("imdb", "won", "negations")
    assert alone.loc[row, "odds_ratio"] == together.loc[row, "odds_ratio"]
    assert alone.loc[row, "ci_low"] != together.loc[row, "ci_low"]
    assert together.loc[row, "significant"]


def test_features_of_answers_and_examples_without_features_are_left_out():
    transfer = planted(seeds=1)
    features = transfer.data_sets.features.read("target", "gsm8k")
    part = ExampleFeatures(features.examples[100:], np.arange(N - 100), features.values[100:].reset_index(drop=True))
    part.values["answer_words"] = np.arange(N - 100)
    kept = KeptFeatures((("target", "gsm8k"),), lambda role, name: part)
    found = Section(Options())(replace(transfer, data_sets=replace(transfer.data_sets, features=kept)))
    table = table_of(found)
    assert table.groupby("outcome")["n"].first().sum() == N - 100
    assert "answer_words" not in set(table["feature"])
    assert "answer_words" in set(found.tables[0].frame["feature"])


def test_cells_on_a_sources_own_task_are_a_family_of_their_own():
    homes = Conventions(TaskOrder(homes={"imdb": "gsm8k"}))
    table = table_of(Section(Options())(replace(planted(), conventions=homes)))
    assert set(table.loc[table["home"], "source"]) == {"imdb"}
    assert table.loc[table["home"] & (table["feature"] == "negations"), "significant"].any()


def test_without_features_one_note_and_without_answers_nothing():
    transfer = planted()
    silent = replace(transfer, data_sets=replace(transfer.data_sets, features=KeptFeatures((), lambda *_: None)))
    assert Section(Options())(silent) == Findings(notes=(NO_FEATURES,))
    assert Section(Options())(replace(silent, behavior=None)) == Findings()
    assert Section(Options())(replace(transfer, data_sets=None)) == Findings()
    found = Section(Options())(replace(transfer, behavior=None))
    assert ([table.schema.name for table in found.tables], found.lines, found.notes) == (["features"], (), ())


def test_each_source_is_held_against_the_base_model_of_its_own_settings():
    chance = np.random.default_rng(1)
    runs = [(source, seed, model) for model in ("small", "large") for source, seed in (("base", None), ("imdb", 0))]
    scores = (chance.random((4, N)) < 0.5).astype(np.float32)
    behavior = TargetBehavior(tuple(runs), examples(), scores, np.ones(scores.shape, bool))
    features = features_of({"words": chance.integers(20, 80, N), **noise(3)})
    table = TargetTests(behavior, features, Options(permutations=199)).table()
    for model, base, tuned in (("small", 0, 1), ("large", 2, 3)):
        of_model = table[table["row"] == ("imdb", model)].groupby("outcome")[["n", "changed"]].first()
        assert of_model.loc["won"].tolist() == [N - scores[base].sum(), ((1 - scores[base]) * scores[tuned]).sum()]
        assert of_model.loc["lost"].tolist() == [scores[base].sum(), (scores[base] * (1 - scores[tuned])).sum()]


def test_without_a_base_model_it_is_not_told():
    behavior = planted().behavior("gsm8k")
    scores = {("imdb", seed): behavior.scores[place] for seed, place in enumerate(behavior.rows_of("imdb"))}
    scores["goat", 0] = behavior.scores[behavior.rows_of("goat")[0]]
    found = Section(Options())(transfer_of(scores, planted().data_sets.features.read("target", "gsm8k")))
    assert len(found.tables) == 1
    assert found.notes == ("which examples adapters win or lose is not told: there is no base model",)
