"""The file of a training's metrics."""

from pathlib import Path

from crosstask.tracking.curve import Curve


def test_what_is_added_to_a_step_comes_together_and_the_later_value_counts(tmp_path: Path):
    curve = Curve(tmp_path / "curves" / "a.jsonl")
    assert curve.rows() == {}
    curve.add(0, {"train/loss": 2.0})
    curve.add(1, {"train/loss": 1.5})
    curve.add(1, {"train/held_out_loss": 1.75})
    curve.add(0, {"train/loss": 2.25})
    assert curve.rows() == {
        0: {"train/step": 1, "train/loss": 2.25},
        1: {"train/step": 2, "train/loss": 1.5, "train/held_out_loss": 1.75},
    }


def test_an_incomplete_line_is_no_step(tmp_path: Path):
    curve = Curve(tmp_path / "a.jsonl")
    curve.add(0, {"train/loss": 2.0})
    with curve.path.open("a") as file:
        file.write('\n{"step": 1, "tra')
    assert list(curve.rows()) == [0]
    curve.add(1, {"train/loss": 1.0})
    curve.add(2, {"train/loss": 0.5})
    assert list(curve.rows()) == [0, 1, 2]
