"""How many questions share a forward pass."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from crosstask.evaluation.generation import OpenQuestions
from crosstask.evaluation.inference import answered
from crosstask.evaluation.label_likelihoods import ClosedQuestions
from crosstask.models.base_model import BaseModel
from crosstask.storage.store import Store


class Noted:
    """Questions of ten tokens each that note in which passes they are asked."""

    pass_tokens = 30

    def __init__(self) -> None:
        self.lengths = [10] * 7
        self.passes: list[int] = []

    def ask(self, model: Any, members: Sequence[int]) -> Sequence[Any]:
        self.passes.append(len(members))
        return members


@pytest.mark.parametrize(("budget", "passes"), [(None, [3, 3, 1]), (70, [7]), (5, [1] * 7)])
def test_a_pass_holds_what_the_settings_say_or_what_suits(
    store: Store, tmp_path: Path, budget: int | None, passes: list[int]
):
    questions = Noted()
    said = answered(
        questions,
        None,
        budget=budget,
        row=lambda answer: {"said": answer},
        store=store,
        parts=tmp_path / "parts",
        progress=lambda share: None,
    )
    assert questions.passes == passes
    assert said["said"].tolist() == list(range(7))


def test_on_a_cpu_closed_questions_suit_smaller_passes_than_open_ones(base: BaseModel):
    closed, opened = ClosedQuestions(base, ["a"], ["b", "c"]), OpenQuestions(base, ["a"], 3)
    assert (closed.pass_tokens, opened.pass_tokens) == (1024, 8192)
