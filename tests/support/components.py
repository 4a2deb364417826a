"""Components and latent traits of a matrix of scores in one step."""

from typing import Any

import pandas as pd

from crosstask.analysis.traits.components import Components, principal_components
from crosstask.analysis.traits.options import Options
from crosstask.analysis.traits.preparation import observations
from crosstask.analysis.traits.results import LatentTraits, latent_traits


def components_of(matrix: pd.DataFrame, count: int | None = None, **treatment: Any) -> Components:
    """Components of a matrix whose rows and columns are chosen and treated as `observations` has it."""
    return principal_components(observations(matrix, **treatment), count)


def traits_of_scores(matrix: pd.DataFrame, options: Options, *known: Any, **named: Any) -> LatentTraits:
    """Latent traits of a matrix whose rows and columns are chosen and treated as the options have it.

    ``known`` and ``named``: what `latent_traits` takes after the options.
    """
    data = observations(matrix, options.scale, options.base, options.missing, options.ceiling)
    return latent_traits(data, options, *known, **named)
