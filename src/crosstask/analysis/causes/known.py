"""Everything known of the sources, targets and pairs of a matrix, and what is not."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from crosstask.analysis.causes.data_set_features import data_set_features
from crosstask.analysis.causes.features import SOURCE, TARGET, Features, known_features
from crosstask.analysis.data_sets import DataSets
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import listed

LOGS = ("tokens", "update_norm", "logit_displacement")
"""Of trainings: sizes, which are compared by their logarithm."""
TRAINING = ("tokens", "last_loss", "held_out_loss", "update_norm", "logit_displacement")
_OF_DATA = ("class_entropy", "prompt_length", "answer_length", "distinct_words", "reading_ease", "moving_type_token")


def features_of(transfer: Transfer) -> tuple[Features, tuple[str, ...]]:
    """Every feature of the sources and targets with gains, and lines on what is not known."""
    sources, targets = (list(map(str, names)) for names in (transfer.gains.index, transfer.gains.columns))
    data_sets = transfer.data_sets
    if data_sets is None:
        nothing = pd.DataFrame(index=sources), pd.DataFrame(index=targets)
        return Features(*nothing, _abilities(transfer, sources, targets)), (_NO_DATA,)
    of_sources = data_set_features(data_sets.profiles, data_sets.features, SOURCE, sources)
    of_sources = of_sources.join(_trainings(data_sets, sources))
    of_targets = data_set_features(data_sets.profiles, data_sets.features, TARGET, targets)
    pairs = _similarities(transfer, data_sets) | _abilities(transfer, sources, targets)
    found = Features(known_features(of_sources), known_features(of_targets), pairs)
    return found, _lacking(found)


_NO_DATA = (
    "causes: a table of scores, or logs, say nothing of data and trainings: declared abilities are all that can be held"
    " against the gains"
)


def _trainings(data_sets: DataSets, sources: Sequence[str]) -> pd.DataFrame:
    """What is known of the trainings, means over the seeds, (sources, features)."""
    empty = pd.DataFrame(index=pd.Index(sources), columns=list(TRAINING), dtype=float)
    if data_sets.trainings is None:
        return empty
    table = data_sets.trainings()
    if table.empty:
        return empty
    values = table.set_index("source")[list(TRAINING)].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        values[list(LOGS)] = np.log(values[list(LOGS)])
    return values.replace([np.inf, -np.inf], np.nan).groupby(level=0).mean().reindex(sources)


def _similarities(transfer: Transfer, data_sets: DataSets) -> dict[str, pd.DataFrame]:
    """Measures of similarity, (sources, targets) each."""
    measured = data_sets.similarities_of(transfer.gains)
    parts = [part for part in (measured, data_sets.adapters) if part is not None and len(part)]
    if not parts:
        return {}
    found = {}
    for name, rows in pd.concat(parts).groupby("measure", sort=False):
        wide = rows.pivot_table(index="source", columns="target", values="similarity")
        wide = wide.reindex(index=list(transfer.gains.index), columns=list(transfer.gains.columns))
        if np.isfinite(wide.to_numpy(float)).any():
            found[str(name)] = wide
    return found


def _abilities(transfer: Transfer, sources: Sequence[str], targets: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Whether the own task of a source and a target are declared to need one ability; NaN where either is not."""
    abilities, order = transfer.conventions.abilities, transfer.order
    of_sources = [abilities.get(order.home(source)) for source in sources]
    of_targets = [abilities.get(target) for target in targets]
    same = [[np.nan if None in (a, b) else float(a == b) for b in of_targets] for a in of_sources]
    values = np.array(same, dtype=float).reshape(len(sources), len(targets))
    if np.unique(values[np.isfinite(values)]).size < 2:
        return {}
    return {"same_ability": pd.DataFrame(values, sources, targets)}


def _lacking(found: Features) -> tuple[str, ...]:
    """One line that names what is known of nothing."""
    absent = [name for name in _OF_DATA if name not in found.sources and name not in found.targets]
    absent += [name for name in TRAINING if name not in found.sources]
    return (f"causes: not known here, so not among the features: {listed(absent, most=20)}",) if absent else ()
