"""A task: a data set with its prompt and its metric; one file in ``conf/task``."""

import json
from dataclasses import dataclass, field
from enum import StrEnum

from omegaconf import MISSING

from crosstask.limits import at_least

LETTERED = "lettered"
"""What a prompt calls the list of options."""


class Role(StrEnum):
    """What a task can be used for."""

    source = "source"
    target = "target"


class Decision(StrEnum):
    """Which log-probability of a label decides: as it is, or normalized."""

    raw = "raw"
    """The sum over the label's tokens."""
    per_token = "per_token"
    """Divided by the number of tokens."""
    per_byte = "per_byte"
    """Divided by the number of UTF-8 bytes."""
    prior_corrected = "prior_corrected"
    """Minus the log-probability after a prompt without content (Zhao et al. 2021, Holtzman et al. 2021)."""


class Form(StrEnum):
    """How options are asked for."""

    letters = "letters"
    """By their letter; the prompt lists them (``{{ lettered }}``)."""
    cloze = "cloze"
    """By their text, as what follows the prompt."""


class IncompleteRows(StrEnum):
    """What becomes of rows that lack a text or a label."""

    refuse = "refuse"
    """An error that counts them."""
    drop = "drop"
    """They are left out, and counted in the log; no other test rows are drawn in their place."""


@dataclass
class DataSet:
    """Where the rows of a task are found."""

    name: str = MISSING
    """Folder under ``data.root``, and the name of the miniature's generator."""
    hub: str | None = None
    """Data set id on the Hugging Face Hub."""
    config: str | None = None
    """Configuration of the data set on the Hub."""
    revision: str | None = None
    """Commit, tag or branch on the Hub; null is the newest."""
    train_split: str = "train"
    """Split on the Hub that training rows come from."""
    test_split: str = "test"
    """Split on the Hub that test rows come from; if equal to train_split, a tenth of it is held out."""
    validation_split: str | None = None
    """Split on the Hub, locally the file ``validation``, that the rows of ``trainer.held_out`` come from; null takes
    them from the training rows."""
    filter: str | None = None
    """Jinja expression over the columns of a row that is true for the rows that are used; null uses all."""
    limit: int | None = at_least(1, default=None)
    """Most rows of a split that are drawn, where ``data.train_rows`` or ``data.test_rows`` are more; null is no
    limit."""

    @property
    def selection(self) -> str:
        """Which rows of which data set: its name, with what selects among its rows where something does."""
        plain = self.filter is None and self.limit is None
        return self.name if plain else json.dumps([self.name, self.filter, self.limit])


@dataclass
class AnswerExtraction:
    """How an answer is found in generated text: regular expressions with one group, the last match counts."""

    strict: str = MISSING
    """Finds the answer in the form that the task asks for; an output without it is invalid."""
    lenient: str = MISSING
    """Finds the answer in any form; gives the metric ``lenient``."""
    number: bool = False
    """Compare as numbers: "1,024", "1024" and "1024.0" are the same answer."""


@dataclass
class CodeExecution:
    """How code that a model writes is tested: all are Jinja templates over the columns of a row, which make Python."""

    entry_point: str = MISSING
    """The name of the function that the tests call."""
    tests: str = MISSING
    """Code that calls the function by its name, and raises an exception unless it is right, as ``assert`` does."""
    given: str | None = None
    """Code that the answer goes on from, as far as the prompt shows it; the tests can use its functions too. Null where
    the answer is a whole program."""


@dataclass
class Task:
    """A data set with its prompt and its metric; one file in ``conf/task``."""

    dataset: DataSet = field(default_factory=DataSet)
    prompt: str = MISSING
    """Jinja template over the columns of a row; what the model is given."""
    answer: str = MISSING
    """Jinja template over the columns of a row; what the model should say. With ``options`` it prints which of them is
    right: its number, counted from 0, or its letter."""
    prompts: list[str] = field(default_factory=list)
    """Other prompts that ask the same: ``scoring.prompt`` 1, 2, and so on; 0 is ``prompt``, which is trained on."""
    accepted: str | None = None
    """Open tasks: Jinja expression for a list of answers that are right as well."""
    system: str | None = None
    """What stands before every prompt: the system's turn of a chat template, without one a paragraph."""
    shots: int = at_least(0, default=0)
    """Training rows, drawn for each test row, that stand before its prompt with their answers; training has none."""
    incomplete_rows: IncompleteRows = IncompleteRows.refuse
    """What becomes of rows that lack what the templates ask for, such as test rows without labels."""
    roles: list[Role] = field(default_factory=lambda: [Role.source, Role.target])
    home: str | None = None
    """The target that this source belongs to; null is the target of its own name."""
    ability: str | None = None
    """The ability that the task is thought to need, e.g. arithmetic; traits are found without it."""
    metric: str | None = None
    """The main metric of a target, a fraction between 0 and 1; its name chooses the scorer (``evaluation/scorers``)."""
    labels: list[str] = field(default_factory=list)
    """Closed tasks: every answer there is. Empty for open tasks."""
    options: str | None = None
    """Multiple choice: Jinja expression for the list of a row's options."""
    form: Form = Form.letters
    """Multiple choice: what the model says, an option's letter or its text."""
    decide: Decision = Decision.raw
    """Closed tasks and multiple choice: by which log-probability the answer is chosen; all of them are stored."""
    extraction: AnswerExtraction | None = None
    """Open tasks scored by their answer: how it is found in the output."""
    execution: CodeExecution | None = None
    """Open tasks whose answer is code: which tests decide whether it is right."""
    rubric: str | None = None
    """Open tasks scored by a judge: what makes an answer correct, in words; null is the usual rubric."""
    range: list[float] = field(default_factory=list)
    """Tasks scored by how close a number is: the lowest and the highest that there is."""
    max_new_tokens: int = at_least(1, default=256)
    """Open tasks: the longest output, in tokens; ``scoring.max_new_tokens`` can lower it."""
    license: str = "unknown"
    """License of the data set as its public page states it, such as CC-BY-4.0; no part of any result."""
