"""The folder of a case, and what all cases share: a tiny model, two data sets, a store with a small sweep, a server."""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import Command
from tests.bad_inputs.running import fork, run, wait

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("trainer.max_steps=2", "trainer.batch_size=4", "data.train_rows=12", "data.test_rows=8")
SMALL = (*SMALL, "scoring.max_new_tokens=3", "tracking.mode=disabled", "target=[imdb,goat]")
"""Settings of a job of a second."""
FAST = ("analysis.figures=[]", "analysis.gains.resamples=100", "analysis.traits.noise_draws=19")
FAST = (*FAST, "analysis.traits.resamples=0", "analysis.similarity.permutations=99")
FAST = (*FAST, "analysis.ability_tests.relabelings=99")
"""Settings of an analysis of a second."""
IMDB = [{"text": f"the film {i} was {'good' if i % 3 else 'bad'}", "label": int(i % 3 > 0)} for i in range(40)]
GOAT = [{"instruction": f"{i} + {i % 7}", "answer": str(i + i % 7)} for i in range(40)]


def lines(rows: list[dict[str, Any]]) -> str:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows)


def write(path: Path, content: str | bytes) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


class Shared:
    """What is made once, when a case first needs it, and never changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, with_server: bool) -> None:
        """Make all at once, before several processes need it; what a server holds takes longest."""
        for name in ("model", "data", "store", *(("recorded",) if with_server else ())):
            getattr(self, name)

    @cached_property
    def model(self) -> Path:
        """A random model of two layers."""
        from tests.conftest import write_model

        folder = self.folder / "model"
        self._make(lambda: write_model(folder, context=128))
        return folder

    @cached_property
    def data(self) -> Path:
        """Rows of a closed and an open task."""
        for name, rows in (("imdb", IMDB), ("goat", GOAT)):
            write(self.folder / "data" / name / "train.jsonl", lines(rows[:24]))
            write(self.folder / "data" / name / "test.jsonl", lines(rows[24:]))
        return self.folder / "data"

    @cached_property
    def store(self) -> Path:
        """A store with base and two sources."""
        work = Workplace(self.folder / "sweep", self)
        ended = run(work.train("-m", "source=base,imdb,goat"), work.folder, limit=300)
        assert ended.status == 0, ended.text
        return work.folder / "runs"

    @cached_property
    def recorded(self) -> Path:
        """What a W&B server holds after the small sweep, pickled."""
        path = self.folder / "recorded.pickle"
        self._make(lambda: self._record(path))
        return path

    def _record(self, path: Path) -> None:
        """Run the small sweep on a server."""
        import pickle

        from tests.support.wandb_server.http_server import WandbServer
        from tests.tracking.conftest import client_environment

        work = Workplace(self.folder / "recording", self)
        with WandbServer().running() as server:
            os.environ.update(client_environment(server, work.folder))
            online = ("tracking.mode=online", "tracking.project=films")
            ended = run(work.train("-m", "source=base,imdb,goat", *online), work.folder, limit=300, fresh=True)
            assert ended.status == 0, ended.text
            path.write_bytes(pickle.dumps(server.root))

    def _make(self, work: Callable[[], Any]) -> None:
        """Do some work in a child: torch must not start threads in this process."""
        assert wait(fork(work), limit=300) == 0


class Workplace:
    """The folder of one case."""

    def __init__(self, folder: Path, shared: Shared) -> None:
        self.folder = folder
        self.shared = shared
        self.ending = ExitStack()
        """What is done when the case has ended."""
        folder.mkdir(parents=True)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the case."""
        return write(self.folder / name, content)

    @property
    def small(self) -> tuple[str, ...]:
        """Settings of a job of a second on the tiny model; what is given after them holds."""
        model = (f"model.path={self.shared.model}", "model=local")
        return (*SMALL, "data=local", f"data.root={self.shared.data}", *model)

    def train(self, *arguments: str) -> Command:
        """A small job, or with ``-m`` several."""
        return self.command("train.py", *_joined(self.small, arguments))

    def evaluate(self, *arguments: str) -> Command:
        """Scoring what `train` made."""
        return self.command("evaluate.py", *_joined(self.small, arguments))

    def analyze(self, *arguments: str) -> Command:
        """A fast analysis."""
        return self.command("analyze.py", *_joined(FAST, arguments))

    def command(self, script: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Command:
        """A script of this repository."""
        return Command(script, arguments, ROOT, environment or {})

    def copy_store(self) -> Path:
        """A copy of the store that a case may damage, as ``runs``."""
        return Path(shutil.copytree(self.shared.store, self.folder / "runs"))

    def copy_model(self) -> Path:
        """A copy of the tiny model, as ``model``."""
        return Path(shutil.copytree(self.shared.model, self.folder / "model"))

    def checkout(self) -> Path:
        """A copy of this repository's scripts, configuration and package, with task files that a case may add to."""
        root = self.folder / "checkout"
        shutil.copytree(ROOT / "conf", root / "conf")
        shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("__pycache__"), copy_function=os.link)
        for script in ROOT.glob("*.py"):
            shutil.copy(script, root)
        return root


def _joined(first: tuple[str, ...], then: tuple[str, ...]) -> tuple[str, ...]:
    """Flags, then overrides, of which later ones replace earlier ones of the same key; help is about nothing else."""
    if "--help" in then:
        return then
    flags = tuple(text for text in then if text == "-m")
    then = tuple(text for text in then if text != "-m")
    chosen = {text.partition("=")[0].lstrip("+") for text in then}
    return (*flags, *(text for text in first if text.partition("=")[0] not in chosen), *then)
