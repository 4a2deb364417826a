"""Jobs on sources with one property changed: rows of their own, beside the source as it is."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from crosstask.config.adapter import Lora
from crosstask.config.external import External
from crosstask.config.job import TrainConfig
from crosstask.config.variant import Variant, VariantKind
from crosstask.errors import NotApplicable
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.jobs.row_of_job import matrix_row
from crosstask.runs.cell_table import cell_table, homes
from crosstask.runs.interventions import interventions
from crosstask.runs.variant_rows import with_variants, without_variants
from crosstask.storage.records import RunRecord
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store


def with_variant(config: TrainConfig, kind: str, **more: object) -> TrainConfig:
    return replace(config, variant=Variant(VariantKind(kind), **more))  # type: ignore[arg-type]


def records(config: TrainConfig) -> dict[str, RunRecord]:
    """By the name of the variant; none of a source as it is."""
    return {record.variant.name if record.variant else "none": record for record in Store(config.store).records()}


def test_a_variant_is_a_row_of_its_own_that_names_its_original(config: TrainConfig):
    train(config, Progress())
    before = Path(config.store, "records").glob("*.json")
    original = {path.name: json.loads(path.read_text()) for path in before}
    assert train(with_variant(config, "wrong_labels"), Progress()).startswith("done: trained 3 steps")
    found = records(config)
    wrong, plain = found["wrong_labels"], found["none"]
    assert wrong.variant is not None
    assert wrong.variant.original == plain.adapter
    assert (wrong.variant.changed, wrong.variant.dose) == (1.0, None)
    assert wrong.variant.what == "12 of 12 rows have a wrong label"
    assert wrong.adapter != plain.adapter
    assert (wrong.source, wrong.seed, wrong.settings, wrong.home) == (plain.source, 0, plain.settings, plain.home)
    assert wrong.config["variant"] == "wrong_labels"
    assert "variant" not in plain.config
    assert "variant" not in plain.to_json(), "records of sources as they are stay as they were"
    assert {
        path.name: json.loads(path.read_text()) for path in Path(config.store, "records").glob("*.json")
    }.items() >= (original.items())
    assert wrong.profiles["source"] != plain.profiles["source"]


def test_a_dose_of_nothing_has_the_original_adapter_and_a_row_of_its_own(config: TrainConfig):
    train(config, Progress())
    assert train(with_variant(config, "share_wrong", share=0.0), Progress()) == "reused: the adapter and 2 cells"
    found = records(config)
    assert found["share_wrong 0"].adapter == found["none"].adapter
    assert found["share_wrong 0"].cells == found["none"].cells
    assert found["share_wrong 0"].run != found["none"].run


def test_a_random_update_trains_the_adapter_first_and_has_its_norms(config: TrainConfig):
    first = with_variant(config, "random_update")
    assert "trained 3 steps" in train(first, Progress())
    assert train(replace(first, variant=Variant(VariantKind.random_update, seed=1)), Progress()).startswith(
        "done: drew random update 1"
    )
    found = records(config)
    store = Store(config.store)
    trained, drawn, other = (
        load_file(store.adapter(name) / "adapter_model.safetensors")
        for name in (
            found["random_update"].variant.original,
            found["random_update"].adapter,
            found["random_update seed=1"].adapter,
        )
    )
    ups = [name for name in trained if name.endswith("lora_B.weight")]
    assert ups
    for name in ups:
        down = name.replace("lora_B", "lora_A")
        norms = [float(torch.linalg.norm(of[name] @ of[down])) for of in (trained, drawn, other)]
        assert norms[1] == pytest.approx(norms[0], rel=1e-4)
        assert norms[2] == pytest.approx(norms[0], rel=1e-4)
        assert not torch.allclose(drawn[name], other[name])
    report = store.adapter_record(found["random_update"].adapter).report
    assert (report.steps, report.first_loss, report.stopped) == (0, None, "drawn at random, not trained")
    assert train(first, Progress()).startswith("reused: the adapter and 2 cells")


def test_no_update_of_that_kind_is_drawn_for_other_adapters(config: TrainConfig):
    dora = replace(config, lora=Lora(dora=True))
    with pytest.raises(NotApplicable, match="variant=random_update: the adapter is no low-rank update"):
        matrix_row(with_variant(dora, "random_update"))


def test_a_variant_that_makes_no_sense_writes_nothing(config: TrainConfig):
    for kind in ("short_answers", "long_answers", "number_labels"):
        with pytest.raises(NotApplicable, match=f"variant={kind}: films"):
            train(with_variant(config, kind), Progress())
    with pytest.raises(NotApplicable, match="base is trained on nothing"):
        train(with_variant(replace(config, source={"base": None}), "balanced"), Progress())
    assert not list(Path(config.store).glob("records/*"))


def test_other_rows_are_those_of_another_draw(config: TrainConfig):
    config = replace(config, data=replace(config.data, train_rows=6))
    other = matrix_row(with_variant(config, "other_rows", seed=3))
    drawn = matrix_row(replace(config, data=replace(config.data, train_seed=3)))
    assert other.recipe is not None
    assert drawn.recipe is not None
    assert [one.id for one in other.recipe.examples] == [one.id for one in drawn.recipe.examples]
    assert other.variant is not None
    assert 0 < other.variant.changed <= 1


def test_rows_that_are_drawn_anyway_are_no_others(config: TrainConfig):
    config = replace(config, data=replace(config.data, train_rows=6))
    words = rf"has no other rows: variant\.seed={config.data.seed} draws the 6 that it is trained on anyway"
    with pytest.raises(NotApplicable, match=words):
        matrix_row(with_variant(config, "other_rows", seed=config.data.seed))


def test_where_every_seed_has_rows_of_its_own_each_has_other_rows_of_its_own(config: TrainConfig):
    def ids(train_seed: int, kind: str, **more: int) -> tuple[str, ...]:
        data = replace(config.data, train_rows=4, train_seed=train_seed)
        recipe = matrix_row(with_variant(replace(config, data=data), kind, **more)).recipe
        assert recipe is not None
        return tuple(one.id for one in recipe.examples)

    own = [ids(seed, "none") for seed in (0, 1, 2)]
    other = [ids(seed, "other_rows", seed=1) for seed in (0, 1, 2)]
    assert len({*own, *other}) == 6, "not the rows of the original of seed 1 for every seed"


def test_what_was_made_elsewhere_has_no_variant(config: TrainConfig):
    elsewhere = replace(config, source={}, adapter=External(path="somewhere"))
    with pytest.raises(NotApplicable, match="variant=balanced: what was made elsewhere is not trained here"):
        matrix_row(with_variant(elsewhere, "balanced"))


def test_a_mixture_is_changed_source_by_source(config: TrainConfig):
    films = config.source["films"]
    mixed = replace(config, source={"films": films, "sums": config.target["sums"]})
    row = matrix_row(with_variant(mixed, "fewer_rows", share=0.5))
    assert row.recipe is not None
    assert row.variant is not None
    assert len(row.recipe.examples) == 6 + 2
    assert row.variant.what == "films: 6 of 12 rows; sums: 2 of 5 rows"


def test_evaluate_scores_a_variant_again(config: TrainConfig):
    wrong = with_variant(replace(config, target={"films": config.target["films"]}), "wrong_labels")
    train(wrong, Progress())
    more = replace(wrong, target=config.target)
    assert evaluate(more, Progress(), "").startswith("done: scored 1 targets")
    assert set(records(config)["wrong_labels"].cells) == {"films", "sums"}


def test_pairs_are_of_one_seed_and_their_answers_of_the_same_rows(config: TrainConfig):
    for seed in (0, 1):
        for kind in ("none", "wrong_labels"):
            train(with_variant(replace(config, seed=seed), kind), Progress())
    train(with_variant(replace(config, seed=2), "wrong_labels"), Progress())
    rows = StoredRows(Store(config.store))
    chosen = cell_table([row for row in rows.rows() if row.record.variant is None])
    found = interventions(rows.rows(), chosen, rows.fetch_answers, rows.fetch_profiles)
    assert found is not None
    assert found.pairs["seed"].tolist() == [0, 1]
    assert set(found.pairs["variant"]) == {"wrong_labels"}
    assert found.notes == (
        "1 run on a changed source is left out: the matrix has no run on the source as it is beside it",
    )
    scores = found.scores("films")
    assert scores is not None
    assert scores.changed.shape == scores.original.shape == (2, 4)
    by_run = {row.record.run: row.scores["films"].metrics["score"] for row in rows.rows()}
    assert scores.changed.mean(axis=1).tolist() == [by_run[run] for run in found.pairs["run"]]
    assert scores.original.mean(axis=1).tolist() == [by_run[run] for run in found.pairs["original"]]
    assert found.scores("nothing") is None
    assert set(found.profiles["name"]) == {*found.pairs["run"], *found.pairs["original"]}
    assert interventions([row for row in rows.rows() if not row.record.variant], chosen, dict, list) is None


def test_changed_sources_are_rows_of_the_matrix_on_request(config: TrainConfig):
    train(config, Progress())
    train(with_variant(config, "wrong_labels"), Progress())
    rows = StoredRows(Store(config.store)).rows()
    assert [row.record.source for row in without_variants(rows)] == ["films"]
    found = sorted(with_variants(rows), key=lambda row: row.record.source)
    assert [row.record.source for row in found] == ["films", "films (wrong_labels)"]
    assert list(found[1].record.profiles["source"]) == ["films (wrong_labels)"]
    assert homes(row.record for row in found) == {"films": "films", "films (wrong_labels)": "films"}
