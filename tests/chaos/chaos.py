"""Killing a sweep's processes, and what is left of it."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.small_sweep import SmallSweep

PARALLEL = ("launcher=parallel", "hydra.launcher.n_jobs=2")
TIMED = {"adapter.json"}
"""Files that hold how long something took."""


@dataclass
class Chaos:
    """One sweep undisturbed, the same again with disturbances, and the comparison of the two."""

    sweep: SmallSweep
    seed: int
    overrides: tuple[str, ...] = ()
    say: Callable[[str], None] = lambda line: None

    def compare(self, kills: int) -> list[str]:
        """Run both sweeps; returns in what they differ."""
        started = time.monotonic()
        whole = self.sweep.train("whole", *self.overrides)
        assert whole.returncode == 0, whole.stdout + whole.stderr
        usual = time.monotonic() - started
        self.say(f"the undisturbed sweep took {usual:.0f} s")
        self.disturb(kills, usual)
        self.finish()
        return [*self.differences(), *self.leftovers()]

    def disturb(self, kills: int, usual: float) -> None:
        """Kill random processes of the sweep at random moments; it is begun again whenever it has ended."""
        moments = random.Random(self.seed)
        running = self.start()
        done = 0
        while done < kills:
            time.sleep(moments.uniform(0.1, 0.6) * usual)
            if running.poll() is not None:
                running = self.start()
                continue
            victim = moments.choice(sorted(members(running.pid)))
            what = command(victim)
            os.kill(victim, signal.SIGKILL)
            done += 1
            self.say(f"kill {done}: {what}")
            if victim == running.pid:
                running.wait()
        self.stop(running)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the sweep in a session of its own, by which all its processes are found."""
        command = self.sweep.command("killed", *self.overrides, *PARALLEL)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(
            command, cwd=self.sweep.folder, env=self.sweep.environment, start_new_session=True, **quiet
        )

    def stop(self, running: subprocess.Popen[bytes]) -> None:
        """Kill what is left of a sweep."""
        for process in members(running.pid):
            os.kill(process, signal.SIGKILL)
        running.wait()

    def finish(self) -> None:
        """Run the sweep once more, undisturbed, to its end."""
        ended = self.sweep.train("killed", *self.overrides, *PARALLEL)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        self.say(ended.stdout.splitlines()[-1])

    def differences(self) -> list[str]:
        """Return which adapters, cells and scores are not those of the undisturbed sweep."""
        whole, killed = (content(self.sweep.folder / store) for store in ("whole", "killed"))
        found = [f"{name} is missing" for name in sorted(whole.keys() - killed.keys())]
        found += [f"{name} is too much" for name in sorted(killed.keys() - whole.keys())]
        found += [f"{name} differs" for name in sorted(whole.keys() & killed.keys()) if whole[name] != killed[name]]
        return found + ["scores.csv differs"] * (self.sweep.scores("whole") != self.sweep.scores("killed"))

    def leftovers(self) -> list[str]:
        """Return what the killed processes left that should not stay."""
        folder = self.sweep.folder / "killed"
        left = [*folder.glob("checkpoints/*"), *folder.glob("cells/*/parts"), *folder.glob("unfinished/*")]
        return [f"{path.relative_to(folder)} was left" for path in left]


def content(store: Path) -> dict[str, bytes]:
    """Return every file of a store's adapters and cells, but for those that hold how long something took."""
    files = (path for part in ("adapters", "cells") for path in (store / part).rglob("*") if path.is_file())
    return {str(path.relative_to(store)): path.read_bytes() for path in files if path.name not in TIMED}


def members(session: int) -> Iterator[int]:
    """Yield the living processes of a session."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, _, found = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
        except OSError:  # it has ended
            continue
        if int(found) == session and state != "Z":
            yield int(folder.name)


def command(process: int) -> str:
    """Return what a process is, in some words."""
    words = (Path("/proc") / str(process) / "cmdline").read_bytes().decode().split("\0")
    return " ".join(words)[:80]
