"""A good store of which one thing is damaged, foreign or of a newer version, and what train, analyze and status do."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from tests.bad_inputs.case import Accepted, Command, Expected, MadeAgain, Refused
from tests.bad_inputs.workplace import Workplace
from tests.bad_inputs.writing_cases import WORD, Kind

KIND = Kind("stores")
Damage = Callable[[Path], object]
"""Done to the first file or folder of a pattern."""
HERE = {"results/scores.csv": "imdb,goat,"}


def _setup(pattern: str, damage: Damage, command: str) -> Callable[[Workplace], Command]:
    """A damaged copy of the store, and a command that uses it."""

    def setup(work: Workplace) -> Command:
        store = work.copy_store()
        found = sorted(store.glob(pattern))
        assert found, f"the store has no {pattern}"
        damage(found[0])
        script, *more = command.split()
        if script == "status.py":
            return work.command(script)
        return getattr(work, script.removesuffix(".py"))(*more)

    return setup


def add(name: str, about: str, pattern: str, damage: Damage, command: str, expected: Expected) -> None:
    """Add a case."""
    KIND.add(name, f"{about}; `{command}`", _setup(pattern, damage, command), expected)


def bad(name: str, about: str, pattern: str, damage: Damage, command: str, *words: WORD, lines: int = 1) -> None:
    """A damage that the command must refuse."""
    add(name, about, pattern, damage, command, Refused(words, lines=lines))


def again(name: str, about: str, pattern: str, damage: Damage, command: str, *words: WORD) -> None:
    """A damage that the command must name and repair."""
    add(name, about, pattern, damage, command, MadeAgain((*words, "done")))


def left_out(name: str, about: str, pattern: str, damage: Damage, *words: WORD) -> None:
    """A damage with which the analysis must do without the part, and say so."""
    add(name, about, pattern, damage, "analyze.py", Accepted(words, HERE))


def cut(path: Path) -> None:
    """Keep half of a file."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def content(text: str | bytes) -> Damage:
    """Another content."""
    return lambda path: path.write_bytes(text if isinstance(text, bytes) else text.encode())


def fields(**values: Any) -> Damage:
    """Other values of a file of JSON."""
    return lambda path: path.write_text(json.dumps(json.loads(path.read_text()) | values))


def inner(name: str, **values: Any) -> Damage:
    """Other values of a mapping in a file of JSON."""

    def damage(path: Path) -> None:
        found = json.loads(path.read_text())
        found[name] |= values
        path.write_text(json.dumps(found))

    return damage


def table(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Damage:
    """Another table."""
    return lambda path: change(pd.read_parquet(path)).to_parquet(path)


def weights(change: Callable[[np.ndarray], np.ndarray]) -> Damage:
    """Other weights of an adapter."""

    def damage(path: Path) -> None:
        save_file({name: change(value) for name, value in load_file(path).items()}, path, metadata={"format": "pt"})

    return damage


def file_there(path: Path) -> None:
    """A file in place of a folder."""
    shutil.rmtree(path)
    path.write_text("")


def folder_there(path: Path) -> None:
    """A folder in place of a file."""
    path.unlink()
    path.mkdir()


def removed(path: Path) -> None:
    """Nothing any more."""
    shutil.rmtree(path) if path.is_dir() else path.unlink()


FOREIGN = table(lambda frame: pd.DataFrame({"a": [1, 2]}))
IMDB = "train.py source=imdb"

# Records of runs.
R = "records/*.json"
bad("record-cut", "a record that is cut", R, cut, "analyze.py", "records/", ".json")
bad("record-empty", "an empty record", R, content(""), "analyze.py", "records/", ".json")
bad("record-list", "a record that is a list", R, content("[]"), "analyze.py", "records/", ".json")
bad("record-binary", "a record of random bytes", R, content(bytes(range(256))), "analyze.py", "records/", ".json")
bad("record-newer", "a record of a newer version", R, fields(schema=99), "analyze.py", "records/", "99", "newer")
bad("record-type", "a seed in a record that is a word", R, fields(seed="one"), "analyze.py", "records/", "seed")
bad(
    "record-path",
    "a record that names another folder",
    R,
    fields(adapter="../../../evil"),
    "analyze.py",
    "records/",
    "adapter",
    "../../../evil",
)
bad(
    "record-cell-path",
    "a cell of a record in another folder",
    R,
    fields(cells={"imdb": ["../../evil", "x"]}),
    "analyze.py",
    "records/",
    "../../evil",
)
bad(
    "record-escape",
    "a source in a record with an escape sequence",
    R,
    fields(source="\x1b[2J", seed="x"),
    "analyze.py",
    "records/",
    "seed",
)
bad("record-folder", "a folder in place of a record", R, folder_there, "analyze.py", "records/", ".json")
again("record-cut-train", "a record that is cut", R, cut, "train.py -m source=base,imdb,goat", "records/")
left_out(
    "record-foreign-file", "a file that is no record", "records", lambda path: (path / "notes.txt").write_text("hello")
)

# Scores and answers.
S = "cells/*/*/score.json"
left_out("score-cut", "a score that is cut", S, cut, "score.json", ("train.py", "again", "missing"))
left_out("score-missing", "a score that is missing", S, removed, ("no score", "missing"), "goat -> imdb")
bad("score-large", "a score above 1", S, inner("metrics", score=58.1), "analyze.py", "score.json", "58.1")
bad("score-n-zero", "a score of no rows", S, inner("metrics", n=0), "analyze.py", "score.json", "n", "0")
bad(
    "score-text",
    "a score that is a word",
    S,
    inner("metrics", score="good"),
    "analyze.py",
    "score.json",
    ("good", "valid number"),
)
bad("score-newer", "a score of a newer version", S, fields(schema=99), "analyze.py", "score.json", "99", "newer")
bad("score-target", "a score of another target", S, fields(target="nope"), "analyze.py", "score.json", "nope")
again("score-cut-train", "a score that is cut", S, cut, "train.py -m source=base,imdb,goat", "score.json")
A = "cells/*/*/answers.parquet"
left_out("answers-cut", "answers that are cut", A, cut, "answers.parquet")
left_out("answers-foreign", "answers with other columns", A, FOREIGN, "answers.parquet")
left_out("answers-fewer", "answers of fewer rows", A, table(lambda frame: frame.head(2)), ("answers.parquet", "rows"))
left_out(
    "answers-scores",
    "answers with scores above 1",
    A,
    table(lambda frame: frame.assign(score=7.0)),
    "answers.parquet",
    "7",
)
left_out("answers-missing", "answers that are missing", A, removed, "answers.parquet")
again("answers-cut-train", "answers that are cut", A, cut, "train.py -m source=base,imdb,goat", "answers.parquet")
OUTPUTS = "cells/*/outputs.parquet"
OTHERS = "++target.imdb.decide=per_token ++target.goat.extraction.number=false"
RESCORE = f"evaluate.py -m source=base,imdb,goat rescore=true {OTHERS}"
again(
    "outputs-cut",
    "outputs that are cut",
    OUTPUTS,
    cut,
    f"train.py -m source=base,imdb,goat {OTHERS}",
    "outputs.parquet",
)
bad("outputs-cut-rescore", "outputs that are cut", OUTPUTS, cut, RESCORE, "outputs.parquet", lines=16)
bad("outputs-foreign-rescore", "outputs with other columns", OUTPUTS, FOREIGN, RESCORE, "outputs.parquet", lines=16)
bad(
    "outputs-fewer-rescore",
    "outputs of fewer rows",
    OUTPUTS,
    table(lambda frame: frame.head(2)),
    RESCORE,
    "outputs.parquet",
    lines=16,
)
again(
    "outputs-missing",
    "outputs and answers that are missing",
    "cells",
    removed,
    "train.py -m source=base,imdb,goat",
    "3 jobs",
)

# Adapters.
J = "adapters/*/adapter.json"
ALL = "train.py -m source=base,imdb,goat target=[imdb]"
NEW = "train.py -m source=imdb,goat scoring.max_new_tokens=2"
bad("adapter-record-cut", "adapter.json that is cut", J, cut, NEW, "adapter.json", lines=16)
bad(
    "adapter-record-newer",
    "adapter.json of a newer version",
    J,
    fields(schema=99),
    NEW,
    "adapter.json",
    "99",
    "newer",
    lines=16,
)
bad("adapter-record-list", "adapter.json that is a list", J, content("[]"), NEW, "adapter.json", lines=16)
again("adapter-record-missing", "adapter.json that is missing", J, removed, NEW, "trained")
W = "adapters/*/adapter_model.safetensors"
bad("weights-cut", "weights that are cut", W, cut, NEW, "adapters/", lines=16)
bad("weights-missing", "weights that are missing", W, removed, NEW, "adapters/", lines=16)
bad("weights-zero", "weights that are 0", W, weights(lambda value: value * 0), NEW, "adapters/", lines=16)
bad(
    "weights-nan",
    "weights that are NaN",
    W,
    weights(lambda value: value * np.float32("nan")),
    NEW,
    "adapters/",
    lines=16,
)
bad(
    "weights-other",
    "weights of another rank",
    W,
    weights(lambda value: value[:2, :2].copy()),
    NEW,
    "adapters/",
    lines=16,
)
bad(
    "weights-config-missing",
    "adapter_config.json that is missing",
    "adapters/*/adapter_config.json",
    removed,
    NEW,
    "adapters/",
    lines=16,
)
bad(
    "weights-config-other",
    "adapter_config.json with another alpha",
    "adapters/*/adapter_config.json",
    fields(lora_alpha=99),
    NEW,
    "adapters/",
    lines=16,
)
again(
    "adapter-empty",
    "an empty folder of an adapter",
    "adapters/*",
    lambda path: [file.unlink() for file in path.iterdir()],
    NEW,
    "trained",
)
left_out("weights-cut-analyze", "weights that are cut", W, cut, "adapter")
left_out("weights-missing-analyze", "weights that are missing", W, removed, "adapter")
left_out("weights-nan-analyze", "weights that are NaN", W, weights(lambda value: value * np.float32("nan")), "adapter")

# Profiles, data, curves, checkpoints, parts.
left_out("profile-cut", "a profile that is cut", "profiles/*.parquet", cut, "profiles/", ".parquet")
left_out("profile-foreign", "a profile with other columns", "profiles/*.parquet", FOREIGN, "profiles/", ".parquet")
left_out("profile-missing", "profiles that are missing", "profiles", removed, ("profile", "similarity"))
again(
    "profile-cut-train",
    "a profile that is cut",
    "profiles/*.parquet",
    cut,
    "train.py -m source=base,imdb,goat target=[imdb]",
    "profiles/",
)
for name, damage in (("cut", cut), ("list", content("[]")), ("newer", fields(schema=99))):
    add(
        f"data-{name}",
        f"a file of test rows that is {name}",
        "data/*.json",
        damage,
        "train.py source=base",
        Accepted(("data/", ".json")) if name != "newer" else Refused(("data/", "99", "newer")),
    )
again(
    "checkpoint",
    "a checkpoint of garbage",
    "adapters/*",
    lambda path: (
        shutil.rmtree(path),
        (path.parents[1] / "checkpoints").mkdir(exist_ok=True),
        (path.parents[1] / "checkpoints" / f"{path.name}.ckpt").write_bytes(b"garbage"),
    ),
    "train.py -m source=imdb,goat",
    "checkpoint",
)
again(
    "checkpoint-folder",
    "a folder in place of a checkpoint",
    "adapters/*",
    lambda path: (shutil.rmtree(path), (path.parents[1] / "checkpoints" / f"{path.name}.ckpt").mkdir(parents=True)),
    "train.py -m source=imdb,goat",
    "checkpoint",
)
again(
    "parts",
    "an unfinished part of outputs that is garbage",
    "cells/*",
    lambda path: (
        shutil.rmtree(path),
        (path / "parts").mkdir(parents=True),
        (path / "parts" / "0.parquet").write_bytes(b"garbage"),
    ),
    "train.py -m source=base,imdb,goat",
    "parts",
)
again(
    "unfinished",
    "foreign files in unfinished/",
    "unfinished",
    lambda path: (path / "x").write_text(""),
    "train.py source=imdb lora.rank=2",
    "trained",
)
bad(
    "lock-folder",
    "a folder in place of a lock",
    "locks",
    lambda path: [(file.unlink(), file.mkdir()) for file in path.iterdir()],
    "train.py source=imdb lora.rank=2",
    "locks/",
)
bad("adapters-file", "a file in place of adapters/", "adapters", file_there, IMDB, "adapters")
bad("records-file", "a file in place of records/", "records", file_there, "analyze.py", "records")
bad("cells-file", "a file in place of cells/", "cells", file_there, "analyze.py", "cells")

# Logs of sweeps.
L = "logs/*/"
for name, about, pattern, damage in (
    ("sweep-cut", "sweep.json that is cut", "sweep.json", cut),
    ("sweep-list", "sweep.json that is a list", "sweep.json", content("[]")),
    ("sweep-missing", "sweep.json that is missing", "sweep.json", removed),
):
    bad(name, about, L + pattern, damage, "status.py", ("sweep.json", "no sweep"))
bad(
    "sweep-newer",
    "sweep.json of a newer version",
    L + "sweep.json",
    fields(schema=99),
    "status.py",
    "sweep.json",
    "99",
    "newer",
)
for name, about, damage in (
    ("job-cut", "job.json that is cut", cut),
    ("job-list", "job.json that is a list", content("[]")),
    ("job-missing", "job.json that is missing", removed),
):
    add(
        name,
        about,
        L + "0/job.json",
        damage,
        "status.py",
        Accepted(("3 jobs",) if name == "job-missing" else ("3 jobs", "job.json")),
    )
add(
    "job-escape",
    "an escape sequence in job.json",
    L + "0/job.json",
    fields(note="\x1b[2Jdone", name="\x1b[2J"),
    "status.py",
    Accepted(("3 jobs",)),
)
add(
    "logs-foreign",
    "a foreign folder in logs/",
    "logs",
    lambda path: (path / "zzz").mkdir(),
    "status.py",
    Accepted(("3 jobs",)),
)
