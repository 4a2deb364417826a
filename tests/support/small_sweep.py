"""The commands on the tiny model and local files, in processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from crosstask.config import task_files

ROOT = task_files.CONF.parent


class SmallSweep:
    """A sweep over base and two sources, scored on both; one store by name for each way of running it."""

    def __init__(self, folder: Path, model_folder: Path, rows: int = 100) -> None:
        self.folder = folder
        self.variables: dict[str, str] = {}
        """Of the environment, besides."""
        self.settings = ["data=local", f"data.root={folder}/data", "model=local", f"model.path={model_folder}"]
        self.settings += ["target=[imdb,pile]", "trainer.batch_size=4", "lora.dropout=0.1", "tracking.mode=disabled"]
        for name in ("imdb", "pile"):
            (folder / "data" / name).mkdir(parents=True)
            for split, count in (("train", rows), ("test", rows // 4)):
                texts = [(f"{split} {name} {i} was {'good' if i % 3 else 'bad'}", int(i % 3 > 0)) for i in range(count)]
                content = [{"text": t, "label": y, "texts": [t], "avg_score": y} for t, y in texts]
                lines = "".join(json.dumps(row) + "\n" for row in content)
                (folder / "data" / name / f"{split}.jsonl").write_text(lines)

    def command(self, store: str, *more: str, sources: str = "base,imdb,pile") -> list[str]:
        """The command line of the sweep; what is given last holds."""
        return [
            sys.executable,
            str(ROOT / "train.py"),
            "-m",
            f"source={sources}",
            *self.settings,
            f"store={store}",
            *more,
        ]

    def train(self, store: str, *more: str, sources: str = "base,imdb,pile") -> subprocess.CompletedProcess[str]:
        """Run the sweep to its end."""
        return self.run(*self.command(store, *more, sources=sources))

    def start(self, store: str, *more: str) -> subprocess.Popen[str]:
        """Start the sweep, in a process group of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        command = self.command(store, *more)
        return subprocess.Popen(command, cwd=self.folder, text=True, env=self.environment, process_group=0, **pipes)

    def script(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of the other commands."""
        return self.run(sys.executable, str(ROOT / name), *arguments)

    def scores(self, store: str) -> bytes:
        """The scores that the analysis finds in a store."""
        return self._analyzed(f"{store}-results", f"store={store}")

    def told_scores(self, project: str) -> bytes:
        """The scores that the analysis finds in a project of W&B."""
        return self._analyzed(f"{project}-told", "runs=wandb", f"runs.project={project}", f"runs.cache={project}-cache")

    def _analyzed(self, output: str, *runs: str) -> bytes:
        """The scores of an analysis."""
        ended = self.script("analyze.py", *runs, f"output={output}")
        assert ended.returncode == 0, ended.stderr
        return (self.folder / output / "scores.csv").read_bytes()

    def holders(self, pattern: str) -> Iterator[int]:
        """Yield the processes that have one of some files open."""
        paths = {str(path) for path in self.folder.glob(pattern)}
        for opened in Path("/proc").glob("[0-9]*/fd/*"):
            with suppress(OSError):  # it is closed again, or not ours
                if os.readlink(opened) in paths:
                    yield int(opened.parts[2])

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder."""
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False, env=self.environment
        )

    @property
    def environment(self) -> dict[str, str]:
        """One thread for each process: what is tried out is not speed."""
        return {**os.environ, "COLUMNS": "200", "OMP_NUM_THREADS": "1", **self.variables}
