"""Enrichment against all permutations, false discoveries, and what is proposed as a name."""

import itertools

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import ENRICHMENT, TRAIT_NAMES
from crosstask.analysis.traits.trait_names import enrichment, proposed_names

TARGETS = ["imdb", "amazon", "flipkart", "gsm8k", "goat", "mnli", "paws", "pile"]
ABILITIES = {
    "imdb": "sentiment",
    "amazon": "sentiment",
    "flipkart": "sentiment",
    "gsm8k": "maths",
    "goat": "maths",
    "mnli": "nlu",
    "pile": "alone",
}


@pytest.fixture
def loadings():
    """A component of sentiment and one of nothing."""
    clear = [0.6, 0.5, 0.55, 0.0, 0.1, -0.1, 0.05, -0.05]
    other = np.random.default_rng(1).normal(size=8)
    return pd.DataFrame({"PC1": clear, "PC2": other}, index=TARGETS)


def test_p_values_are_those_of_all_permutations(loadings):
    table = enrichment(loadings, ABILITIES, permutations=20_000).set_index(["component", "ability"])
    for component, column in loadings.items():
        values = column.to_numpy()
        for ability, size in (("sentiment", 3), ("maths", 2)):
            members = [TARGETS.index(name) for name, label in ABILITIES.items() if label == ability]
            far = abs(values[members].mean() - values.mean())
            means = [values[list(chosen)].mean() for chosen in itertools.combinations(range(8), size)]
            exact = np.mean(np.abs(np.array(means) - values.mean()) >= far - 1e-12)
            assert table.loc[(component, ability), "p"] == pytest.approx(exact, abs=0.012)
            spread = np.std(means)
            assert table.loc[(component, ability), "z"] == pytest.approx(
                (values[members].mean() - values.mean()) / spread
            )


def test_abilities_of_one_target_and_targets_without_one_are_no_groups(loadings):
    table = enrichment(loadings, ABILITIES, permutations=10)
    assert list(table) == column_names(ENRICHMENT)
    assert sorted(set(table["ability"])) == ["maths", "sentiment"]
    assert table["targets"].tolist() == [2, 3, 2, 3]


def test_correction_is_over_all_components_and_abilities(loadings):
    table = enrichment(loadings, ABILITIES, permutations=5000)
    assert (table["p_adjusted"] >= table["p"]).all()
    assert (table["p_adjusted"] > table["p"] + 0.1).any()
    # Never stricter than Bonferroni for the strongest; permutations are few enough that both are estimates.
    strongest = table.loc[table["z"].abs().idxmax()]
    assert strongest["p_adjusted"] <= strongest["p"] * len(table) + 0.01


@pytest.mark.parametrize("abilities", [{}, {"imdb": "sentiment"}, dict.fromkeys(TARGETS, "everything")])
def test_nothing_to_compare_is_an_empty_table(loadings, abilities):
    table = enrichment(loadings, abilities)
    assert table.empty
    assert list(table) == column_names(ENRICHMENT)


def test_false_discoveries_are_as_rare_as_promised():
    """Loadings that know nothing of abilities: at most 5 % of the analyses may propose anything."""
    rng = np.random.default_rng(0)
    false = 0
    for draw in range(300):
        columns = np.linalg.qr(rng.normal(size=(8, 3)))[0]
        table = enrichment(pd.DataFrame(columns, TARGETS), ABILITIES, permutations=199, seed=draw)
        false += bool((table["p_adjusted"] <= 0.05).any())
    assert false / 300 <= 0.05 + 2.33 * np.sqrt(0.05 * 0.95 / 300)


def intervals(loadings: pd.DataFrame, half: float) -> pd.DataFrame:
    """All of the same width."""
    rows = [
        (component, target, value, value - half, value + half)
        for component, column in loadings.items()
        for target, value in column.items()
    ]
    return pd.DataFrame(rows, columns=["component", "target", "loading", "ci_low", "ci_high"])


def test_strongest_targets_are_named_with_their_intervals(loadings):
    table = proposed_names(loadings, intervals(loadings, 0.2), enrichment(loadings, {}), retained=1)
    assert list(table) == column_names(TRAIT_NAMES)
    assert table["strongest"][0] == "imdb +0.60 [0.40, 0.80], flipkart +0.55 [0.35, 0.75], amazon +0.50 [0.30, 0.70]"
    assert table["retained"].tolist() == [True, False]


def test_no_interval_leaves_out_zero_and_nothing_is_named(loadings):
    assert proposed_names(loadings, intervals(loadings, 9), enrichment(loadings, {}), 2)["strongest"].tolist() == [
        "",
        "",
    ]


def test_without_intervals_the_largest_are_named_as_they_are(loadings):
    strongest = proposed_names(loadings, None, enrichment(loadings, {}), 1)["strongest"][0]
    assert strongest.startswith("imdb +0.60, flipkart +0.55, amazon +0.50, ")


def test_names_are_proposed_for_retained_components_only_and_with_their_end():
    wide = [f"{kind}{number}" for kind in "abc" for number in range(6)]
    loadings = pd.DataFrame({"PC1": [0.3] * 6 + [0.0] * 6 + [-0.3] * 6, "PC2": [0.0] * 6 + [0.3] * 6 + [0.0] * 6}, wide)
    enriched = enrichment(loadings, {name: name[0] for name in wide}, permutations=999)
    names = proposed_names(loadings, None, enriched, retained=1)["proposed"]
    assert sorted(names[0].split(", ")) == ["a (+)", "c (-)"]
    assert names[1] == ""
    assert proposed_names(loadings, None, enriched, retained=2)["proposed"][1] == "b (+)"
