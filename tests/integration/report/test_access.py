"""axe-core finds nothing of moderate or larger impact, wherever a reader may be."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.report.conftest import Opens

pytestmark = pytest.mark.report
MATTERS = {"moderate", "serious", "critical"}


def barriers(page: Any) -> list[str]:
    """What axe finds: rule, impact and place."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in MATTERS
        for node in one["nodes"][:3]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("link", ["", "#source=goat&target=gsm8k", "#source=goat", "#target=gsm8k"])
def test_nothing_bars_anybody(results: Path, open_page: Opens, link: str, size: str, scheme: str):
    page = open_page(results / "report.html", link, size, color_scheme=scheme, reduced_motion="reduce").page
    if link:
        page.wait_for_selector("dialog[open]")
    else:
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert barriers(page) == []


@pytest.mark.parametrize("view", ["score", "residual"])
def test_nothing_does_in_other_views(results: Path, open_page: Opens, view: str):
    page = open_page(results / "report.html", reduced_motion="reduce").page
    page.check(f"[name=view][value={view}]")
    page.wait_for_selector(f"#grid[data-view={view}]")
    page.check("#told-only")
    assert barriers(page) == []
