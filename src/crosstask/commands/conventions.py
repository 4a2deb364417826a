"""What all sections of an analysis share, from its options, the task files and the names in its scores."""

from collections.abc import Iterable, Mapping
from typing import Any

from crosstask.analysis.conventions import Conventions
from crosstask.analysis.matrix.task_order import MIXED, TaskOrder
from crosstask.analysis.schema import BASE
from crosstask.config.analysis import Prompts
from crosstask.config.task_files import task_files
from crosstask.errors import UserError, hint


def conventions(
    analysis: Any, sources: Iterable[str], targets: Iterable[str], homes: Mapping[str, str] | None = None
) -> Conventions:
    """Return what all sections share; a task's ability is what its file says, unless the options say another.

    Parameters
    ----------
    analysis : Analysis
        The options of all.
    sources, targets : iterable of str
        Every name in the scores that were read, those that are not chosen from them as well.
    homes : mapping of str to str, optional
        Source -> its own target, as runs recorded it. Without it, what the task files say of targets in the scores.
        ``analysis.homes`` overrides either.

    Raises
    ------
    UserError
        If an option names a task that is neither in the scores nor in ``conf/task``.
    """
    known_targets = set(targets)
    known_sources = {part for source in sources for part in (source, *source.split(MIXED))} - {BASE}
    _require_known("order", analysis.order, known_targets | known_sources)
    _require_known("abilities", analysis.abilities or {}, known_targets | known_sources)
    _require_known("homes", analysis.homes or {}, known_sources)
    _require_known("homes", (analysis.homes or {}).values(), known_targets)
    known_homes = _homes_of_files(known_targets) if homes is None else homes
    return Conventions(
        order=TaskOrder(tuple(analysis.order), {**known_homes, **(analysis.homes or {})}),
        rows=tuple(analysis.rows),
        alpha=analysis.alpha,
        abilities={name: task["ability"] for name, task in task_files().items() if task.get("ability")}
        | (analysis.abilities or {}),
        fixed_prompts=analysis.prompts is Prompts.fixed,
        reference=str(analysis.reference),
    )


def _homes_of_files(targets: set[str]) -> dict[str, str]:
    """Return the homes in the task files; a target that the scores do not have is nobody's, the equal name stands."""
    named = {name: task.get("home") for name, task in task_files().items()}
    return {name: home for name, home in named.items() if home in targets}


def _require_known(option: str, names: Iterable[str], in_scores: set[str]) -> None:
    """Refuse names that neither the scores nor the task files have: a misspelled one would silently do nothing."""
    known = sorted(in_scores | set(task_files()))
    unknown = [f"{name}{hint(name, known)}" for name in names if name not in known]
    if unknown:
        raise UserError(
            f"analysis.{option}: no task {', '.join(unknown)}; there are {', '.join(sorted(in_scores))} in the scores,"
            " and the files of conf/task"
        )
