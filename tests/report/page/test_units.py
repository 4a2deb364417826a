"""Numbers that are no shares: their decimals, signs and units on the page."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis import pipeline
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.score_unit import FRACTION, OTHER, PERCENT, STANDARDIZED
from crosstask.analysis.matrix.target_scales import TargetScales
from crosstask.report.page.numbers import Scale
from crosstask.report.page.units import Units
from tests.report.page.reading import MINUS, Parsed
from tests.support.analyses import sections
from tests.support.pages import page_of

NAMES = ("wiki", "code", "news", "law")


def scores(factors: dict[str, float], size: float = 0.01) -> pd.DataFrame:
    """Scores of base and four sources, each better by some hundredths on one target and worse on the next."""
    rows = [
        (source, target, factor * (1.2 + 0.05 * ((at - place) % 4 == 1) - 0.04 * (at == place)), factor * size)
        for at, source in enumerate(("base", *NAMES), start=-1)
        for place, (target, factor) in enumerate(factors.items())
    ]
    found = pd.DataFrame(rows, columns=["source", "target", "score", "stderr"])
    found.loc[found["source"] == "base", "score"] = found["target"].map(factors) * 1.2
    return found.assign(
        seed=pd.array([pd.NA] * len(found), "Int64"), metric="m", n=pd.array([100] * len(found), "Int64")
    )


def page_of_scores(folder: Path, factors: dict[str, float], **units: object) -> Parsed:
    """The page of such scores, of which less is better on wiki and code."""
    found = pipeline.transfer_of_scores(scores(factors), Conventions(), lower=("wiki", "code"), **units)  # type: ignore[arg-type]
    return Parsed(page_of(pipeline.analyze(found, sections()), folder))


def test_bits_per_byte_have_their_decimals_and_signs(tmp_path: Path):
    page = page_of_scores(tmp_path, dict.fromkeys(NAMES, 1.0), units=dict.fromkeys(NAMES, OTHER))
    gains = pd.read_csv(tmp_path / "gains_long.csv").set_index(["source", "target"])["gain"]
    matrix, views = page.axes(), page.part("views")
    for source, row in zip(matrix["rows"]["names"][1:], views["gain"]["cells"][1:], strict=True):
        for target, (text, tone, *_) in zip(matrix["columns"]["names"], row, strict=True):
            gain = gains[source, target]
            assert text.strip("()").replace(MINUS, "-") == (f"{gain:+.3f}" if abs(gain) > 1e-12 else "0.000")
            assert tone[0] == {1: "p", -1: "n", 0: "z"}[int(np.sign(round(gain, 9)))]
    assert views["gain"]["ends"] == [f"≤ {MINUS}0.050", "≥ +0.050"]
    assert "as in the table" in page.meaning("score")
    what = [text for _, text in page.all("p", class_="what")]
    assert what[0].startswith("Training on")
    assert "in the table's unit" in what[0]


def test_targets_of_several_units_are_written_in_theirs_and_drawn_on_one_scale(tmp_path: Path):
    page = page_of_scores(tmp_path, {"wiki": 1.0, "code": 100.0, "news": 0.4, "law": 0.3})
    head = dict(zip(*([text for _, text in page.all(tag)] for tag in ("dt", "dd")), strict=True))
    assert head["gains"].startswith(
        "over the base model's score, in the unit of each target; donors in standard deviations"
    )
    assert head["scores"] == "20 scores from a table"
    (panel, *_) = (block for block in page.part("sources")[1] if block["kind"] == "intervals")
    assert panel["note"] == "filled: distinguishable from 0; drawn in standard deviations of the target"
    values = [row["value"] for row in panel["rows"]]
    assert values == sorted(values, reverse=True)
    assert max(map(abs, values)) < 5
    assert page.part("views")["gain"]["ends"][1].endswith(" standard deviations of the target")
    tones = {cell[1] for row in page.part("views")["score"]["cells"] for cell in row}
    assert tones >= {"s0", "s8"}


@pytest.mark.parametrize(
    ("unit", "usual", "scale"),
    [
        (FRACTION, [0.001, 0.002], Scale(100.0, 1)),
        (FRACTION, [0.0004, -0.0005, 0.03], Scale(100.0, 3)),
        (PERCENT, [0.12], Scale(1.0, 1)),
        (PERCENT, [0.04, np.inf], Scale(1.0, 3)),
        (OTHER, [0.0448, -0.05, 0.04], Scale(1.0, 3)),
        (OTHER, [0.5], Scale(1.0, 2)),
        (OTHER, [30.0, 40.0], Scale(1.0, 1)),
        (OTHER, [1e-12], Scale(1.0, 6)),
        (OTHER, [0.0, np.nan], Scale(1.0, 1)),
        (STANDARDIZED, [0.7], Scale(1.0, 2)),
    ],
)
def test_decimals_follow_the_usual_gain(unit: object, usual: list[float], scale: Scale):
    assert Units(unit, None, pd.DataFrame({"x": usual})).common == scale  # type: ignore[arg-type]


def test_each_target_has_its_own():
    scales = TargetScales({"a": FRACTION, "b": OTHER}, {"a": 10.0, "b": -0.5}, STANDARDIZED)
    units = Units(STANDARDIZED, scales, pd.DataFrame({"a": [0.5], "b": [0.01]}))
    assert (units.of("a"), units.of("b")) == (Scale(100.0, 1), Scale(1.0, 3))
    assert (units.label("a"), units.label("b")) == ("percentage points", "in the table's unit")
    assert (units.size("a"), units.size("b")) == (10.0, 0.5)
    assert not units.is_common
    assert Units(STANDARDIZED, scales, pd.DataFrame({"a": [0.5]})).of("b") == Scale(1.0, 1)  # no gain there


def test_the_surest_gain_is_that_on_the_common_scale(tmp_path: Path):
    rows = [("base", target, size, size / 100) for target, size in (("a", 0.5), ("b", 50.0), ("c", 0.5), ("d", 50.0))]
    gains = {("s", "a"): 0.3, ("s", "b"): 2.0, ("t", "c"): -0.3, ("t", "d"): -2.0}
    rows += [
        (source, target, level + gains.get((source, target), 0.0), error / 10)
        for source in ("s", "t", "u")
        for _, target, level, error in rows[:4]
    ]
    found = pd.DataFrame(rows, columns=["source", "target", "score", "stderr"])
    found = found.assign(seed=pd.NA, metric="m", n=1000).astype({"seed": "Int64", "n": "Int64"})
    transfer = pipeline.transfer_of_scores(
        found, Conventions(), units={"a": FRACTION, "b": PERCENT, "c": FRACTION, "d": PERCENT}
    )
    page = Parsed(page_of(pipeline.analyze(transfer, sections()), tmp_path))
    helps, hurts, *_ = (text for _, text in page.all("p", class_="what"))
    assert helps.startswith("Training on s helps on a: +30.0 (")
    assert hurts.startswith(f"Training on t hurts on c: {MINUS}30.0 (")


def test_it_is_said_where_less_is_better(tmp_path: Path):
    page = page_of_scores(tmp_path, dict.fromkeys(NAMES, 1.0), units=dict.fromkeys(NAMES, OTHER))
    said = "lower is better on wiki, code, + is an improvement"
    assert page.meaning("gain") == f"Gain over the base model's score, in the table's unit; {said}."
    assert f"as in the table; {said}. Bold:" in page.meaning("score")
