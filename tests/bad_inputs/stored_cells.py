"""A store with damaged records, scores, answers or outputs."""

import json
import shutil
from pathlib import Path

import pandas as pd

from tests.bad_inputs.damaged_stores import (
    FEWER,
    FOREIGN,
    Stores,
    content,
    cut,
    fields,
    folder_there,
    inner,
    removed,
    table,
)

KIND = Stores()
SWEEP = "train.py -m source=base,imdb,goat"


def swapped_target(path: Path) -> None:
    """The score of another target of the same adapter."""
    score = json.loads(path.read_text())
    others = [json.loads(other.read_text()) for other in path.parents[2].glob("*/*/score.json")]
    path.write_text(
        json.dumps(*[o for o in others if o["adapter"] == score["adapter"] and o["target"] != score["target"]])
    )


def swapped_adapter(path: Path) -> None:
    """The score of another adapter on the same target."""
    score = json.loads(path.read_text())
    others = [json.loads(other.read_text()) for other in sorted(path.parents[2].glob("*/*/score.json"))]
    another = next(
        o
        for o in others
        if None not in (o["adapter"], score["adapter"])
        and o["target"] == score["target"]
        and o["adapter"] != score["adapter"]
    )
    path.write_text(json.dumps(another))


def swapped_outputs(path: Path) -> None:
    """The outputs of another adapter on the same target."""
    rows = pd.read_parquet(path)["reference"]
    for other in sorted(path.parents[1].glob("*/outputs.parquet")):
        if other != path and pd.read_parquet(other)["reference"].equals(rows):
            shutil.copy(other, path)
            return
    raise AssertionError("no other adapter")


# Records of runs.
R = "records/*.json"
for name, about, damage, words in (
    ("cut", "a record that is cut", cut, ()),
    ("empty", "an empty record", content(""), ()),
    ("list", "a record that is a list", content("[]"), ()),
    ("binary", "a record of random bytes", content(bytes(range(256))), ()),
    ("newer", "a record of a newer version", fields(schema=99), ("99", "newer")),
    ("type", "a seed in a record that is a word", fields(seed="one"), ("seed",)),
    ("path", "a record that names another folder", fields(adapter="../../../evil"), ("adapter", "../../../evil")),
    (
        "cell-path",
        "a cell of a record in another folder",
        fields(cells={"imdb": ["../../evil", "x"]}),
        ("../../evil",),
    ),
    (
        "escape",
        "a source in a record with an escape sequence",
        fields(source="\x1b[2J", seed="x"),
        ("seed",),
    ),
    ("folder", "a folder in place of a record", folder_there, ()),
):
    KIND.left_out(
        f"record-{name}", about, R, damage, "left out", "records/28945b78323c0ff4e4b1.json", *words, scores="goat,imdb,"
    )
KIND.again("record-cut-train", "a record that is cut", R, cut, SWEEP, "records/")
KIND.left_out(
    "record-foreign-file", "a file that is no record", "records", lambda path: (path / "notes.txt").write_text("hello")
)

# Scores and answers.
S = "cells/*/*/score.json"
KIND.left_out("score-cut", "a score that is cut", S, cut, "left out", "score.json", "no score: goat -> imdb")
KIND.left_out("score-missing", "a score that is missing", S, removed, ("no score", "missing"), "goat -> imdb")
for name, about, damage, words in (
    ("large", "a score above 1", inner("metrics", score=58.1), ("58.1",)),
    ("n-zero", "a score of no rows", inner("metrics", n=0), ("metrics.n",)),
    ("text", "a score that is a word", inner("metrics", score="good"), ("metrics.score", "valid number")),
    ("newer", "a score of a newer version", fields(schema=99), ("99", "newer")),
    ("target", "a score of another target", swapped_target, ("of another adapter or target",)),
    ("adapter", "a score of another adapter", swapped_adapter, ("of another adapter or target",)),
):
    KIND.left_out(f"score-{name}", about, S, damage, "left out", "score.json", *words, "no score: goat -> imdb")
KIND.left_out(
    "score-renamed",
    "a score whose target was renamed since",
    S,
    fields(target="reviews"),
    "3 runs",
    scores="goat,imdb,",
)
KIND.again("score-cut-train", "a score that is cut", S, cut, SWEEP, "score.json")
KIND.again("score-target-train", "a score of another target", S, swapped_target, SWEEP, "score.json", "outputs.parquet")
KIND.again(
    "score-adapter-train", "a score of another adapter", S, swapped_adapter, SWEEP, "score.json", "outputs.parquet"
)
A = "cells/*/*/answers.parquet"
KIND.left_out("answers-cut", "answers that are cut", A, cut, "answers.parquet")
KIND.left_out("answers-foreign", "answers with other columns", A, FOREIGN, "answers.parquet")
KIND.left_out("answers-fewer", "answers of fewer rows", A, FEWER, ("answers.parquet", "rows"))
KIND.left_out(
    "answers-scores",
    "answers with scores above 1",
    A,
    table(lambda frame: frame.assign(score=7.0)),
    "answers.parquet",
    "7",
)
KIND.left_out("answers-missing", "answers that are missing", A, removed, "answers.parquet")
KIND.again("answers-cut-train", "answers that are cut", A, cut, SWEEP, "answers.parquet")
E = "examples/*.parquet"
for name, about, damage in (
    ("cut", "prompts that are cut", cut),
    ("foreign", "prompts with other columns", FOREIGN),
):
    KIND.again(f"examples-{name}-train", about, E, damage, SWEEP, "examples/", "made again")
    KIND.left_out(f"examples-{name}", about, E, damage, "3 runs")
OUTPUTS = "cells/*/outputs.parquet"
OTHERS = "++target.imdb.decide=per_token ++target.goat.extraction.number=false"
RESCORE = f"evaluate.py -m source=base,imdb,goat rescore=true {OTHERS}"
for name, about, damage, words in (
    ("cut", "outputs that are cut", cut, ()),
    ("foreign", "outputs with other columns", FOREIGN, ("columns example",)),
    ("fewer", "outputs of fewer rows", FEWER, ("2 rows, where imdb has 8 examples",)),
    ("rows", "outputs in another order", table(lambda frame: frame[::-1]), ("it has row 'test-15'",)),
    ("adapter", "outputs of another adapter", swapped_outputs, ("of another cell",)),
):
    KIND.again(f"outputs-{name}", about, OUTPUTS, damage, f"{SWEEP} {OTHERS}", "outputs.parquet: damaged", *words)
    KIND.bad(f"outputs-{name}-rescore", about, OUTPUTS, damage, RESCORE, "outputs.parquet: damaged", *words, lines=16)
KIND.again(
    "outputs-missing",
    "outputs and answers that are missing",
    "cells",
    removed,
    SWEEP,
    "3 jobs",
)
