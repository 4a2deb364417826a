"""What is logged to W&B of an analysis: its tables, its figures and its page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from crosstask.fingerprint import files_hash


@dataclass(frozen=True)
class AnalysisReport:
    """The files of an analysis."""

    paths: tuple[Path, ...]
    """Tables and figures."""
    notes: tuple[str, ...]
    """Lines for the reader besides."""
    findings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What each section found, one line each, by its name."""
    page: bytes | None = None
    """The page that shows all of it, as it may be sent; None where there is none."""

    @cached_property
    def id(self) -> str:
        """What identifies the analysis: the content of its tables."""
        return files_hash(path for path in self.paths if path.suffix in (".csv", ".parquet"))
