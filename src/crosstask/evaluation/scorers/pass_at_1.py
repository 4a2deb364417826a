"""Pass@1: whether the code that a model writes passes the tests of the data set, which is found out by running both."""

from __future__ import annotations

import keyword
import logging
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from crosstask.config.task import Task
from crosstask.data.examples import Example
from crosstask.errors import UserError, quoted
from crosstask.evaluation.scorers.code_answers import program
from crosstask.evaluation.scorers.generated_text import GeneratedText
from crosstask.sandbox.probe import check_sandbox
from crosstask.sandbox.problem import Outcome, Problem

if TYPE_CHECKING:  # a task with mistakes is answered before pandas could be imported
    import pandas as pd

log = logging.getLogger(__name__)

NO_CODE = "no_code"
"""The outcome of an output without code, of which nothing is run."""
UNREADABLE = (NO_CODE, Outcome.syntax_error)
OUTCOMES = (*(str(outcome) for outcome in Outcome if outcome is not Outcome.passed), NO_CODE)
"""How an answer can fail."""


class PassAt1(GeneratedText):
    """Scores generated code by whether it passes the tests of its row, each of both in a sandbox of its own.

    Outputs are greedy, one for each row, so the mean is pass@1 (Chen et al. 2021, arXiv 2107.03374) of greedy decoding.
    """

    version: ClassVar[int] = 2
    reads: ClassVar[frozenset[str]] = frozenset({"execution"})

    @classmethod
    def mistakes(cls, task: Task) -> Iterator[str]:
        """Yield what keeps code from being tested."""
        yield from super().mistakes(task)
        if task.execution is None:
            yield "the field 'execution' has no value; metric pass_at_1 needs it"
        if task.extraction is not None:
            yield "the field 'extraction' has a value, and metric pass_at_1 finds code by itself"

    @classmethod
    def check_machine(cls, name: str) -> None:
        """Refuse a machine on which no sandbox can be made."""
        check_sandbox(f"target {name}: metric pass_at_1")

    def check_examples(self, examples: Sequence[Example]) -> None:
        """Refuse rows whose function has no name that Python can call, or that have no tests."""
        for example in examples:
            name = example.entry_point
            if not name.isidentifier() or keyword.iskeyword(name):
                raise UserError(
                    f"task {self.name!r}: {example.where}: execution.entry_point: {quoted(name)} is no name of a"
                    " function"
                )
            if not example.tests.strip():
                raise UserError(f"task {self.name!r}: {example.where}: execution.tests: there are none")

    def score(self, outputs: pd.DataFrame) -> pd.DataFrame:
        """Return outputs with the program that was run as ``prediction``, null where there is none that can be.

        ``outcome`` is one of `Outcome`, or ``no_code``; ``detail`` says what it comes from, such as the type of an
        exception, and may be empty.

        Raises
        ------
        UserError
            If no sandbox can be made.
        """
        from crosstask.sandbox.supervisor import run_all

        check_sandbox(f"target {self.name}: metric pass_at_1")
        given = outputs["given"] if "given" in outputs else [""] * len(outputs)
        rows = list(zip(outputs["text"], given, outputs["tests"], outputs["entry_point"], strict=True))
        programs = [program(text, before, name) for text, before, _, name in rows]
        problems = {
            place: Problem(code, tests, name, before)
            for place, (code, (_, before, tests, name)) in enumerate(zip(programs, rows, strict=True))
            if code is not None
        }
        judged = dict(zip(problems, run_all(list(problems.values())), strict=True))
        outcomes = [str(judged[place].outcome) if place in judged else NO_CODE for place in range(len(rows))]
        valid = [outcome not in UNREADABLE for outcome in outcomes]
        self._name_broken_tests(outputs["example"], outcomes)
        return outputs.assign(
            gold=outputs["reference"],
            prediction=[code if readable else None for code, readable in zip(programs, valid, strict=True)],
            valid=valid,
            score=[float(outcome == Outcome.passed) for outcome in outcomes],
            outcome=outcomes,
            detail=[judged[place].detail if place in judged else "" for place in range(len(rows))],
        )

    def metrics(self, answers: pd.DataFrame) -> dict[str, float]:
        """Return also ``outcome/<name>``, the share of each way to fail."""
        shares = {f"outcome/{name}": float((answers["outcome"] == name).mean()) for name in OUTCOMES}
        return {**super().metrics(answers), **shares}

    def _name_broken_tests(self, examples: Sequence[str], outcomes: Sequence[str]) -> None:
        """Warn of tests that no answer could pass."""
        broken = [example for example, outcome in zip(examples, outcomes, strict=True) if outcome == "broken_tests"]
        if broken:
            log.warning(
                "target %s: %d of %d rows have tests that cannot be run, such as %s; they count as failed",
                self.name,
                len(broken),
                len(outcomes),
                broken[0],
            )
