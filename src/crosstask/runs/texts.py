"""Prompts and answers as texts, from the folders that hold them, for the examples that an analysis shows."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pandas as pd

from crosstask.analysis.matrix.answers import Run, runs_of
from crosstask.analysis.matrix.prompts import PROMPT
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.texts import NotKept, TargetTexts
from crosstask.errors import UserError
from crosstask.runs.answers import answer_columns
from crosstask.runs.behavior import Folders
from crosstask.storage.example_files import SYSTEM, read_examples
from crosstask.storage.records import RunRecord


class Texts:
    """Reads the texts of chosen cells.

    Parameters
    ----------
    cells : callable
        Gives the cells, columns ``CELLS`` and those of the rows, when the first texts are asked for. Of a target that
        was asked in several prompts the first counts.
    rows
        What a row is, as for `transfer_matrix`.
    records
        Of the runs.
    answers, examples : callable
        Give the folder of each cell, by run and target, and the file with each column's examples, by fingerprint.
    lacking
        What a message says of prompts that are not kept: how they would be.
    """

    def __init__(
        self,
        cells: Callable[[], pd.DataFrame],
        rows: tuple[str, ...],
        records: Sequence[RunRecord],
        answers: Folders,
        examples: Callable[[], Mapping[str, Path]],
        lacking: str,
    ) -> None:
        self.cells = cells
        self.rows = rows
        self.records = {record.run: record for record in records}
        self.answers = answers
        self.examples = examples
        self.lacking = lacking

    def __call__(self, target: str, runs: Sequence[Run]) -> TargetTexts:
        """Return the texts of a target; `NotKept` where some are lacking, damaged, or of other test rows."""
        cells = self.cells()
        cells = cells[cells["target"] == target]
        cells = cells[cells[PROMPT] == cells[PROMPT].min()]
        names = dict(zip(runs_of(cells, further_keys(self.rows)), cells["run"], strict=True))
        examples = self._examples(target, names[runs[0]])
        found = tuple(self._answers(names[run], target, list(examples["example"])) for run in runs)
        prompts = examples["prompt"]
        if SYSTEM in examples:  # before each prompt, as a paragraph
            prompts = (examples[SYSTEM] + "\n\n").where(examples[SYSTEM] != "", "") + prompts
        gold = dict(zip(examples["example"], examples["answer"], strict=True))
        return TargetTexts(dict(zip(examples["example"], prompts, strict=True)), gold, found)

    def _examples(self, target: str, run: str) -> pd.DataFrame:
        """Return the test rows of a target."""
        path = self.examples().get(self.records[run].examples.get(target, ""))
        try:
            if path is None:
                raise FileNotFoundError
            return read_examples(path)
        except FileNotFoundError:
            raise NotKept(f"no prompts of {target} are kept: {self.lacking}") from None
        except UserError as error:
            raise NotKept(f"{error}; delete it to have it made or fetched again") from error

    def _answers(self, run: str, target: str, examples: list[str]) -> dict[str, str]:
        """Return the answers of a run to some examples, as texts."""
        path = self.answers()[run, target] / "answers.parquet"
        try:
            table = answer_columns(path, "example", "text", "prediction", "options", optional=True)
        except FileNotFoundError:
            raise NotKept(f"{path}: is not there") from None
        except UserError as error:
            raise NotKept(str(error)) from error
        found = {row["example"]: _said(row) for row in table.to_pylist()}
        if found.keys() != set(examples):
            raise NotKept(f"{path}: answers to other examples than are kept of {target}")
        if all(text is None for text in found.values()):
            raise NotKept(f"no texts of answers on {target} are kept, or a plain text asks for none")
        return {example: text or "" for example, text in found.items()}


def _said(answer: Mapping[str, Any]) -> str | None:
    """Return what a model said: what it wrote, or the label, or the letter of an option with the option."""
    if isinstance(text := answer.get("text"), str):
        return text
    prediction, options = answer.get("prediction"), answer.get("options")
    if not isinstance(prediction, str) or not options:
        return prediction
    option = dict(zip(ascii_uppercase, map(str.strip, options), strict=False)).get(prediction, prediction)
    return prediction if option == prediction else f"{prediction}: {option}"
