"""What an analysis cannot conclude, and what would settle it, from its tables."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import counted
from crosstask.report.page.numbers import is_missing, level
from crosstask.report.page.over import Over
from crosstask.report.page.tables import Tables

ENOUGH = 0.8
"""Share of draws in which something has to be found to be called found."""
Question = tuple[str, str]
"""What cannot be concluded, and what would settle it."""


def open_questions(scores: pd.DataFrame, is_table: bool, tables: Tables, notes: Sequence[str]) -> Iterator[Question]:
    """Yield what cannot be concluded, the most general first.

    Parameters
    ----------
    scores : DataFrame
        Columns ``SCORES``, which the analysis started from.
    is_table : bool
        Whether they are all that is known.
    tables : Tables
        What was found.
    notes : sequence of str
        Of the analysis, which say why there are no components.
    """
    if Over(tables).is_mean:
        run = "A row base in the table." if is_table else "python train.py source=base runs it."
        yield "Whether any source helps or hurts: no base model was run, gains are over the mean of sources", run
    yield from _cells(tables["gains_long"])
    yield from _seeds(scores, is_table)
    yield from _missing(tables["missing"], is_table)
    yield from _abilities(tables["ability_tests"])
    yield from _traits(tables, notes)


def _cells(gains: pd.DataFrame) -> Iterator[Question]:
    """Gains that are not distinguishable from 0, and how many rows or seeds would tell them."""
    if gains.empty:
        return
    off = gains[~gains["home"].astype(bool)]
    tested = off[off["q"].notna()]
    if tested.empty:
        yield (
            "Whether any gain is more than chance: none could be tested",
            ("Give standard errors, several seeds, or single answers."),
        )
        return
    doubtful = tested[tested["significant"].eq(False)]
    if doubtful.empty:
        return
    what = f"{len(doubtful)} of {len(tested)} gains off the diagonal: not distinguishable from 0, nor shown to be 0"
    what += f"; {len(off) - len(tested)} more could not be tested" if len(off) > len(tested) else ""
    yield what, " ".join(_needed(doubtful)) or "Their intervals say how large a gain or loss each may still be."


def _needed(doubtful: pd.DataFrame) -> Iterator[str]:
    """In how many of them a gain of three points would have been told, and what would tell it in the others."""
    needed = doubtful.dropna(subset=["rows_needed", "n"])
    if needed.empty:
        return
    were = needed["rows_needed"] <= needed["n"]
    others = needed[~were]
    yield f"A gain of 3 points would have been told in {were.sum()} of them."
    if len(others):
        needs = (others[name].astype(float) for name in ("rows_needed", "seeds_needed"))
        rows, seeds = (need.median() if need.notna().all() else np.nan for need in needs)
        ways = {"test rows": rows, "seeds": seeds}
        enough = [f"{number:,.0f} {word}" for word, number in ways.items() if np.isfinite(number)]
        vain = " or ".join(word for word, number in ways.items() if np.isinf(number))
        told = f"would be with {' or '.join(enough)}" if enough else f"would not be with more {vain} alone"
        yield f"In {f'half of the other {len(others)}' if len(others) > 1 else 'the other one'} it {told}."


def _seeds(scores: pd.DataFrame, is_table: bool) -> Iterator[Question]:
    """One adapter is not what its data do."""
    tuned = scores[scores["source"] != BASE]
    seeds = tuned.groupby(["source", "target"])["seed"].nunique().groupby("source").max()
    single = int((seeds < 2).sum())
    if single and seeds.max() > 0:
        which = f"{single} of {counted(len(seeds), 'source')} with one seed"
        three = "Three seeds of each." if is_table else "Three seeds of each: seed=0,1,2."
        yield f"Whether the data or the very adapter does it, for {which}", three
    elif single:
        yield "What another training on the same data would give: the scores name no seeds", "Scores of several seeds."


def _missing(missing: pd.DataFrame, is_table: bool) -> Iterator[Question]:
    """Cells that were never run."""
    if len(missing):
        of = missing["source"].nunique()
        names = "missing.csv names" if is_table else "python status.py lists"
        yield f"{counted(len(missing), 'cell')} of {counted(of, 'source')} without a score", f"{names} them."


def _abilities(tests: pd.DataFrame) -> Iterator[Question]:
    """Questions on the declared abilities that cannot be answered, or are not."""
    names = {
        "go together": "Whether targets of one declared ability go together",
        "gain within": "Whether sources gain on targets of their ability beyond donor and recipient",
    }
    for row in tests.to_dict("records"):
        what = names.get(row["question"], row["question"])
        if is_missing(row["significant"]):
            smallest = level(row["smallest_p"])
            yield (
                what,
                f"More tasks of each ability: with these the smallest possible p is {smallest or 'not defined'}.",
            )
        elif not row["significant"]:
            yield f"{what}: p = {level(row['p_adjusted'])} (Holm)", "More sources and targets of each ability."


def _traits(tables: Tables, notes: Sequence[str]) -> Iterator[Question]:
    """How many traits there are, given what could have been found."""
    components, power = tables["components"], tables["power"]
    if components.empty:
        why = [note for note in notes if note.startswith("no components")]
        yield from ((f"Which traits lie behind the matrix: {why[0]}", "More sources and targets.") for _ in why[:1])
        return
    retained = int(components["retained"].astype(bool).sum())
    what = {0: "That there is no trait", 1: "That there is only one trait"}.get(
        retained, f"That there are only {retained} traits"
    )
    if power.empty:
        yield what, "What could have been found is not known of this matrix."
        return
    yield what, _findable(power)


def _findable(power: pd.DataFrame) -> str:
    """How strong traits would have been found, however many there are, and with how many sources others would be."""
    shares = power.groupby(["sources", "communality"])["found"].agg(["min", "max"])
    own = shares.loc[power["sources"].min()].sort_index(ascending=False)
    sure = own[(own["min"] >= ENOUGH).cumprod().astype(bool)]
    weaker = own.drop(sure.index)
    if sure.empty:
        text = f"Traits that explain {100 * own.index[0]:.0f} % of a target's variance would be found in {_span(own)} %"
        text += " of matrices like this one"
    else:
        text = f"Traits that explain at least {100 * sure.index[-1]:.0f} % of a target's variance would be found in at"
        text += f" least {100 * sure['min'].min():.0f} % of matrices like this one"
        if len(weaker):
            text += f", weaker ones ({100 * weaker.index[0]:.0f} %) in {_span(weaker)} %"
    if weaker.empty:
        return f"{text}."
    more = shares["min"].xs(weaker.index[0], level="communality")
    enough = more.index[more >= ENOUGH]
    return f"{text}; {f'{enough.min()} sources would' if len(enough) else 'more sources might'} show those."


def _span(shares: pd.DataFrame) -> str:
    """How often those of the first row are found, by how many there are."""
    low, high = (f"{100 * shares.iloc[0][end]:.0f}" for end in ("min", "max"))
    return low if low == high else f"{low} to {high}"
