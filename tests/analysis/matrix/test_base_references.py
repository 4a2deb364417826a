"""The base model shown examples, or with its label prior taken off, in the place of the base model."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.results import gain_tables
from crosstask.analysis.matrix.answers import Answers, TargetAnswers
from crosstask.analysis.matrix.selection import Selection
from crosstask.analysis.pipeline import transfer_of_runs
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError

IDS = np.array([f"test-{place}" for place in range(10)], dtype=object)
RIGHT = {  # of 10 answers, by source and target; of base also by condition
    ("base", "imdb"): 4,
    ("base", "goat"): 2,
    ("goat", "imdb"): 7,
    ("goat", "goat"): 8,
    ("base", "imdb", "few_shot"): 5,
    ("base", "goat", "few_shot"): 6,
    ("base", "imdb", "prior_corrected"): 9,
}
METRIC = {"imdb": "accuracy", "goat": "exact_match"}


def right(*key: str) -> np.ndarray:
    return (np.arange(10) < RIGHT[key]) * np.float32(1)


def cells(cell_table: Any, shown: tuple[str, ...] = ("imdb", "goat")) -> pd.DataFrame:
    made = []
    for source in ("base", "goat"):
        for target, metric in METRIC.items():
            score = RIGHT[source, target] / 10
            metrics = {"score": score} | ({"accuracy/prior_corrected": 0.9} if target == "imdb" else {})
            made.append({"source": source, "target": target, "metric": metric, "score": score, "n": 10, "run": source,
                         "target_id": target, "metrics": metrics})  # fmt: skip
    for target in shown:
        score = RIGHT["base", target, "few_shot"] / 10
        made.append({"source": "base", "target": target, "metric": METRIC[target], "score": score, "n": 10, "shots": 4,
                     "run": "base-4", "target_id": f"{target}-4"})  # fmt: skip
    return cell_table(*made)


def answers_of(chosen: pd.DataFrame, prior_corrected: bool) -> Answers:
    """The answers behind chosen cells."""
    targets = {}
    for target, of_target in chosen.groupby("target"):
        condition = (
            ("prior_corrected",) if prior_corrected else ("few_shot",) if of_target["shots"].notna().any() else ()
        )
        sources = of_target["source"].tolist()
        rows = tuple((source, None if source == "base" else 0) for source in sources)
        scores = np.array([right(source, str(target), *condition) for source in sources])
        order = slice(None, None, -1) if condition else slice(None)  # other rows order, the same examples
        targets[str(target)] = TargetAnswers(rows, IDS[order], scores[:, order])
    return Answers(targets)


def transfer(table: pd.DataFrame, reference: str, with_answers: bool = True) -> Transfer:
    conventions = Conventions(reference=reference)
    return transfer_of_runs(table, Selection(), conventions, answers_of if with_answers else None)


CHOSEN: dict[str, tuple[dict[str, float], dict[str, dict[str, float]]]] = {
    "base": (
        {"imdb": 0.3, "goat": 0.6},
        {"base prior-corrected": {"imdb": 0.9}, "base few-shot": {"imdb": 0.5, "goat": 0.6}},
    ),
    "few_shot": (
        {"imdb": 0.2, "goat": 0.2},
        {"base prior-corrected": {"imdb": 0.9}, "base": {"imdb": 0.4, "goat": 0.2}},
    ),
    "prior_corrected": (
        {"imdb": -0.2, "goat": 0.6},
        {"base few-shot": {"imdb": 0.5, "goat": 0.6}, "base": {"imdb": 0.4}},
    ),
}
"""Reference -> the gains of goat over it, and the scores of the others."""


@pytest.mark.parametrize("with_answers", [True, False])
@pytest.mark.parametrize("reference", CHOSEN)
def test_gains_are_over_the_chosen_base_model(cell_table: Any, reference: str, with_answers: bool):
    gains, others = CHOSEN[reference]
    found = transfer(cells(cell_table), reference, with_answers)
    assert found.gains.loc["goat"].to_dict() == pytest.approx(gains)
    tables = gain_tables(found, Inference(resamples=100))
    references = tables.references
    own = {"base": "base", "few_shot": "base few-shot", "prior_corrected": "base prior-corrected"}[reference]
    first = references.groupby("target").first()
    assert first.loc["imdb", "reference"] == own
    assert first.loc["goat", "reference"] == ("base" if reference == "prior_corrected" else own)
    for name, scores in others.items():
        rows = references[references["reference"] == name].set_index("target")["score"]
        assert {target: rows[target] for target in scores} == pytest.approx(scores)
    assert any(f"analysis.reference={reference}" in note for note in found.notes) == (reference != "base")


def test_the_chosen_base_model_is_paired_by_example(cell_table: Any):
    found = transfer(cells(cell_table), "few_shot")
    assert found.answers is not None
    imdb = found.answers.targets["imdb"]
    of_base = dict(zip(imdb.examples, imdb.scores[imdb.rows.index(("base", None))], strict=True))
    assert [of_base[name] for name in IDS] == right("base", "imdb", "few_shot").tolist()


def test_a_base_model_that_was_shown_nothing_on_some_targets_is_no_reference(cell_table: Any):
    with pytest.raises(UserError) as caught:
        transfer(cells(cell_table, shown=("imdb",)), "few_shot")
    assert str(caught.value) == (
        "analysis.reference=few_shot: base was not shown examples on goat, in each prompt of theirs;"
        " python train.py -m source=base scoring.shots=4 'target=[goat]' scores it, with scoring.prompt=0,1,... for"
        " several prompts"
    )


def test_examples_shown_in_one_of_two_prompts_are_no_reference_for_a_mean_over_both(cell_table: Any):
    table = cells(cell_table)
    second = table[table["shots"].isna()]
    second = second.assign(prompt=1, run=second["run"] + "-1", target_id=second["target_id"] + "-1")
    both = pd.concat([table, second.astype(table.dtypes)])
    assert {known.kind for known in transfer(both, "base").base_references} == {"prior_corrected"}
    with pytest.raises(UserError, match="base was not shown examples on goat, imdb, in each prompt of theirs"):
        transfer(both, "few_shot")


@pytest.mark.parametrize("target", ["imdb", "goat"])
def test_without_a_base_model_there_is_no_reference_and_the_matrix_stands(cell_table: Any, target: str):
    table = cells(cell_table)
    tuned = table[(table["source"] == "goat") & (table["target"] == target)]
    found = transfer(tuned, "base")
    assert found.matrix.loc["goat"].to_dict() == pytest.approx({target: RIGHT["goat", target] / 10})
    assert found.base_references == ()
    for reference in ("few_shot", "prior_corrected"):
        with pytest.raises(
            UserError, match=rf"^analysis\.reference={reference}: none of the runs is of base.*'target="
        ):
            transfer(tuned, reference)


def test_open_targets_alone_have_no_prior_to_take_off(cell_table: Any):
    table = cells(cell_table, shown=())
    found = transfer(table[table["target"] == "goat"], "base")
    assert found.matrix["goat"].to_dict() == pytest.approx({"base": 0.2, "goat": 0.8})
    with pytest.raises(UserError, match=r"^analysis\.reference=prior_corrected: no target has labels .* off: goat$"):
        transfer(table[table["target"] == "goat"], "prior_corrected")


def test_shots_of_adapters_and_of_other_base_models_are_no_rows_of_the_matrix(cell_table: Any):
    table = cells(cell_table)
    other = table[table["shots"].notna()].assign(base="b2", run="other", score=0.0)
    tuned = table[table["shots"].notna()].assign(source="goat", seed=0, settings="s1", run="tuned", score=1.0)
    found = transfer(pd.concat([table, other, tuned]).astype(table.dtypes), "base")
    assert found.matrix.loc["goat"].to_dict() == pytest.approx({"imdb": 0.7, "goat": 0.8})
    (shown,) = [known for known in found.base_references if known.kind == "few_shot"]
    assert sorted(shown.cells["score"]) == pytest.approx([0.5, 0.6])


def test_titles_say_of_which_targets_fewer_bits_are_better(cell_table: Any):
    table = cells(cell_table)
    assert "bits" not in transfer(table, "base").gain_label + transfer(table, "base").caption
    table.loc[table["target"] == "goat", "metric"] = "bits_per_byte"
    found = transfer(table, "base")
    for title in (found.gain_label, found.caption):
        assert title.endswith("; goat: 2^-(bits per byte), fewer bits are better")


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("base", None),
        ("few_shot", "base few-shot"),
        ("prior_corrected", "base prior-corrected on 1 of 2 targets"),  # goat has no labels
    ],
)
def test_the_caption_says_what_stands_for_base(cell_table, reference: str, said: str | None):
    caption = transfer(cells(cell_table), reference).caption
    assert ("the row base is" in caption) == (said is not None)
    assert said is None or caption.endswith(f"; the row base is {said}")
