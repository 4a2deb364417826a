"""A small analysis with all that a page can show, its files and its page."""

from pathlib import Path

import pytest

from crosstask.analysis.pipeline import Analysis
from tests.report.page.reading import Parsed
from tests.support.pages import Sweep, analysis_of, page_of, transfer_of

ABILITIES = {"gsm8k": "arithmetic", "goat": "arithmetic", "imdb": "sentiment", "sst2": "sentiment"}


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    """What all sections find on five sources and targets with two seeds."""
    return analysis_of(transfer_of(Sweep(abilities=ABILITIES)))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where its files are, once the page is asked for."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="session")
def content(analysis: Analysis, folder: Path) -> bytes:
    """Its page, without figures."""
    return page_of(analysis, folder)


@pytest.fixture(scope="session")
def parsed(content: bytes) -> Parsed:
    """The same, read as a browser reads it."""
    return Parsed(content)
