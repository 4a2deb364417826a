"""The page without a browser: its structure, its numbers beside the tables, its options, its bytes."""

import base64
import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from crosstask.analysis import pipeline
from crosstask.analysis.conventions import Conventions
from crosstask.analysis.forgetting.columns import TABLES as FORGETTING
from crosstask.analysis.pipeline import Analysis
from crosstask.analysis.section import Findings, Table
from crosstask.report.page.axes import ORDERS
from crosstask.report.page.sections import Size
from tests.report.page.altered import altered
from tests.report.page.reading import MINUS, Parsed, numbers
from tests.support.analyses import sections
from tests.support.hostile import HOSTILE, MARK
from tests.support.hostile import NAMES as HOSTILE_NAMES
from tests.support.pages import NAMES, Sweep, analysis_of, page_of, transfer_of

VIEWS = {
    "gain": ("gains_long", "gain"),
    "score": ("matrix_long", "score"),
    "relative": ("gains_long", "relative"),
    "headroom": ("gains_long", "headroom"),
    "residual": ("residuals_long", "residual"),
}


def table(folder: Path, name: str) -> pd.DataFrame:
    """A table as it was written."""
    return pd.read_csv(folder / f"{name}.csv")


def test_the_matrix_in_the_page_is_that_of_the_table(parsed: Parsed, folder: Path):
    gains = table(folder, "gains_long").set_index(["source", "target"])
    cells = [(found, text) for found, text in parsed.all("td") if " on " in (found.get("title") or "")]
    assert len(cells) == (1 + len(NAMES)) * len(NAMES)
    for place, (found, text) in enumerate(cells[len(NAMES) :]):
        source, target = NAMES[place // len(NAMES)], NAMES[place % len(NAMES)]
        row, classes = gains.loc[(source, target)], str(found["class"]).split()
        assert numbers(text) == pytest.approx(100 * row["gain"], abs=0.0500001)
        assert text.startswith("(") is not bool(row["significant"])
        assert ("told" in classes, "home" in classes) == (bool(row["significant"]), bool(row["home"]))
        limits = " to ".join(f"{100 * row[name]:+.1f}" for name in ("ci_low", "ci_high")).replace("-", MINUS)
        assert f"({limits})" in str(found["title"])
        assert f"q = {row['q']:.2g}" in str(found["title"])


@pytest.mark.parametrize("view", list(VIEWS))
def test_every_view_has_the_numbers_of_its_table(parsed: Parsed, folder: Path, view: str):
    file, column = VIEWS[view]
    values = table(folder, file).set_index(["source", "target"])[column].to_dict()
    matrix, cells = parsed.axes(), parsed.part("views")[view]["cells"]
    for source, row in zip(matrix["rows"]["names"], cells, strict=True):
        for target, (text, tone, _, line) in zip(matrix["columns"]["names"], row, strict=True):
            value = values.get((source, target))
            if tone == "reference":
                assert (source, view != "score") == ("base", True)
            elif value is None or value != value:
                assert (text, tone) == ("", "none")
            else:
                assert numbers(text) == pytest.approx(100 * value, abs=0.0500001)
                assert text.strip("()") in line or view in ("relative", "headroom")


def test_findings_that_stand_are_rows_of_the_tables(parsed: Parsed, folder: Path):
    gains = table(folder, "gains_long").query("significant and not home")
    best = gains.loc[gains["ci_low"].idxmax()]
    (what, *_), (evidence, *_) = ([text for _, text in parsed.all("p", class_=name)] for name in ("what", "evidence"))
    words = re.fullmatch(r"Training on (.+) helps on (.+): (\S+) \((\S+) to (\S+)\) percentage points", what)
    assert words
    assert words.groups()[:2] == (best["source"], best["target"])
    expected = [100 * best[name] for name in ("gain", "ci_low", "ci_high")]
    assert list(map(numbers, words.groups()[2:])) == pytest.approx(expected, abs=0.0500001)
    assert best["test"] == "crossed_t"
    assert evidence.startswith(f"q = {best['q']:.2g} (t test, seeds x rows, n = 40, 2 seeds)")


def test_what_cannot_be_concluded_comes_from_the_tables(parsed: Parsed, folder: Path):
    gains = table(folder, "gains_long").query("not home")
    doubtful = gains[~gains["significant"]]
    said = [text for _, text in parsed.all("p")]
    assert (
        f"{len(doubtful)} of {len(gains)} gains off the diagonal: not distinguishable from 0, nor shown to be 0" in said
    )
    enough = (doubtful["rows_needed"] <= doubtful["n"]).sum()
    assert any(f"A gain of 3 points would have been told in {enough} of them." in text for text in said)


def test_panels_of_cells_have_the_counts_and_the_paired_test(parsed: Parsed, folder: Path):
    counts = table(folder, "changed_counts").set_index(["source", "target", "seed"])
    confusion = table(folder, "confusion").groupby(["source", "target", "gold", "predicted"])["count"].sum()
    shares = table(folder, "predicted_shares").query("seeds == 2").set_index(["source", "target", "predicted"])
    for column, target in enumerate(NAMES):
        panels = parsed.part(f"cells-{column}")["panels"]
        for source, blocks in zip(["base", *NAMES], panels, strict=True):
            found = {block["kind"] + block["title"][:9]: block for block in blocks}
            if source != "base":
                for row in found["tablePaired te"]["rows"]:
                    of_run = counts.loc[(source, target, int(row[0].removeprefix("seed ")))]
                    assert row[1:4] == [str(int(of_run[name])) for name in ("won", "lost", "n")]
            if column % 2 == 0:
                block = found["confusionConfusion"]
                name, cells = block["matrices"][-1]
                assert name == source
                for gold, row in zip(block["labels"], cells, strict=True):
                    for answer, (count, _) in zip(block["answers"], row, strict=True):
                        assert count == confusion[source, target, gold, answer]
            if column % 2 == 0 and source != "base":
                for label, bars in found["barsClass dis"]["groups"]:
                    row = shares.loc[(source, target, label)]
                    expected = [f"{100 * row[name]:.1f}" for name in ("gold_share", "base", "value")]
                    assert [text for text, _ in bars[:3]] == expected


def test_examples_are_of_the_run_they_are_said_to_be_of(parsed: Parsed, folder: Path):
    changed = pd.read_parquet(folder / "changed.parquet").query("seed == 0")
    for column, target in enumerate(NAMES):
        part = parsed.part(f"cells-{column}")
        for source, blocks in zip(["base", *NAMES], part["panels"], strict=True):
            of_cell = changed[(changed["source"] == source) & (changed["target"] == target)]
            outcomes = dict(zip(of_cell["example"], of_cell["outcome"], strict=True))
            for block in (block for block in blocks if block["kind"] == "examples"):
                for shown in block["examples"]:
                    assert outcomes[shown["example"]] == shown["outcome"]
                    assert len(part["prompts"][shown["example"]]) == 3
                won = sum(shown["outcome"] == "won" for shown in block["examples"])
                assert f"{won} of {list(outcomes.values()).count('won')} won" in block["note"]


def test_panels_of_sources_and_targets_have_the_rows_of_their_tables(parsed: Parsed, folder: Path):
    gains = table(folder, "gains_long")
    for part, side in (("sources", "source"), ("targets", "target")):
        names = ["base", *NAMES] if part == "sources" else list(NAMES)
        for name, blocks in zip(names, parsed.part(part), strict=True):
            if name == "base":
                continue
            (block,) = (block for block in blocks if "largest" in block["title"])
            expected = gains[gains[side] == name]["gain"].sort_values(ascending=False)
            assert [row["value"] for row in block["rows"]] == pytest.approx(list(expected), abs=1e-9)


def test_orders_are_of_all_rows_with_base_first(parsed: Parsed):
    matrix = parsed.axes()
    for side, first in (("rows", 0), ("columns", None)):
        for name, order in matrix[side]["orders"].items():
            assert sorted(order) == list(range(len(matrix[side]["names"])))
            assert name in ORDERS
            assert first is None or order[0] == first


def test_every_table_is_linked_and_small_ones_are_in_the_page(parsed: Parsed, folder: Path):
    links = parsed.all("a", **{"download": "gains_long.csv"})
    assert [found["href"] for found, _ in links] == ["gains_long.csv"]
    linked = {str(found["href"]) for found, _ in parsed.all("a") if "download" in found}
    written = {path.name for path in folder.iterdir() if path.suffix in (".csv", ".parquet")}
    assert linked == written
    assert parsed.file("file-gains_long.csv") == (folder / "gains_long.csv").read_bytes()


def test_sections_have_a_caption_with_size_and_method(parsed: Parsed, analysis: Analysis):
    captions = [text for _, text in parsed.all("p", class_="caption")]
    found = [name for name, of in analysis.findings.items() if of.tables or of.lines or of.figures]
    assert len(captions) == len(found)
    for caption in captions:
        assert "(5 sources x 5 targets, 2 seeds per source, n = 40 rows per target" in caption
    (confusion,) = [caption for caption in captions if caption.startswith("Confusion matrices")]
    assert "n = 40 rows per target; here 5 sources and 3 targets of these):" in confusion
    said = " ".join(text for _, text in parsed.all("p"))
    assert "Interventions: nothing to show." in said


def test_a_size_counts_the_cells_that_something_is_known_of():
    frame = pd.DataFrame({"source": ["a", "a", "b"], "target": ["x", "y", "z"], "kept": [0.5, pd.NA, 1.0]})
    (schema,) = [schema for schema in FORGETTING if schema.name == "forgetting"]
    other = Table(replace(schema, name="other", about=""), frame.assign(source=["c", "d", "e"]))
    size = Size("all", 5, 5)
    assert size.of(Findings((Table(schema, frame), other))) == "all; here 2 sources and 2 targets of these"
    assert size.of(Findings((other,))) == "all; here 3 sources and 3 targets of these"
    assert Size("all", 2, 2).of(Findings((Table(schema, frame),))) == "all"
    assert size.of(Findings((Table(schema, frame.assign(kept=pd.NA)),))) == "all"


def test_the_policy_allows_this_script_and_this_style_only(parsed: Parsed, content: bytes):
    (policy,) = (found["content"] for found, _ in parsed.all("meta") if found.get("http-equiv"))
    script, style = (
        re.findall(rf"<{tag}>(.*?)</{tag}>", content.decode(), re.DOTALL)[-1] for tag in ("script", "style")
    )
    for text in (script, style):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in str(policy)
    assert str(policy).startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in str(policy)
    assert not [
        found for _, found, _ in parsed.elements if any(key.startswith("on") or key == "style" for key in found)
    ]


def test_the_same_analysis_has_the_same_bytes(analysis: Analysis, content: bytes, tmp_path: Path):
    assert page_of(analysis, tmp_path) == content


def test_without_texts_no_prompt_and_no_answer_is_in_it(analysis: Analysis, content: bytes, tmp_path: Path):
    bare = Parsed(page_of(analysis, tmp_path, texts=False))
    for place in range(len(NAMES)):
        part = bare.part(f"cells-{place}")
        assert part["prompts"] == {}
        assert "It is 4." not in str(part)
        assert "It is 4." in str(Parsed(content).part(f"cells-{place}"))
    assert any("report.texts=false" in text for _, text in bare.all("p"))


def test_hostile_names_and_texts_are_text(tmp_path: Path):
    sweep = Sweep(HOSTILE_NAMES[:8], HOSTILE_NAMES[8:13], 1, HOSTILE_NAMES[:2], HOSTILE)
    content = page_of(analysis_of(transfer_of(sweep)), tmp_path, ("svg",))
    page = Parsed(content)
    own = Parsed(page_of(analysis_of(transfer_of(Sweep(seeds=1))), tmp_path / "own", ("svg",)))
    for tag in ("style", "iframe", "base", "form", "meta", "link", "a"):
        kept = [len(one.all(tag)) for one in (page, own)]
        assert kept[0] == kept[1] or tag == "a"
    assert not [found for _, found, _ in page.elements if any(key.startswith("on") for key in found)]
    assert not [
        text
        for found, text in page.all("script")
        if found.get("type") not in ("text/plain", "application/json") and MARK in text
    ]
    said = " ".join(str(page.part(f"cells-{place}")) for place in range(5))
    assert "\ud800" not in said
    assert "half a character \\\\ud800" in said
    for character in "\x00\N{LINE SEPARATOR}\N{RIGHT-TO-LEFT OVERRIDE}":
        assert character not in content.decode()
        assert character not in said


def test_scores_alone_have_a_page_that_says_what_is_lacking(tmp_path: Path):
    scores = transfer_of(Sweep(seeds=1)).scores.assign(stderr=float("nan"), seed=pd.NA, n=pd.NA)
    scores = scores.astype({"seed": "Int64", "n": "Int64"})
    alone = pipeline.transfer_of_scores(scores, Conventions())
    page = Parsed(page_of(pipeline.analyze(alone, sections()), tmp_path))
    said = [text for _, text in page.all("p")]
    assert "These scores came without prompts and answers." in said
    assert "Whether any gain is more than chance: none could be tested" in said
    assert {"Confusion: nothing to show. What it needs is not known of these scores."} & set(said)
    assert len(page.all("td")) >= 30


def test_the_base_model_alone_has_a_page_of_its_scores(tmp_path: Path):
    whole = transfer_of(Sweep())
    base = replace(whole, scores=whole.scores[whole.scores["source"] == "base"], answers=None, behavior=None)
    page = Parsed(page_of(analysis_of(base), tmp_path))
    assert list(page.part("views")) == ["score"]


@pytest.mark.parametrize("name", ["source", "target", "name", "p", "index", "cafe\u0301"])
def test_a_target_may_have_any_name(tmp_path: Path, name: str):
    names = {"goat": name, "imdb": "caf\u00e9"}
    scores = transfer_of(Sweep(seeds=1)).scores.replace({"source": names, "target": names})
    found = pipeline.analyze(pipeline.transfer_of_scores(scores, Conventions()), sections())
    page = Parsed(page_of(found, tmp_path))
    assert name in page.axes()["columns"]["names"]
    head = (tmp_path / "matrix.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
    assert sorted(head) == sorted(["source", "gsm8k", name, "mnli_words", "caf\u00e9", "sst2"])
    assert (tmp_path / "latex" / "matrix.tex").is_file()


def test_a_pair_that_is_worse_than_expected_is_a_finding(analysis: Analysis, tmp_path: Path):
    found = analysis
    for name in ("gains_long", "donors"):
        found = altered(found, name, lambda frame: frame.assign(significant=False))
    frames = {table.schema.name: table.frame for one in analysis.findings.values() for table in one.tables}
    residuals = frames["residuals_long"].query("not home and ci_high < 0")
    place = residuals["ci_high"].idxmin()
    source, target = residuals.loc[place, ["source", "target"]]
    found = altered(found, "residuals_long", lambda frame: frame.assign(significant=frame.index == place))
    page = Parsed(page_of(found, tmp_path))
    what = [text for _, text in page.all("p", class_="what")]
    assert what[0].startswith(f"{source} on {target} is below what donor and recipient give: {MINUS}")


def test_what_was_not_tested_is_not_called_nothing(tmp_path: Path):
    scores = transfer_of(Sweep(seeds=1)).scores.assign(stderr=float("nan"), n=pd.array([pd.NA] * 30, "Int64"))
    page = Parsed(page_of(pipeline.analyze(pipeline.transfer_of_scores(scores, Conventions()), sections()), tmp_path))
    said = " ".join(text for _, text in page.all("p"))
    assert "No gain, donor or pair: none could be tested." in said


def test_a_column_says_its_metric_and_its_alarms(analysis: Analysis, tmp_path: Path):
    said = [("below_majority", "imdb", "imdb is low"), ("answer_quality", "", "on goat most are invalid")]
    alarms = pd.DataFrame([*said, ("leaks", "", "of goat")], columns=["alarm", "name", "message"])
    page = Parsed(page_of(altered(analysis, "alarms", lambda _: alarms), tmp_path))
    found = dict(zip(page.axes()["columns"]["names"], page.part("targets"), strict=True))
    assert all(dict(blocks[0]["pairs"])["metric"] == "accuracy" for blocks in found.values())
    texts = {name: [block["text"] for block in blocks if block["kind"] == "alarm"] for name, blocks in found.items()}
    expected = {"imdb": ["Alarm: imdb is low"], "goat": ["Alarm: on goat most are invalid"]}
    assert texts == {name: expected.get(name, []) for name in found}


def test_what_cannot_be_told_to_be_kept_has_no_q(analysis: Analysis, tmp_path: Path):
    page = Parsed(page_of(altered(analysis, "forgetting", lambda frame: frame.assign(kept=float("nan"))), tmp_path))
    panels = [panel for place in range(5) for panel in page.part(f"cells-{place}")["panels"]]
    kept = [block for panel in panels for block in panel if block["title"].startswith("Kept:")]
    assert kept
    for block in kept:
        assert block["head"] == ["score without ability", "kept"]
        assert (
            block["rows"][0][1]
            == "cannot be told: base is not far enough above that, or errors of scores are not known"
        )


def test_labels_of_other_tasks_have_no_empty_bars(parsed: Parsed):
    blocks = [block for place in range(5) for panel in parsed.part(f"cells-{place}")["panels"] for block in panel]
    for block in (block for block in blocks if block["title"].startswith("Class distribution")):
        assert ("training rows are not known" in block["note"]) is (len(block["series"]) == 3)
        assert all(len(values) == len(block["series"]) for _, values in block["groups"])


@pytest.mark.slow
def test_a_larger_matrix_keeps_to_its_size(tmp_path: Path):
    names = tuple(f"task_{place:02d}" for place in range(16))
    analysis = analysis_of(transfer_of(Sweep(names, names, 1, said=[f"text {place} " * 20 for place in range(40)])))
    assert len(page_of(analysis, tmp_path)) < 1_500_000
