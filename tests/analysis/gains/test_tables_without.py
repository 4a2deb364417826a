"""Tables without a base model, without a diagonal, with ties, with single rows: what is left out, and said."""

import warnings

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.options import Options
from crosstask.analysis.gains.results import GainTables, gain_tables
from crosstask.analysis.gains.section import Section
from crosstask.analysis.pipeline import transfer_of_scores
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.transfer import Transfer

COLUMNS = ["source", "target", "seed", "metric", "score", "stderr", "n"]


def transfer_of(rows: list[tuple[str, str, int | None, float]], n: int | None = None) -> Transfer:
    """Scores of sources, targets and seeds."""
    frame = pd.DataFrame([(*row[:3], None, row[3], np.nan, n) for row in rows], columns=COLUMNS)
    return transfer_of_scores(frame.astype({"seed": "Int64", "n": "Int64"}), Conventions())


def tables_of(rows: list[tuple[str, str, int | None, float]], n: int | None = None) -> GainTables:
    """Tables of the gains."""
    return gain_tables(transfer_of(rows, n), Inference(resamples=100))


def drawn(sources: str, targets: str, seeds: int) -> list[tuple[str, str, int | None, float]]:
    """Scores at random."""
    generator = np.random.default_rng(0)
    return [(s, t, seed, generator.uniform(0.3, 0.7)) for s in sources for t in targets for seed in range(seeds)]


def test_without_a_base_model_there_are_no_recipients():
    found = tables_of(drawn("abc", "xyz", 3))
    assert set(found.donors["role"]) == {"donor"}
    assert "recipients" not in set(found.indices["index"])
    assert "no recipients without a source 'base': gains over the mean of a target sum to 0" in found.notes
    with_base = tables_of([("base", "x", None, 0.5), ("base", "y", None, 0.5), *drawn("abc", "xy", 3)])
    assert set(with_base.donors["role"]) == {"donor", "recipient"}
    assert "recipients" in set(with_base.indices["index"])


def test_a_gain_over_a_mean_of_its_own_score_alone_is_no_test_and_no_alarm():
    found = tables_of([*drawn("ab", "xy", 3), ("a", "z", 0, 0.5), ("a", "z", 1, 0.6), ("a", "z", 2, 0.4)])
    gains = found.gains_long.set_index(["source", "target"])
    assert gains.loc[("a", "z"), "gain"] == pytest.approx(0)
    assert gains.loc[("a", "z"), ["ci_low", "ci_high", "p", "q", "stderr"]].isna().all()
    assert gains.drop(index=("a", "z"))["p"].notna().all()
    assert "z" not in set(found.alarms["name"])


def test_seeds_that_tie_are_no_proof_of_no_variance():
    rows = [("base", "x", None, 70.0), ("a", "x", 0, 71.0), ("a", "x", 1, 71.0)]
    rows += [("base", "y", None, 70.0), ("a", "y", 0, 70.2), ("a", "y", 1, 70.3)]
    tied, other = tables_of(rows).gains_long.to_dict("records")
    # Two whole numbers, each off by up to a half: variance 1 / 12 each, and 1 / 24 of the mean; Student's t with df 1.
    assert tied["ci_high"] - tied["gain"] == pytest.approx(12.7062 * (1 / 24) ** 0.5, rel=1e-4)
    assert tied["p"] > 0.05
    assert other["ci_high"] - other["gain"] == pytest.approx(12.7062 * 0.05, rel=1e-4)  # more than rounding alone gives


def test_two_targets_without_a_base_model_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = tables_of(drawn("xyz", "xy", 3), n=200)
    assert (found.residuals_long["ci_high"] >= found.residuals_long["ci_low"]).all()


def notes_of(transfer: Transfer) -> tuple[str, ...]:
    """Notes of the section."""
    return Section(Options(resamples=100))(transfer).notes


def test_a_single_test_row_is_why_nothing_is_tested():
    rows = [(source, target, None, float(source == target)) for source in ("base", "a", "b") for target in "xy"]
    assert any(note.endswith("n = 1 says nothing of the error of a score") for note in notes_of(transfer_of(rows, 1)))
    assert not any("n = 1" in note for note in notes_of(transfer_of(rows)))


def test_a_table_without_a_diagonal_has_one_line_on_it_that_names_the_option():
    rows = [row for row in drawn("abc", "abcd", 1) if row[0] != row[1]]
    lines = [note for note in notes_of(transfer_of(rows)) if "scor" in note and "own task (" in note]
    assert len(lines) == 1
    assert "analysis.traits.missing=impute" in lines[0]
    assert not any(note.startswith("no score") for note in notes_of(transfer_of(rows)))
    (other,) = [note for note in notes_of(transfer_of(rows[:-1])) if note.startswith("no score")]
    assert other == "no score: c -> d"
    diagonal = [("a", "a", 0, 0.5), *rows]
    assert [note for note in notes_of(transfer_of(diagonal)) if note.startswith("no score")] == [
        "no score: b -> b",
        "no score: c -> c",
    ]


def test_hundreds_of_missing_cells_have_one_line():
    sources, targets = [f"s{place}" for place in range(30)], [f"t{place}" for place in range(24)]
    rows = [("base", target, None, 0.5) for target in targets]
    rows += [(s, t, None, 0.5) for i, s in enumerate(sources) for j, t in enumerate(targets) if (i + j) % 2]
    (line,) = [note for note in transfer_of(rows).matrix_notes if note.startswith("no score")]
    assert line == (
        "no score: 360 cells of 30 sources, such as s0 -> t0, t10, t12, t14, t16, t18, t2, t20, t22, t4 and 2 more;"
        " missing.csv has all"
    )


def test_donors_do_not_need_the_error_of_the_base_model():
    rows = drawn("abcd", "wxyz", 3)
    found = tables_of([("base", target, None, 0.5) for target in "wxyz"] + rows)
    assert found.donors is not None
    assert found.residuals_long is not None
    of_donors, of_recipients = (found.donors[found.donors["role"] == role] for role in ("donor", "recipient"))
    # A donor is the mean of a source's row less that of all, whatever the base model scores.
    means = pd.DataFrame(rows, columns=["s", "t", "seed", "x"]).groupby("s")["x"].mean()
    assert of_donors.set_index("name")["effect"].sort_index().to_numpy() == pytest.approx(means - means.mean())
    assert of_donors[["ci_low", "ci_high", "p"]].notna().all(axis=None)
    assert found.residuals_long["p"].notna().all()
    assert of_recipients["ci_low"].isna().all()
    note = "no recipient is tested: the error of 'base' is not known, which takes n, stderr or several seeds"
    assert note in found.notes
