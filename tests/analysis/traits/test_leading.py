import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.traits.components import decompose
from crosstask.analysis.traits.leading import LARGE, leading_vectors
from crosstask.analysis.traits.preparation import observations


@pytest.mark.parametrize("size", [LARGE - 1, LARGE])
def test_leading_vectors_are_those_of_the_whole_decomposition(size: int):
    values = np.random.default_rng(0).standard_normal((2, size, size))
    squares = values @ np.swapaxes(values, 1, 2)
    whole = np.linalg.eigh(squares)[1][..., -3:]
    found = leading_vectors(squares, 3)
    np.testing.assert_allclose(
        np.abs(np.swapaxes(whole, 1, 2) @ found), np.broadcast_to(np.eye(3), (2, 3, 3)), atol=1e-9
    )


@pytest.mark.parametrize("shape", [(LARGE + 2, LARGE), (LARGE, LARGE + 2)])
def test_the_first_components_of_a_large_matrix_are_those_of_the_whole_decomposition(shape: tuple[int, int]):
    values = np.random.default_rng(0).standard_normal(shape)
    names = [f"task{place}" for place in range(shape[1])]
    data = observations(pd.DataFrame(values, [f"source{place}" for place in range(shape[0])], names))
    none = np.zeros((0, shape[1]))
    loadings, traits, singular = decompose(data, values, none)
    first_loadings, first_traits, first_singular = decompose(data, values, none, count=2)
    np.testing.assert_allclose(first_loadings, loadings[:, :2], atol=1e-9)
    np.testing.assert_allclose(first_traits, traits[:, :2], atol=1e-9)
    np.testing.assert_allclose(first_singular, singular[:2])
