"""Which scorer a task has: the one place that tells kinds of task apart."""

from collections.abc import Iterator, Mapping, Sequence

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.evaluation.scorers.accuracy import Accuracy
from crosstask.evaluation.scorers.bits_per_byte import BitsPerByte
from crosstask.evaluation.scorers.choice_accuracy import ChoiceAccuracy
from crosstask.evaluation.scorers.chrf import Chrf
from crosstask.evaluation.scorers.exact_match import ExactMatch
from crosstask.evaluation.scorers.judge import JudgeVerdict
from crosstask.evaluation.scorers.multilabel_f1 import MultilabelF1
from crosstask.evaluation.scorers.normalized_match import NormalizedMatch
from crosstask.evaluation.scorers.numeric_closeness import NumericCloseness
from crosstask.evaluation.scorers.ordinal_closeness import OrdinalCloseness
from crosstask.evaluation.scorers.pass_at_1 import PassAt1
from crosstask.evaluation.scorers.protocol import Scorer
from crosstask.evaluation.scorers.token_f1 import TokenF1

SCORERS: dict[str, type[Scorer]] = {
    "accuracy": Accuracy,
    "exact_match": ExactMatch,
    "chrf": Chrf,
    "choice_accuracy": ChoiceAccuracy,
    "token_f1": TokenF1,
    "normalized_match": NormalizedMatch,
    "ordinal_closeness": OrdinalCloseness,
    "numeric_closeness": NumericCloseness,
    "multilabel_f1": MultilabelF1,
    "pass_at_1": PassAt1,
    "bits_per_byte": BitsPerByte,
    "judge": JudgeVerdict,
}
"""By the metric that a task file names."""


def scorer(name: str, task: Task) -> Scorer:
    """Return the scorer of a target.

    Raises
    ------
    UserError
        If its metric is none of ``SCORERS``, or the task does not fit its scorer.
    """
    if found := list(target_mistakes(task)):
        raise UserError(f"conf/task/{name}.yaml: {'; '.join(found)}")
    return SCORERS[str(task.metric)](name, task)


def target_mistakes(task: Task) -> Iterator[str]:
    """Yield why a target cannot be scored; cheap, to be called before anything is started."""
    metrics = ", ".join(SCORERS)
    if task.metric is None:
        yield f"the field 'metric' has no value; a target needs one of {metrics}"
    elif task.metric not in SCORERS:
        yield f"metric={task.metric}: no such metric; a target has one of {metrics}"
    else:
        yield from SCORERS[task.metric].mistakes(task)


def check_machine(targets: Mapping[str, Task]) -> None:
    """Refuse a machine on which the outputs of a target, whose task has no mistake, could not be scored.

    Raises
    ------
    UserError
        Naming the first such target, and what the machine lacks.
    """
    for name, task in targets.items():
        SCORERS[str(task.metric)].check_machine(name)


def check_references(name: str, task: Task, examples: Sequence[Example]) -> None:
    """Refuse examples of a source or target whose reference does not fit the task.

    A task that is only a source needs no metric; then the rule that all scorers have by default counts.

    Raises
    ------
    UserError
        Naming the task, the row and what is allowed.
    """
    SCORERS.get(task.metric or "", Scorer).check_references(name, task, examples)
