"""Logs of other tools, damaged or odd: each is one that the tool wrote, and then changed."""

import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bad_inputs.case import Accepted, Command, Expected, Refused
from tests.bad_inputs.workplace import ROOT, Workplace
from tests.bad_inputs.writing_cases import WORD, Kind

KIND = Kind("logs of other tools")
ARCHIVES = ROOT / "tests" / "runs" / "evaluation_logs"
Change = Callable[[Path], object]


def _add(name: str, about: str, change: Change, options: tuple[str, ...], expected: Expected) -> None:
    """A folder of logs with a change, and its analysis."""
    kind = "inspect" if name.startswith("inspect") else "lm_eval"
    base = {"inspect": "small", "lm_eval": "miniature"}[kind]

    def setup(work: Workplace) -> Command:
        work.folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(ARCHIVES / f"{kind}.tar.gz") as archive:
            archive.extractall(work.folder, filter="data")
        change(work.folder / "logs")
        chosen = {"runs": kind, "runs.path": "logs", "runs.base": base} | dict(o.split("=", 1) for o in options)
        return work.analyze(*(f"{key}={value}" for key, value in chosen.items()))

    KIND.add(name, about, setup, expected)


def bad(name: str, about: str, change: Change, *words: WORD, options: tuple[str, ...] = ()) -> None:
    """Logs that must be refused."""
    _add(name, about, change, options, Refused(words))


def good(name: str, about: str, change: Change, *words: WORD, options: tuple[str, ...] = (), **more: Any) -> None:
    """Logs that must be taken."""
    _add(name, about, change, options, Accepted(words, files={"results/scores.csv": "base,"}, **more))


def file(logs: Path, pattern: str) -> Path:
    """The newest file of a name."""
    return max(logs.rglob(pattern), key=lambda path: path.name)


def nothing(logs: Path) -> None:
    """Leave logs as they are."""


def emptied(logs: Path) -> None:
    """Leave an empty folder."""
    shutil.rmtree(logs)
    logs.mkdir()


def data(pattern: str, change: Callable[[bytes], bytes]) -> Change:
    """Change the bytes of a file."""
    return lambda logs: file(logs, pattern).write_bytes(change(file(logs, pattern).read_bytes()))


def head(change: Callable[[dict[str, Any]], object]) -> Change:
    """Change what lm-eval's results of the model imdb say."""

    def changed(logs: Path) -> None:
        path = file(logs, "models__imdb/results_*")
        content = json.loads(path.read_text(encoding="utf-8"))
        change(content)
        path.write_text(json.dumps(content), encoding="utf-8")

    return changed


IMDB = "models__imdb/samples_imdb_*"
good("lm-eval", "lm-eval's logs of five models", nothing, "scored by", "no similarity")
good("lm-eval-group", "a group as a column", nothing, "claims", options=("runs.targets=[claims,imdb]",))
good(
    "lm-eval-control",
    "a model whose name has control characters",
    head(lambda content: content.update(model_name="a\x1b[2Jb\nc")),
    r"a\x1b[2Jb\nc",
)
bad("lm-eval-empty", "an empty folder", emptied, "--log_samples", "logs")
bad(
    "lm-eval-cut", "a file of samples cut short", data(IMDB, lambda d: d[:-200]), "samples_imdb", "line 12", "cut short"
)
bad("lm-eval-few", "half of the samples", data(IMDB, lambda d: d[: d.index(b"\n") + 1]), "samples_imdb", "1", "12")
bad(
    "lm-eval-binary", "samples that are bytes", data(IMDB, lambda d: b"\x00\xff" * 99 + b"\n"), "samples_imdb", "line 1"
)
bad("lm-eval-list", "lines that are lists", data(IMDB, lambda d: b"[1]\n"), "samples_imdb", "line 1")
bad(
    "lm-eval-no-results",
    "samples without results",
    lambda logs: file(logs, "models__imdb/results_*").unlink(),
    "results_",
)
bad(
    "lm-eval-results-cut",
    "results cut short",
    data("models__imdb/results_*", lambda d: d[:500]),
    "results_",
    "readable",
)
bad("lm-eval-results-odd", "results of another shape", head(lambda c: c.update(config=[1])), "results_")
bad(
    "lm-eval-no-task",
    "results without a task",
    head(lambda c: c["results"].pop("imdb")),
    "samples_imdb",
    "no task imdb",
)
bad("lm-eval-base", "a base model that is not there", nothing, "runs.base", "nope", options=("runs.base=nope",))
bad(
    "lm-eval-metric",
    "a metric that is not there",
    nothing,
    "runs.metric",
    "acc_nrom",
    options=("runs.metric=acc_nrom",),
)
bad("lm-eval-metric-list", "a list of metrics", nothing, "runs.metric", "text", options=("runs.metric=[acc]",))
bad("lm-eval-filter", "a filter that is not there", nothing, "runs.filter", "strict", options=("runs.filter=strict",))
bad("lm-eval-coverage-none", "a share of nothing", nothing, "runs.coverage", "-1", options=("runs.coverage=-1",))
bad("lm-eval-coverage", "a share beyond 1", nothing, "runs.coverage", "2", options=("runs.coverage=2",))
bad("lm-eval-target", "a task that is not there", nothing, "runs.targets", "nope", options=("runs.targets=[nope]",))
bad("lm-eval-source", "a model that is not there", nothing, "runs.sources", "x", options=("runs.sources={x: imdb}",))
bad("lm-eval-seed", "a seed is asked for", nothing, "runs.seed", "runs.sources", options=("runs.seed=0",))
bad("lm-eval-rows", "rows by base model", nothing, "analysis.rows", "model", options=("analysis.rows=[source,model]",))
bad("lm-eval-reference", "another base", nothing, "analysis.reference", options=("analysis.reference=few_shot",))
bad("lm-eval-as-table", "a folder as a table", nothing, "runs.path", "folder", options=("runs=table", "runs.base=null"))
bad(
    "lm-eval-results-none",
    "a file of results that is {}",
    data("models__imdb/results_*", lambda d: b"{}"),
    "results_",
    "none of lm-eval's",
)
bad(
    "lm-eval-twice",
    "a line twice and another not at all",
    data(IMDB, lambda d: b"".join([*d.splitlines(keepends=True)[:-1], d.splitlines(keepends=True)[0]])),
    "samples_imdb",
    "line 12",
    "doc_id 0 comes again",
)
bad(
    "lm-eval-link",
    "a link to a folder that is not there",
    lambda logs: (logs / "gone").symlink_to(logs / "nowhere"),
    "gone",
    "link",
)
good(
    "lm-eval-linked",
    "a link to the folder that it is in",
    lambda logs: (logs / "again").symlink_to(logs),
    "scored by",
)
good(
    "lm-eval-number",
    "a printed number that one model's samples do not give",
    head(lambda c: c["results"]["imdb"].update({"acc,none": None})),
    "scored by",
    "acc is printed as nan",
)
good("inspect", "Inspect's logs of three models", nothing, "scored by", "left out (error)")
bad("inspect-of-lm-eval", "lm-eval read as Inspect", nothing, "--log_samples", options=("runs=lm_eval",))
bad("inspect-cut", "a log cut short", data("*_sums_*.eval", lambda d: d[:-80]), "_sums_", "readable log of Inspect")
bad("inspect-empty", "an empty log", data("*_sums_*.eval", lambda d: b""), "_sums_", "readable log of Inspect")
bad("inspect-text", "a log that is text", data("*_sums_*.eval", lambda d: b"accuracy 0.5"), "_sums_", "readable log")
bad("inspect-scorer", "a scorer that is not there", nothing, "runs.metric", "mach", options=("runs.metric=mach",))
