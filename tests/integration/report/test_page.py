"""What a reader does with the page: point, click, walk, switch, sort, follow links, save tables, print."""

import csv
import io
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.integration.report.conftest import SIZES, TITLE, Opens
from tests.support.pages import NAMES

pytestmark = pytest.mark.report
MINUS = "\N{MINUS SIGN}"


def focused(page: Any) -> list[int]:
    """Places of row and column of the cell that has the focus; the head is -1."""
    return page.evaluate("document.activeElement.place")


def title(page: Any) -> str:
    """What the open panel is about."""
    page.wait_for_selector("dialog[open]")
    return page.inner_text("#panel-title")


def wait_closed(page: Any) -> None:
    page.wait_for_selector("dialog:not([open])", state="attached")


def shown_names(page: Any) -> tuple[list[str], list[str]]:
    """Sources and targets in the order shown."""
    rows = page.locator("#grid tbody th").all_inner_texts()
    columns = page.locator("#grid thead th").all_inner_texts()
    return rows, columns


def test_every_cell_row_and_column_is_reached_and_opened_by_keyboard(results: Path, open_page: Opens):
    watched = open_page(results / "report.html")
    page = watched.page
    page.focus("#grid [tabindex='0']")
    met = []
    page.keyboard.press("Control+Home")
    for row in range(len(NAMES) + 1):
        page.keyboard.press("Home")
        for column in range(-1, len(NAMES)):
            assert focused(page) == [row, column]
            page.keyboard.press("Enter")
            met.append(title(page))
            page.keyboard.press("Escape")
            wait_closed(page)
            assert focused(page) == [row, column]
            page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
    sources = ["base", *NAMES]
    expected = [name for s in sources for name in (f"Source {s}", *(f"{s} on {t}" for t in NAMES))]
    assert met == expected
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowUp")
    for target in NAMES:
        page.keyboard.press("Enter")
        assert title(page) == f"Target {target}"
        page.keyboard.press("Escape")
        wait_closed(page)
        page.keyboard.press("ArrowRight")
    watched.assert_quiet()


def test_pages_and_ends_of_the_matrix_by_keyboard(results: Path, open_page: Opens):
    page = open_page(results / "report.html").page
    page.focus("#grid [tabindex='0']")
    for key, place in (("Control+End", [5, 4]), ("PageUp", [0, 4]), ("Home", [0, -1]), ("PageDown", [5, -1])):
        page.keyboard.press(key)
        assert focused(page) == place
    assert page.locator("#grid [tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#grid')") is None


def test_pointing_says_value_interval_and_q_and_a_click_opens_the_cell(results: Path, open_page: Opens):
    watched = open_page(results / "report.html")
    row = pd.read_csv(results / "gains_long.csv").set_index(["source", "target"]).loc[("goat", "imdb")]
    cell = watched.page.locator("#grid tbody tr").nth(2).locator("td").nth(3)
    cell.hover()
    said = watched.page.inner_text("#readout").replace(MINUS, "-")
    numbers = [f"{100 * row[name]:+.1f}" for name in ("gain", "ci_low", "ci_high")]
    assert said.startswith(f"goat on imdb: gain {numbers[0]} ({numbers[1]} to {numbers[2]})")
    assert f"q = {row['q']:.2g}" in said
    cell.click()
    assert title(watched.page) == "goat on imdb"
    watched.page.click("#close")
    wait_closed(watched.page)
    watched.assert_quiet()


@pytest.mark.parametrize("view", ["score", "relative", "headroom", "residual", "gain"])
def test_switches_show_other_numbers_by_keyboard(results: Path, open_page: Opens, view: str):
    page = open_page(results / "report.html").page
    page.focus("[name=view]:checked")
    while page.evaluate("document.querySelector('[name=view]:checked').value") != view:
        page.keyboard.press("ArrowRight")
    page.wait_for_selector(f"#grid[data-view={view}]")  # its numbers are read when they are asked for
    file, column, factor = {
        "score": ("matrix_long", "score", 100),
        "residual": ("residuals_long", "residual", 100),
    }.get(view, ("gains_long", view, 100))
    table = pd.read_csv(results / f"{file}.csv").set_index(["source", "target"])[column]
    for source in NAMES:
        texts = page.locator("#grid tbody tr").nth(1 + NAMES.index(source)).locator("td").all_inner_texts()
        for target, text in zip(NAMES, texts, strict=True):
            value = table.get((source, target))
            if value is None or value != value:
                assert text == ""
            else:
                assert float(text.strip("()").replace(MINUS, "-")) == pytest.approx(factor * value, abs=0.0500001)


@pytest.mark.parametrize("width", [320, 375, 600, 768])
def test_another_view_leaves_the_matrix_where_it_is(results: Path, open_page: Opens, width: int):
    page = open_page(results / "report.html").page
    page.set_viewport_size({"width": width, "height": 900})
    top = "document.getElementById('grid').getBoundingClientRect().top + scrollY"
    before = page.evaluate(top)
    for view in ("score", "relative", "headroom", "residual", "gain"):
        page.check(f"[name=view][value={view}]")
        page.wait_for_selector(f"#grid[data-view={view}]")
        assert page.evaluate(top) == before
        shown = page.locator("#matrix-meaning p").filter(visible=True)
        assert [one.get_attribute("data-view") for one in shown.all()] == [view]


def test_significant_only_by_keyboard_leaves_the_others_without_color(results: Path, open_page: Opens):
    page = open_page(results / "report.html").page
    paper = "document.querySelector('#grid td:not(.told):not(.reference)')"
    before = page.evaluate(f"getComputedStyle({paper}).backgroundColor")
    page.focus("#told-only")
    page.keyboard.press("Space")
    assert page.evaluate(f"getComputedStyle({paper}).backgroundColor") != before
    told = pd.read_csv(results / "gains_long.csv")["significant"].sum()
    assert page.locator("#grid td.told").count() == told


def test_significant_only_leaves_scores_of_base_their_color(results: Path, open_page: Opens):
    watched = open_page(results / "report.html")
    page, paper = watched.page, "getComputedStyle(document.querySelector('#grid tr.base td')).backgroundColor"
    page.check("input[value='score']")
    watched.until("document.getElementById('grid').dataset.view === 'score'")
    before = page.evaluate(paper)
    page.check("#told-only")
    assert page.evaluate(paper) == before


def test_a_dark_page_is_printed_on_white(results: Path, open_page: Opens):
    page = open_page(results / "report.html").page
    paper = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(paper) == "rgb(21, 24, 28)"
    page.emulate_media(color_scheme="dark", media="print")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_a_page_that_was_cut_off_says_what_it_cannot_read(results: Path, open_page: Opens, tmp_path: Path):
    damaged = tmp_path / "report.html"
    text = (results / "report.html").read_text(encoding="utf-8")
    damaged.write_text(re.sub(r'(data-name="cells-0">)[^<]*', r"\1AAAA", text), encoding="utf-8")
    page = open_page(damaged).page
    page.locator("#grid tbody tr:nth-child(2) td:nth-child(2)").click()
    page.wait_for_selector("#panel[open]")
    assert "This part of the page cannot be read" in page.locator("#panel-body").inner_text()


def test_a_cell_that_is_walked_to_is_in_sight_as_a_whole(results: Path, open_page: Opens):
    page = open_page(results / "report.html", size="narrow").page
    page.locator("#grid tbody td").first.focus()
    for _ in NAMES:
        page.keyboard.press("ArrowRight")
        beyond = page.evaluate("""() => {
          const cell = document.activeElement.getBoundingClientRect();
          const box = document.querySelector(".scroll.matrix").getBoundingClientRect();
          const names = document.activeElement.parentElement.cells[0].getBoundingClientRect();
          return [names.right - cell.left, cell.right - box.right];
        }""")
        assert max(beyond) <= 1


def test_orders_are_those_of_the_tables(results: Path, open_page: Opens):
    watched = open_page(results / "report.html")
    page, donors = watched.page, pd.read_csv(results / "donors.csv")
    by = {
        role: list(donors[donors["role"] == role].sort_values("effect", ascending=False)["name"])
        for role in ("donor", "recipient")
    }
    page.select_option("#row-order", "donor")
    page.select_option("#column-order", "recipient")
    assert shown_names(page) == (["base", *by["donor"]], by["recipient"])
    page.focus("#grid [tabindex='0']")
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert title(page) == f"{by['donor'][0]} on {by['recipient'][0]}"
    page.keyboard.press("Escape")
    wait_closed(page)
    page.select_option("#row-order", "ability")
    assert shown_names(page)[0] == ["base", "gsm8k", "goat", "imdb", "sst2", "mnli_words"]
    page.focus("#row-order")
    page.keyboard.press("End")
    assert shown_names(page)[0] == ["base", *sorted(NAMES)]
    watched.assert_quiet()


def test_the_panel_of_a_cell_says_what_the_tables_say(results: Path, open_page: Opens):
    watched = open_page(results / "report.html", "#source=goat&target=gsm8k")
    page = watched.page
    assert title(page) == "goat on gsm8k"
    body = page.inner_text("#panel-body").replace(MINUS, "-")
    gain = pd.read_csv(results / "gains_long.csv").set_index(["source", "target"]).loc[("goat", "gsm8k")]
    assert f"{100 * gain['gain']:+.1f} ({100 * gain['ci_low']:+.1f} to {100 * gain['ci_high']:+.1f})" in body
    confusion = pd.read_csv(results / "confusion.csv").query("source == 'goat' and target == 'gsm8k'")
    counts = confusion.groupby("gold")["count"].sum()
    cells = page.locator(".confusion .beside > div").nth(1).locator("tbody td").all_inner_texts()
    assert sum(map(int, cells)) == counts.sum()
    won = pd.read_csv(results / "changed_counts.csv").query("source == 'goat' and target == 'gsm8k'")
    for row in won.to_dict("records"):
        assert "\t".join([f"seed {row['seed']}", *(str(row[n]) for n in ("won", "lost", "n"))]) in body
    assert page.locator(".example").count() > 0
    assert "of" in page.inner_text(".block.examples .note")
    for heading in ("Class distribution", "Calibration", "Paired test", "Class shift", "Kept"):
        assert heading in body
    page.click("[data-step=right]")
    watched.until(TITLE, "goat on goat")
    assert page.url.endswith("#source=goat&target=goat")
    watched.assert_quiet()


def test_the_panels_of_a_row_and_of_a_column(results: Path, open_page: Opens):
    watched = open_page(results / "report.html", "#source=imdb")
    assert title(watched.page) == "Source imdb"
    body = watched.page.inner_text("#panel-body")
    for heading in ("In short", "Gains on every target", "Trait profile"):
        assert heading in body
    watched.page.keyboard.press("Escape")
    wait_closed(watched.page)
    watched.page.evaluate("location.hash = '#target=imdb'")
    watched.page.wait_for_selector("dialog[open]")
    assert "Which sources help it" in watched.page.inner_text("#panel-body")
    watched.page.locator(".intervals a").first.click()
    watched.until(f"{TITLE}.endsWith(' on imdb')")
    watched.assert_quiet()


def test_links_to_what_is_not_there_say_so(results: Path, open_page: Opens):
    watched = open_page(results / "report.html", "#source=nobody&target=%E0%A4%A")
    note = watched.page.inner_text("#link-note")
    assert "no source nobody" in note
    assert "no target %E0%A4%A" in note
    assert watched.page.locator("dialog[open]").count() == 0
    watched.assert_quiet()


def test_tables_are_saved_from_a_page_that_was_moved_alone(results: Path, open_page: Opens, tmp_path: Path):
    moved = shutil.copy(results / "report.html", tmp_path / "moved.html")
    watched = open_page(moved)
    watched.page.locator("a[download='gains_long.csv']").scroll_into_view_if_needed()
    with watched.page.expect_download() as saved:
        watched.page.click("a[download='gains_long.csv']")
    content = Path(saved.value.path()).read_bytes()
    assert content == (results / "gains_long.csv").read_bytes()
    assert saved.value.suggested_filename == "gains_long.csv"
    assert len(list(csv.reader(io.StringIO(content.decode())))) == 26
    watched.assert_quiet()


def test_without_its_script_the_page_has_the_matrix_figures_and_findings(results: Path, open_page: Opens):
    watched = open_page(results / "report.html", java_script_enabled=False)
    page = watched.page
    gains = pd.read_csv(results / "gains_long.csv")
    cell = page.locator("#grid tbody tr").nth(2).locator("td").nth(3)
    row = gains.set_index(["source", "target"]).loc[("goat", "imdb")]
    assert float(cell.inner_text().strip("()").replace(MINUS, "-")) == pytest.approx(100 * row["gain"], abs=0.05001)
    assert f"q = {row['q']:.2g}" in cell.get_attribute("title")
    assert page.locator("figure img").count() == len(list(results.glob("*.svg")))
    assert not page.locator(".controls").is_visible()
    assert page.locator("#first .stands li").count() >= 1
    assert page.locator("a[download]").count() == len([*results.glob("*.csv"), *results.glob("*.parquet")])
    assert watched.outside() == []


@pytest.mark.parametrize("size", list(SIZES))
def test_nothing_is_wider_than_the_window(results: Path, open_page: Opens, size: str):
    watched = open_page(results / "report.html", "#source=goat&target=gsm8k", size)
    title(watched.page)
    width = SIZES[size]["width"]
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.page.evaluate("document.getElementById('panel').scrollWidth") <= width
    close = watched.page.locator("#close").bounding_box()
    assert close["x"] + close["width"] <= width
    watched.assert_quiet()


def test_pictures_are_drawn(results: Path, open_page: Opens):
    watched = open_page(results / "report.html")
    watched.page.evaluate("for (const image of document.images) image.loading = 'eager'")
    watched.until("[...document.images].every((image) => image.complete)")
    assert watched.page.evaluate("[...document.images].every((image) => image.naturalWidth > 100)")


def test_print_opens_all_and_has_no_controls(results: Path, open_page: Opens):
    page = open_page(results / "report.html").page
    page.emulate_media(media="print")
    assert not page.locator(".controls").is_visible()
    assert not page.locator("nav").is_visible()
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details:not([open])").count() > 0
    assert len(page.pdf(format="A4")) > 10_000


def test_printing_leaves_open_what_the_reader_opened(results: Path, open_page: Opens):
    page = open_page(results / "report.html").page
    printing = "for (const name of ['beforeprint', 'afterprint']) window.dispatchEvent(new Event(name))"
    page.evaluate(printing)
    page.eval_on_selector_all("details", "found => found.forEach((one) => { one.open = true; })")
    page.evaluate(printing)
    assert page.locator("details:not([open])").count() == 0


def test_motion_is_reduced_where_that_is_asked_for(results: Path, open_page: Opens):
    behavior = "getComputedStyle(document.documentElement).scrollBehavior"
    still = open_page(results / "report.html", reduced_motion="reduce").page
    assert still.evaluate(behavior) == "auto"
    assert open_page(results / "report.html", reduced_motion="no-preference").page.evaluate(behavior) == "smooth"
