"""Means over settings that rows tell apart: the same settings for all, and every gain over its own base model."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.results import gain_tables
from crosstask.analysis.matrix.answers import CellAnswers, paired_answers
from crosstask.analysis.matrix.strata import answers_per_run, one_score_per_run, strata
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.traits.options import Matrix
from crosstask.analysis.traits.options import Options as TraitOptions
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError
from tests.support.analyses import traits_of

ROWS = ("source", "model", "lora.rank")
TARGETS = ("goat", "imdb", "pile")
STRATA = [("small", "8"), ("small", "16"), ("large", "8")]


def drawn_answers(strata_of, seed=0, n=40):
    """Right or wrong answers of base models that differ much, and of sources in the strata given for each."""
    rng = np.random.default_rng(seed)
    ids = np.array([f"test-{place}" for place in range(n)], dtype=object)
    cells = []
    for target in TARGETS:
        for model, level in (("small", 0.2), ("large", 0.7)):
            cells.append(CellAnswers("base", target, None, ids, (rng.random(n) < level) * 1.0, (model, "")))
        for source, of_source in strata_of.items():
            for model, rank in of_source:
                level = {"small": 0.3, "large": 0.6}[model] + 0.1 * (rank == "16")
                cells.append(CellAnswers(source, target, 0, ids, (rng.random(n) < level) * 1.0, (model, rank)))
    return cells


def score_table(cells):
    """The scores that belong to answers."""
    rows = [
        (cell.source, cell.target, cell.seed, "accuracy", cell.scores.mean(), 0.05, len(cell.scores), *cell.settings)
        for cell in cells
    ]
    names = ["source", "target", "seed", "metric", "score", "stderr", "n", "model", "lora.rank"]
    frame = pd.DataFrame(rows, columns=names).astype({"seed": "Int64", "n": "Int64"})
    return frame.assign(**{"lora.rank": frame["lora.rank"].replace("", None)})


def gain_by_hand(cells, source, target):
    """Differences of single answers to those of the own base model, averaged over the strata; shape (n,)."""
    base = {cell.settings[0]: cell.scores for cell in cells if (cell.source, cell.target) == ("base", target)}
    own = [cell for cell in cells if (cell.source, cell.target) == (source, target)]
    return np.mean([cell.scores - base[cell.settings[0]] for cell in own], axis=0)


def statistics(cells, with_answers):
    """The matrix and the tables of its gains."""
    scores, answers = score_table(cells), paired_answers(cells, {}) if with_answers else None
    transfer = Transfer(scores, Conventions(rows=ROWS), answers=answers)
    return transfer, gain_tables(transfer, Inference(resamples=100))


@pytest.mark.parametrize("with_answers", [True, False])
def test_a_gain_is_the_mean_of_gains_over_the_own_base_model(with_answers):
    cells = drawn_answers({"goat": STRATA, "imdb": STRATA, "pile": STRATA})
    results, found = statistics(cells, with_answers)
    expected = {(s, t): gain_by_hand(cells, s, t).mean() for s in TARGETS for t in TARGETS}
    gains = found.gains_long.set_index(["source", "target"])["gain"]
    assert gains.to_dict() == pytest.approx(expected)
    assert results.gains.stack().to_dict() == pytest.approx(expected)


def test_paired_statistics_are_of_the_same_differences():
    cells = drawn_answers({"goat": STRATA, "imdb": STRATA, "pile": STRATA})
    _, found = statistics(cells, with_answers=True)
    row = found.gains_long.set_index(["source", "target"]).loc["goat", "imdb"]
    d = gain_by_hand(cells, "goat", "imdb")
    assert (row["test"], row["n"], row["seeds"]) == ("sign_flip", 40, 1)
    assert row["stderr"] == pytest.approx(d.std(ddof=1) / 40**0.5)
    assert row["p"] == pytest.approx(_sign_flip_p(d), abs=0.02)


def _sign_flip_p(d):
    """Share of random signs under which the mean is at least as far from 0."""
    signs = np.random.default_rng(1).choice([-1, 1], (20_000, len(d)))
    return float((np.abs(signs @ d) >= abs(d.sum()) - 1e-9).mean())


@pytest.mark.parametrize("with_answers", [True, False])
def test_a_source_that_one_model_lacks_has_no_gain_rather_than_one_over_anothers_base(with_answers):
    cells = drawn_answers({"goat": STRATA, "imdb": STRATA[:2], "pile": STRATA})
    results, found = statistics(cells, with_answers)
    assert results.matrix.index.tolist() == ["base", "goat", "pile"]
    assert set(found.gains_long["source"]) == {"goat", "pile"}
    left_out = [note for note in results.matrix_notes if note.startswith("matrix and gains keep")]
    targets = ", ".join(results.matrix.columns)
    assert left_out == [
        "matrix and gains keep what was scored for every model, lora.rank, "
        f"{2 * len(results.matrix.columns)} of {3 * len(results.matrix.columns)} pairs of source and target; scored for"
        f" some alone: imdb -> {targets}"
    ]
    assert not any(note.startswith("no score") for note in results.matrix_notes)
    of_scores = TraitOptions(matrix=Matrix.scores, noise_draws=19, resamples=0)
    assert {"imdb/small/8", "imdb/small/16"} <= set(traits_of(results, of_scores).components.traits.index)
    assert len(found.scores) == len(cells)
    single = found.scores.query("source == 'imdb' and target == 'pile' and `lora.rank` == '8'").iloc[0]
    assert single["ci_low"] < single["score"] < single["ci_high"]


def test_a_base_model_that_was_not_scored_leaves_the_gain_open():
    cells = [cell for cell in drawn_answers({"goat": STRATA, "imdb": STRATA}) if cell.source != "base"]
    base = [cell for cell in drawn_answers({}) if (cell.settings[0], cell.target) != ("large", "pile")]
    results, found = statistics([*base, *cells], with_answers=True)
    assert results.gains["pile"].isna().all()
    assert results.gains.drop(columns="pile").notna().all(axis=None)
    assert set(found.gains_long["target"]) == {"goat", "imdb"}


def test_seeds_count_where_every_stratum_has_them():
    cells = drawn_answers({"goat": STRATA[:1]}) + [
        CellAnswers("goat", "goat", seed, np.array(["a"]), np.array([float(seed == 2)]), ("large", "8"))
        for seed in (0, 2)
    ]
    averaged = one_score_per_run(score_table(cells))
    assert averaged.loc[averaged["source"] == "goat", ["target", "seed"]].to_numpy().tolist() == [["goat", 0]]


def test_nothing_in_common_is_refused():
    cells = drawn_answers({"goat": STRATA[:1], "imdb": STRATA[1:]})
    with pytest.raises(UserError, match=r"^no source and seed has a score for every model, lora\.rank, so there is no"):
        _ = Transfer(score_table(cells), Conventions(rows=ROWS)).matrix


def test_base_models_alone_have_a_mean():
    averaged = one_score_per_run(score_table(drawn_answers({})))
    assert averaged[["source", "target"]].to_numpy().tolist() == [["base", target] for target in TARGETS]


def test_without_further_keys_answers_are_as_they_were():
    cells = [CellAnswers("goat", "imdb", seed, np.array(["a"]), np.array([1.0])) for seed in (0, 1)]
    answers = paired_answers(cells, {})
    scores = score_table(drawn_answers({"goat": STRATA})).drop(columns=["model", "lora.rank"])
    assert answers_per_run(answers, strata(scores)) is answers


def test_several_seeds_stay_seeds():
    cells = drawn_answers({"goat": STRATA})
    again = [
        CellAnswers(c.source, c.target, 1, c.examples, 1 - c.scores, c.settings) for c in cells if c.source == "goat"
    ]
    answers = answers_per_run(paired_answers([*cells, *again], {}), strata(score_table(cells)))
    assert answers.targets["imdb"].rows == (("base", None), ("goat", 0), ("goat", 1))
    np.testing.assert_allclose(answers.targets["imdb"].scores[1:].sum(axis=0), 1, rtol=1e-6)
    assert answers.targets["imdb"].counts.tolist() == [1, 2]


@pytest.mark.parametrize("lacking", [(), ("large",)])
def test_own_base_models_are_named_where_every_stratum_has_one(lacking):
    """Without that of one model gains are over means, and nothing is held against a base model."""
    models = ("small", "large", "huge")
    cells = drawn_answers({"goat": STRATA, "imdb": STRATA, "pile": STRATA})
    third = [
        CellAnswers(cell.source, cell.target, cell.seed, cell.examples, 1 - cell.scores, ("huge", cell.settings[1]))
        for cell in cells
        if cell.settings[0] == "large"
    ]
    kept = [cell for cell in [*cells, *third] if cell.source != "base" or cell.settings[0] not in lacking]
    notes = Transfer(score_table(kept), Conventions(rows=("source", "model"))).matrix_notes
    assert len({cell.settings[0] for cell in kept}) == len(models)
    assert notes[0].endswith("each run is held against its own base model") == (not lacking)
    assert any("no source 'base'" in note for note in notes) == bool(lacking)
