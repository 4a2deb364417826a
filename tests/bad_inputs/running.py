"""Runs a command as a user does: in a process of its own, with its output in files and a limit of time.

Importing torch, transformers and pandas takes seconds. So one process imports them once and forks for each case; the
child runs the script itself, as ``python train.py`` would. What forking could hide, such as a missing import, shows
with ``fresh=True``: then each command is a new Python.
"""

import atexit
import gc
import importlib
import logging
import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import Command, Outcome

HEAVY = (
    *("torch", "transformers", "peft", "pytorch_lightning", "datasets", "pandas", "scipy.stats", "wandb"),
    *("matplotlib.pyplot", "transformers.models.llama.modeling_llama", "transformers.generation.utils"),
    *("crosstask.jobs.job", "crosstask.commands.analyze", "crosstask.commands.status", "crosstask.sweeps.runner"),
)
QUIET = {"OMP_NUM_THREADS": "1", "COLUMNS": "200", "PYTHONUTF8": "1", "HF_HUB_OFFLINE": "1"}
"""Of the environment of every command: one core, and no network."""


def warm_up() -> None:
    """Import what takes long, and let Hydra find its plugins."""
    os.environ.update(QUIET)  # which torch and the Hub's client look at when they are imported
    for name in HEAVY:
        importlib.import_module(name)
    importlib.import_module("hydra.core.plugins").Plugins.instance()
    gc.collect()
    gc.freeze()  # else each child would look through all of it, and copy the pages, when it collects garbage
    for name in ("pytorch_lightning", "lightning_fabric"):  # a command has set up logging before it imports them
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True


def run(command: Command, folder: Path, limit: float, fresh: bool = False) -> Outcome:
    """Run a command in a folder."""
    began = time.monotonic()
    outputs = [folder.with_name(f"{folder.name}.{name}") for name in ("out", "err")]
    start = _start_fresh if fresh else _start_forked
    status = wait(start(command, folder, outputs), limit)
    output, errors = (path.read_text(encoding="utf-8", errors="backslashreplace") for path in outputs)
    return Outcome(status, output, errors, folder, time.monotonic() - began)


def fork(work: Callable[[], Any]) -> int:
    """Do some work in a child, the head of a process group of its own; the child's id."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    status = 1
    atexit._clear()  # what this process would clear away at its end is not the child's
    try:
        os.setpgid(0, 0)
        work()
        status = 0
    except SystemExit as end:
        status = _exit_status(end.code)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            atexit._run_exitfuncs()
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def wait(child: int, limit: float) -> int | None:
    """Exit status of a child; None if it had to be killed, with all that it started."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def _exit_status(code: object) -> int:
    """What Python makes of the argument of ``sys.exit``."""
    if isinstance(code, int) or code is None:
        return code or 0
    print(code, file=sys.stderr)
    return 1


def _start_forked(command: Command, folder: Path, outputs: list[Path]) -> int:
    """Run a script in a child of this process."""

    def work() -> None:
        for path, number in zip(outputs, (1, 2), strict=True):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
        os.chdir(folder)
        os.environ.update({**QUIET, **command.environment})
        importlib.import_module("crosstask.config.task_files").CONF = command.root / "conf"
        script = str(command.root / command.script)
        sys.argv = [script, *command.arguments]
        sys.path.insert(0, str(command.root))
        runpy.run_path(script, run_name="__main__")

    return fork(work)


def _start_fresh(command: Command, folder: Path, outputs: list[Path]) -> int:
    """Run a script by a new Python."""
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(command.root / "src"), **command.environment}
    arguments = [sys.executable, str(command.root / command.script), *command.arguments]
    with outputs[0].open("w") as output, outputs[1].open("w") as errors:
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": errors}
        return subprocess.Popen(arguments, cwd=folder, env=environment, process_group=0, **pipes).pid
