"""All that belongs to latent traits together: what is retained, shown, proposed and refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import COMPONENTS, MULTIVERSE
from crosstask.analysis.traits.options import Home, Matrix, Method, Missing, Options, Rotation
from crosstask.analysis.traits.requests import trait_tables
from crosstask.analysis.traits.results import LatentTraits
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError
from tests.support.analyses import traits_of
from tests.support.components import components_of, traits_of_scores
from tests.support.drawn_answers import answers, score_table

SIZES = {"maths": 7, "nlu": 5, "code": 3}
NAMES = [f"{kind}_{number}" for kind, size in SIZES.items() for number in range(size)]
FEW = Options(matrix=Matrix.scores, noise_draws=99, resamples=20)
NO_INTERVALS = replace(FEW, resamples=0)
ABILITIES = {name: name.split("_")[0] for name in NAMES}


def matrix(traits: int, noise: float = 0.3, seed: int = 0) -> pd.DataFrame:
    """Sources of 15 tasks, one trait for each of the first kinds; base in the first row."""
    rng = np.random.default_rng(seed)
    weights = np.zeros((3, 15))
    for trait, kind in enumerate(list(SIZES)[:traits]):
        weights[trait, [name.startswith(kind) for name in NAMES]] = 1.5
    values = rng.normal(size=(16, 3)) @ weights + noise * rng.normal(size=(16, 15))
    return pd.DataFrame(values, ["base", *NAMES], NAMES).rename_axis(index="source", columns="target")


def scores(table: pd.DataFrame, stderr: float = 0.05) -> pd.DataFrame:
    """The matrix as a score table."""
    long = table.stack().rename("score").reset_index()
    return long.assign(seed=pd.NA, metric=None, stderr=stderr, n=100).astype({"seed": "Int64"})


def tables(result: LatentTraits) -> dict[str, pd.DataFrame]:
    """Every table of latent traits by its name, that of other choices without rows."""
    no_choices = pd.DataFrame(columns=column_names(MULTIVERSE))
    return {table.schema.name: table.frame for table in trait_tables(result, no_choices)}


def test_every_component_stands_beside_its_null():
    result = traits_of_scores(matrix(2), FEW)
    assert list(result.table) == column_names(COMPONENTS)
    assert result.table["retained"].tolist() == [True] * 2 + [False] * 13
    assert result.table["threshold"].notna().tolist() == [True] * 3 + [False] * 12
    assert result.table[["null_mean", "null_p95", "permutation_mean", "permutation_p95"]].notna().all(axis=None)
    kept = result.table[result.table["retained"]]
    assert (kept["explained_variance_ratio"] > kept["threshold"]).all()


@pytest.mark.parametrize(("seed", "gaussian", "permutation"), [(25, 2, 1), (43, 1, 0), (50, 1, 0)])
def test_a_component_must_pass_both_nulls(seed, gaussian, permutation):
    """Outliers that happen to meet in one row look like a trait to Gaussian noise, not to their own permutations."""
    heavy = pd.DataFrame(np.random.default_rng(seed).exponential(size=(22, 22)) ** 2)
    result = traits_of_scores(heavy, replace(NO_INTERVALS, noise_draws=199))
    assert (result.noise.retained, result.tests.nulls["permutation"].retained) == (gaussian, permutation)
    assert result.retained == result.table["retained"].sum() == min(gaussian, permutation)
    assert result.names["retained"].sum() == result.retained


def test_names_are_proposed_from_abilities_and_only_for_what_is_retained():
    result = traits_of_scores(matrix(2), FEW, lambda _: matrix(2), abilities=ABILITIES)
    assert result.names["proposed"].tolist()[:2] == ["maths (+)", "nlu (+)"]
    assert result.names["proposed"].tolist()[2:] == ["", ""]
    assert traits_of_scores(matrix(0), FEW, abilities=ABILITIES).names["proposed"].eq("").all()


def test_the_verdict_names_what_was_found_or_what_would_have_been_needed():
    assert traits_of_scores(matrix(2), FEW).verdict == "2 components are distinguishable from noise: PC1, PC2"
    none = traits_of_scores(matrix(0), FEW)
    first = none.table.iloc[0]
    assert none.verdict == (
        "No component of the scores is distinguishable from noise, and how often a trait would be is not known: PC1"
        f" explains {100 * first['explained_variance_ratio']:.1f} %, {100 * first['threshold']:.1f} % would be needed"
        f" (p: Gaussian {first['p']:.2g}, permuted {first['p_permutation']:.2g})"
    )


def test_intervals_and_stability_are_of_four_components_or_all_that_are_retained():
    result = traits_of_scores(matrix(1), FEW, lambda _: matrix(1))
    assert result.intervals.loadings["component"].unique().tolist() == ["PC1", "PC2", "PC3", "PC4"]
    assert set(result.stability["change"]) == {"answers and seeds", "without a source", "without a target"}
    assert result.components.loadings.shape == (15, 15)


def test_without_standard_errors_there_is_a_line_instead_of_intervals():
    line = "no intervals of loadings and traits: some scores have neither standard errors nor several seeds"
    result = traits_of_scores(matrix(1), FEW)
    assert result.intervals is None
    assert line in result.notes
    assert traits_of_scores(matrix(1), NO_INTERVALS).notes == ()


def test_intervals_hold_the_loadings_of_the_matrix_without_noise():
    truth = matrix(2, noise=0.3)
    noisy = truth + 0.1 * np.random.default_rng(9).normal(size=truth.shape)
    result = traits_of(Transfer(scores(noisy, 0.1)), FEW)
    target = components_of(truth, 2).loadings
    table = result.intervals.loadings.pivot(index="target", columns="component", values=["ci_low", "ci_high"])
    low, high = (table[end].loc[target.index, ["PC1", "PC2"]].to_numpy() for end in ("ci_low", "ci_high"))
    signs = np.sign((target.to_numpy() * (low + high)).sum(axis=0))
    inside = (low <= target * signs) & (target * signs <= high)
    assert inside.mean(axis=None) >= 0.8


def test_factors_are_as_many_as_components_distinguishable_from_noise_unless_said_otherwise():
    factors = replace(NO_INTERVALS, method=Method.factors, rotation=Rotation.oblimin)
    result = traits_of_scores(matrix(2, noise=0.8), factors)
    assert list(result.factors.pattern) == ["F1", "F2"]
    strongest = result.factors.pattern.abs().idxmax(axis=1)
    assert strongest[NAMES[:7]].nunique() == strongest[NAMES[7:12]].nunique() == 1
    assert strongest["maths_0"] != strongest["nlu_0"]
    one = replace(NO_INTERVALS, method=Method.factors, count=1)
    assert list(traits_of_scores(matrix(2, noise=0.8), one).factors.pattern) == ["F1"]


def test_factors_have_intervals_and_say_how_many_resampled_matrices_have_none():
    table = matrix(2, noise=0.8)
    factors = replace(FEW, method=Method.factors, resamples=10)
    broken = table.assign(**dict.fromkeys(NAMES[:7], table[NAMES[0]]))  # seven equal targets: a Heywood case
    result = traits_of_scores(table, factors, lambda number: broken if number == 0 else table)
    assert "intervals of factors leave out 1 of 10 resampled matrices that have none" in result.notes
    written = tables(result)
    for name in ("factor_pattern_intervals", "factor_scores_intervals"):
        assert np.allclose(written[name]["ci_low"], written[name]["ci_high"])
    none = traits_of_scores(table, factors, lambda number: broken)
    assert "no intervals of factors: only 0 of 10 resampled matrices have a proper solution" in none.notes
    assert none.factors is not None
    assert not {"factor_pattern_intervals", "factor_scores_intervals"} & tables(none).keys()


def test_factors_that_are_refused_leave_a_line_and_the_components():
    factors = replace(NO_INTERVALS, method=Method.factors)
    result = traits_of_scores(matrix(0), factors)
    assert result.factors is None
    assert result.notes == (
        "no factors: no component is distinguishable from noise at the level 0.05; analysis.traits.count=1 forces one",
    )
    many = replace(NO_INTERVALS, method=Method.factors, count=12)
    assert traits_of_scores(matrix(2), many).notes == (
        "no factors: 12 factors of 15 targets have more parameters than correlations",
    )


def test_home_cells_drown_a_trait_that_is_found_without_them():
    """One trait, and a gain ten times as large in each source's own cell."""
    table = matrix(1, noise=0.5).drop(columns=NAMES[10:])
    for name in NAMES[:10]:
        table.loc[name, name] += 15
    whole = traits_of(Transfer(scores(table)), NO_INTERVALS)
    assert whole.retained == 0
    without = replace(FEW, missing=Missing.impute, home=Home.missing, resamples=10)
    result = traits_of(Transfer(scores(table)), without)
    assert result.retained == 1
    assert "components fill 10 missing scores by iterative PCA, in their noise as well" in result.notes
    assert result.components.loadings["PC1"].abs().nlargest(5).index.str.startswith("maths").all()
    assert result.intervals is not None


def test_rows_as_fine_as_seeds_are_decomposed_and_gains_stay_by_source():
    long = pd.concat([scores(matrix(1, seed=0)).assign(seed=seed) for seed in (0, 1)])
    long["seed"] = long["seed"].mask(long["source"] == "base").astype("Int64")
    long = long.drop_duplicates(["source", "target", "seed"])
    transfer = Transfer(long, Conventions(rows=("source", "seed")))
    result = traits_of(transfer, replace(FEW, resamples=5))
    assert result.components.traits.index.tolist()[:3] == ["base", "code_0/0", "code_0/1"]
    assert len(result.components.traits) == 31
    assert transfer.gains.shape == (15, 15)


def test_targets_and_sources_left_out_are_named():
    table = matrix(1)
    table.loc["nlu_0"] = np.nan
    table["code_1"] = 0.5
    assert traits_of_scores(table, FEW).notes[:2] == (
        "components leave out sources with missing scores: nlu_0",
        "components leave out targets that all score alike: code_1",
    )
    table["code_2"] = np.nan
    filled = replace(NO_INTERVALS, missing=Missing.impute, noise_draws=19)
    assert "components leave out targets with no score: code_2" in traits_of_scores(table, filled).notes


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"resamples": 1}, r"^analysis\.traits\.resamples=1: at least 2, or 0 for no intervals$"),
        (
            {"matrix": Matrix.scores, "home": Home.missing},
            r"^analysis\.traits\.home=missing leaves no complete source; it needs analysis\.traits\.missing=impute$",
        ),
        (
            {"home": Home.missing},
            r"^analysis\.traits\.home=missing is an option of scores; it needs analysis\.traits\.matrix=scores"
            r" \(analysis=paper\)$",
        ),
    ],
)
def test_what_makes_no_sense_together_is_refused(parameters, message):
    with pytest.raises(UserError, match=message):
        Options(**parameters)


def test_too_few_matrices_of_the_null_model_are_refused():
    message = r"^analysis\.traits\.noise_draws=0: at least 19, or no p value can reach 0\.05 \(analysis\.alpha\)$"
    with pytest.raises(UserError, match=message):
        traits_of_scores(matrix(1), replace(FEW, noise_draws=0))


def test_intervals_come_from_the_answers_where_they_are_known():
    drawn = np.random.default_rng(0).random((5, 6, 50))
    found = answers({f"t{place}": values > 0.5 for place, values in enumerate(drawn)}, [f"s{i}" for i in range(5)])
    without_errors = score_table(found).assign(stderr=np.nan, n=pd.NA).astype({"n": "Int64"})
    assert traits_of(Transfer(without_errors), FEW).intervals is None
    assert traits_of(Transfer(without_errors, answers=found), FEW).intervals is not None
