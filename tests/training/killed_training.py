"""A training that is killed again and again, for the test of that name: one process per life.

Arguments: folder of a model, folder of a store, JSON of the trainer's settings, and the moments to die at, each
``<step>`` (SIGKILL after that step) or ``<n>th-checkpoint`` (SIGKILL between writing that life's n-th checkpoint and
putting it in its place). Prints the fingerprint of the adapter that comes out and the report, as JSON.
"""

import json
import os
import random
import signal
import sys
from pathlib import Path

from crosstask.config.adapter import Lora
from crosstask.config.inputs import Model
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.models import base_model
from crosstask.storage import adapter_files
from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.fit import train_adapter
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples

EXAMPLES = [
    Example(f"train-{i}", "the film was " * (1 + i * 7 % 4), str(random.Random(i).randint(0, 99999))) for i in range(48)
]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def train(model_folder: str, root: str, settings: dict[str, float], moment: str) -> None:
    """Train until the end or until the moment comes."""
    step_to_die = int(moment) if moment.isdigit() else None
    checkpoints_left = [int(moment.removesuffix("th-checkpoint"))] if moment.endswith("th-checkpoint") else []
    really_replace = os.replace

    def replace(source: Path, destination: Path) -> None:
        if checkpoints_left and str(destination).endswith(".ckpt"):
            checkpoints_left[0] -= 1
            if checkpoints_left[0] == 0:
                die()
        really_replace(source, destination)

    os.replace = replace  # type: ignore[assignment]
    train_adapter(
        base_model.load(Model(name="tiny", path=model_folder)),
        TrainingExamples(EXAMPLES),
        TrainingSettings(
            lora=Lora(rank=4, dropout=0.3),
            optimizer=Optimizer(learning_rate=float(settings.pop("learning_rate")), warmup_steps=2),
            trainer=Trainer(accelerator="cpu", **settings),  # type: ignore[arg-type]
            seed=3,
        ),
        Destination(Store(root), "r", {}),
        progress=lambda step, steps, note: die() if step == step_to_die else None,
    )


def live(*arguments: object) -> int:
    """Train in a process of its own; returns the signal that ended it, 0 if none."""
    child = os.fork()  # the packages are imported already: a life costs only what its training costs
    if child == 0:
        train(*arguments)  # type: ignore[arg-type]
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a life ended with an error"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def main(model_folder: str, root: str, settings: str, *moments: str) -> None:
    """Live and die at every moment, then live to the end."""
    folder = Store(root).adapter("r")
    for moment in moments:
        assert live(model_folder, root, json.loads(settings), moment) == signal.SIGKILL, f"survived {moment}"
        assert not folder.exists(), f"an adapter appeared before {moment}"
    assert live(model_folder, root, json.loads(settings), "") == 0
    report = json.loads((folder / "adapter.json").read_text())["report"]
    print(json.dumps({"content": adapter_files.content(folder), "report": report}))


if __name__ == "__main__":
    main(*sys.argv[1:])
