"""What a scorer is, and how to add one.

A scorer is one kind of task: what the model is asked, how its outputs are scored, and the metrics of a cell. To add
one:

1. Write ``evaluation/scorers/<metric>.py`` with a subclass of :class:`Scorer`.
2. List it in ``SCORERS`` of :mod:`crosstask.evaluation.scorers.registry`, under the name of its main metric. A task
   file then chooses it by that name (``metric: <metric>``).

Nothing else knows the kinds of task: identities, cost, inference, storage and analyses go through the methods here.
What a new kind is likely to need:

- *Text scored in another way* (a number with a tolerance, code that is run in a sandbox): a subclass of
  :class:`~crosstask.evaluation.scorers.generated_text.GeneratedText` with its own :meth:`Scorer.score`, as
  ``numeric_closeness`` is; several accepted answers are the column ``accepted`` (``token_f1``). What scoring needs of
  the machine, as ``pass_at_1`` does, :meth:`Scorer.check_machine` looks at before anything is trained.
  :meth:`Scorer.check_references` refuses what :meth:`Scorer.score` could not read.
- *Text scored by a language model*: :attr:`Scorer.needs_judge`, as ``judge`` has it. What the judge replied is in
  columns of the outputs that :meth:`Scorer.score` gets, and is stored with the answers; who the judge is enters the
  cell's identity, what it is asked :meth:`Scorer.scoring_identity`.
- *Other requests* than labels or a continuation: :meth:`Scorer.requests` returns an object with the attributes of
  :class:`~crosstask.evaluation.requests.InferenceRequests`. It may have any number of requests for an example;
  :meth:`Scorer.outputs` makes one row per example of their responses (two in ``choice_accuracy``, one for each window
  of a text in ``bits_per_byte``).
- *A task that does not fit*: :meth:`Scorer.mistakes` says so before anything is started, :meth:`Scorer.check_examples`
  of rows before a model is asked.
- *Labels scored in another way*: a subclass of :class:`~crosstask.evaluation.scorers.accuracy.Accuracy`, as
  ``ordinal_closeness`` is.

What the data must hold besides is not the scorer's: a further field of a task stands in :class:`crosstask.config.Task`,
and what a row must give besides prompt and answer (as its own options are) in :class:`crosstask.data.examples.Example`
too. Such a field enters the two identities of the scorers that read it, so that the cells of others stay.

Scores of all kinds are compared in one matrix, so ``score`` is a number from 0 to 1 of which more is better; bits per
byte, of which less is better, are stored as 2 to the power of minus them. Import what is large (torch, sklearn) in
the methods that need it: a sweep is planned with all scorers and without any of these.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crosstask.config.judge import Judge
from crosstask.config.scoring import Scoring
from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError, distinguished
from crosstask.evaluation.requests import InferenceRequests
from crosstask.models.language_model import BaseModel

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd


@dataclass(frozen=True)
class Target:
    """A column of the matrix: the examples that every adapter is scored on, and the scorer."""

    scorer: Scorer
    examples: Sequence[Example]
    content_free: str | None
    """The task's prompt without content, see :func:`crosstask.data.content_free.content_free_prompt`; None where the
    scorer needs none."""
    scoring: Scoring
    """The settings of the job that outputs may depend on."""
    judge: Judge | None = None
    """Who judges the outputs; None where the scorer needs nobody."""
    plain: bool = False
    """Whether control tokens of the base model are read as plain text; False also where the examples hold none."""


class Scorer(ABC):
    """How one task is scored.

    Parameters
    ----------
    name, task
        The target, as its task file says.

    Raises
    ------
    UserError
        If the task lacks a field that this scorer reads, or has one that contradicts it.
    """

    outputs_version: ClassVar[int]
    """Raised when :meth:`requests` or :meth:`outputs` come to give other outputs from the same model: every cell of
    this scorer then needs the model again."""
    version: ClassVar[int]
    """Raised when :meth:`score` or :meth:`metrics` come to score the same outputs otherwise: every cell of this scorer
    is then scored again from its stored outputs."""
    columns: ClassVar[tuple[str, ...]] = ()
    """Columns of the outputs that :meth:`score` and :meth:`metrics` read; a file without one of them is damaged."""
    reads: ClassVar[frozenset[str]] = frozenset()
    """Which of the fields ``options``, ``accepted``, ``execution``, ``range`` and ``rubric`` it reads, and in generated
    text ``labels``; a value of another is a mistake."""
    needs_judge: ClassVar[bool] = False
    """Whether :meth:`score` reads what a judge replied about the outputs, see
    :func:`crosstask.evaluation.verdicts.with_replies`."""
    reads_plain_text: ClassVar[bool] = False
    """Whether it asks the model nothing, so that the prompt is empty."""
    needs_content_free: ClassVar[bool] = False
    """Whether it asks the model about the prompt without content."""
    labels: tuple[str, ...] = ()
    """The classes that a prediction is one of, in the order of the vectors in the answers; empty for generated text."""
    decide: str | None = None
    """Which vector in the answers the prediction is the largest value of; None where there are no such vectors."""

    def __init__(self, name: str, task: Task) -> None:
        self.name = name
        self.task = task

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what is wrong with a task for this scorer, by default fields that it does not read; it is made of tasks
        without mistakes.
        """
        for name in sorted({"options", "accepted", "execution", "range", "rubric"} - cls.reads):
            if getattr(task, name):
                yield f"the field {name!r} has a value, which metric {task.metric} does not read"
        if not task.prompt and not cls.reads_plain_text:
            yield f"the field 'prompt' is empty; metric {task.metric} needs a question"

    @classmethod
    def check_machine(cls, name: str) -> None:
        """Refuse a machine on which outputs of the target of this name could not be scored; by default there is none.

        Raises
        ------
        UserError
            Naming the target, and what the machine lacks.
        """
        return

    @classmethod
    def check_references(cls, name: str, task: Task, examples: Sequence[Example]) -> None:
        """Refuse examples whose reference does not fit the task, which may be a source as well as a target.

        By default a reference is one of the labels, if the task lists any.

        Raises
        ------
        UserError
            Naming the task, the row and what is allowed.
        """
        for example in examples:
            if task.labels and example.answer not in task.labels:
                allowed = ", ".join(map(distinguished, task.labels))
                raise UserError(
                    f"task {name!r}: {example.where}: the label {distinguished(example.answer)} is not one of {allowed}"
                )

    def check_examples(self, examples: Sequence[Example]) -> None:
        """Refuse examples of a target whose reference it could not score; by default there are none.

        Raises
        ------
        UserError
            Naming the task, the row and what is allowed.
        """
        return

    @abstractmethod
    def outputs_identity(self, target: Target) -> dict[str, Any]:
        """Return what the outputs depend on besides the model, the adapter and the examples, as JSON can hold it."""

    def scoring_identity(self) -> dict[str, Any]:
        """Return what of the task its scores depend on, as JSON can hold it.

        These four fields name the cells of stores that exist, so they stay even where a scorer reads fewer.
        """
        return {
            "metric": self.task.metric,
            "labels": self.task.labels,
            "decide": self.task.decide,
            "extraction": None if self.task.extraction is None else asdict(self.task.extraction),
        }

    @abstractmethod
    def expected_characters(self, target: Target) -> int:
        """Return the most characters that go through a model in inference, which is what it is expected to cost."""

    @abstractmethod
    def requests(self, base: BaseModel, target: Target) -> InferenceRequests:
        """Return the inference requests of a target, the same for every adapter on the base model.

        Raises
        ------
        UserError
            If what the model returned could not be scored.
        """

    def outputs(self, responses: pd.DataFrame) -> pd.DataFrame:
        """Return the outputs of the examples from the responses to all requests, by default these themselves.

        Parameters
        ----------
        responses : DataFrame, one row per request
            The columns of the responses.

        Returns
        -------
        DataFrame, one row per example
            With ``prompt_cut``, the tokens that the prompt lost to the model's context, and ``control_tokens``, how
            many it holds as text.
        """
        return responses

    @abstractmethod
    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with their scores.

        Nothing leaves the denominator: an output without a parsable prediction has the score 0 and is not ``valid``.

        Parameters
        ----------
        outputs : DataFrame, one row per example
            ``example``, ``reference`` (text as the data has it), where examples have them ``options`` and ``accepted``
            (lists of text) and ``given``, ``tests`` and ``entry_point`` (code), the columns of :meth:`outputs`, and
            where it `needs_judge` those of the replies.

        Returns
        -------
        DataFrame
            The same rows with ``gold`` (what a prediction is compared with), ``prediction`` (null if there is none),
            ``valid`` (bool), ``score`` (0 to 1), and columns of the scorer's own.

        Raises
        ------
        UserError
            If a reference cannot be read, or the outputs cannot be scored.
        """

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return the metrics of a cell from its scored outputs.

        Returns
        -------
        dict
            ``score`` (mean, 0 to 1), ``stderr`` (standard error of that mean; NaN for one answer), ``n``, ``invalid``
            (share of answers without a parsable prediction), ``prompts_cut`` (share), ``control_tokens`` (share of
            prompts with any; not there where outputs were written before they were counted), and metrics of the
            scorer's own.
        """
        from scipy.stats import sem

        score = answers["score"]
        found = {
            "score": float(score.mean()),
            "stderr": float(sem(score)) if len(score) > 1 else float("nan"),
            "n": float(len(answers)),
            "invalid": float((~answers["valid"]).mean()),
            "prompts_cut": float((answers["prompt_cut"] > 0).mean()),
        }
        if "control_tokens" in answers:
            found["control_tokens"] = float((answers["control_tokens"] > 0).mean())
        return found
