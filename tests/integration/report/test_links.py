"""Where links lead: to sections whose heights are not known yet, in frames without an address, to nothing."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.integration.report.conftest import SIZES, Opens

pytestmark = pytest.mark.report


def wait_until_at_the_top(page: Any, name: str) -> None:
    """Wait until a section stands at the top, and stays there."""
    ends, since = time.monotonic() + 20, None
    place = f"[document.getElementById('{name}').getBoundingClientRect().top, innerHeight, scrollY]"
    bottom = "document.documentElement.scrollHeight - innerHeight - scrollY < 2"
    while since is None or time.monotonic() < since + 0.5:
        top, height, _ = page.evaluate(place)
        arrived = -2 <= top <= 120 or (top < height and page.evaluate(bottom))  # the last ones cannot reach the top
        since = (since or time.monotonic()) if arrived else None
        assert time.monotonic() < ends, f"{name} is at {top}"
        time.sleep(0.02)


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_links_to_sections_arrive(results: Path, open_page: Opens, size: str, motion: str):
    watched = open_page(results / "report.html", size=size, reduced_motion=motion)
    names = watched.page.eval_on_selector_all("main section[id^=section-]", "found => found.map(one => one.id)")
    for name in (names[-1], names[0], names[len(names) // 2]):
        watched.page.click(f"nav a[href='#{name}']")
        wait_until_at_the_top(watched.page, name)
    watched.assert_quiet()
    for name in (names[-1], names[len(names) // 2]):
        page = open_page(results / "report.html", f"#{name}", size=size, reduced_motion=motion).page
        wait_until_at_the_top(page, name)


def test_links_work_in_a_frame_without_an_address(results: Path, open_page: Opens, tmp_path: Path):
    inner = (results / "report.html").read_text(encoding="utf-8").replace("&", "&amp;").replace('"', "&quot;")
    frame_of_it = f'<iframe style="width: 1500px; height: 800px" srcdoc="{inner}"></iframe>'
    outer = tmp_path / "outer.html"
    outer.write_text(f"<!doctype html><html data-ready><title>outer</title>{frame_of_it}", encoding="utf-8")
    page = open_page(outer).page
    frame = page.frames[1]
    frame.wait_for_selector("html[data-ready]", state="attached")
    frame.click("a.to-cell")
    frame.wait_for_selector("dialog[open]")
    assert " on " in frame.inner_text("#panel-title")
    frame.click("#close")
    frame.click("nav a[href='#section-gains']")
    wait_until_at_the_top(frame, "section-gains")
    assert page.frames[1].url == "about:srcdoc"


def test_a_link_that_names_anything_is_short_and_plain(results: Path, open_page: Opens):
    said = open_page(results / "report.html", "#source=%E2%80%AE" + "a" * 20_000).page.inner_text("#link-note")
    assert len(said) < 200
    assert "\\u{202e}aaa" in said
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in said


def test_a_link_to_nothing_closes_what_is_open(results: Path, open_page: Opens):
    page = open_page(results / "report.html", "#source=imdb&target=sst2").page
    page.wait_for_selector("dialog[open]")
    page.evaluate("location.hash = '#source=nobody'")
    page.wait_for_selector("dialog:not([open])", state="attached")
    assert "no source nobody" in page.inner_text("#link-note")
