"""Deviations between seeds, drawn with a known correlation between targets."""

import numpy as np


def of_seeds(share, sources, targets=5, seeds=3, seed=0):
    """Deviations of seeds from their source's mean; that share of the variance is common to all targets."""
    generator = np.random.default_rng(seed)
    values = share**0.5 * generator.normal(size=(sources, seeds, 1))
    values = values + (1 - share) ** 0.5 * generator.normal(size=(sources, seeds, targets))
    return values - values.mean(axis=1, keepdims=True)
