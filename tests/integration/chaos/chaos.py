"""Killing a sweep's processes, stopping its W&B server, filling its disk; and what is left of it."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.small_sweep import SmallSweep
from tests.support.wandb_server.http_server import WandbServer

PARALLEL = ("launcher=parallel", "hydra.launcher.n_jobs=2")
PAUSE = (2.0, 12.0)
"""Seconds between two disturbances, at least and at most; a sweep takes about five to start."""
TIMED = {"adapter.json"}
"""Files that hold how long something took."""


@dataclass
class Chaos:
    """One sweep undisturbed, the same again with disturbances, and the comparison of the two."""

    sweep: SmallSweep
    seed: int
    overrides: tuple[str, ...] = ()
    server: WandbServer | None = None
    """Where both sweeps are tracked, as projects of their own; None: nowhere."""
    say: Callable[[str], None] = lambda line: None

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        if self.server is not None:
            self.sweep.variables |= {"WANDB_BASE_URL": self.server.url, "WANDB_API_KEY": self.server.key}

    def compare(self, kills: int, stops: int = 0, fills: int = 0) -> list[str]:
        """Run both sweeps, the second with so many disturbances; returns in what they differ."""
        started = time.monotonic()
        whole = self.sweep.train("whole", *self.settings("whole"))
        assert whole.returncode == 0, whole.stdout + whole.stderr
        self.say(f"the undisturbed sweep took {time.monotonic() - started:.0f} s")
        disturbances = [self.kill] * kills + [self.stop_server] * stops + [self.fill_disk] * fills
        self.disturb(self.chance.sample(disturbances, len(disturbances)))
        self.finish()
        return [*self.differences(), *self.leftovers()]

    def settings(self, store: str) -> tuple[str, ...]:
        """Return what both sweeps are told besides; each has a project of its own."""
        online = ("tracking.mode=online", f"tracking.project={store}", "tracking.init_timeout=3")
        return (*self.overrides, *(online if self.server else ()))

    def disturb(self, disturbances: list[Callable[[subprocess.Popen[bytes]], None]]) -> None:
        """Do one thing after the other to the sweep, at random moments; it is begun again whenever it has ended."""
        all_cells = self.cells("whole")
        running = self.start()
        for number, disturbance in enumerate(disturbances, start=1):
            while True:
                time.sleep(self.chance.uniform(*PAUSE))
                if running.poll() is None:
                    break
                running = self.start()
            done = self.cells("killed")
            self.say(f"disturbance {number} of {len(disturbances)}, {done} of {all_cells} cells are there:")
            disturbance(running)
        self.stop(running)

    def cells(self, store: str) -> int:
        """Return how many cells a store has."""
        return len(list((self.sweep.folder / store).glob("cells/*/*/score.json")))

    def kill(self, running: subprocess.Popen[bytes]) -> None:
        """Kill a random process of the sweep."""
        victim = self.chance.choice(sorted(members(running.pid)) or [running.pid])
        self.say(f"SIGKILL to {command(victim)}")
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.kill(victim, signal.SIGKILL)
        if victim == running.pid:
            running.wait()

    def stop_server(self, running: subprocess.Popen[bytes]) -> None:
        """Take the W&B server away for some seconds."""
        assert self.server is not None
        self.say("W&B server away")
        self.server.stop()
        time.sleep(self.chance.uniform(1, 8))
        self.server.start()

    def fill_disk(self, running: subprocess.Popen[bytes]) -> None:
        """Fill the file system of the sweep, until the sweep has noticed, or for a minute."""
        self.say("disk full")
        ballast = self.sweep.folder / "ballast"
        with suppress(OSError), ballast.open("wb") as file:
            while True:
                file.write(b"\0" * 2**20)
                file.flush()
        with suppress(subprocess.TimeoutExpired):
            running.wait(timeout=60)
        ballast.unlink()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the sweep in a session of its own, by which all its processes are found."""
        command = self.sweep.command("killed", *self.settings("killed"), *PARALLEL)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(
            command, cwd=self.sweep.folder, env=self.sweep.environment, start_new_session=True, **quiet
        )

    def stop(self, running: subprocess.Popen[bytes]) -> None:
        """Kill what is left of a sweep."""
        for process in members(running.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        running.wait()

    def finish(self) -> None:
        """Run the sweep once more, undisturbed, to its end."""
        ended = self.sweep.train("killed", *self.settings("killed"), *PARALLEL)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        self.say(ended.stdout.splitlines()[-1])

    def differences(self) -> list[str]:
        """Return which adapters, cells and scores are not those of the undisturbed sweep."""
        whole, killed = (content(self.sweep.folder / store) for store in ("whole", "killed"))
        found = [f"{name} is missing" for name in sorted(whole.keys() - killed.keys())]
        found += [f"{name} is too much" for name in sorted(killed.keys() - whole.keys())]
        found += [f"{name} differs" for name in sorted(whole.keys() & killed.keys()) if whole[name] != killed[name]]
        found += ["scores.csv differs"] * (self.sweep.scores("whole") != self.sweep.scores("killed"))
        if self.server is not None:
            told = [self.sweep.told_scores(store) for store in ("whole", "killed")]
            found += ["what W&B holds differs"] * (told[0] != told[1] or told[0] != self.sweep.scores("whole"))
        return found

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
    try:
        words = (Path("/proc") / str(process) / "cmdline").read_bytes().decode().split("\0")
    except OSError:  # it has ended
        words = ["?"]
    return " ".join(words)[:80]
