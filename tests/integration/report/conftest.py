"""Pages in a real browser: Debian's Chromium, driven by Playwright. Every page is watched for errors and requests."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.pages import Sweep, analysis_of, page_of, transfer_of

ABILITIES = {"gsm8k": "arithmetic", "goat": "arithmetic", "imdb": "sentiment", "sst2": "sentiment"}
SIZES = {"wide": {"width": 1600, "height": 900}, "narrow": {"width": 375, "height": 812}}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield found
        found.close()


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an analysis with all that a page can show; report.html is its page."""
    folder = tmp_path_factory.mktemp("results")
    analysis = analysis_of(transfer_of(Sweep(abilities=ABILITIES)))
    (folder / "report.html").write_bytes(page_of(analysis, folder, ("svg",)))
    return folder


class Watched:
    """A page with all that went wrong on it."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda said: self.errors.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.errors.append("dialog"), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))

    def outside(self) -> list[str]:
        """What was asked for besides the page itself and what is in it."""
        own = ("data:", "blob:")
        return [url for url in self.requests if not url.startswith(own) and not url.split("#")[0].endswith(".html")]

    def assert_quiet(self) -> None:
        """Nothing went wrong and nothing was asked for."""
        assert self.errors == []
        assert self.outside() == []

    def until(self, expression: str, value: Any = True) -> None:
        """Wait until an expression has a value; Playwright's own way needs what the page's policy forbids."""
        ends = time.monotonic() + 60
        while (found := self.page.evaluate(expression)) != value:
            assert time.monotonic() < ends, f"{expression}: {found!r}, not {value!r}"
            time.sleep(0.02)


TITLE = "document.getElementById('panel-title').textContent"
Opens = Callable[..., Watched]


@pytest.fixture
def open_page(browser: Any) -> Iterator[Opens]:
    """Opens a file at a size, with a link, with settings of the browser; ready to be used."""
    contexts = []

    def opened(path: Path, link: str = "", size: str = "wide", **settings: Any) -> Watched:
        context = browser.new_context(viewport=SIZES[size], accept_downloads=True, **settings)
        contexts.append(context)
        context.set_default_timeout(60_000)
        watched = Watched(context.new_page())
        watched.page.goto(f"file://{path}{link}")
        if settings.get("java_script_enabled", True):
            watched.page.wait_for_selector("html[data-ready]", state="attached")
        return watched

    yield opened
    for context in contexts:
        context.close()
