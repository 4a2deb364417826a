"""What gains are over: the base model, asked in some way, or the mean over sources; what the page says of each."""

from pathlib import Path

import pandas as pd

from crosstask.analysis import pipeline
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.gains.columns import TABLES
from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.section import Findings, Table
from crosstask.report.page.over import Over
from crosstask.report.page.tables import Tables
from tests.report.page.altered import altered
from tests.report.page.reading import MINUS, Parsed
from tests.support.analyses import sections
from tests.support.pages import page_of

CORRECTED = "the base model's score with its preferences for labels taken off"


def page_of_table(folder: Path, rows: list[tuple[str, str, float]], **options: object) -> Parsed:
    """The page of a table of scores, each with a standard error of a hundredth of the largest."""
    error = 0.01 * max(abs(score) for *_, score in rows)
    found = pd.DataFrame(rows, columns=["source", "target", "score"]).assign(stderr=error, metric="m", n=1000)
    found = found.assign(seed=pd.NA).astype({"seed": "Int64", "n": "Int64"})
    order = TaskOrder(tuple(dict.fromkeys(found["target"])))
    transfer = pipeline.transfer_of_scores(found, Conventions(order), **options)  # type: ignore[arg-type]
    return Parsed(page_of(pipeline.analyze(transfer, sections()), folder))


def panel(page: Parsed, source: str, target: str) -> dict[str, str]:
    """Every fact of the panel of a cell."""
    matrix = page.axes()
    column = matrix["columns"]["names"].index(target)
    blocks = page.part(f"cells-{column}")["panels"][matrix["rows"]["names"].index(source)]
    return {name: value for block in blocks for name, value in block.get("pairs", ())}


def head(page: Parsed) -> dict[str, str]:
    """What was run."""
    return dict(zip(*([text for _, text in page.all(tag)] for tag in ("dt", "dd")), strict=True))


def test_sentences_name_what_most_gains_are_over_first():
    (schema,) = [table for table in TABLES if table.name == "targets"]
    frame = pd.DataFrame({"target": ["x", "y", "z"], "gains_over": ["base prior-corrected", "base", "base"]})
    over = Over(Tables([Findings((Table(schema, frame),))]))
    assert over.scores == f"the base model's score; on x over {CORRECTED}"
    assert [over.is_plain(target) for target in "xyz"] == [False, True, True]
    assert Over(Tables([])).scores == "the base model's score"


def test_another_reference_is_said_wherever_gains_are(analysis: Analysis, tmp_path: Path):
    page = Parsed(
        page_of(altered(analysis, "targets", lambda frame: frame.assign(gains_over="base prior-corrected")), tmp_path)
    )
    assert head(page)["gains"].startswith(f"over {CORRECTED}, in percentage points")
    assert page.meaning("gain").startswith(f"Gain over {CORRECTED}, in")
    what = [text for _, text in page.all("p", class_="what")]
    assert f", against {CORRECTED}: +" in what[0]
    facts = panel(page, "goat", "gsm8k")
    assert {"base prior-corrected", "relative to base prior-corrected", "gain in accuracy over base itself"} <= {*facts}
    assert "base" not in facts
    assert head(page)["besides"].endswith("are held against the base model itself")
    blocks = page.part("cells-0")["panels"][1]
    assert not [block for block in blocks if block["kind"] == "examples"]
    no_texts = "No examples: answers are won and lost against base prior-corrected, whose texts are not shown."
    assert no_texts in [block.get("text") for block in blocks]
    assert page.part("cells-0")["panels"][0][0]["title"] == f"What gains are over: {CORRECTED}"
    assert "of base prior-corrected's score" in page.part("views")["gain"]["cells"][1][0][3]
    keys = " ".join(text for _, text in page.all("p", class_="key"))
    assert f"The row base has what gains are over: {CORRECTED}." in " ".join(keys.split())


def test_without_a_base_model_no_source_is_said_to_help(tmp_path: Path):
    rows = [(source, target, 0.5 + 0.2 * (source == target)) for source in "abc" for target in "xyz"]
    rows = [(s, t, score + 0.3 * ((s, t) == ("a", "y"))) for s, t, score in rows]
    page = page_of_table(tmp_path, rows)
    assert head(page)["gains"].startswith("over each target's mean over sources: no base model was run, in")
    what = [text for _, text in page.all("p", class_="what")]
    assert what[0].startswith("Training on a does better on y than the mean source: +20.0 (")
    assert what[1].startswith(f"Training on b does worse on y than the mean source: {MINUS}10.0 (")
    assert any(text.startswith("Whether any source helps or hurts: no base model was run") for text in what)
    titles = [block["title"] for block in page.part("targets")[1]]
    assert "Which sources do better on it than their mean, the largest gain first" in titles
    assert not [text for text in what if text.startswith("Training on") and (" helps " in text or " hurts " in text)]


def test_there_is_no_gain_relative_to_a_base_score_below_0(tmp_path: Path):
    base, gain = {"x": -0.04, "y": 0.2, "z": 0.002}, {"x": 0.2, "y": -0.05, "z": -0.1}
    rows = [("base", target, score) for target, score in base.items()]
    rows += [(source, target, base[target] + gain[target]) for source in "abc" for target in base]
    page_of_table(tmp_path, rows)
    found = pd.read_csv(tmp_path / "gains_long.csv").drop_duplicates("target").set_index("target")
    assert found["relative"].isna().to_dict() == {"x": True, "y": False, "z": False}
    assert found["headroom"].isna().to_dict() == {"x": True, "y": False, "z": True}  # below 0, scores are no shares


def test_less_is_better_has_a_relative_gain_of_the_right_sign(tmp_path: Path):
    rows = [("base", "x", 20.0), ("base", "y", 20.0), ("a", "x", 15.0), ("a", "y", 25.0), ("b", "x", 20.0)]
    page_of_table(tmp_path, [*rows, ("b", "y", 20.0)], lower=("x", "y"))
    found = pd.read_csv(tmp_path / "gains_long.csv").set_index(["source", "target"])["relative"]
    assert found["a", "x"] == 0.25
    assert found["a", "y"] == -0.25


def test_percentages_have_their_score_without_ability_and_losses_their_share(tmp_path: Path):
    rows = [("base", "x", 60.0), ("base", "y", 60.0), ("a", "x", 50.0), ("a", "y", 70.0), ("b", "x", 60.0)]
    page = page_of_table(tmp_path, [*rows, ("b", "y", 60.0)])
    matrix = page.axes()
    blocks = page.part("cells-0")["panels"][matrix["rows"]["names"].index("a")]
    (kept,) = [block for block in blocks if block["title"].startswith("Kept:")]
    level = pd.read_csv(tmp_path / "forgetting.csv")["level"].iloc[0]
    assert kept["rows"][0][0] == f"{level:.1f}"
    assert panel(page, "a", "x")["of what base had to lose"].startswith(MINUS)
    assert panel(page, "a", "y")["of the headroom"].startswith("+25.0")


def test_alarms_stand_where_they_belong(analysis: Analysis, tmp_path: Path):
    said = [
        ("no_effect", "imdb", "imdb is not distinguishable from base"),
        ("nothing_moves", "goat", "none of 5 sources is distinguishable from base on goat"),
        ("fractions", "goat, sst2", "no score above 1"),
        ("answer_quality", float("nan"), "test rows of imdb are among the training rows of goat (1.3 %), sst2 (2 %)"),
        ("answer_quality", float("nan"), "on sst2 more than 50 % of the answers are cut"),
    ]
    frame = pd.DataFrame(said, columns=["alarm", "name", "message"])
    page = Parsed(page_of(altered(analysis, "alarms", lambda _: frame), tmp_path))
    names = page.axes()
    kinds = [kind if kind != "answer_quality" else message.split()[0] for kind, _, message in said]

    def alarms(side: str, name: str) -> list[str]:
        axis = "rows" if side == "sources" else "columns"
        blocks = page.part(side)[names[axis]["names"].index(name)]
        found = [block["text"].removeprefix("Alarm: ") for block in blocks if block["kind"] == "alarm"]
        return [kinds[[message for *_, message in said].index(text)] for text in found]

    assert alarms("sources", "imdb") == ["no_effect"]
    assert alarms("targets", "imdb") == ["test"]
    assert alarms("sources", "goat") == ["test"]
    assert alarms("targets", "goat") == ["nothing_moves", "fractions"]
    assert alarms("sources", "sst2") == ["test"]
    assert alarms("targets", "sst2") == ["fractions", "on"]


def test_a_target_may_have_no_metric(tmp_path: Path):
    rows = [
        (source, target, 0.5, metric) for source in ("base", "a") for target, metric in (("x", "loss"), ("y", None))
    ]
    found = pd.DataFrame(rows, columns=["source", "target", "score", "metric"]).assign(stderr=0.1, n=100, seed=pd.NA)
    transfer = pipeline.transfer_of_scores(found.astype({"seed": "Int64", "n": "Int64"}), Conventions())
    page = Parsed(page_of(pipeline.analyze(transfer, sections()), tmp_path))
    facts = [dict(page.part("targets")[place][0]["pairs"]) for place in (0, 1)]
    assert [found.get("metric") for found in facts] == ["loss", None]


def test_all_alarms_are_counted(tmp_path: Path):
    rows = [(source, target, 0.5) for source in ("base", *"abcdefgh") for target in "xyz"]
    page = page_of_table(tmp_path, rows)
    every, shown = len(pd.read_csv(tmp_path / "alarms.csv")), sum("no_effect" in text for _, text in page.all("li"))
    assert shown == 1  # and so many more of this kind
    assert any(text.startswith(f"{every} alarms: ") for _, text in page.all("summary"))
