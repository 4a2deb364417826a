"""What is known of trainings, from folders of adapters as training and others write them."""

import json
import logging
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from crosstask.analysis.matrix.columns import TRAININGS
from crosstask.analysis.schema import column_names
from crosstask.fingerprint import fingerprint
from crosstask.runs.trainings import training_table, update_norm
from crosstask.storage import adapter_files
from crosstask.storage.adapter_record import AdapterRecord, TrainingReport
from crosstask.storage.scored_run import ScoredRun
from tests.support.records import cell_score, run_record

REPORT = TrainingReport(1, 1, 0, 0, 1, 321, 0, 0, 0, 0.0, 2.0, 0.75, 0.5, 1, "at its end", 1.0)
RECIPE = {"source": "goat", "seed": 0}


def adapter(folder: Path, **settings: object) -> dict[str, np.ndarray]:
    """Write an adapter of two layers; returns its weights."""
    folder.mkdir()
    generator = np.random.default_rng(0)
    weights = {
        f"{layer}.lora_{side}.weight": generator.normal(size=shape).astype(np.float32)
        for layer in ("q", "v")
        for side, shape in (("A", (4, 6)), ("B", (5, 4)))
    }
    save_file(weights, folder / "adapter_model.safetensors")
    plain = {"peft_type": "LORA", "r": 4, "lora_alpha": 8, **settings}
    (folder / "adapter_config.json").write_text(json.dumps(plain))
    return weights


def trained(folder: Path, **settings: object) -> str:
    """The same with what training writes down; returns its name."""
    adapter(folder, **settings)
    record = AdapterRecord(RECIPE, REPORT, adapter_files.content(folder), (0.1,))
    (folder / "adapter.json").write_text(json.dumps(record.to_json()))
    return fingerprint({"seed": 0})


def of(name: str | None, **more: object) -> ScoredRun:
    return ScoredRun(run_record(adapter=name, **more), {"goat": cell_score(logit_difference=(1.0, 3.0))})


@pytest.mark.parametrize(("rslora", "scale"), [(False, 2.0), (True, 4.0)])
def test_the_norm_is_that_of_the_updates_written_out(tmp_path: Path, rslora: bool, scale: float):
    weights = adapter(tmp_path / "a", use_rslora=rslora)
    updates = [scale * weights[f"{layer}.lora_B.weight"] @ weights[f"{layer}.lora_A.weight"] for layer in ("q", "v")]
    expected = np.sqrt(sum((update.astype(float) ** 2).sum() for update in updates))
    assert update_norm(tmp_path / "a") == pytest.approx(expected)


def test_everything_is_read_of_an_adapter_that_was_trained_here(tmp_path: Path):
    name = trained(tmp_path / "a")
    table = training_table([of(name), of(None, source="base", seed=None)], lambda: {name: tmp_path / "a"})
    assert list(table) == column_names(TRAININGS)
    (row,) = table.to_dict("records")
    assert (row["source"], row["seed"], row["tokens"], row["last_loss"], row["held_out_loss"]) == (
        *("goat", 0),
        *(321, 0.75, 0.5),
    )
    assert row["update_norm"] == pytest.approx(update_norm(tmp_path / "a"))
    assert row["logit_displacement"] == 2.0


def test_without_a_folder_only_the_scores_tell(tmp_path: Path):
    for places in ({}, {"a": tmp_path / "gone"}):
        (row,) = training_table([of("a")], lambda places=places: places).to_dict("records")
        assert row["logit_displacement"] == 2.0
        assert np.isnan([row["tokens"], row["update_norm"]]).all()


def test_an_update_that_is_no_plain_product_has_no_norm(tmp_path: Path):
    name = trained(tmp_path / "a", use_dora=True)
    (row,) = training_table([of(name)], lambda: {name: tmp_path / "a"}).to_dict("records")
    assert row["tokens"] == 321
    assert np.isnan(row["update_norm"])


def test_of_what_was_made_elsewhere_the_norm_is_known(tmp_path: Path):
    adapter(tmp_path / "a")
    name = adapter_files.content(tmp_path / "a")
    (row,) = training_table([of(None, external=name)], lambda: {name: tmp_path / "a"}).to_dict("records")
    assert row["update_norm"] > 0
    assert np.isnan(row["tokens"])


def test_of_files_that_changed_the_update_has_no_size(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    name = trained(tmp_path / "a")
    adapter(tmp_path / "b", lora_alpha=99)
    (tmp_path / "a" / "adapter_config.json").write_bytes((tmp_path / "b" / "adapter_config.json").read_bytes())
    with caplog.at_level(logging.WARNING):
        (row,) = training_table([of(name)], lambda: {name: tmp_path / "a"}).to_dict("records")
    assert row["tokens"] == 321
    assert np.isnan(row["update_norm"])
    assert "not what was trained" in caplog.text
