"""Changed examples: the answers that fine-tuning wins and loses, cell by cell."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.blocks import Block
from crosstask.analysis.changed.columns import TABLES
from crosstask.analysis.changed.options import Options
from crosstask.analysis.changed.outcomes import Outcomes, outcomes
from crosstask.analysis.changed.shown import KEY, chosen_cell, shown_examples
from crosstask.analysis.matrix.reference_names import NAMES
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.texts import NotKept
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted


@dataclass(frozen=True)
class Section:
    """Which answers fine-tuning wins and loses against the base model, and how many; on request with their texts."""

    options: Options
    title = "Changed answers"
    method = "Each answer is held against base's to the same test row; the exact test of McNemar for every run."
    tables = TABLES
    figures: tuple[str, ...] = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return both tables, the findings and the examples asked for; nothing where no answers are known.

        Raises
        ------
        UserError
            If the cell whose examples are asked for is not one of the matrix.
        """
        blocks, notes = [], []
        answers = transfer.answers.targets if transfer.answers else {}
        found = outcomes(answers, transfer.order, further_keys(transfer.rows))
        if answers and found.counts.empty:
            notes.append("no changed examples: no answers of the base model are kept that others could be held against")
        if self.options.show is not None:
            block, line = self._shown(self.options.show, found, transfer)
            blocks, notes = [*block], [*notes, *line]
        tables = tuple(Table(*pair) for pair in zip(TABLES, (found.examples, found.counts), strict=True))
        return Findings(tables=tables, lines=_findings(found, transfer), blocks=tuple(blocks), notes=tuple(notes))

    def _shown(self, show: str, found: Outcomes, transfer: Transfer) -> tuple[list[Block], list[str]]:
        """The examples of a cell, or a line that says why they cannot be shown."""
        cell = chosen_cell(show, transfer.scores["source"], transfer.scores["target"])
        if other := transfer.base_names.get(cell[1]):
            return [], [f"{KEY}={show}: answers are won and lost against {other}, whose texts are not shown"]
        try:
            return [shown_examples(cell, found, transfer, self.options)], []
        except NotKept as lacking:
            return [], [f"{KEY}={show}: {lacking}"]


def _findings(found: Outcomes, transfer: Transfer) -> tuple[str, ...]:
    """How many answers of right or wrong change off the diagonal, and where most wins and losses cancel out."""
    counts = found.counts[found.counts["p"].notna()]
    home = transfer.home.stack().rename("home")
    counts = counts.join(home, on=["source", "target"])
    counts = counts[counts["home"].eq(False)]
    if counts.empty:
        return ()
    won, lost, n = (int(counts[name].sum()) for name in ("won", "lost", "n"))
    of, base = counted(counts["target"].nunique(), "target"), NAMES[transfer.conventions.reference]
    lines = [
        f"Off the diagonal, on {of} of right and wrong answers, fine-tuning wins {won:,} of {n:,} answers"
        f" ({won / n:.1%}: wrong by {base}, right by the adapter) and loses {lost:,} ({lost / n:.1%})"
    ]
    both = counts[["won", "lost"]].min(axis=1).where(counts["p"] > transfer.conventions.alpha, 0)
    if both.max() > 0:
        most = counts.loc[both.idxmax()]
        lines.append(f"{_changes(most)}: of the cells without a telling gain the one in which most cancels out")
    return tuple(lines)


def _changes(row: pd.Series) -> str:
    """How many answers one run wins and loses."""
    seed = "" if pd.isna(row["seed"]) else f", seed {row['seed']}"
    return (
        f"{row['source']} on {row['target']}{seed} wins {row['won']} and loses {row['lost']} of"
        f" {counted(int(row['n']), 'answer')} (McNemar p = {row['p']:.2g})"
    )
