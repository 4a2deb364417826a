"""What a whole analysis has that no section has alone."""

from dataclasses import dataclass, field
from typing import ClassVar

import pandas as pd

from crosstask.analysis import pipeline
from crosstask.analysis.pipeline import analyze
from crosstask.analysis.schema import ALARM_TABLE, TableSchema
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer

SCORES = pd.DataFrame(
    {"source": ["base", "Base", "goat"], "target": "imdb", "seed": pd.NA, "score": [0.5, 0.6, 0.7], "n": pd.NA}
)
OWN = pd.DataFrame([("no_effect", "goat", "goat does nothing")], columns=["alarm", "name", "message"])


@dataclass(frozen=True)
class Alarmed:
    """A section that finds nothing but alarms."""

    alarms: tuple[str, ...]
    given: tuple[Table, ...] = ()
    tables: tuple[TableSchema, ...] = field(default=())
    figures: ClassVar[tuple[str, ...]] = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Give the alarms."""
        return Findings(tables=self.given, alarms=self.alarms)


def test_the_table_of_alarms_has_those_of_every_section_in_their_order():
    sections = {
        "traits": Alarmed(("two are one",)),
        "gains": Alarmed(tuple(OWN["message"]), (Table(ALARM_TABLE, OWN),)),
        "answer_quality": Alarmed(("cut", "empty")),
    }
    (table,) = analyze(Transfer(SCORES), sections).findings["gains"].tables
    assert table.frame.to_numpy().tolist() == [
        ["no_effect", "goat", "goat does nothing"],
        ["traits", "", "two are one"],
        ["answer_quality", "", "cut"],
        ["answer_quality", "", "empty"],
    ]


def test_without_other_alarms_the_table_is_as_it_was():
    sections = {"gains": Alarmed(tuple(OWN["message"]), (Table(ALARM_TABLE, OWN),)), "traits": Alarmed(())}
    (table,) = analyze(Transfer(SCORES), sections).findings["gains"].tables
    assert table.frame is OWN


def test_of_large_matrices_each_section_is_announced_before_it_starts(monkeypatch):
    sections, said = {"gains": Alarmed(()), "traits": Alarmed(())}, []
    analyze(Transfer(SCORES), sections, said.append)
    assert not said
    monkeypatch.setattr(pipeline, "LARGE", 3)
    analyze(Transfer(SCORES), sections, said.append)
    assert said == ["3 x 1 scores: gains, 1 of 2 sections", "3 x 1 scores: traits, 2 of 2 sections"]


def test_a_source_that_is_the_base_model_but_for_its_case_is_named_in_a_note():
    line = "source 'Base' is taken for a task; the model without fine-tuning is named 'base', or runs.base=Base"
    assert line in Transfer(SCORES).matrix_notes
    assert not any("is taken for" in note for note in Transfer(SCORES.iloc[[0, 2]]).matrix_notes)
