"""Published examples of factor analysis, as numbers.

``PHYSICAL``: Harman (1967), Modern Factor Analysis, p. 80: correlations of eight physical variables of 305 girls.
``UNROTATED``, ``QUARTIMAX``, ``QUARTIMIN`` and ``PHI``: two factors of the same variables and their rotations, as in
the tests of R's GPArotation (Bernaards & Jennrich 2005), rounded to five decimals.
``ABILITY``: covariances of six ability tests of 112 persons, R's data set ability.cov; ``ABILITY_UNIQUE`` is what R's
``factanal(factors = 2, covmat = ability.cov)`` prints as uniquenesses, ``ABILITY_VARIMAX``, ``ABILITY_QUARTIMAX`` and
``ABILITY_OBLIMIN`` are GPArotation's rotations of its loadings (without Kaiser's normalisation).
"""

import numpy as np


def _symmetric(*rows: list[float]) -> np.ndarray:
    """A symmetric matrix from the rows of its lower triangle."""
    matrix = np.zeros((len(rows), len(rows)))
    for place, row in enumerate(rows):
        matrix[place, : place + 1] = matrix[: place + 1, place] = row
    return matrix


PHYSICAL = _symmetric(
    [1],
    [0.846, 1],
    [0.805, 0.881, 1],
    [0.859, 0.826, 0.801, 1],
    [0.473, 0.376, 0.380, 0.436, 1],
    [0.398, 0.326, 0.319, 0.329, 0.762, 1],
    [0.301, 0.277, 0.237, 0.327, 0.730, 0.583, 1],
    [0.382, 0.415, 0.345, 0.365, 0.629, 0.577, 0.539, 1],
)
UNROTATED = np.array(
    [
        [0.830, -0.396],
        [0.818, -0.469],
        [0.777, -0.470],
        [0.798, -0.401],
        [0.786, 0.500],
        [0.672, 0.458],
        [0.594, 0.444],
        [0.647, 0.333],
    ]
)
QUARTIMAX = np.array(
    [
        [0.89876, 0.19482],
        [0.93394, 0.12974],
        [0.90213, 0.10386],
        [0.87651, 0.17128],
        [0.31558, 0.87647],
        [0.25113, 0.77349],
        [0.19801, 0.71468],
        [0.30786, 0.65933],
    ]
)
QUARTIMIN = np.array(
    [
        [0.89182, 0.05601],
        [0.95368, -0.02325],
        [0.92915, -0.04650],
        [0.87668, 0.03366],
        [0.01370, 0.92500],
        [-0.01726, 0.82125],
        [-0.05245, 0.76495],
        [0.08589, 0.68312],
    ]
)
PHI = 0.47275
ABILITY = _symmetric(
    [24.641],
    [5.991, 6.700],
    [33.520, 18.137, 149.831],
    [6.023, 1.782, 19.424, 12.711],
    [20.755, 4.936, 31.430, 4.757, 52.604],
    [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
)
ABILITY_UNIQUE = np.array([0.455, 0.589, 0.218, 0.769, 0.052, 0.334])
ABILITY_VARIMAX = np.array(
    [
        [0.51587, 0.52788],
        [0.17505, 0.61646],
        [0.23206, 0.85321],
        [0.12282, 0.46421],
        [0.96138, 0.15269],
        [0.79129, 0.20065],
    ]
)
ABILITY_QUARTIMAX = np.array(
    [
        [0.53471, 0.50878],
        [0.19735, 0.60969],
        [0.26292, 0.84421],
        [0.13962, 0.45944],
        [0.96629, 0.11764],
        [0.79806, 0.17176],
    ]
)
ABILITY_OBLIMIN = np.array(
    [
        [0.38636, 0.47451],
        [-0.01101, 0.64587],
        [-0.02629, 0.89611],
        [-0.01802, 0.48829],
        [0.99009, -0.03707],
        [0.79057, 0.05261],
    ]
)
