"""Gains with one unit after another left out: what the other units say of it, and what features add to that.

Written for sources; targets are left out by exchanging both. A fold is one source, or one of `MOST` groups of sources.
In each the additive model is fitted to the sources that stay, and to it are added a regression of their donors on
source features and one of their residuals on pair features, both by their moments alone, so that all folds are fitted
at once.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crosstask.analysis.matrix.additive_model import AdditiveModel, additive_model
from crosstask.analysis.statistics.variance_parts import Array
from crosstask.errors import UserError

MOST = 100
"""Folds at most."""
_NOTHING = 1e-12
"""Squared standard deviation below which a feature does not vary in a fold."""


@dataclass(frozen=True)
class Moments:
    """Standardized features and what they have to explain, fold by fold."""

    gram: Array
    """Products of the features, (folds, features, features); n on the diagonal, 0 for one that does not vary."""
    cross: Array
    """Their products with what is to be explained, (folds, features)."""
    squares: Array
    """Sum of squares of that, (folds,)."""
    n: Array
    """Observations, of pairs less what donors and recipients take of them, (folds,)."""
    center: Array
    """Mean of each feature, (folds, features)."""
    scale: Array
    """Its standard deviation; infinite where it does not vary."""


@dataclass(frozen=True)
class Folds:
    """The sources left out, fold by fold, and the additive fit to the others."""

    gains: Array
    """(sources, targets); NaN in cells that take no part."""
    model: AdditiveModel
    """Of the whole matrix."""

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """Fold of each source."""
        count = len(self.gains)
        shuffled = np.random.default_rng(0).permutation(count) if count > MOST else np.arange(count)
        return shuffled % min(count, MOST)

    @cached_property
    def stay(self) -> NDArray[np.bool_]:
        """Which sources each fold is fitted to, (folds, sources)."""
        here = np.arange(self.places.max() + 1)[:, None] != self.places
        return here & self.model.used.any(axis=1)

    @cached_property
    def _fits(self) -> tuple[Array, Array]:
        """Effects of each fold, (folds, 1 + sources + targets), NaN where the rest tells none; and its residuals."""
        gains = np.nan_to_num(self.gains)
        effects = np.full((len(self.stay), 1 + sum(gains.shape)), np.nan)
        left = np.zeros((len(self.stay), *gains.shape))
        for fold, rows in enumerate(self.stay):
            used = self.model.used & rows[:, None]
            try:
                model = additive_model(used)
            except UserError:
                continue
            found = model.effects(gains)
            # Of a target without any cell in the rest nothing is said.
            found[1 + len(gains) :][~used.any(axis=0)] = np.nan
            effects[fold] = found
            left[fold] = np.where(used, gains - model.fitted(np.nan_to_num(found)), 0.0)
        return effects, left

    @property
    def baselines(self) -> dict[str, Array]:
        """What is expected of each cell when its source is left out, (sources, targets); NaN where it is not used.

        By mean of all cells; of a donor nothing is known; the mean of the target; mean and recipient.
        """
        used, stay = self.model.used, self.stay.astype(float)
        counts, sums = stay @ used, stay @ np.nan_to_num(self.gains)
        mean = sums.sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True)
        of_targets = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
        effects = self._fits[0]
        additive = effects[:, :1] + effects[:, 1 + len(used) :]
        alone = np.broadcast_to(mean, additive.shape)
        by_fold = {"mean": alone, "donor": alone, "recipient": of_targets, "additive": additive}
        return {name: np.where(used, of_folds[self.places], np.nan) for name, of_folds in by_fold.items()}

    def of_sources(self, features: Array) -> Moments:
        """Moments of source features, (sources, features) without gaps, with the donors of each fold."""
        stay = self.stay.astype(float)
        n = stay.sum(axis=1)
        donors = np.nan_to_num(self._fits[0][:, 1 : 1 + len(features)]) * stay
        center = stay @ features / n[:, None]
        products = (stay @ _squares(features)).reshape(len(n), *features.shape[1:] * 2)
        products = products - n[:, None, None] * center[:, :, None] * center[:, None, :]
        cross = donors @ features - donors.sum(axis=1, keepdims=True) * center
        return _standardized(products, cross, (donors**2).sum(axis=1), n, center)

    def of_pairs(self, own: Array) -> Moments:
        """Moments of pair features, (features, sources, targets), with the residuals of each fold.

        The features are without effects of sources and targets over all cells; what leaving a source out adds to the
        effects of targets, the sum of what is left over the number of the rest, is taken off the moments.
        """
        count, used, left = len(own), self.model.used, self._fits[1]
        own = np.where(used, own, 0.0)
        of_sources = np.einsum("pst,qst->spq", own, own, optimize=True).reshape(len(used), count**2)
        stay = self.stay.astype(float)
        products = (stay @ of_sources).reshape(len(stay), count, count)
        sums = np.einsum("fs,pst->fpt", stay, own, optimize=True)
        cells = np.maximum(stay @ used, 1)
        products = products - np.einsum("fpt,fqt,ft->fpq", sums, sums, 1 / cells, optimize=True)
        cross = left.reshape(len(stay), used.size) @ own.reshape(count, used.size).T
        n = np.maximum((stay @ used).sum(axis=1) - stay.sum(axis=1) - used.any(axis=0).sum() + 2, 1)
        return _standardized(products, cross, (left**2).sum(axis=(1, 2)), n, np.zeros((len(stay), count)))

    def added_by_sources(self, moments: Moments, slopes: Array, features: Array) -> Array:
        """What slopes (folds, features) on source features add for each source when it is left out, (sources,)."""
        at = self.places
        added: Array = ((features - moments.center[at]) / moments.scale[at] * slopes[at]).sum(axis=1)
        return added

    def added_by_pairs(self, moments: Moments, slopes: Array, own: Array) -> Array:
        """The same of pair features, (sources, targets)."""
        at = self.places
        added: Array = np.einsum("sp,pst->st", slopes[at] / moments.scale[at], own, optimize=True)
        return added


def _squares(features: Array) -> Array:
    """Products of all features of each unit, (units, features squared)."""
    return (features[:, :, None] * features[:, None, :]).reshape(len(features), -1)


def _standardized(products: Array, cross: Array, squares: Array, n: Array, center: Array) -> Moments:
    """Moments of features at standard deviation 1."""
    variances = np.einsum("fpp->fp", products) / n[:, None]
    size = np.maximum(np.square(center), 1.0)
    scale = np.where(variances > _NOTHING * size, np.sqrt(np.maximum(variances, 0)), np.inf)
    gram = products / scale[:, :, None] / scale[:, None, :]
    return Moments(gram, cross / scale, squares, n, center, scale)
