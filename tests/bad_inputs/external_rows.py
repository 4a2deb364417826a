"""Adapters and models that were made elsewhere: folders, settings, and what is damaged in them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from crosstask.storage.layout import CONFIG, WEIGHTS
from tests.bad_inputs.case import Accepted, Command, Refused
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind

KIND = Kind("model folders")
Damage = Callable[[Path], object]
MADE = "adapter=made/reviews"


def nothing(folder: Path) -> None:
    """Leave an adapter as it is."""


def _setup(damage: Damage, arguments: tuple[str, ...], script: str) -> Callable[[Workplace], Command]:
    """An adapter of the tiny model in a folder of its own, changed, and a command that names it."""

    def setup(work: Workplace) -> Command:
        trained = sorted((work.shared.store / "adapters").iterdir())[0]
        folder = work.folder / "made" / "reviews"
        folder.mkdir(parents=True)
        for name in (CONFIG, WEIGHTS):
            shutil.copy(trained / name, folder)
        setting(base_model_name_or_path=str(work.shared.model))(folder)
        damage(folder)
        return work.train(*arguments) if script == "train" else work.evaluate(*arguments)

    return setup


def bad(
    name: str,
    about: str,
    damage: Damage,
    *words: WORD,
    given: tuple[str, ...] = (MADE,),
    script: str = "evaluate",
) -> None:
    """What must be refused."""
    KIND.add(name, about, _setup(damage, given, script), Refused(words))


def good(
    name: str, about: str, damage: Damage, *words: WORD, given: tuple[str, ...] = (MADE,), **expected: Any
) -> None:
    """What must be taken."""
    KIND.add(name, about, _setup(damage, given, "evaluate"), Accepted(("done", *words), **expected))


def setting(**values: Any) -> Damage:
    """Other values in an adapter's configuration."""

    def damage(folder: Path) -> None:
        content = json.loads((folder / CONFIG).read_text()) | values
        (folder / CONFIG).write_text(json.dumps(content))

    return damage


def weights(change: Callable[[Any], Any]) -> Damage:
    """Other weights."""

    def damage(folder: Path) -> None:
        content = {key: change(value) for key, value in load_file(folder / WEIGHTS).items()}
        save_file(content, folder / WEIGHTS, metadata={"format": "pt"})

    return damage


good("elsewhere", "an adapter as it is", nothing, "reviews")
good("elsewhere-copy", "base_checked=true, and another base model's name", setting(base_model_name_or_path="a/b"),
     given=(MADE, "adapter.base_checked=true"))  # fmt: skip
bad("elsewhere-name", "another base model's name", setting(base_model_name_or_path="a/b"), "a/b", "base_checked=true")
bad("elsewhere-no-name", "no base model's name", setting(base_model_name_or_path=None), "names no base model")
bad("elsewhere-nan", "weights that are NaN", weights(lambda value: value * np.float32("nan")), "reviews", "NaN")
bad("elsewhere-idle", "weights that are 0", weights(np.zeros_like), "reviews", "no effect")
bad("elsewhere-cut", "weights that are cut", lambda folder: cut(folder / WEIGHTS), WEIGHTS, "damaged")
bad("elsewhere-list", "a configuration that is a list", lambda folder: (folder / CONFIG).write_text("[]"), CONFIG)
bad("elsewhere-prefix", "an adapter of another method", setting(peft_type="PREFIX_TUNING"), "PREFIX_TUNING", "LORA")
bad("elsewhere-rank", "another rank than that of the weights", setting(r=3), "shape", CONFIG)
bad("elsewhere-newer", "a setting of a newer peft", setting(tomorrow=True), "tomorrow", "peft")
good("elsewhere-code", "a setting that names code, which is not run", setting(auto_mapping={"base_model_class": "x"}))
bad(
    "elsewhere-none",
    "a folder that is not there",
    nothing,
    "made/films",
    "no such folder",
    given=("adapter=made/films",),
)
bad("elsewhere-empty", "a folder without an adapter", nothing, "made", CONFIG, given=("adapter=made/",))
bad("elsewhere-file", "a file", nothing, CONFIG, "a file", given=(f"{MADE}/{CONFIG}",))
bad("elsewhere-source", "a source besides", nothing, "source=imdb", given=(MADE, "source=imdb"))
bad("elsewhere-train", "train.py with an adapter", nothing, "evaluate.py", script="train")
bad("elsewhere-task", "a task that there is not", nothing, "imbd", "imdb", given=(MADE, "adapter.trained_on=[imbd]"))
bad("elsewhere-pattern", "a pattern without -m", nothing, "-m", given=("adapter=glob(made/*)",))
bad(
    "elsewhere-no-match",
    "a pattern that matches nothing",
    nothing,
    "matches no folder",
    given=("-m", "adapter=glob(x/*)"),
)
bad("elsewhere-base", "a row named base", nothing, "base", "adapter.name", given=(MADE, "adapter.name=base"))
bad("elsewhere-nobody", "a name without a path", nothing, "adapter.name=x", "path", given=("adapter.name=x",))


def cut(path: Path) -> None:
    """Leave half of a file."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
