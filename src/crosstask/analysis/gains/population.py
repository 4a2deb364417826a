"""Over which population the intervals of a matrix generalize: one line, whatever was measured."""

import numpy as np

from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.strata import strata
from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer

_OF_SEEDS = {
    "the same": "seeds that share their training rows, not over other training rows (data.train_seed)",
    "redrawn": "seeds that have training rows of their own (data.train_seed)",
    "not known": "seeds",
}


def population_notes(transfer: Transfer) -> list[str]:
    """Return the line on what the intervals and tests of all tables are about; none where nothing has an interval.

    Intervals over tasks, of rates, and over the test rows of a single run, of scores.csv, are named in their tables.
    """
    means = transfer.means
    trained = np.array([source != BASE for source in means.sources], dtype=bool)[:, None] & (means.seeds > 0)
    known = trained & ~np.isnan(means.parts.standard_error)
    if not known.any():
        return []
    over_seeds = means.over_seeds[known]
    if not over_seeds.any():
        return [_of_adapters(transfer)]
    if not over_seeds.all():
        return [
            "intervals and tests of cells with one seed are for that one adapter, of cells with several over seeds, and"
            " of what is made of both, such as donors, for neither: too few cells have several"
        ]
    # Where all answers are right their variance is 0, and yet it is known.
    rows = (means.parts.examples[known] > 0) | (means.n[known] > 1)
    seeds = _OF_SEEDS[transfer.training_rows]
    if not rows.any():
        line = f"intervals and tests are over {seeds}; not over test rows, without standard errors or n"
    else:
        where = "" if rows.all() else ", where standard errors or n are known,"
        line = f"intervals and tests are over test rows{where} and over {seeds}"
    named = _told_apart(transfer)
    line += f"; what rows tell apart by {named} is taken as given" if named else ""
    return [line + "; cells with one seed are taken to vary like the others" * bool((means.borrows & known).any())]


def _of_adapters(transfer: Transfer) -> str:
    """The line where there is one seed; where rows tell settings apart, gains are means over an adapter of each."""
    named = _told_apart(transfer)
    if not named:
        return "with one seed, intervals and tests are for this one adapter, not for another training of it"
    return (
        f"with one seed, intervals and tests are for the mean of these adapters, one of each {named}, not for another"
        " training of them"
    )


def _told_apart(transfer: Transfer) -> str:
    """Names of the settings that the matrix is a mean over."""
    return ", ".join(further_keys(transfer.rows)) if len(strata(transfer.scores)) > 1 else ""
