"""Quality of answers, cell by cell."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.answer_quality.columns import TABLES
from crosstask.analysis.answer_quality.flaws import flaw_shares, worst_shares
from crosstask.analysis.answer_quality.options import Options
from crosstask.analysis.answer_quality.verdicts import verdict_shares
from crosstask.analysis.figures import ShareMap
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import counted


@dataclass(frozen=True)
class Section:
    """Share of each cell's answers that are invalid, cut or empty, or answer a cut prompt; verdicts and exact match."""

    options: Options
    title = "Answer quality"
    method = "Shares of the answers of each cell, with Wilson intervals over test rows."
    tables = TABLES
    figures = ("answer_quality",)

    def __call__(self, transfer: Transfer) -> Findings:
        """Return the table, its heat map, the finding and alarms; nothing where no metrics are known."""
        if transfer.metrics is None or transfer.metrics.empty:
            return Findings()
        shares = flaw_shares(transfer.metrics, transfer.conventions.alpha)
        if shares.empty:
            return Findings()
        poor = shares[shares["ci_low"] > self.options.alarm]
        line = self._finding(shares, poor)
        worst = shares.loc[shares["share"].idxmax()]
        largest = (
            f"{100 * worst['share']:.0f} % {worst['flaw'].replace('_', ' ')}, {worst['source']} -> {worst['target']}"
        )
        chart = ShareMap(
            name="answer_quality",
            title=line,
            subtitle=transfer.caption,
            shares=worst_shares(shares, transfer.matrix),
            label="answers with a flaw (%)",
            key="the largest of the shares invalid, cut, empty and with a cut prompt; mean over seeds",
        )
        verdicts = verdict_shares(transfer.metrics)
        return Findings(
            tables=(Table(TABLES[0], shares), *((Table(TABLES[1], verdicts),) if len(verdicts) else ())),
            figures=(chart,),
            lines=(f"{line} (most: {largest})", *self._verdicts(verdicts)),
            alarms=(*self._leaks(transfer.metrics), *self._alarms(poor)),
        )

    def _finding(self, shares: pd.DataFrame, poor: pd.DataFrame) -> str:
        """In how many cells many answers have a flaw."""
        cells = ["source", "target"]
        found, known = len(poor.drop_duplicates(cells)), len(shares.drop_duplicates(cells))
        limit = f"surely more than {100 * self.options.alarm:g} % of the answers"
        return f"In {found} of {counted(known, 'cell')} {limit} are invalid, cut or empty, or answer a cut prompt"

    def _verdicts(self, verdicts: pd.DataFrame) -> list[str]:
        """How far verdicts and exact match agree, where there are verdicts."""
        if verdicts.empty:
            return []
        least = verdicts.loc[verdicts["agreement"].idxmin()]
        answers = verdicts["n"].astype(float)
        means = {
            name: 100 * float((verdicts[name] * answers).sum() / answers.sum()) for name in ("agreement", "unparsable")
        }
        return [
            f"In {counted(len(verdicts), 'judged cell')} verdict and exact match agree on {means['agreement']:.1f} % of"
            f" the answers (least: {100 * least['agreement']:.0f} %, {least['source']} -> {least['target']});"
            f" {means['unparsable']:.1f} % of the replies have no verdict"
        ]

    def _leaks(self, metrics: pd.DataFrame) -> list[str]:
        """One line per target whose test rows were trained on, with the sources."""
        found = metrics[(metrics["metric"] == "leaked") & (metrics["value"] > self.options.leaked)]
        lines = []
        for target, rows in found.groupby("target", sort=False):
            shares = rows.groupby("source", sort=False)["value"].max()
            sources = ", ".join(f"{source} ({100 * share:.3g} %)" for source, share in shares.items())
            lines.append(
                f"test rows of {target} are among the training rows of {sources}: these scores may be memory;"
                " data.leakage=exclude trains without them"
            )
        return lines

    def _alarms(self, poor: pd.DataFrame) -> list[str]:
        """One line per target and flaw, with its sources."""
        limit, lines = f"more than {100 * self.options.alarm:g} % of the", []
        for (target, flaw), rows in poor.groupby(["target", "flaw"], sort=False):
            means = rows.groupby("source", sort=False)["share"].mean()
            sources = ", ".join(f"{source} ({100 * share:.0f} %)" for source, share in means.items())
            what = "prompts are cut" if flaw == "prompt_cut" else f"answers are {flaw}"
            lines.append(f"on {target} {limit} {what}, so scores say little of the task: {sources}")
        return lines
