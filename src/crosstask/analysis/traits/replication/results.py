"""Components that come back in every base model, seed or setting: tables, a verdict and what it is about."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from crosstask.analysis.figures import ComponentIntervals
from crosstask.analysis.schema import column_names
from crosstask.analysis.section import Table
from crosstask.analysis.traits.replication.columns import (
    REPLICATION,
    REPLICATION_LOADINGS,
    REPLICATION_PAIRS,
    REPLICATION_SOURCES,
    TABLES,
)
from crosstask.analysis.traits.replication.consensus import Consensus, Estimate
from crosstask.analysis.traits.replication.dimensions import carried
from crosstask.analysis.traits.replication.evidence import Evidence, evidence
from crosstask.analysis.traits.replication.replicates import Replicates
from crosstask.analysis.traits.trait_names import enrichment, proposed_names
from crosstask.analysis.wording import listed

_RELABELINGS = 1999
_FEW = (
    "{} a trait: few dimensions carry what comes back, since it is a component of the mean over them as well, whichever"
    " one is left out"
)
_OR_PAIRS = (
    "whether {} a trait cannot be told: what single pairs of a source and a target do comes back as well, and that few"
    " dimensions carry it in more than one is not shown"
)


@dataclass(frozen=True)
class Replication:
    """What comes back over replicates."""

    replicates: Replicates
    evidence: Evidence
    traits: int
    """Components that few dimensions carry in more than one replicate, from the first on (`carried`)."""
    table: pd.DataFrame
    """Columns ``REPLICATION``."""
    loadings: pd.DataFrame
    """Columns ``REPLICATION_LOADINGS``."""
    sources: pd.DataFrame
    """Columns ``REPLICATION_SOURCES``."""
    pairs: pd.DataFrame
    """Columns ``REPLICATION_PAIRS``."""
    alpha: float

    @property
    def consensus(self) -> Consensus:
        """The components."""
        return self.evidence.reported

    @property
    def over(self) -> str:
        """5 base models; 3 settings of lora.rank; those that are one count once."""
        count = len(self.replicates.names) - sum(len(names) - 1 for names in self.consensus.same)
        if self.replicates.of_models:
            return f"{count} base models"
        return (
            f"{count} seeds" if self.replicates.keys == ("seed",) else f"{count} of {', '.join(self.replicates.keys)}"
        )

    @property
    def retained(self) -> int:
        """Components that come back and are no bend."""
        return self.evidence.retained

    @property
    def verdict(self) -> str:
        """One line: how many components come back."""
        first, beside = self.table.iloc[0], self.evidence
        found = f"mean correlation of residuals {first['correlation']:+.2f}, p = {first['p']:.2g}"
        if self.retained:
            names = ", ".join(self.table["component"][: self.retained])
            verb = "component comes" if self.retained == 1 else "components come"
            before = self.evidence.straight.retained
            fewer = f", where {before} would without bends" if self.retained < before else ""
            bends = f"p = {beside.bends_p:.2g} where each target's response to donors may bend{fewer}"
            return f"{self.retained} {verb} back over {self.over}: {names} ({found}; {bends})"
        if beside.straight.retained:
            return (
                f"What comes back over {self.over} cannot be told from ceilings and floors: {found}, but"
                f" p = {beside.bends_p:.2g} where each target's response to donors may bend"
            )
        reached = f"{found}, relabeled sources reach {self.consensus.steps[0].reached:+.2f} in {100 * self.alpha:g} %"
        if not beside.planted:
            return f"Whether anything comes back over {self.over} cannot be told with fewer than 4 targets: {reached}"
        planted = f"{beside.planted} traits with half of a target's variance"
        if beside.told:
            share = f"{100 * beside.power:.0f} %"
            return f"Nothing is shown to come back over {self.over}, where {planted} would be in {share}: {reached}"
        return (
            f"Whether anything comes back over {self.over} cannot be told: {planted} would be found in"
            f" {100 * beside.power:.0f} % ({reached})"
        )

    @property
    def lines(self) -> list[str]:
        """The verdict, whether few dimensions carry what comes back, and what each component might be called."""
        if not self.retained:
            return [self.verdict]
        named = [
            f"{row.component}, strongest: {row.strongest or 'no loading whose interval leaves out 0'};"
            f" proposed name: {row.proposed or 'none'}"
            for row in self.table[self.table["retained"]].itertuples()
        ]
        return [self.verdict, self._carried, *named]

    @property
    def _carried(self) -> str:
        """Which of the components are traits."""
        names, count = list(self.table["component"][: self.retained]), self.traits
        told = [(_FEW, names[:count]), (_OR_PAIRS, names[count:])]
        lines = [line.format(f"{' and '.join(of)} {'is' if len(of) == 1 else 'are each'}") for line, of in told if of]
        return "; ".join(lines)

    @property
    def alarms(self) -> list[str]:
        """Replicates that count as one."""
        return [
            f"replication counts {' and '.join(names)} as one: their residuals agree far more than those of others"
            " (replication_pairs.csv)"
            for names in self.consensus.same
        ]

    @property
    def notes(self) -> list[str]:
        """What was left out, and what replicates say nothing about."""
        notes = []
        for kind, names in self.replicates.left_out.items():
            if names:
                notes.append(f"replication leaves out {kind} that not every replicate has: {listed(names)}")
        if not self.replicates.of_models:
            notes.append(
                f"replication is over {', '.join(self.replicates.keys)}: what single pairs do comes back as well as"
                " traits do, and it says nothing of other base models"
            )
        for names in self.replicates.families:
            notes.append(f"replication: {', '.join(names)} may be of one family, so they are not independent")
        if self.replicates.of_models and not self.replicates.families:
            notes.append("replication takes base models and targets for independent: one of a family, each task once")
        return notes

    def tables(self) -> tuple[Table, ...]:
        """Every table."""
        frames = {
            "replication": self.table,
            "replication_pairs": self.pairs,
            "replication_loadings": self.loadings,
            "replication_sources": self.sources,
        }
        return tuple(Table(schema, frames[schema.name]) for schema in TABLES if schema.name in frames)

    def figures(self) -> Iterator[ComponentIntervals]:
        """Loadings and source scores with their intervals."""
        level = f"{100 * (1 - self.alpha):g} % intervals over {self.over}; beside names the mean correlation of pairs"
        for value, intervals in (("loading", self.loadings), ("score", self.sources)):
            yield ComponentIntervals(
                name="replication_loadings" if value == "loading" else "replication_sources",
                title=self.verdict,
                subtitle=level,
                intervals=intervals,
                components=self.table,
                value=value,
            )


def replication(found: Replicates, abilities: Mapping[str, str], alpha: float) -> Replication:
    """Look for traits that come back.

    Parameters
    ----------
    found : Replicates
        At least two.
    abilities : mapping of str to str
        Target -> the ability that it is thought to need.
    alpha : float
        Level of each test; intervals have level 1 - alpha.
    """
    beside = evidence(found, _RELABELINGS, alpha)
    result, retained = beside.reported, beside.retained
    names = [f"R{number}" for number in range(1, len(result.loadings) + 1)]
    targets, sources = found.residuals[0].values.columns, found.residuals[0].values.index
    loadings = _long(names, targets, result.loadings, column_names(REPLICATION_LOADINGS))
    wide = pd.DataFrame({name: found.values for name, found in zip(names, result.loadings, strict=True)}, targets)
    named = proposed_names(wide, loadings, enrichment(wide, abilities), retained, alpha)
    steps = [
        (f"R{place}", step.correlation, step.null_mean, step.null_p95, step.p, place <= retained, step.share)
        for place, step in enumerate(result.steps, start=1)
    ]
    table = pd.DataFrame(steps, columns=column_names(REPLICATION)[:7])
    table = table.merge(named[["component", "strongest", "proposed"]], on="component", how="left")
    table[["strongest", "proposed"]] = table[["strongest", "proposed"]].fillna("")
    return Replication(
        found,
        beside,
        carried(found, result.same, retained, beside.bends_matter, _RELABELINGS, alpha),
        table,
        loadings,
        _long(names, sources, result.sources, column_names(REPLICATION_SOURCES)),
        _pairs(found, result.same),
        alpha,
    )


def _long(names: list[str], index: pd.Index, found: tuple[Estimate, ...], columns: list[str]) -> pd.DataFrame:
    """One row per component and target or source."""
    rows = [
        (name, *row)
        for name, estimate in zip(names, found, strict=True)
        for row in zip(index, estimate.values, estimate.low, estimate.high, strict=True)
    ]
    return pd.DataFrame(rows, columns=columns)


def _pairs(found: Replicates, same: tuple[tuple[str, ...], ...]) -> pd.DataFrame:
    """Correlation of the residuals of each two replicates."""
    values, names = found.values, found.names
    rows = [
        (
            names[a],
            names[b],
            float((values[a] * values[b]).sum()),
            any({names[a], names[b]} <= set(one) for one in same),
        )
        for a, b in combinations(range(len(values)), 2)
    ]
    return pd.DataFrame(rows, columns=column_names(REPLICATION_PAIRS))
