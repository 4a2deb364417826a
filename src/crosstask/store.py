"""The store: adapters, outputs, scores and run records under one folder; files appear whole or not at all.

::

    adapters/<recipe>/           adapter_model.safetensors, adapter_config.json; adapter.json: recipe and report
    checkpoints/<recipe>.ckpt    a training that was interrupted
    cells/<outputs>/             outputs.parquet: what the model said
    cells/<outputs>/parts/       answers of a cell that was broken off, a few seconds' worth in each file
    cells/<outputs>/<scoring>/   answers.parquet: every answer judged; score.json: the cell's metrics
    records/<run>.json           one row of the matrix: settings, and which cells it stands for
    profiles/<data set>.parquet  the surface of a data set; <data set>-<base>.parquet: where a base model sees it
    logs/                        one folder per command, with the log of each job
    wandb/                       W&B's own files
"""

import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crosstask.errors import UserError

LEFTOVER_AGE = 24 * 3600
"""Seconds after which an unfinished folder of a killed process is removed."""


class Store:
    """Reads and writes below one root folder."""

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def adapter(self, recipe: str) -> Path:
        """Return the folder of the adapter made by a recipe, whether it exists or not."""
        return self.root / "adapters" / recipe

    def checkpoint(self, recipe: str) -> Path:
        """Return the file of an interrupted training, whether it exists or not."""
        return self.root / "checkpoints" / f"{recipe}.ckpt"

    def outputs(self, key: str) -> Path:
        """Return the file of a cell's outputs, whether it exists or not."""
        return self.root / "cells" / key / "outputs.parquet"

    def cell(self, outputs: str, scoring: str) -> Path:
        """Return the folder of a scored cell, whether it exists or not."""
        return self.root / "cells" / outputs / scoring

    def parts(self, key: str) -> Path:
        """Return the folder of a cell's outputs as far as they are there, whether it exists or not."""
        return self.root / "cells" / key / "parts"

    def profile(self, data_set: str, base: str | None = None) -> Path:
        """Return the file of a data set's surface, or of where a base model sees it, whether it exists or not."""
        return self.root / "profiles" / f"{data_set}{'' if base is None else f'-{base}'}.parquet"

    @contextmanager
    def new_folder(self, final: Path, replace: bool = False) -> Iterator[Path]:
        """Yield an empty folder that becomes ``final`` when the block ends without an error.

        What is there already stays, unless ``replace``.
        """
        temporary = self._temporary()
        temporary.mkdir(parents=True)
        try:
            yield temporary
            for path in temporary.iterdir():
                _flush(path)
            final.parent.mkdir(parents=True, exist_ok=True)
            if replace:
                shutil.rmtree(final, ignore_errors=True)
            try:
                os.replace(temporary, final)
            except OSError:
                if not final.exists():  # else somebody else finished the same content first
                    raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    @contextmanager
    def new_file(self, final: Path) -> Iterator[Path]:
        """Yield a path that becomes ``final``, replacing it, when the block ends without an error."""
        temporary = self._temporary()
        temporary.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            _flush(temporary)
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, final)
        finally:
            temporary.unlink(missing_ok=True)

    def write_json(self, final: Path, content: Any) -> None:
        """Write a JSON file."""
        with self.new_file(final) as path:
            path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    def record(self, run: str, content: dict[str, Any]) -> None:
        """Add to the record of a run: cells are merged with those it has, everything else is replaced."""
        path = self.root / "records" / f"{run}.json"
        earlier = read_json(path)["cells"] if path.exists() else {}
        self.write_json(path, {**content, "run": run, "cells": {**earlier, **content["cells"]}})

    def records(self) -> list[dict[str, Any]]:
        """Return every run record, in order of name."""
        return [read_json(path) for path in sorted((self.root / "records").glob("*.json"))]

    def clean(self) -> None:
        """Remove what killed processes left unfinished."""
        for path in (self.root / "unfinished").glob("*"):
            if time.time() - path.stat().st_mtime > LEFTOVER_AGE:
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    def _temporary(self) -> Path:
        """Return a path on the same file system as the store that nobody else uses."""
        return self.root / "unfinished" / uuid.uuid4().hex


def read_json(path: Path) -> Any:
    """Return the content of a JSON file.

    Raises
    ------
    UserError
        If it cannot be read; the store writes files whole, so somebody else changed it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: cannot be read: {error}; delete it to make it again") from error


def _flush(path: Path) -> None:
    """Force a file to the disk, so that a crash after the rename cannot leave it empty."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
