"""Rules for the number of components that were tried and not chosen, beside the one that was."""

from collections.abc import Callable, Iterator

import numpy as np

from crosstask.analysis.traits.parallel_analysis import ParallelAnalysis
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.sequential_tests import explained_variance_ratios
from tests.simulation.planted_traits import Planted
from tests.simulation.tables import print_table

NULL_DRAWS = 199

Null = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
"""Data, components before, generator -> spectra of noise from the next component on, draws x components."""


def _on_those_before(values: np.ndarray, kept: int, generator: np.random.Generator) -> np.ndarray:
    """The components before as they are, plus noise with the deviation of each target's residuals."""
    left, singular, right = np.linalg.svd(values, full_matrices=False)
    fitted = (left[:, :kept] * singular[:kept]) @ right[:kept]
    rows, columns = values.shape
    degrees = (rows - 1 - kept) * (columns - kept) / columns
    deviations = np.sqrt(((values - fitted) ** 2).sum(axis=0) / degrees)
    drawn = fitted + deviations * generator.normal(size=(NULL_DRAWS, *values.shape))
    drawn -= drawn.mean(axis=1, keepdims=True)
    spectra = explained_variance_ratios(drawn / drawn.std(axis=1, ddof=1, keepdims=True), min(rows - 1, columns))
    return spectra[:, kept:]


def _of_the_shape_left(values: np.ndarray, kept: int, generator: np.random.Generator) -> np.ndarray:
    """Noise with fewer rows and columns, of one variance."""
    rows, columns = values.shape[0] - kept, values.shape[1] - kept
    drawn = generator.normal(size=(NULL_DRAWS, rows, columns))
    return explained_variance_ratios(drawn - drawn.mean(axis=1, keepdims=True), min(rows - 1, columns))


def _eigenvalue(spectra: np.ndarray) -> np.ndarray:
    return spectra[..., 0]


def _share(spectra: np.ndarray) -> np.ndarray:
    return spectra[..., 0] / spectra.sum(axis=-1)


def _one_after_the_other(null: Null, statistic: Callable[[np.ndarray], np.ndarray]) -> Callable[[Planted, int], int]:
    """A rule that tests component after component."""

    def rule(planted: Planted, number: int) -> int:
        values = observations(planted.matrix(np.random.default_rng((0, number)))).standardized
        rank = min(values.shape[0] - 1, values.shape[1])
        spectrum, generator = explained_variance_ratios(values, rank), np.random.default_rng((1, number))
        for kept in range(rank - 1):
            drawn = statistic(null(values, kept, generator))
            if (1 + (drawn >= statistic(spectrum[kept:])).sum()) / (NULL_DRAWS + 1) > 0.05:
                return kept
        return rank - 1

    return rule


def _horn(planted: Planted, number: int) -> int:
    data = observations(planted.matrix(np.random.default_rng((0, number))))
    return ParallelAnalysis("gaussian", NULL_DRAWS, number)(data).retained_at_once


def _permuted(planted: Planted, number: int) -> int:
    data = observations(planted.matrix(np.random.default_rng((0, number))))
    return ParallelAnalysis("permutation", NULL_DRAWS, number)(data).retained


RULES: dict[str, Callable[[Planted, int], int]] = {
    "Horn, Gaussian": _horn,
    "given the components before, eigenvalue against noise": _one_after_the_other(_on_those_before, _eigenvalue),
    "given the components before, share of the rest (chosen)": _one_after_the_other(_on_those_before, _share),
    "the same, residuals permuted": _permuted,
    "noise of the shape that is left, one variance for all targets": _one_after_the_other(_of_the_shape_left, _share),
}

THREE = Planted((11, 10), 3, 0.25, simple=True)
ONE = Planted((11, 10), 1, 0.25)
NOISY = Planted((22, 22), 3, 1.0, simple=True)


def _rows(draws: int) -> Iterator[dict[str, object]]:
    """One row per rule."""
    for name, rule in RULES.items():
        three, one, noisy = (np.array([rule(kind, number) for number in range(draws)]) for kind in (THREE, ONE, NOISY))
        yield {
            "rule": name,
            "right, three traits": f"{100 * (three == 3).mean():.0f}",
            "too many, one trait spread": f"{100 * (one > 1).mean():.1f}",
            "too many, three traits, 22 x 22, noise 1": f"{100 * (noisy > 3).mean():.1f}",
        }


def report(draws: int) -> None:
    """Print the table of docs/statistics/traits.md, "How a component is tested"."""
    print_table(_rows(draws))
