"""Which scorer a task has: the one place that tells kinds of task apart."""

from collections.abc import Mapping, Sequence

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.accuracy import Accuracy
from crosstask.evaluation.scorers.chrf import Chrf
from crosstask.evaluation.scorers.exact_match import ExactMatch
from crosstask.evaluation.scorers.protocol import Scorer

SCORERS: dict[str, type[Scorer]] = {
    "accuracy": Accuracy,
    "exact_match": ExactMatch,
    "chrf": Chrf,
}
"""By the metric that a task file names."""


def scorer(name: str, task: Task) -> Scorer:
    """Return the scorer of a target.

    Raises
    ------
    UserError
        If its metric is none of ``SCORERS``, or the task does not fit its scorer.
    """
    file, metrics = f"conf/task/{name}.yaml", ", ".join(SCORERS)
    if task.metric is None:
        raise UserError(f"{file}: the field 'metric' has no value; a target needs one of {metrics}")
    if task.metric not in SCORERS:
        raise UserError(f"{file}: metric={task.metric}: no such metric; a target has one of {metrics}")
    return SCORERS[task.metric](name, task)


def check_targets(tasks: Mapping[str, Task]) -> None:
    """Refuse targets that cannot be scored, by name; cheap, to be called before anything is started.

    Raises
    ------
    UserError
        As :func:`scorer` does.
    """
    for name, task in tasks.items():
        scorer(name, task)


def check_references(name: str, task: Task, examples: Sequence[Example]) -> None:
    """Refuse examples of a source or target whose reference does not fit the task.

    A task that is only a source needs no metric; then the rule that all scorers have by default counts.

    Raises
    ------
    UserError
        Naming the task, the row and what is allowed.
    """
    SCORERS.get(task.metric or "", Scorer).check_references(name, task, examples)
