"""What W&B is told of an analysis: its tables and figures."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from crosstask.fingerprint import files_hash
from crosstask.tracking.row_report import RECORD_ID


@dataclass(frozen=True)
class AnalysisReport:
    """The files of an analysis."""

    paths: tuple[Path, ...]
    """CSV files and figures."""
    notes: tuple[str, ...]
    """What the reader was told besides."""

    @cached_property
    def id(self) -> str:
        """What identifies the analysis: the content of its tables."""
        return files_hash(path for path in self.paths if path.suffix == ".csv")

    def send(self, run: Any, patience: float | None) -> None:
        """Send all to an open run; see :meth:`RowReport.send`."""
        import wandb

        run.config.update({RECORD_ID: self.id}, allow_val_change=True)
        tables = {path.stem: pd.read_csv(path) for path in self.paths if path.suffix == ".csv"}
        figures = {path.stem: path for path in self.paths if path.suffix == ".png"}
        run.log(
            {f"tables/{name}": wandb.Table(dataframe=frame) for name, frame in tables.items()}
            | {f"figures/{name}": wandb.Image(str(path)) for name, path in figures.items()}
        )
        run.summary.update({"notes": "\n".join(self.notes)})
        artifact = wandb.Artifact("analysis", "analysis", metadata={"notes": list(self.notes)})
        for path in self.paths:
            artifact.add_file(str(path))
        logged = run.log_artifact(artifact, aliases=[self.id])
        if patience is not None:
            logged.wait(timeout=patience)
