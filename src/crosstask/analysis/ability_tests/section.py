"""Are the declared abilities in the matrix? The confirmatory question, before components are looked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

import pandas as pd

from crosstask.analysis.ability_tests.columns import TABLES
from crosstask.analysis.ability_tests.options import Options
from crosstask.analysis.ability_tests.results import TOGETHER, AbilityTests, ability_tests
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.transfer import Transfer
from crosstask.errors import UserError


@dataclass(frozen=True)
class Section:
    """Whether targets of one ability go together, and whether sources gain on targets of their ability."""

    options: Options
    title = "Abilities"
    method = "Tested by assigning the declared abilities to the tasks anew, corrected over the questions (Holm)."
    tables = TABLES
    figures = ()

    def __call__(self, transfer: Transfer) -> Findings:
        """Return tables, a line per question, one on the abilities; a note alone where nothing can be tested."""
        if not set(map(str, transfer.gains.columns)) & set(transfer.conventions.abilities):
            return Findings(notes=("no abilities are declared, so none is tested; analysis.abilities={task: ability}",))
        try:
            found = ability_tests(transfer, self.options.relabelings)
        except UserError as error:
            return Findings(notes=(f"abilities not tested: {error}",))
        tables = tuple(Table(schema, frame) for schema, frame in zip(TABLES, (found.tests, found.within), strict=True))
        alpha = transfer.conventions.alpha
        lines = tuple(_finding(row, alpha) for _, row in found.tests.iterrows())
        return Findings(tables, lines=(*lines, *_within(found, transfer)), notes=(_declared(transfer),))


def _finding(row: pd.Series, alpha: float) -> str:
    """The answer to one question."""
    together = row["question"] == TOGETHER
    asked = "targets of one ability go together" if together else "sources gain within their ability"
    if pd.isna(row["p"]):
        lacking = (
            "three targets that share sources, two of them of one ability"
            if together
            else "cells within an ability and others"
        )
        return f"Whether {asked} cannot be told: it takes {lacking}"
    if pd.isna(row["significant"]):
        least = f"no p below {row['smallest_p']:.2g} is possible"
        both = "" if pd.isna(row["p_adjusted"]) else ", too large for two questions"
        return f"With these abilities no result could tell whether {asked}: {least}{both}"
    if together:
        what = "Targets of one declared ability go together across sources"
        if not row["significant"]:
            what = "Targets of one declared ability are not shown to go together across sources"
        value = f"mean correlation {row['value']:+z.2f}, relabeled {row['relabeled']:+z.2f}"
    else:
        what = "Sources gain on targets of their own ability beyond donor and recipient"
        if not row["significant"]:
            what = "Sources are not shown to gain on targets of their own ability beyond donor and recipient"
        value = f"difference {row['value']:+z.2f} in units of the residuals' spread"
    level = ""
    if row["significant"] and not row["p_bends"] <= alpha:
        level = (
            f"; but p = {row['p_bends']:.2g} where each target's response to donors may bend: targets of"
            " an ability that are alike near to a ceiling or a floor may be all it is"
        )
    return f"{what} ({value}, p = {row['p']:.2g}, Holm {row['p_adjusted']:.2g}){level}"


def _within(found: AbilityTests, transfer: Transfer) -> list[str]:
    """A line on the mean residual of each ability with its interval."""
    table, unit = found.within, transfer.unit
    if table.empty:
        return []
    parts = []
    for _, row in table.iterrows():
        low, value, high = (unit.difference(row[name]) for name in ("ci_low", "residual", "ci_high"))
        parts.append(f"{row['ability']} {value}" + (f" ({low} to {high})" if pd.notna(row["ci_low"]) else ""))
    return [f"Mean residual within an ability ({transfer.gain_label}): {', '.join(parts)}"]


def _declared(transfer: Transfer) -> str:
    """The abilities of the targets, with a hash that shows whether they are those declared before the runs."""
    abilities = transfer.conventions.abilities
    targets: dict[str, list[str]] = {}
    for target in map(str, transfer.gains.columns):
        if target in abilities:
            targets.setdefault(abilities[target], []).append(target)
    listed = "; ".join(f"{name}: {', '.join(sorted(tasks))}" for name, tasks in sorted(targets.items())) or "none"
    return f"abilities declared (hash {abilities_hash(abilities)}): {listed}"


def abilities_hash(abilities: Mapping[str, str]) -> str:
    """The first 8 hexadecimal digits of the SHA-256 of the lines ``task=ability``, sorted."""
    lines = "\n".join(f"{task}={ability}" for task, ability in sorted(abilities.items()))
    return sha256(lines.encode()).hexdigest()[:8]
