"""How far seeds of one source change the same answers, and other sources do.

``python -m tests.simulation.seed_agreement STORE``. What `find_twins` asks of two sources with one seed, a correlation
above 1/2, is held against a store with several.
"""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.agreement import AnswerAgreement
from crosstask.analysis.matrix.shared_answers import shared_answers
from crosstask.analysis.schema import BASE
from crosstask.runs.answers import read_answers
from crosstask.runs.cell_table import cell_table, homes
from crosstask.storage.rows import StoredRows
from crosstask.storage.store import Store


def main(folder: str) -> None:
    """Print quantiles of the agreement of two runs of one source, and the largest of two of different ones."""
    stored = StoredRows(Store(Path(folder)))
    rows = stored.rows()
    records = [row.record for row in rows]
    own = homes(records)
    answers = read_answers(stored.fetch_answers(records), cell_table(rows)).targets
    runs = [run for run in next(iter(answers.values())).rows if run[0] != BASE]
    agreement = shared_answers(
        (
            found.scores[[found.rows.index(run) for run in runs]],
            np.array([own.get(run[0], run[0]) != target for run in runs]),
        )
        for target, found in answers.items()
    )
    pairs = list(combinations(range(len(runs)), 2))
    same = [agreement[a, b] for a, b in pairs if runs[a][0] == runs[b][0]]
    others = sorted(((agreement[a, b], runs[a], runs[b]) for a, b in pairs if runs[a][0] != runs[b][0]), reverse=True)
    print(
        f"one source: {len(same)} pairs of runs, smallest, median, largest:", *np.quantile(same, [0, 0.5, 1]).round(2)
    )
    above = np.mean(np.array(same) > 0.5), np.mean([r > 0.5 for r, *_ in others])
    print(f"above 1/2: {above[0]:.0%} of them, {above[1]:.1%} of pairs of others; of these the largest:")
    for r, one, other in others[:10]:
        print(f"{r:.2f}", one, other)
    print("of what seeds of one source share, artanh of that, two sources share at most", *_nearest(agreement, runs))


def _nearest(agreement: np.ndarray, runs: list[tuple[object, ...]]) -> tuple[object, ...]:
    """The largest share over pairs of sources, and the pair."""
    owners, names = pd.factorize(np.array([run[0] for run in runs]))
    found, shares = AnswerAgreement(agreement, owners), []
    for a, b in combinations(range(len(names)), 2):
        same = np.concatenate([found.of_runs(place, place) for place in (a, b)])
        shares.append(
            (round(float(np.nanmean(found.of_runs(a, b)) / np.nanmean(same)), 2), str(names[a]), str(names[b]))
        )
    share, *pair = max(shares)
    return f"{share:.2f}", *pair


if __name__ == "__main__":
    main(sys.argv[1])
