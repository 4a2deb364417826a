"""The store: adapters, outputs, scores and run records under one folder, each written atomically.

::

    adapters/<recipe>/           adapter_model.safetensors, adapter_config.json; adapter.json: recipe and report
    external/<row>.json          an adapter or a model that was made elsewhere: where it was, and what it does
    checkpoints/<recipe>.ckpt    a training that was interrupted
    curves/<recipe>.jsonl        metrics of every step of a training
    cells/<outputs>/             outputs.parquet: outputs of the model
    cells/<outputs>/parts/       outputs of a cell that was interrupted, a few seconds' worth in each file
    cells/<outputs>/<scoring>/   answers.parquet: every output scored; score.json: labels and metrics of the cell
    examples/<examples>.parquet  test rows of a column as they are asked: prompt and gold answer, shared by its cells
    data/<data id>.json          content of the test rows of local data sets, by which their identity is found again
    records/<run>.json           one row of the matrix: settings, and which cells it stands for
    locks/                       empty files; the process that makes an adapter, a cell or a row holds the lock on one
    unfinished/<process>/        temporary files and folders of a process, which holds <process>.lock
    profiles/<data set>.parquet  surface of a data set; <data set>-<model>.parquet: its embedding by a model
    features/<data set>-<measure>.parquet
                                 features of the examples of a data set, by what measured them
    replies/<judge>/<question>.jsonl
                                 what a judge replied to a question about each of the answers that it judged
    replies/<judge>/locks/       empty files; the process that asks a question holds the lock on one
    logs/                        one folder per command, with the log of each job
    wandb/                       W&B's own files
"""

import json
import logging
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from crosstask.errors import UserError
from crosstask.fingerprint import fingerprint
from crosstask.storage import adapter_files, locks
from crosstask.storage.adapter_record import AdapterRecord
from crosstask.storage.cell_score import CellScore
from crosstask.storage.external_record import ExternalRecord
from crosstask.storage.json_files import Damaged, Foreign, NotThere, parsed
from crosstask.storage.layout import check_layout
from crosstask.storage.records import CellRef, RunRecord
from crosstask.storage.unfinished import Unfinished

log = logging.getLogger(__name__)
T = TypeVar("T")


class Store:
    """Reads and writes below one root folder.

    Raises
    ------
    UserError
        If a file is in the place of a folder of it.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        check_layout(self.root)
        self._unfinished = Unfinished(self.root / "unfinished")

    def __reduce__(self) -> tuple[type["Store"], tuple[Path]]:
        """Arrive in another process as the same folder, without temporary files."""
        return Store, (self.root,)

    def adapter(self, recipe: str) -> Path:
        """Return the folder of the adapter made by a recipe, whether it exists or not."""
        return self.root / "adapters" / recipe

    def has_adapter(self, recipe: str) -> bool:
        """Return whether there is an adapter made by a recipe, with what is written down of it, undamaged."""
        try:
            self.adapter_record(recipe)
        except (NotThere, Damaged):
            return False
        except UserError:  # a newer version's, or another adapter: whoever needs it says so
            return True
        return True

    def external(self, base: str, content: str) -> Path:
        """Return the file about what was made elsewhere on a base model, whether it exists or not."""
        return self.root / "external" / f"{fingerprint([base, content])}.json"

    def external_record(self, base: str, content: str) -> ExternalRecord | None:
        """Return what is written down of what was made elsewhere; None where nothing is, or it is damaged."""
        path = self.external(base, content)
        try:
            found = parsed(path, ExternalRecord.from_json)
        except NotThere:
            return None
        except Damaged as error:
            log.warning("%s; made again", error.fault)
            return None
        return found if (found.base, found.content) == (base, content) else None

    def checkpoint(self, recipe: str) -> Path:
        """Return the file of an interrupted training, whether it exists or not."""
        return self.root / "checkpoints" / f"{recipe}.ckpt"

    def curve(self, recipe: str) -> Path:
        """Return the file with the metrics of every step of a training, whether it exists or not."""
        return self.root / "curves" / f"{recipe}.jsonl"

    def outputs(self, key: str) -> Path:
        """Return the file of a cell's outputs, whether it exists or not."""
        return self.root / "cells" / key / "outputs.parquet"

    def cell(self, cell: CellRef) -> Path:
        """Return the folder of a scored cell, whether it exists or not."""
        return self.root.joinpath("cells", cell.outputs, cell.scoring)

    def answers(self, cell: CellRef) -> Path:
        """Return the file with the answers of a scored cell, whether it exists or not."""
        return self.cell(cell) / "answers.parquet"

    def examples(self, name: str) -> Path:
        """Return the file with the test rows of a column, by their fingerprint, whether it exists or not."""
        return self.root / "examples" / f"{name}.parquet"

    def data(self, data_id: str) -> Path:
        """Return the file with the content of local test data, whether it exists or not."""
        return self.root / "data" / f"{data_id}.json"

    def data_files(self) -> list[Path]:
        """Return the files with the content of local test data, in order of name."""
        return sorted((self.root / "data").glob("*.json"))

    @property
    def replies(self) -> Path:
        """The folder of the replies of judges, whether it exists or not."""
        return self.root / "replies"

    def parts(self, key: str) -> Path:
        """Return the folder of the outputs of an interrupted cell, whether it exists or not."""
        return self.root / "cells" / key / "parts"

    def lock(self, kind: str, key: str) -> AbstractContextManager[None]:
        """Return the lock that lets one process at a time make a thing of this kind; another waits, and logs it once.

        A process that holds several takes them in the order data, row, adapter, cell, examples, features, record: no
        two wait for each other.
        """
        return locks.held(
            self.root / "locks" / f"{kind}-{key}",
            waiting=lambda: log.info("waiting for another process that makes the same %s", kind),
        )

    def profile(self, data_set: str, model: str | None = None) -> Path:
        """Return the file of a data set's surface, or of its embedding by a model, whether it exists or not."""
        return self.root / "profiles" / profile_name(data_set, model)

    def features(self, data_set: str, measure: str) -> Path:
        """Return the file with features of a data set's examples, whether it exists or not."""
        return self.root / "features" / features_name(data_set, measure)

    def features_by(self, measure: str) -> list[Path]:
        """Return the files with what one measure found, in order of name."""
        return sorted((self.root / "features").glob(features_name("*", measure)))

    def new_folder(self, final: Path, replace: bool = False) -> AbstractContextManager[Path]:
        """Return a context that yields an empty folder, which becomes ``final`` when the block ends without an error.

        What is there already stays, unless ``replace``.
        """
        return self._unfinished.folder(final, replace)

    def new_file(self, final: Path) -> AbstractContextManager[Path]:
        """Return a context that yields a path, which replaces ``final`` when the block ends without an error."""
        return self._unfinished.file(final)

    def write_json(self, final: Path, content: Any) -> None:
        """Write a JSON file."""
        with self.new_file(final) as path:
            path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    def adapter_record(self, recipe: str) -> AdapterRecord:
        """Return what is written down of an adapter that exists; UserError where its folder holds another one."""
        return adapter_files.read(self.adapter(recipe), recipe)

    def score(self, cell: CellRef) -> CellScore | None:
        """Return the score of a cell; None if the store does not have it, an error where it is another cell's."""
        # Of thousands of files that nearly all exist: joined at once, and not asked whether they do.
        path = self.root.joinpath("cells", cell.outputs, cell.scoring, "score.json")
        try:
            score = parsed(path, CellScore.from_json)
        except NotThere:
            return None
        if score.cell is not None and score.cell != (cell.outputs, cell.scoring):
            raise Foreign(path)
        return score

    def _record_file(self, run: str) -> Path:
        """Return the file of a run record."""
        return self.root / "records" / f"{run}.json"

    def run_record(self, run: str) -> RunRecord | None:
        """Return the record of a run; None where there is none, or it is damaged."""
        try:
            return parsed(self._record_file(run), RunRecord.from_json)
        except (NotThere, Damaged):
            return None

    def record(self, record: RunRecord) -> RunRecord:
        """Write the record of a run, merged with the one there is; returns it as it then is."""
        path = self._record_file(record.run)
        with self.lock("record", record.run):
            try:
                record = record.merged_with(parsed(path, RunRecord.from_json))
            except NotThere:
                pass
            except Damaged as error:
                log.warning("%s; made again", error.fault)
            self.write_json(path, record.to_json())
            return record

    def records(self) -> list[RunRecord]:
        """Return every run record, in order of name; a warning names one that cannot be read."""
        return [record for path in sorted((self.root / "records").glob("*.json")) if (record := _record(path))]

    def clean(self) -> None:
        """Remove what killed processes left behind: temporary files, and checkpoints and parts of what is complete."""
        for checkpoint in (self.root / "checkpoints").glob("*.ckpt"):
            if self.has_adapter(checkpoint.stem):
                checkpoint.unlink(missing_ok=True)
        for parts in (self.root / "cells").glob("*/parts"):
            if self.outputs(parts.parent.name).exists():
                shutil.rmtree(parts, ignore_errors=True)
        self._unfinished.remove_orphaned()


def _record(path: Path) -> RunRecord | None:
    """Return the record in a file; None where it cannot be read, which a warning says."""
    try:
        return parsed(path, RunRecord.from_json)
    except UserError as error:
        log.warning("a row is left out: %s", error)
        return None


def profile_name(data_set: str, model: str | None = None) -> str:
    """Return the name of the file of a data set's surface, or of its embedding by a model."""
    return f"{data_set}.parquet" if model is None else f"{data_set}-{model}.parquet"


def features_name(data_set: str, measure: str) -> str:
    """Return the name of the file with features of a data set's examples."""
    return f"{data_set}-{measure}.parquet"
