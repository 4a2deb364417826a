"""One GPU for each process; the list of GPUs comes from a program of nvidia-smi's name, the rest is real."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CLAIM = """
import os, sys, time
from crosstask.sweeps import gpus
gpus.claim()
print(os.environ.get("CUDA_VISIBLE_DEVICES", "all"), flush=True)
os.environ.pop("CUDA_VISIBLE_DEVICES", None)
gpus.claim()
print(os.environ.get("CUDA_VISIBLE_DEVICES", "all"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '0, GPU-a'\necho '1, GPU-b'\n")
    program.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    return {**kept, "PATH": f"{tmp_path}:{os.environ['PATH']}", "TMPDIR": str(tmp_path)}


def claimer(environment: dict[str, str]) -> subprocess.Popen[str]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", CLAIM], text=True, env=environment, **pipes)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_every_process_has_a_gpu_of_its_own_for_its_life(environment: dict[str, str]):
    first, second = claimer(environment), claimer(environment)
    assert {said(first), said(second)} == {"GPU-a", "GPU-b"}
    mine = said(first)
    third = claimer(environment)
    first.kill()
    assert said(third) == mine, "it waited until the first was dead"
    for process in (first, second, third):
        process.kill()
        process.wait()


def test_only_gpus_that_are_visible_are_taken(environment: dict[str, str]):
    process = claimer({**environment, "CUDA_VISIBLE_DEVICES": "1"})
    assert said(process) == "GPU-b"
    process.kill()
    process.wait()


def test_nothing_happens_without_a_gpu(environment: dict[str, str], tmp_path: Path):
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'No devices were found'\nexit 6\n")
    process = claimer(environment)
    assert said(process) == "all"
    process.kill()
    process.wait()
