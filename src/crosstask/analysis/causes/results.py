"""Every feature and every model tested, and the variance of gains divided: the tables of the section."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crosstask.analysis.causes.cell_errors import cell_errors
from crosstask.analysis.causes.columns import CAUSES, CAUSES_MODELS
from crosstask.analysis.causes.features import LEVELS, PAIR, SOURCE, TARGET
from crosstask.analysis.causes.inflation import inflation
from crosstask.analysis.causes.level_tests import level_tests
from crosstask.analysis.causes.models import BASELINES, LeftOut, model_rows
from crosstask.analysis.causes.options import Options
from crosstask.analysis.causes.pair_tests import own_features, pair_tests
from crosstask.analysis.causes.shares import variance_shares
from crosstask.analysis.causes.tested import Tested, useless_as_good
from crosstask.analysis.causes.units import Units
from crosstask.analysis.matrix.pairs import Permutation
from crosstask.analysis.schema import column_names
from crosstask.analysis.statistics.multiple_testing import at_most, false_discovery_rates

_CELL_BUDGET, _FEWEST = 20_000_000, 499
"""Cells, in all assignments, beyond which there are fewer of them; and how many there are in any case."""
_REFIT_BUDGET, _FEWEST_REFITS = 2_000_000, 99
"""The same of models that are fitted anew."""


@dataclass(frozen=True)
class Causes:
    """Everything found."""

    features: pd.DataFrame
    """Columns ``CAUSES``."""
    models: pd.DataFrame
    """Columns ``CAUSES_MODELS``."""
    shares: pd.DataFrame
    """Columns ``CAUSES_SHARES``."""


def causes(units: Units, over_base: bool, options: Options, alpha: float) -> Causes:
    """Hold features of sources, targets and pairs against the gains.

    Parameters
    ----------
    units : Units
        Gains and features.
    over_base : bool
        Whether gains are over the base model; over the mean of each target there are no recipients.
    options : Options
        How often features are assigned anew.
    alpha : float
        Level of tests, and 1 minus that of intervals.
    """
    cells = units.gains.size
    orders = units.orders(min(options.relabelings, max(_FEWEST, _CELL_BUDGET // cells)), seed=0)
    sides = [LeftOut.of(units, side) for side in (SOURCE, TARGET)]
    tests = feature_tests(units, orders, alpha)
    refits = orders[: min(options.refits, max(_FEWEST_REFITS, _REFIT_BUDGET // cells))]
    return Causes(
        _feature_table(tests, units, sides, alpha),
        _model_table(sides, refits, alpha),
        variance_shares(units, over_base, alpha),
    )


def feature_tests(units: Units, orders: Sequence[Permutation], alpha: float) -> list[Tested]:
    """Every feature of every level: the same assignments of data sets for all."""
    return [
        *level_tests(units, SOURCE, [rows for rows, _ in orders], alpha),
        *level_tests(units, TARGET, [columns for _, columns in orders], alpha),
        *pair_tests(units, orders, alpha),
    ]


def _feature_table(tests: Sequence[Tested], units: Units, sides: Sequence[LeftOut], alpha: float) -> pd.DataFrame:
    """Columns ``CAUSES``, by level and then by p."""
    p = np.array([test.p for test in tests], dtype=float)
    q = false_discovery_rates(p) if len(tests) else p
    named = {"level": "level", "feature": "feature", "effect": "effect", "ci_low": "low", "ci_high": "high"}
    rows = [{column: getattr(test, name) for column, name in named.items()} for test in tests]
    table = pd.DataFrame(rows, columns=list(named)).assign(
        p=p,
        q=q,
        significant=at_most(pd.Series(q), alpha).to_numpy(),
        useless=useless_as_good(tests),
        sd=[test.sd for test in tests],
        units=[test.units for test in tests],
        tests=int(np.isfinite(p).sum()),
    )
    for further in (_errors(units, sides), _inflation(units, sides)):
        of_feature = further.set_index(["level", "feature"])
        found = of_feature.reindex(pd.MultiIndex.from_frame(table[["level", "feature"]]))
        table[list(found)] = found.to_numpy(float)
    untested = table["p"].isna()
    measured = [name for name in table if name.startswith("error")] + ["vif"]
    table.loc[untested, measured] = np.nan
    places = table["level"].map({level: place for place, level in enumerate(LEVELS)})
    order = table.assign(place=places).sort_values(["place", "p"], kind="stable").index
    return table.loc[order, column_names(CAUSES)].reset_index(drop=True)


def _errors(units: Units, sides: Sequence[LeftOut]) -> pd.DataFrame:
    """Out-of-sample errors of every feature and of the baselines: columns level, feature, error, error_mean, ..."""
    rows = []
    for left_out in sides:
        baselines = {name: _mean(errors) for name, errors in left_out.baselines.items()}
        rows += [(left_out.side, name, _mean(of), *baselines.values()) for name, of in left_out.alone().items()]
    of_cells, of_pairs = cell_errors(units.gains.to_numpy(float), units.model, own_features(units))
    rows += [(PAIR, name, error, *of_cells.values()) for name, error in of_pairs.items()]
    return pd.DataFrame(rows, columns=["level", "feature", "error", *(f"error_{name}" for name in BASELINES)])


def _inflation(units: Units, sides: Sequence[LeftOut]) -> pd.DataFrame:
    """Variance inflation factors within each level: columns level, feature, vif."""
    cells = {name: values[units.model.used] for name, values in sides[0].own.items()}
    levels = {side.side: side.features for side in sides} | {PAIR: pd.DataFrame(cells)}
    parts = [
        pd.DataFrame({"level": level, "feature": list(frame), "vif": inflation(frame.to_numpy(float))})
        for level, frame in levels.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _mean(errors: np.ndarray) -> float:
    """Mean over units; NaN where none was predicted."""
    known = errors[np.isfinite(errors)]
    return float(known.mean()) if len(known) else float("nan")


def _model_table(sides: Sequence[LeftOut], orders: Sequence[Permutation], alpha: float) -> pd.DataFrame:
    """Columns ``CAUSES_MODELS``."""
    exchanged = [(columns, rows) for rows, columns in orders]
    rows = [row for side in sides for row in model_rows(side, orders if side.side == SOURCE else exchanged, alpha)]
    table = pd.DataFrame(rows)
    p = table["p"] if "p" in table else pd.Series(np.nan, table.index)
    q = pd.Series(false_discovery_rates(p), table.index)
    best_known = table.groupby(["left_out", "model"])["baseline_error"].transform("min")
    # Useless features make errors larger, so that chance is beaten by what is no better than the additive model.
    better = at_most(q, alpha) & (table["ci_high"] < 0) & (table["error"] < best_known)
    return table.assign(p=p, q=q, significant=better.where(q.notna()))[column_names(CAUSES_MODELS)]
