"""A store with damaged adapters, profiles, rows, checkpoints, parts of cells, and files where folders should be."""

import shutil

import numpy as np

from tests.bad_inputs.case import MadeAgain, Refused
from tests.bad_inputs.damaged_stores import FOREIGN, Stores, content, cut, fields, file_there, removed, weights

KIND = Stores()
# Adapters.
J = "adapters/*/adapter.json"
NEW = "train.py -m source=imdb,goat scoring.max_new_tokens=2"
KIND.again("adapter-record-cut", "adapter.json that is cut", J, cut, NEW, "adapter.json", "trained again")
KIND.bad(
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
KIND.again("adapter-record-list", "adapter.json that is a list", J, content("[]"), NEW, "adapter.json", "trained again")
KIND.again("adapter-record-missing", "adapter.json that is missing", J, removed, NEW, "trained")
W = "adapters/*/adapter_model.safetensors"
KIND.bad("weights-cut", "weights that are cut", W, cut, NEW, "adapters/", lines=16)
KIND.bad("weights-missing", "weights that are missing", W, removed, NEW, "adapters/", lines=16)
KIND.bad("weights-zero", "weights that are 0", W, weights(lambda value: value * 0), NEW, "adapters/", lines=16)
KIND.bad(
    "weights-nan",
    "weights that are NaN",
    W,
    weights(lambda value: value * np.float32("nan")),
    NEW,
    "adapters/",
    lines=16,
)
KIND.bad(
    "weights-other",
    "weights of another rank",
    W,
    weights(lambda value: value[:2, :2].copy()),
    NEW,
    "adapters/",
    lines=16,
)
KIND.bad(
    "weights-config-missing",
    "adapter_config.json that is missing",
    "adapters/*/adapter_config.json",
    removed,
    NEW,
    "adapters/",
    lines=16,
)
KIND.bad(
    "weights-config-other",
    "adapter_config.json with another alpha",
    "adapters/*/adapter_config.json",
    fields(lora_alpha=99),
    NEW,
    "adapters/",
    lines=16,
)
KIND.again(
    "adapter-empty",
    "an empty folder of an adapter",
    "adapters/*",
    lambda path: [file.unlink() for file in path.iterdir()],
    NEW,
    "trained",
)
KIND.left_out("weights-cut-analyze", "weights that are cut", W, cut, "adapter")
KIND.left_out("weights-missing-analyze", "weights that are missing", W, removed, "adapter")
KIND.left_out(
    "weights-nan-analyze", "weights that are NaN", W, weights(lambda value: value * np.float32("nan")), "adapter"
)

# Profiles, data, curves, checkpoints, parts.
KIND.left_out("profile-cut", "a profile that is cut", "profiles/*.parquet", cut, "profiles/", ".parquet")
KIND.left_out("profile-foreign", "a profile with other columns", "profiles/*.parquet", FOREIGN, "profiles/", ".parquet")
KIND.left_out("profile-missing", "profiles that are missing", "profiles", removed, ("profile", "similarity"))
KIND.again(
    "profile-cut-train",
    "a profile that is cut",
    "profiles/*.parquet",
    cut,
    "train.py -m source=base,imdb,goat target=[imdb]",
    "profiles/",
)
for name, damage in (("cut", cut), ("list", content("[]")), ("newer", fields(schema=99))):
    KIND.damaged(
        f"data-{name}",
        f"a file of test rows that is {name}",
        "data/*.json",
        damage,
        "train.py source=base",
        Refused(("data/", "99", "newer")) if name == "newer" else MadeAgain(("data/", ".json", "again")),
    )
KIND.again(
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
KIND.again(
    "checkpoint-folder",
    "a folder in place of a checkpoint",
    "adapters/*",
    lambda path: (shutil.rmtree(path), (path.parents[1] / "checkpoints" / f"{path.name}.ckpt").mkdir(parents=True)),
    "train.py -m source=imdb,goat",
    "checkpoint",
)
KIND.again(
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
KIND.again(
    "unfinished",
    "foreign files in unfinished/",
    "unfinished",
    lambda path: (path / "x").write_text(""),
    "train.py source=imdb lora.rank=2",
    "trained",
)
KIND.bad(
    "lock-folder",
    "a folder in place of a lock",
    "locks",
    lambda path: [(file.unlink(), file.mkdir()) for file in path.iterdir()],
    "train.py source=imdb lora.rank=2",
    "locks/",
)
KIND.bad(
    "adapters-file",
    "a file in place of adapters/",
    "adapters",
    file_there,
    "train.py source=imdb",
    "runs/adapters",
    "a file",
)
KIND.bad("records-file", "a file in place of records/", "records", file_there, "analyze.py", "runs/records", "a file")
KIND.bad("cells-file", "a file in place of cells/", "cells", file_there, "analyze.py", "runs/cells", "a file")
