"""What makes no sense together in the config of the runs that are analyzed."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crosstask.config.analysis import INSTEAD, ONLY_OF, Reference, Runs, RunsKind
from crosstask.errors import UserError

READ_AS_LOGS = (RunsKind.lm_eval, RunsKind.inspect)
"""Kinds that are logs of another tool."""
_READS = {
    RunsKind.table: "runs=table reads a file with the columns source,target,score",
    RunsKind.lm_eval: "runs=lm_eval reads the folder that --output_path named",
    RunsKind.inspect: "runs=inspect reads a folder of .eval logs",
}


def check_runs(runs: Runs) -> None:
    """Refuse results made elsewhere without a path, and what is said of them where none are read.

    Raises
    ------
    UserError
        Naming the key, its value and what is allowed.
    """
    for name, kinds in ONLY_OF.items():
        if runs.kind not in kinds and getattr(runs, name) != getattr(Runs(), name):
            *others, last = (f"runs={kind}" for kind in kinds)
            named = f"{', '.join(others)} and {last} have" if others else f"{last} has"
            raise UserError(f"runs.{name}={getattr(runs, name)}: only {named} it, not runs={runs.kind}")
    if runs.kind not in _READS:
        return
    if runs.path is None:
        raise UserError(f"runs.path has no value; {_READS[runs.kind]}")
    _check_path(runs)
    require_texts("runs.units", runs.units, "{target: fraction, percent or number}")
    for name, instead in INSTEAD[runs.kind].items():
        if getattr(runs, name) is not None:
            raise UserError(f"runs.{name}={getattr(runs, name)}: is not for runs={runs.kind}; {instead}")
    of_logs = runs.kind in READ_AS_LOGS
    for name in ("metric", "filter"):
        given = getattr(runs, name)
        if not isinstance(given, str) and not (of_logs and isinstance(given, Mapping)) and given is not None:
            raise UserError(f"runs.{name}={given}: must be text{', or {task: text}' if of_logs else ''}")
        if isinstance(given, Mapping):
            require_texts(f"runs.{name}", given, f"{{task: {name}}}")
    require_texts("runs.sources", runs.sources, "{model: source}")


def _check_path(runs: Runs) -> None:
    """Refuse a folder instead of a table, and a table instead of a folder; what is not there is refused before."""
    path, wants_file = Path(str(runs.path)), runs.kind is RunsKind.table
    if path.is_dir() if wants_file else path.is_file():
        found, wanted = ("a folder", "a file") if wants_file else ("a file", "a folder")
        raise UserError(f"runs.path={path}: {found}; runs.path is {wanted}; {_READS[runs.kind]}")


def check_of_logs(rows: Sequence[str], reference: Reference) -> None:
    """Refuse what logs of other tools do not tell.

    Raises
    ------
    UserError
        Naming the key, its value and what is allowed.
    """
    if further := [name for name in rows if name not in ("source", "seed")]:
        raise UserError(f"analysis.rows: logs of other tools do not tell {further[0]}; there are source, seed")
    if reference is not Reference.base:
        raise UserError(f"analysis.reference={reference}: logs of other tools have no such base model; there is base")


def require_texts(name: str, given: Any, form: str) -> None:
    """Refuse what is not null or a mapping of text to text.

    Raises
    ------
    UserError
        Naming the key, its value and the form.
    """
    if given is None or (
        isinstance(given, Mapping) and all(isinstance(part, str) for p in given.items() for part in p)
    ):
        return
    raise UserError(f"{name}={given}: must be {form}, both text")
