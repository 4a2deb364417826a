"""Components count from the first on, and none after one that fails."""

import numpy as np
import pandas as pd
import pytest

from crosstask.analysis.traits.noise_test import NoiseTest


def result(p: list[float], shares: list[float], p95: list[float]) -> NoiseTest:
    """A test of as many components, without what does not count here."""
    tests = pd.DataFrame({"p": p, "explained_variance_ratio": shares})
    return NoiseTest(pd.DataFrame({"p95": p95}), tests, 99)


@pytest.mark.parametrize(
    ("p", "retained"), [([0.01, 0.05, 0.2, np.nan], 2), ([0.06, np.nan, np.nan, np.nan], 0), ([0.01] * 4, 4)]
)
def test_components_are_retained_up_to_the_first_that_may_be_noise(p, retained):
    assert result(p, [0.25] * 4, [0.2] * 4).retained == retained


def test_a_component_after_one_that_noise_reaches_is_not_retained_however_large_its_share():
    assert result([0.01] * 3, [0.5, 0.2, 0.3], [0.4, 0.25, 0.2]).retained_at_once == 1
