"""Figures of latent traits say in their titles what was found."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.traits.options import Matrix, Options
from crosstask.analysis.traits.requests import trait_figures
from tests.support.components import traits_of_scores


def titles(planted: int) -> dict[str, str]:
    """The title of every figure of a matrix with so many planted components."""
    rng = np.random.default_rng(1)
    values = 4 * rng.normal(size=(12, planted)) @ rng.normal(size=(planted, 12)) + rng.normal(size=(12, 12))
    matrix = pd.DataFrame(values, [f"s{place}" for place in range(12)], [f"t{place}" for place in range(12)])
    few = Options(matrix=Matrix.scores, noise_draws=99, resamples=5)
    found = traits_of_scores(matrix, few, lambda _: matrix)
    return {request.name: request.title for request in trait_figures(found, "12 x 12")}


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        (0, "No component is distinguishable from noise"),
        (1, "1 component is distinguishable from noise"),
        (2, "2 components are distinguishable from noise"),
    ],
)
def test_maps_and_scree_say_how_many_components_are_retained(planted: int, told: str):
    found = titles(planted)
    assert {found[name] for name in ("loadings", "scree", "sources")} == {told}


def test_intervals_say_that_there_is_nothing():
    found = titles(0)
    assert found["loadings_intervals"] == found["traits_intervals"]
    assert found["loadings_intervals"] == "No component is distinguishable from noise"
