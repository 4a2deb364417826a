"""Writes the logs of lm-eval 0.4.5 that tests read, whose lines name no filter: ``python -m oracle.older_lm_eval``.

In ``make oracle``'s environment, with the older version before the newer one::

    pip install --no-deps --target OLDER lm-eval==0.4.5
    PYTHONPATH=OLDER:src python -m oracle.older_lm_eval

The models are scripted, because that version does not run with today's transformers: what is asked for decides how
likely a text is, and which answer is written.
"""

import hashlib
import importlib.metadata
import os
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import transformers

transformers.AutoModelForVision2Seq = transformers.AutoModelForImageTextToText  # by the name that it once had

from lm_eval.api.instance import Instance  # noqa: E402
from lm_eval.api.model import LM  # noqa: E402
from lm_eval.evaluator import simple_evaluate  # noqa: E402
from lm_eval.loggers import EvaluationTracker  # noqa: E402
from lm_eval.tasks import TaskManager  # noqa: E402

from crosstask.miniature.rows import rows  # noqa: E402
from oracle.lm_eval_logs import TASKS, write_tasks  # noqa: E402
from oracle.log_fixtures import EXAMPLES, FOLDER, UNREAD  # noqa: E402

VERSION = "0.4.5"
MODELS = ("plain", "tuned")


class Scripted(LM):
    """A model whose answers are drawn by a hash of its name and of what it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._right = {row["instruction"]: str(row["answer"]) for row in rows("goat", "test")}

    def loglikelihood(self, requests: list[Instance], **_: Any) -> list[tuple[float, bool]]:
        """Return how likely each option is."""
        return [(-len(text) * (0.5 + self._draw(asked, text)), False) for asked, text in (r.args for r in requests)]

    def loglikelihood_rolling(self, requests: list[Instance], **_: Any) -> list[float]:
        """Return how likely each text is."""
        return [-len(text) * (0.5 + self._draw(text)) for (text,) in (r.args for r in requests)]

    def generate_until(self, requests: list[Instance], **_: Any) -> list[str]:
        """Return the right answer to some, which one filter finds or both, and a wrong one to the rest."""
        found = []
        for asked, _ in (r.args for r in requests):
            right = next(answer for question, answer in self._right.items() if question in asked)
            draw = self._draw(asked)
            found.append(right if draw < 0.4 else f"It is {right}" if draw < 0.7 else f"{right}1")
        return found

    def _draw(self, *parts: str) -> float:
        """A number from 0 to 1."""
        return int.from_bytes(hashlib.sha256("\0".join((self._name, *parts)).encode()).digest()[:8], "big") / 2**64


def main() -> None:
    """Write the archive."""
    assert importlib.metadata.version("lm-eval") == VERSION
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.chdir(folder)
        write_tasks(folder / "tasks", EXAMPLES)
        for name in MODELS:
            _run(name)
        with tarfile.open(FOLDER / f"lm_eval_{VERSION}.tar.gz", "w:gz") as archive:
            for path in sorted((folder / "logs").rglob("*.json*")):
                archive.add(path, path.relative_to(folder), filter=_without_owner)


def _run(name: str) -> None:
    """Run a model on all tasks, and write its logs as the command of that version does."""
    arguments = f"pretrained=models/{name},dtype=float32"
    tracker = EvaluationTracker(output_path="logs")
    tracker.general_config_tracker.log_experiment_args("scripted", arguments, "", "", False)
    tasks = TaskManager(include_path="tasks", include_defaults=False)
    found = simple_evaluate(Scripted(name), tasks=list(TASKS), task_manager=tasks, log_samples=True, bootstrap_iters=0)
    found["config"]["model_args"] = arguments  # which the command takes, and a model in memory lacks
    samples = found.pop("samples")
    tracker.save_results_aggregated({k: v for k, v in found.items() if k not in UNREAD}, samples)
    for task in found["configs"]:
        tracker.save_results_samples(task, samples[task])


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A member that does not say who wrote it, and when."""
    member.uid = member.gid = member.mtime = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    main()
