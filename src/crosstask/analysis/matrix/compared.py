"""What is compared: chosen cells as means over prompts, with their answers, and the base model that gains are over."""

from dataclasses import dataclass, field

import pandas as pd

from crosstask.analysis.matrix.answers import Answers
from crosstask.analysis.matrix.base_references import (
    AnswersOf,
    BaseReference,
    answers_of_base,
    prior_corrected_cells,
    with_reference,
)
from crosstask.analysis.matrix.prompts import PROMPT, answers_over_prompts, means_over_prompts, prompts_line
from crosstask.analysis.matrix.reference_names import FEW_SHOT, PLAIN, PRIOR_CORRECTED
from crosstask.analysis.schema import BASE


@dataclass(frozen=True)
class Compared:
    """Cells, one per run and target, with what lies behind them."""

    cells: pd.DataFrame
    """Columns ``CELLS``."""
    answers: Answers | None
    notes: list[str] = field(default_factory=list)
    """What the reader must know of the means that they are."""


@dataclass(frozen=True)
class OverPrompts:
    """Takes means over prompts.

    Parameters
    ----------
    run : list of str
        What tells the runs apart that were asked in one prompt.
    fixed : bool
        Whether intervals are for these very prompts.
    answers : callable, optional
        Gives the answers behind cells of one prompt.
    """

    run: list[str]
    fixed: bool
    answers: AnswersOf | None

    def __call__(self, cells: pd.DataFrame, prior_corrected: bool = False) -> Compared:
        """The means over the prompts of each target, and the answers behind them."""
        means, notes = means_over_prompts(cells, self.run)
        if self.answers is None:
            return Compared(means, None, notes)
        by_prompt = {
            int(number): self.answers(of_prompt, prior_corrected) for number, of_prompt in cells.groupby(PROMPT)
        }
        found = answers_over_prompts(by_prompt, self.fixed)
        if notes:
            several = int((cells.groupby("target")[PROMPT].nunique() > 1).sum())
            generalized = any(of_target.by_prompt is not None for of_target in found.targets.values())
            notes = [*notes, prompts_line(several, generalized)]
        return Compared(means, found, notes)


def compared_with(
    reference: str, cells: pd.DataFrame, shown: pd.DataFrame, over_prompts: OverPrompts
) -> tuple[Compared, tuple[BaseReference, ...], list[str]]:
    """Return what is compared, with the base model under the condition that gains are over.

    Parameters
    ----------
    reference : str
        Of `reference_names.NAMES`.
    cells : DataFrame
        Columns ``CELLS``: those chosen.
    shown : DataFrame
        The same of the base model that was shown examples.
    over_prompts : OverPrompts
        Takes means over prompts.

    Returns
    -------
    compared : Compared
        With the chosen base model.
    references : tuple of BaseReference
        The base model under the other conditions, where it was scored in them.
    notes : list of str
        What gains are over, where that is no base model without examples.

    Raises
    ------
    UserError
        If the reference is not known.
    """
    plain = over_prompts(cells)
    shown = _in_the_same_prompts(shown, cells)
    known = {
        PRIOR_CORRECTED: _reference(PRIOR_CORRECTED, prior_corrected_cells(cells), over_prompts),
        FEW_SHOT: _reference(FEW_SHOT, shown, over_prompts),
    }
    if reference == PLAIN:
        return plain, tuple(found for found in known.values() if not found.cells.empty), []
    changed, answers, notes = with_reference(plain.cells, plain.answers, known[reference])
    of_base = plain.cells[
        (plain.cells["source"] == BASE) & plain.cells["target"].isin(known[reference].cells["target"])
    ]
    others = {**known, PLAIN: BaseReference(PLAIN, of_base, answers_of_base(plain.answers))}
    rest = tuple(found for kind, found in others.items() if kind != reference and not found.cells.empty)
    return Compared(changed, answers, plain.notes), rest, notes


def _in_the_same_prompts(shown: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Cells of the base model that was shown examples, on the targets where it was in every prompt that is compared.

    A mean over other prompts would differ by what the prompts do.
    """
    wanted = cells.groupby("target")[PROMPT].agg(set)
    found = shown.groupby("target")[PROMPT].agg(set)
    alike = [target for target in found.index if target in wanted.index and found[target] == wanted[target]]
    return shown[shown["target"].isin(alike)]


def _reference(kind: str, cells: pd.DataFrame, over_prompts: OverPrompts) -> BaseReference:
    """The base model under a condition, as means over prompts."""
    if cells.empty:
        return BaseReference(kind, cells, None)
    found = over_prompts(cells, kind == PRIOR_CORRECTED)
    return BaseReference(kind, found.cells, found.answers)
