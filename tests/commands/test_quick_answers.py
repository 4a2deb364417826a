"""Mistakes that the command line names are answered before anything heavy is imported, and before Hydra starts."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from crosstask.commands.named_tasks import check_named_tasks
from crosstask.config import task_files
from crosstask.errors import UserError

ROOT = task_files.CONF.parent
HEAVY = {"torch", "transformers", "pandas", "pyarrow", "datasets", "numpy", "wandb", "matplotlib", "submitit"}
CODE = """
import os, runpy, shlex, sys
script, *commands = sys.argv[1:]
for command in commands:
    os.environ.pop("HYDRA_FULL_ERROR", None)  # which the command before has set
    sys.argv = [script, *shlex.split(command)]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as ended:
        print(ended.code)
print(*sys.modules)
"""
OF_TASKS = {
    "target=gsm8k 'target.gsm8k.extraction.strict=\"(\"'": "extraction.strict: '(' is no regular expression",
    "target.imdb.labels=[a,a]": "labels: 'a' comes twice",
    "source=imdb source.imdb.home=nope": "home: 'nope' is no target",
    "-m seed=0,1 'target.imdb.prompt=\"{{\"'": "prompt: line 1: ",
    "store=/etc/passwd": "store=/etc/passwd: /etc/passwd is a file",
    "data=local data.root=/nope": "data.root=/nope: no such folder",
    "model=local model.path=/nope": "model.path=/nope: no such folder",
    "lora=ia3 lora.rank=3": "lora.rank=3: lora.method=ia3 does not use it",
}
CASES = {
    "train.py": OF_TASKS,
    "evaluate.py": OF_TASKS,
    "analyze.py": {
        "store=/nope": "store=/nope: no runs to analyze",
        "runs=table runs.path=/nope": "runs.path=/nope: no such file",
        "analysis.rows=[target]": "analysis.rows=[target]: the first is source",
        "-m runs.seed=0,1": "-m: sweeps are for train.py and evaluate.py",
    },
    "status.py": {"sweep=nope": "sweep=nope: no such sweep", "-m store=a,b": "-m: sweeps are for train.py"},
}


@pytest.mark.parametrize("script", CASES)
def test_a_mistake_is_answered_before_anything_heavy_is_imported(script: str, tmp_path: Path):
    command = [sys.executable, "-c", CODE, str(ROOT / script), *CASES[script]]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    *answers, modules = ended.stdout.splitlines()
    assert ended.returncode == 0, ended.stderr
    for answer, expected in zip(answers, CASES[script].values(), strict=True):
        assert expected in answer
    assert not HEAVY & set(modules.split())


@pytest.mark.parametrize("command", list(OF_TASKS)[:4])
def test_mistakes_in_tasks_are_answered_before_hydra_composes(command: str):
    overrides = [part for part in shlex.split(command) if part != "-m"]
    with pytest.raises(UserError, match=r"^conf/task/(gsm8k|imdb)\.yaml: "):
        check_named_tasks(overrides)


@pytest.mark.parametrize(
    "overrides",
    [
        ["source=imdb,goat", "source.imdb.home=nope"],  # a sweep, in which the other job goes on
        ["target=goat", "target.goat.max_new_tokens=3"],
        ["experiment=paper"],
        ["target.imdb.labels=[a,a],[a,b]"],
        ["source=base"],
    ],
)
def test_what_not_every_job_uses_is_left_to_the_jobs(overrides: list[str]):
    check_named_tasks(overrides)
