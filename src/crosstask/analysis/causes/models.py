"""Models of several features at once, judged on sources, or targets, that they have not seen.

    gain of a new source  =  mean + recipient  +  by its source features  +  by its pair features

and the same for a new target with donors and target features. The mean over the units left out of the root mean square
error of each is held against that of the additive model alone, in which nothing is known of the new unit, and of less:
the mean of all gains, and the mean of the target. p is the share of assignments of the features to sources and targets
in which they seem to help as much, with the features chosen, the penalty set and the model fitted anew in every fold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.stats import t as student

from crosstask.analysis.causes.features import SOURCE
from crosstask.analysis.causes.fold_fits import best, ridge, single
from crosstask.analysis.causes.fold_moments import Folds
from crosstask.analysis.causes.pair_tests import own_features
from crosstask.analysis.causes.units import Units
from crosstask.analysis.matrix.additive_model import additive_model
from crosstask.analysis.matrix.pairs import Permutation
from crosstask.analysis.statistics.variance_parts import Array

BASELINES = ("mean", "donor", "recipient", "additive")
LEAST_SQUARES, RIDGE = MODELS = ("least_squares", "ridge")
_KNOWN = 0.5
"""Share of the units of which a feature of a model must be known; the others are given its mean."""


@dataclass(frozen=True)
class LeftOut:
    """Units of one side, left out one by one."""

    side: str
    """source, or target."""
    folds: Folds
    """Sources first: where targets are left out, both are exchanged."""
    features: pd.DataFrame
    """(units, features) of this side, without gaps."""
    own: Mapping[str, Array]
    """What sources and targets leave of each pair feature, in units of its size, (units, others)."""

    @classmethod
    def of(cls, units: Units, side: str) -> "LeftOut":
        """Leave out the sources or the targets of a matrix."""
        gains = units.gains.to_numpy(float)
        sizes = {name: (of, float(np.abs(of[units.model.used]).max())) for name, of in own_features(units).items()}
        own = {name: of / size for name, (of, size) in sizes.items() if size > 0}
        if side == SOURCE:
            return cls(side, Folds(gains, units.model), _standardized(units.features.sources), own)
        exchanged = Folds(gains.T, additive_model(units.model.used.T))
        return cls(side, exchanged, _standardized(units.features.targets), {name: of.T for name, of in own.items()})

    @property
    def names(self) -> list[str]:
        """Features that the models choose from."""
        return [*map(str, self.features), *self.own]

    @cached_property
    def baselines(self) -> dict[str, Array]:
        """Error of each unit by what is known without features, (units,) each."""
        known = self.folds.baselines
        if self.side != SOURCE:
            known = {**known, "donor": known["recipient"], "recipient": known["donor"]}
        return {name: self.errors(predicted) for name, predicted in known.items()}

    def errors(self, predicted: Array) -> Array:
        """Root mean square error over the cells of each unit, (..., units); NaN without a prediction."""
        squares = (self.folds.gains - predicted) ** 2
        known = np.isfinite(squares)
        counts = known.sum(axis=-1)
        sums = np.where(known, squares, 0.0).sum(axis=-1)
        return np.sqrt(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0))

    def models(self, order: Permutation | None = None) -> dict[str, "Fitted"]:
        """Error of each unit by each model, with the features as they are or assigned to others."""
        features, own = self.features.to_numpy(float), self._stacked
        if order is not None:
            rows, columns = order
            features, own = features[rows], own[:, rows][:, :, columns]
        # Where cells are missing those that are there have margins again: of the features as they are as of any other
        # assignment, of which they are one.
        own = self.folds.model.left(own)
        of_sources, of_pairs = self.folds.of_sources(features), self.folds.of_pairs(own)
        least = min(own.shape[1:]) if own.size else len(features)
        found = {}
        for name in MODELS:
            first = best(of_sources, len(features)) if name == LEAST_SQUARES else ridge(of_sources)
            second = best(of_pairs, least) if name == LEAST_SQUARES else ridge(of_pairs)
            added = self.folds.added_by_sources(of_sources, first, features)[:, None]
            added = added + self.folds.added_by_pairs(of_pairs, second, own)
            found[name] = Fitted(self.errors(self._additive + added), np.concatenate([first, second], axis=1) != 0)
        return found

    def alone(self) -> dict[str, Array]:
        """Error of each unit by the additive model and one feature of this side, by feature."""
        features = self.features.to_numpy(float)
        moments = self.folds.of_sources(features)
        slopes, at = single(moments), self.folds.places
        added = (features - moments.center[at]) / moments.scale[at] * slopes[at]
        names = map(str, self.features)
        return {name: self.errors(self._additive + of[:, None]) for name, of in zip(names, added.T, strict=True)}

    @cached_property
    def _additive(self) -> Array:
        return self.folds.baselines["additive"]

    @cached_property
    def _stacked(self) -> Array:
        """Pair features, (features, units, others)."""
        return np.stack(list(self.own.values())) if self.own else np.zeros((0, *self.folds.gains.shape))


@dataclass(frozen=True)
class Fitted:
    """A model, fold by fold."""

    errors: Array
    """Of each unit left out, (units,)."""
    chosen: Array
    """Which features have a part in it, (folds, features)."""


def model_rows(left_out: LeftOut, orders: Sequence[Permutation], alpha: float) -> Iterator[dict[str, object]]:
    """Compare every model, and the additive one, with every baseline; rows of ``CAUSES_MODELS`` without q.

    Parameters
    ----------
    left_out : LeftOut
        The units of one side.
    orders : sequence of Permutation
        Assignments of the features: of this side's units, then of the others.
    alpha : float
        1 minus the level of the intervals.
    """
    baselines = left_out.baselines
    models = left_out.models() if left_out.names else {}
    helped = {name: np.nanmean(baselines["additive"] - model.errors) for name, model in models.items()}
    reached = dict.fromkeys(models, 1)
    for order in orders if models else ():
        for name, model in left_out.models(order).items():
            by_chance = np.nanmean(baselines["additive"] - model.errors)
            reached[name] += bool(by_chance >= helped[name] - 1e-12)
    for baseline in BASELINES[:-1]:
        yield _row(left_out, "additive", baselines["additive"], (baseline, baselines[baseline]), alpha)
    for name, model in models.items():
        shares = model.chosen.mean(axis=0)
        chosen = [f"{left_out.names[place]} ({shares[place]:.0%})" for place in np.argsort(-shares, kind="stable")]
        for baseline in BASELINES:
            row = _row(left_out, name, model.errors, (baseline, baselines[baseline]), alpha)
            tested = {"p": reached[name] / (1 + len(orders))} if baseline == "additive" else {}
            yield row | {"features": len(left_out.names), "chosen": ", ".join(chosen[: (shares > 0).sum()])} | tested


def _row(left_out: LeftOut, model: str, errors: Array, against: tuple[str, Array], alpha: float) -> dict[str, object]:
    """One comparison, with the interval of the difference over the units left out."""
    name, baseline = against
    difference = (errors - baseline)[np.isfinite(errors - baseline)]
    n = len(difference)
    error = float(difference.std(ddof=1) / np.sqrt(n)) if n > 1 else float("nan")
    half = float(student.ppf(1 - alpha / 2, n - 1)) * error if n > 1 else float("nan")
    middle = float(difference.mean()) if n else float("nan")
    return {
        "left_out": left_out.side,
        "model": model,
        "baseline": name,
        "error": float(np.nanmean(errors)) if n else float("nan"),
        "baseline_error": float(np.nanmean(baseline)) if n else float("nan"),
        "difference": middle,
        "ci_low": middle - half,
        "ci_high": middle + half,
        "units": n,
        "features": 0,
        "chosen": "",
    }


def _standardized(frame: pd.DataFrame) -> pd.DataFrame:
    """Features that are known of enough units and vary, at mean 0 and standard deviation 1; 0 for what is not known."""
    values = frame.to_numpy(float)
    known = np.isfinite(values)
    kept = frame.loc[:, (known.mean(axis=0) >= _KNOWN) if len(frame) else []]
    kept = kept.loc[:, [bool(np.nanstd(kept[name]) > 1e-9 * np.nanmax(np.abs(kept[name]))) for name in kept]]
    return ((kept - kept.mean()) / kept.std(ddof=0)).fillna(0.0)
