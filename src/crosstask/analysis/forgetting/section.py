"""Forgetting: what is kept of base's abilities."""

from dataclasses import dataclass

import numpy as np

from crosstask.analysis.forgetting.cells import forgetting
from crosstask.analysis.forgetting.columns import TABLES
from crosstask.analysis.forgetting.findings import lines
from crosstask.analysis.forgetting.levels import Levels, levels
from crosstask.analysis.forgetting.options import NoAbility, Options
from crosstask.analysis.forgetting.rows import ABOVE, abilities, kept
from crosstask.analysis.forgetting.text_bits import text_bits
from crosstask.analysis.schema import BASE
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import listed


@dataclass(frozen=True)
class Section:
    """What of the base model's ability, its score above one that takes none, each source keeps on other targets."""

    options: Options
    title = "Forgetting"
    method = (
        "Scores above one that takes no ability are a share of base's; limits for all sources together hold at once."
    )
    tables = TABLES
    figures = ()

    def check(self, transfer: Transfer) -> None:
        """Refuse scores without any ability of targets that there are not, or that no model can be above.

        Raises
        ------
        UserError
            Naming the target, the score and what is allowed.
        """
        levels(transfer, self.options)

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the tables, findings and notes; a note alone where there is no base model."""
        found = levels(transfer, self.options)
        if not transfer.has_base:
            return Findings(notes=("forgetting: no base model, so it cannot be told what is kept of its abilities",))
        if transfer.evidence.gains.empty:
            return Findings(notes=("forgetting: the base model alone, so there is nothing that it could forget",))
        able = abilities(transfer, found.values, found.variances)
        frames = {
            "forgetting": forgetting(transfer, found.values, found.variances),
            "kept": kept(transfer, found.values, able),
            "text_bits": text_bits(transfer, found.texts),
        }
        return Findings(
            tables=tuple(Table(schema, frames[schema.name]) for schema in TABLES if len(frames[schema.name])),
            lines=tuple(lines(frames["kept"], frames["forgetting"], frames["text_bits"], _errors_are_known(transfer))),
            notes=tuple(self._notes(transfer, found)) if len(frames["forgetting"]) else (),
        )

    def _notes(self, transfer: Transfer, found: Levels) -> list[str]:
        """What an ability is counted from, and on which targets."""
        is_majority = self.options.no_ability is NoAbility.majority
        labels = "always answering the commonest label" if is_majority else "guessing among the labels"
        counted = f"base must be {ABOVE:g} standard errors above that on the other half of a target's test rows"
        if transfer.answers is None:
            counted = "without single answers every target counts, also those where base may have no ability"
        notes = [
            f"what is kept is of base's score above that of {labels} (closed targets), guessing among options (multiple"
            f" choice), or 0 (open targets); {counted}"
        ]
        if found.assumed:
            notes.append(
                "forgetting: what a model without any ability scores is not known on"
                f" {listed(found.assumed, 6)} and taken for 0; "
                "analysis.forgetting.chance={task: score} says it"
            )
        return notes


def _errors_are_known(transfer: Transfer) -> bool:
    """Whether the errors of base's scores over test rows are known, of all that it has."""
    means = transfer.means
    base = means.sources.index(BASE)
    variance, _ = means.errors.own()
    return not np.isnan(variance[base][~np.isnan(means.mean[base])]).any()
