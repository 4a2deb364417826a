"""Names and texts that a page must not take for anything but text, with its policy and without."""

import re
from pathlib import Path
from typing import Any

import pytest

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.report.names import abbreviated
from crosstask.report.page.axes import LONGEST
from crosstask.report.page.payload import readable
from tests.integration.report.conftest import TITLE, Opens
from tests.support.hostile import HOSTILE, NAMES
from tests.support.pages import Sweep, analysis_of, page_of, transfer_of

pytestmark = pytest.mark.report
COLUMNS = NAMES[:5]


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page all of whose names, labels and texts are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    abilities = dict(zip(COLUMNS, NAMES[5:7] * 3, strict=False))
    sweep = Sweep(NAMES, COLUMNS, 1, NAMES[8:10], HOSTILE, abilities)
    (folder / "report.html").write_bytes(page_of(analysis_of(transfer_of(sweep)), folder, ("svg",)))
    return folder / "report.html"


@pytest.fixture(scope="module")
def without_policy(page_file: Path) -> Path:
    """The same page without its policy."""
    content, count = re.subn(r'<meta http-equiv="Content-Security-Policy".*?>', "", page_file.read_text(), count=1)
    assert count == 1
    path = page_file.with_name("without_policy.html")
    path.write_text(content)
    return path


def counted(page: Any) -> list[int]:
    """Elements that only the page itself can have."""
    names = ("script", "iframe", "form", "base", "link", "style", "meta", "object", "embed")
    return [page.evaluate(f"document.querySelectorAll('{name}').length") for name in names]


def test_there_are_thirty_of_them():
    assert len(HOSTILE) >= 30


@pytest.mark.parametrize("with_policy", [True, False])
def test_all_are_shown_as_text_and_nothing_runs(
    page_file: Path, without_policy: Path, open_page: Opens, with_policy: bool
):
    watched = open_page(page_file if with_policy else without_policy)
    page = watched.page
    before = counted(page)
    order = TaskOrder(COLUMNS)
    sources, targets = order.sources(["base", *NAMES]), order.targets(COLUMNS)
    assert page.locator("#grid tbody th").all_text_contents() == abbreviated(
        [readable(name) for name in sources], LONGEST
    )
    met = ""
    for place, name in enumerate(sources[1:]):
        row = page.locator("#grid tbody tr").nth(1 + place)
        row.locator("th").hover()
        for cell, target in ((0, None), (1 + place % len(targets), targets[place % len(targets)])):
            row.locator("th, td").nth(cell).click()
            shown = f"Source {readable(name)}" if target is None else f"{readable(name)} on {readable(target)}"
            watched.until(TITLE, shown)
            met += page.evaluate("document.getElementById('panel-body').textContent")
            page.keyboard.press("Escape")
            page.wait_for_selector("dialog:not([open])", state="attached")
    for text in HOSTILE:
        assert readable(text)[:700] in met, text[:60]
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("Object.prototype.hasOwnProperty('panels')") is False
    assert counted(page) == before
    watched.assert_quiet()


@pytest.mark.parametrize("width", [375, 800, 1360])
def test_what_is_pointed_at_stays_where_it_is(page_file: Path, open_page: Opens, width: int):
    page = open_page(page_file).page
    page.set_viewport_size({"width": width, "height": 900})
    cell, top = page.locator("#grid tbody td").nth(7), "document.getElementById('grid').getBoundingClientRect().top"
    cell.scroll_into_view_if_needed()
    before = page.evaluate(f"{top} + scrollY")
    for place in range(12):
        page.locator("#grid tbody td").nth(place).dispatch_event("pointerover")
        assert page.evaluate(f"{top} + scrollY") == before
        said = "[document.getElementById('readout').scrollHeight, document.getElementById('readout').clientHeight]"
        needed, there = page.evaluate(said)
        assert needed <= there


def test_links_name_hostile_sources_and_targets(page_file: Path, open_page: Opens):
    watched = open_page(page_file)
    for place in range(len(NAMES)):
        watched.page.locator("#grid tbody tr").nth(1 + place).locator("th").click()
        watched.page.wait_for_selector("dialog[open]")
        link = watched.page.evaluate("location.hash")
        shown = watched.page.inner_text("#panel-title")
        watched.page.keyboard.press("Escape")
        watched.until("location.hash", "")
        watched.page.evaluate("link => { location.hash = link }", link)
        watched.page.wait_for_selector("dialog[open]")
        assert watched.page.inner_text("#panel-title") == shown
        watched.page.keyboard.press("Escape")
        watched.until("location.hash", "")
    watched.assert_quiet()


def test_names_of_a_link_are_those_of_either_form_of_unicode(open_page: Opens, tmp_path: Path):
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    sweep = Sweep((composed, "a+b c&d"), (composed, "other"), 1)
    (tmp_path / "report.html").write_bytes(page_of(analysis_of(transfer_of(sweep)), tmp_path))
    for link, shown in (
        (f"#source={decomposed}&target=caf%C3%A9", f"{composed} on {composed}"),
        ("#source=a%2Bb%20c%26d&target=other", "a+b c&d on other"),
        (f"#target={composed}", f"Target {composed}"),
    ):
        watched = open_page(tmp_path / "report.html", link)
        watched.page.wait_for_selector("dialog[open]")
        assert watched.page.inner_text("#panel-title") == shown
        watched.assert_quiet()
