"""Writes the logs that tests read anew: ``python -m oracle.log_fixtures [TOOL]``, in ``make oracle``'s environment.

They are what lm-evaluation-harness and Inspect write of few samples. What nothing reads, and what says where they were
made, is left out: the description of the machine and the revision of this repository; of a ``.eval`` file the members
with all messages and events of a sample.
"""

import io
import json
import os
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zipfile_zstd  # noqa: F401 (lets zipfile read and write what Inspect compresses)
from inspect_ai import Epochs

from oracle import inspect_logs, inspect_traps, lm_eval_logs

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "runs" / "evaluation_logs"
EXAMPLES = 12
UNREAD = ("pretty_env_info", "git_hash", "upper_git_hash", "configs")


def main() -> None:
    """Write all archives, or those that the command line names."""
    made = {"inspect": _inspect, "inspect_traps": _inspect_traps, "lm_eval": _lm_eval}
    for name in sys.argv[1:] or made:
        _write(name, made[name])


def _lm_eval(folder: Path) -> None:
    """Logs of five models, and of one of them that was shown two examples."""
    logs = lm_eval_logs.write_logs(folder, EXAMPLES)
    model = f"pretrained=models/{lm_eval_logs.BASE},dtype=float32,peft=models/imdb"
    lm_eval_logs.run(folder, sys.executable, model, "shown", ["goat"], "--num_fewshot", "2")
    for path in [*logs.rglob("results_*.json"), *(folder / "shown").rglob("results_*.json")]:
        head = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps({k: v for k, v in head.items() if k not in UNREAD}), encoding="utf-8")


def _inspect(folder: Path) -> None:
    """Logs of three models; and of one over two epochs, as .eval and as JSON."""
    inspect_logs.write_logs(folder / "logs", EXAMPLES)
    for log_format in ("eval", "json"):
        task = inspect_logs.sums(6, Epochs(2, ["mean", "at_least_1"]))
        inspect_logs.run(task, folder / f"epochs_{log_format}", inspect_logs.model("tuned_sums"), log_format=log_format)
    _rewrite(folder, _read)


def _inspect_traps(folder: Path) -> None:
    """Logs that a reader may take for what they are not, with the samples that summaries have a part of."""
    inspect_traps.write_logs(folder / "logs")
    for name in inspect_traps.WRITERS:
        _rewrite(folder / "logs" / name, _read_or_sample if name in inspect_traps.IN_PARTS else _read)


def _read(member: str) -> bool:
    """Whether every log is read for a member."""
    return member in ("header.json", "summaries.json", "reductions.json")


def _read_or_sample(member: str) -> bool:
    """The same where summaries do not have all of a sample."""
    return _read(member) or member.startswith("samples/")


def _rewrite(folder: Path, kept: Callable[[str], bool]) -> None:
    """Leave out of logs what nothing reads."""
    for path in folder.rglob("*.eval"):
        _rewrite_archive(path, kept)
    for path in folder.rglob("*.json"):
        log = _without_place(json.loads(path.read_text(encoding="utf-8")))
        log["samples"] = [_without_messages(sample) for sample in log["samples"]]
        path.write_text(json.dumps(log), encoding="utf-8")


def _without_messages(sample: dict[str, Any]) -> dict[str, Any]:
    """A sample without what was said, and how; attachments that its input refers to stay."""
    asked = json.dumps(sample["input"])
    attached = {name: text for name, text in (sample.get("attachments") or {}).items() if name in asked}
    return sample | {"messages": [], "events": [], "events_data": None, "timelines": None, "attachments": attached}


def _rewrite_archive(path: Path, wanted: Callable[[str], bool]) -> None:
    """Keep some members of a log, compressed as before."""
    with zipfile.ZipFile(path) as archive:
        kept = {
            info.filename: (json.loads(archive.read(info)), info.compress_type)
            for info in archive.infolist()
            if wanted(info.filename)
        }
    with zipfile.ZipFile(path, "w") as archive:
        for name, (content, method) in kept.items():
            archive.writestr(name, json.dumps(_without_place(content)), compress_type=method)


def _without_place(content: Any) -> Any:
    """A head without what says where it was made, a sample without its messages; anything else as it is."""
    if isinstance(content, dict) and "messages" in content:
        return _without_messages(content)
    if isinstance(content, dict) and "eval" in content:
        content["eval"]["revision"] = None
        content["eval"]["metadata"] = None
        content["error"] = content.get("error") and {**content["error"], "traceback": "", "traceback_ansi": ""}
    return content


def _write(name: str, make: Callable[[Path], None]) -> None:
    """Write an archive of the logs that a function makes in a folder."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.chdir(folder)
        make(folder)
        logs = [path for path in sorted(folder.rglob("*")) if path.suffix in (".json", ".jsonl", ".eval")]
        with tarfile.open(FOLDER / f"{name}.tar.gz", "w:gz") as archive:
            for path in logs:
                relative = path.relative_to(folder)
                if relative.parts[0] in ("logs", "shown", "epochs_eval", "epochs_json"):
                    member = tarfile.TarInfo(str(relative))
                    member.size = path.stat().st_size
                    archive.addfile(member, io.BytesIO(path.read_bytes()))


if __name__ == "__main__":
    main()
