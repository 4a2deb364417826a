"""The rows and the columns of the matrix: their names, and the orders in which they can stand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.matrix.task_order import TaskOrder
from crosstask.analysis.schema import BASE
from crosstask.report.names import abbreviated
from crosstask.report.page.payload import readable
from crosstask.report.page.tables import Tables

LONGEST = 28
"""Letters of a name at the edge of the matrix; the panel of a row or column has it in full."""


@dataclass(frozen=True)
class Axis:
    """Rows or columns of the matrix, as they stand in the tables."""

    names: tuple[str, ...]
    """As the analysis has them."""
    orders: dict[str, list[int]]
    """By what they are ordered: the places of all, in that order. An order that is not known is left out."""

    @property
    def shown(self) -> list[str]:
        """Names as a reader may see them."""
        return [readable(name) for name in self.names]

    @property
    def short(self) -> list[str]:
        """The same cut to `LONGEST` letters, and to be told apart still."""
        return abbreviated(self.shown, LONGEST)


ORDERS = {
    "given": "as in the tables",
    "cluster": "by cluster",
    "donor": "by donor effect",
    "recipient": "by recipient effect",
    "ability": "by ability",
    "name": "by name",
}
"""What an order is called."""


def axes(matrix: pd.DataFrame, order: TaskOrder, abilities: Mapping[str, str], tables: Tables) -> tuple[Axis, Axis]:
    """Return rows, base first, and columns of a matrix.

    Parameters
    ----------
    matrix : DataFrame
        Sources x targets.
    order : TaskOrder
        Says each source's own task.
    abilities : mapping of str to str
        Target -> ability.
    tables : Tables
        Effects and clusters.
    """
    sources, targets = (tuple(map(str, names)) for names in (matrix.index, matrix.columns))

    def ability_of_source(name: str) -> str:
        return next((abilities[task] for task in order.own_tasks(name) if task in abilities), "")

    rows = Axis(sources, _orders(sources, "source", ability_of_source, tables))
    columns = Axis(targets, _orders(targets, "target", lambda name: abilities.get(name, ""), tables))
    return rows, columns


def _orders(names: Sequence[str], side: str, ability_of: Callable[[str], str], tables: Tables) -> dict[str, list[int]]:
    """Every order that is known of one side, the base model first in each."""
    role = "donor" if side == "source" else "recipient"
    donors = tables["donors"]
    effects = {} if donors.empty else donors[donors["role"] == role].set_index("name")["effect"].to_dict()
    leaves = {name: place for place, name in enumerate(_leaves(tables["clusters"], side))}
    abilities = {name: ability_of(name) for name in names}
    found: dict[str, Callable[[int], object]] = {"given": lambda place: place}
    if leaves:
        found["cluster"] = lambda place: leaves.get(names[place], len(leaves))
    if effects:
        found[role] = lambda place: (names[place] not in effects, -effects.get(names[place], 0.0))
    if any(abilities.values()):
        found["ability"] = lambda place: (not abilities[names[place]], abilities[names[place]])
    found["name"] = lambda place: readable(names[place]).casefold()
    return {
        name: sorted(range(len(names)), key=lambda place: (names[place] != BASE or side == "target", key(place)))
        for name, key in found.items()
    }


def _leaves(clusters: pd.DataFrame, side: str) -> list[str]:
    """The members of one side in the order in which its tree has them; none where it was not clustered."""
    members: dict[str, list[str]] = {}
    rows = clusters.to_dict("records") if len(clusters) else []
    for row in (row for row in rows if row["side"] == side):
        parts = [members.pop(row[name], [row[name]]) for name in ("left", "right")]
        members[f"#{row['merge']}"] = [*parts[0], *parts[1]]
    return next(iter(members.values()), [])
