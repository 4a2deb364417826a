"""Common factors of the transfer matrix, with rotations, and a guard that refuses what has no meaning."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crosstask.analysis.traits.observations import ROUNDING, Observations
from crosstask.analysis.traits.options import Extraction, Rotation
from crosstask.errors import UserError, require_one_of

if TYPE_CHECKING:  # importing statsmodels takes a quarter of a second, and few analyses ask for factors
    from statsmodels.multivariate.factor import FactorResults

_METHODS = {Extraction.principal_axis: "pa", Extraction.maximum_likelihood: "ml"}
# Oblimin with gamma = 0 is quartimin.
_CRITERIA = {Rotation.varimax: "varimax", Rotation.quartimax: "quartimax", Rotation.oblimin: "quartimin"}
_ITERATIONS = 2000
_TRIES = 500  # iterations of a rotation; four times as many must change nothing
_SETTLED = 1e-4  # change of a communality or loading that passes for none
_HEYWOOD = 0.995  # leaves next to nothing unique; R's factanal stops at the same bound


@dataclass(frozen=True)
class Factors:
    """A factor solution.

    With pattern L, factor correlations F and uniquenesses u the correlation matrix R of the targets is modeled as ::

        R  =  L F L' + diag(u)
    """

    pattern: pd.DataFrame
    """L: weights of the factors in each target, targets x factors; with orthogonal factors also the correlations."""
    structure: pd.DataFrame
    """L F: correlation of each target with each factor, targets x factors, -1 to 1."""
    correlations: pd.DataFrame
    """F: correlation of the factors with each other, factors x factors; the identity unless the rotation is oblique."""
    communalities: pd.Series
    """1 - u, the diagonal of L F L': share of each target's variance that the factors explain, 0 to 1."""
    variance: pd.DataFrame
    """``factor``, ``variance`` (the diagonal of L' L F, in targets' worth; they sum to the communalities),
    ``explained_variance_ratio`` (of all targets' variance, 0 to 1)."""
    scores: pd.DataFrame
    """Bartlett's factor scores, rows x factors, in standard deviations; the traits of the sources."""


@dataclass(frozen=True)
class FactorAnalysis:
    """Factor analysis of the targets' correlation matrix, by statsmodels.

    Where components explain all variance, factors explain only what targets share. Factors come by falling variance,
    and the entry of largest magnitude of each pattern column is positive. With z-scores Z of the targets the scores of
    the rows are ::

        Z diag(u)^-1 L (L' diag(u)^-1 L)^-1

    (Bartlett 1937, "The statistical conception of mental factors", British Journal of Psychology 28).

    Parameters
    ----------
    count : int
        Number of factors.
    rotation : Rotation
        Two orthogonal rotations and an oblique one (gamma = 0, which is quartimin), without Kaiser's normalization, as
        R's GPArotation has them; see `rotate`.
    extraction : Extraction
        The second needs more sources than targets by at least two.

    Raises
    ------
    UserError
        If a parameter has another value.
    """

    count: int
    rotation: Rotation = Rotation.varimax
    extraction: Extraction = Extraction.principal_axis

    def __post_init__(self) -> None:
        """Refuse values outside the lists."""
        require_one_of("rotation", self.rotation, tuple(Rotation))
        require_one_of("extraction", self.extraction, tuple(Extraction))
        if self.count < 1:
            raise UserError(f"count={self.count}: at least 1 factor")

    def __call__(self, data: Observations) -> Factors:
        """Find the factors of a matrix, as from `observations`; scaling does not matter, z-scores are analyzed.

        Raises
        ------
        UserError
            If there are too many factors for the targets or too few sources; if extraction or rotation does not
            converge; or if a communality reaches 1 (a Heywood case), which means that the model does not fit.
        """
        values = data.standardized
        deviations = np.sqrt((values**2).sum(axis=0) / data.df)
        if deviations.min() <= ROUNDING * deviations.max():
            target = data.values.columns[int(np.argmin(deviations))]
            raise UserError(f"factor analysis needs targets with scores that vary; those of {target} do not")
        values = values / deviations
        observed = data.df + 1  # a sample of so many would have as many degrees of freedom: settings took the others
        self._check_size(observed, values.shape[1])
        correlations = np.corrcoef(values.T)
        results = self._extract(correlations, observed, data.values.columns)
        pattern, phi = rotate(results.loadings, self.rotation)
        return _tables(pattern, phi, results.communality, values, data)

    def _check_size(self, n_rows: int, n_columns: int) -> None:
        """Refuse what cannot be estimated from so few targets or sources."""
        # Degrees of freedom of the model (Lawley and Maxwell 1971, "Factor analysis as a statistical method"): of p
        # targets p (p - 1) / 2 correlations, less p m loadings, of which rotation leaves m (m - 1) / 2 open.
        freedom = ((n_columns - self.count) ** 2 - (n_columns + self.count)) // 2
        if self.count >= n_columns or freedom < 0:
            raise UserError(f"{self.count} factors of {n_columns} targets have more parameters than correlations")
        # With n - 1 < p the correlation matrix is singular and the likelihood unbounded; n - 1 = p is next to it.
        if self.extraction == Extraction.maximum_likelihood and n_rows < n_columns + 2:
            raise UserError(
                f"maximum likelihood needs at least {n_columns + 2} sources for {n_columns} targets; there are {n_rows}"
            )

    def _extract(self, correlations: np.ndarray, n_rows: int, targets: pd.Index) -> "FactorResults":
        """Unrotated factors, converged and with something unique left to every target."""
        from statsmodels.multivariate.factor import Factor

        # Without squared multiple correlations to start from: a singular matrix has none, and the end is the same.
        model = Factor(None, self.count, corr=correlations, method=_METHODS[self.extraction], smc=False, nobs=n_rows)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what they warn of is checked below
            results = model.fit(maxiter=_ITERATIONS, rng=0)
        if results.loadings.shape[1] < self.count:
            raise UserError(f"factor analysis finds only {results.loadings.shape[1]} of {self.count} factors")
        if self.extraction == Extraction.maximum_likelihood:
            change = np.abs(results.mle_retvals.jac).max()  # the slope of the likelihood where the optimizer stopped
        else:
            # statsmodels does not say whether principal axes converged: one step more must change nothing.
            change = np.abs(
                _principal_axis_step(correlations, results.communality, self.count) - results.communality
            ).max()
        _refuse_heywood(results.communality, targets)  # before convergence: it says more of what is wrong
        if not change < _SETTLED:
            raise UserError(f"factor analysis by {self.extraction} of {self.count} factors does not converge")
        return results


def rotate(loadings: np.ndarray, rotation: Rotation) -> tuple[np.ndarray, np.ndarray]:
    """Turn factors to simple structure: large weights of each factor in few targets.

    Of p targets and the pattern L, with L2 its squares ::

        varimax    maximizes  sum over factors k of  (sum over i of L2[i, k]^2  -  (sum over i of L2[i, k])^2 / p)
        quartimax  maximizes  sum over i and k of  L2[i, k]^2
        oblimin    minimizes  sum over factors k != l of  sum over i of  L2[i, k] L2[i, l]

    the first two over orthogonal, the last over correlated factors (Kaiser 1958, "The varimax criterion for analytic
    rotation in factor analysis", doi:10.1007/BF02289233; Neuhaus and Wrigley 1954, "The quartimax method"; Jennrich and
    Sampson 1966, "Rotation for simple loadings", doi:10.1007/BF02289465, its direct quartimin). By gradient projection
    from the loadings given (Bernaards and Jennrich 2005, "Gradient projection algorithms and software for arbitrary
    rotation criteria in factor analysis", doi:10.1177/0013164404272507).

    Parameters
    ----------
    loadings : array, shape (n_targets, n_factors)
        Uncorrelated factors.
    rotation : Rotation
        As for `FactorAnalysis`.

    Returns
    -------
    pattern : array, shape (n_targets, n_factors)
        Weights of the rotated factors.
    correlations : array, shape (n_factors, n_factors)
        Of the rotated factors with each other.

    Raises
    ------
    UserError
        If the rotation does not converge.
    """
    count = loadings.shape[1]
    if rotation == Rotation.none or count == 1:
        return loadings, np.eye(count)
    from statsmodels.multivariate.factor_rotation import rotate_factors

    pattern, turn = rotate_factors(loadings, _CRITERIA[rotation], max_tries=_TRIES)
    # rotate_factors does not say whether it converged.
    further, _ = rotate_factors(loadings, _CRITERIA[rotation], max_tries=4 * _TRIES)
    if float(np.abs(further - pattern).max()) > _SETTLED:
        raise UserError(f"rotation={rotation} of {count} factors does not converge")
    return pattern, turn.T @ turn  # L = A (T')^-1 for loadings A: the factors correlate as T' T, I for orthogonal T


def _principal_axis_step(correlations: np.ndarray, communalities: np.ndarray, count: int) -> np.ndarray:
    """Communalities after one more iteration of principal axes.

    With the m leading eigenvalues l and eigenvectors V of R whose diagonal the communalities h replaced ::

        h[i]  <-  sum over m of  l V[i]^2
    """
    reduced = correlations.copy()
    np.fill_diagonal(reduced, communalities)
    values, vectors = np.linalg.eigh(reduced)
    squares: np.ndarray = (vectors[:, -count:] ** 2) @ values[-count:].clip(min=0)  # eigenvalues ascend
    return squares


def _refuse_heywood(communalities: np.ndarray, targets: pd.Index) -> None:
    """Raise if a target's variance is explained in full, or more."""
    place = int(np.argmax(communalities))
    if communalities[place] >= _HEYWOOD:
        raise UserError(
            f"factor analysis gives target {targets[place]} a communality of {communalities[place]:.3f}, where less"
            " than 1 is possible (a Heywood case): fewer factors, or more sources"
        )


def _tables(
    pattern: np.ndarray, phi: np.ndarray, communalities: np.ndarray, values: np.ndarray, data: Observations
) -> Factors:
    """The solution as tables, factors by falling variance, the largest weight of each positive."""
    variance = (pattern * (pattern @ phi)).sum(axis=0)
    order = np.argsort(-variance, kind="stable")
    largest = np.abs(pattern).round(9).argmax(axis=0)  # rounded, or the last digit would settle a tie at random
    signs = np.sign(pattern[largest, np.arange(len(order))])
    pattern = (pattern * signs)[:, order]
    phi = (phi * np.outer(signs, signs))[np.ix_(order, order)]  # both of its sides are factors
    unique = 1 - communalities
    weighted = pattern / unique[:, None]
    scores = values @ weighted @ np.linalg.inv(pattern.T @ weighted)
    names = [f"F{number}" for number in range(1, len(order) + 1)]
    targets = data.values.columns.rename("target")
    shares = variance[order]
    return Factors(
        pattern=pd.DataFrame(pattern, targets, names),
        structure=pd.DataFrame(pattern @ phi, targets, names),
        correlations=pd.DataFrame(phi, pd.Index(names, name="factor"), names),
        communalities=pd.Series(communalities, targets, name="communality"),
        variance=pd.DataFrame({"factor": names, "variance": shares, "explained_variance_ratio": shares / len(targets)}),
        scores=pd.DataFrame(scores, data.names[: len(values)], names),
    )
