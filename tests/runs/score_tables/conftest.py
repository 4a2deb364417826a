"""Files of scores."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes lines to a file and gives its path."""

    def write(*lines: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "published.csv"
        path.write_text("\n".join(lines) + "\n", encoding=encoding)
        return path

    return write
