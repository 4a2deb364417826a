"""Sources, and targets, that are one under several names: they are left out together and count once."""

from collections.abc import Iterable, Mapping

from crosstask.analysis.matrix.residuals import residuals
from crosstask.analysis.matrix.transfer_matrix import home_cells, seed_scores
from crosstask.analysis.matrix.twins import find_twins
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import listed
from crosstask.errors import UserError


def same_sources(transfer: Transfer) -> dict[str, str]:
    """Source -> the first of those that it is one with: by what it does to the scores, or by the same training rows."""
    found: dict[str, str] = {}
    matrix = transfer.matrix
    try:
        data = residuals(matrix, home_cells(matrix, transfer.order), seed_scores(transfer.scores_per_run))
        found |= find_twins(data, transfer.means, transfer.conventions.alpha).counted_with
    except UserError:  # too small a matrix to tell: the section of traits says so
        pass
    return _joined([*found.items(), *_copies(transfer, "source", transfer.gains.index)], transfer.gains.index)


def same_targets(transfer: Transfer, sources: Mapping[str, str]) -> dict[str, str]:
    """The same of targets: with the same test rows, or the own tasks of sources that are one."""
    order, there = transfer.order, set(transfer.gains.columns)
    homes = [(order.home(source), order.home(first)) for source, first in sources.items()]
    own = [pair for pair in homes if set(pair) <= there and pair[0] != pair[1]]
    return _joined([*own, *_copies(transfer, "target", transfer.gains.columns)], transfer.gains.columns)


def same_units_notes(side: str, counted_with: Mapping[str, str]) -> tuple[str, ...]:
    """A line for each group."""
    groups: dict[str, list[str]] = {}
    for name, first in counted_with.items():
        groups.setdefault(first, [first]).append(name)
    return tuple(f"causes: {side}s {listed(names)} are one, and count once" for names in groups.values())


def _copies(transfer: Transfer, role: str, names: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of data sets with the same rows: the same prompts and answers under two names.

    What rows look like does not do: of labels that are 0 and 1, wrong ones are as long and as many as right ones.
    """
    contents = transfer.data_sets.contents if transfer.data_sets else {}
    firsts: dict[str, str] = {}
    found = []
    for name in map(str, names):
        content = contents.get((role, name))
        if content is not None and (first := firsts.setdefault(content, name)) != name:
            found.append((name, first))
    return found


def _joined(pairs: Iterable[tuple[str, str]], names: Iterable[str]) -> dict[str, str]:
    """Each name -> the first, in the order of the matrix, of all that pairs connect it with."""
    order = {str(name): place for place, name in enumerate(names)}
    first = {name: name for name in order}
    for a, b in pairs:
        low, high = sorted((first[a], first[b]), key=order.__getitem__)
        first = {name: low if of == high else of for name, of in first.items()}
    return {name: of for name, of in first.items() if name != of}
