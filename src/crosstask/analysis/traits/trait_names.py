"""What a component might be called: proposals with the evidence for them, never a verdict."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from crosstask.analysis.schema import column_names
from crosstask.analysis.traits.columns import ENRICHMENT, TRAIT_NAMES

_FEWEST = 2  # targets of an ability; one target alone is no group


def enrichment(
    loadings: pd.DataFrame, abilities: Mapping[str, str], permutations: int = 10_000, seed: int = 0
) -> pd.DataFrame:
    """Whether the targets of one ability lie together at one end of a component.

    The mean loading of an ability's targets is compared with that of as many targets chosen at random, by permuting
    which target has which ability. With the mean l and the variance v (divisor p) of all p loadings of a component,
    the mean a of the m targets of an ability, and B permutations ::

        z           =  (a - l) / sqrt(v / m (p - m) / (p - 1))
        p value     =  (1 + #{|z*| >= |z|}) / (1 + B)
        p adjusted  =  (1 + #{largest |z*| over all components and abilities >= |z|}) / (1 + B)

    The second corrects for all components and abilities at once (maxT: Westfall and Young 1993, "Resampling-based
    multiple testing"): the probability of any false discovery is at most the level.

    Parameters
    ----------
    loadings : DataFrame, shape (n_targets, n_components)
        As from `principal_components`.
    abilities : mapping of str to str
        Target -> ability; targets without one take part as others.
    permutations : int
        Random assignments of abilities to targets.
    seed : int
        Seed of the generator.

    Returns
    -------
    DataFrame
        Columns ``ENRICHMENT``; no rows where no ability has two targets and leaves one over.

    Examples
    --------
    >>> loadings = pd.DataFrame({"PC1": [0.7, 0.7, 0.0, 0.1]}, index=["imdb", "amazon", "goat", "pile"])
    >>> enrichment(loadings, {"imdb": "sentiment", "amazon": "sentiment"})[["ability", "targets", "mean_loading"]]
         ability  targets  mean_loading
    0  sentiment        2           0.7
    """
    labels = pd.Series([abilities.get(str(target)) for target in loadings.index], dtype=object)
    counts = labels.value_counts()
    names = sorted(counts.index[(counts >= _FEWEST) & (counts < len(labels))])
    if not names or loadings.empty:
        return pd.DataFrame(columns=column_names(ENRICHMENT))
    sizes, values = counts[names].to_numpy(), loadings.to_numpy()
    # Abilities x targets, 1 / m for the targets of an ability: times loadings it gives their mean.
    members = np.array([(labels == name).to_numpy() for name in names]) / sizes[:, None]
    z, p, adjusted = _permutation_test(members, values, sizes, permutations, np.random.default_rng(seed))
    means = members @ values
    rows = [
        (component, name, sizes[at], means[at, column], z[at, column], p[at, column], adjusted[at, column])
        for column, component in enumerate(loadings.columns)
        for at, name in enumerate(names)
    ]
    return pd.DataFrame(rows, columns=column_names(ENRICHMENT))


def _permutation_test(
    members: np.ndarray, values: np.ndarray, sizes: np.ndarray, permutations: int, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """z, p and corrected p of each ability's mean on each component, (abilities, components)."""
    # The variance of a mean of m of p values drawn without replacement (var: divisor p), which z standardizes by: so
    # that abilities of different size compete on equal terms for the largest |z|.
    spread = np.sqrt(np.outer((len(values) - sizes) / sizes / (len(values) - 1), values.var(axis=0)))
    spread = np.where(spread > 0, spread, np.inf)  # a component with equal loadings is no evidence: z is 0
    observed = (members @ values - values.mean(axis=0)) / spread
    reached, reached_by_any = np.zeros(observed.shape), np.zeros(observed.shape)
    for _ in range(permutations):
        # One order for all components: their dependence is that of the data.
        drawn = np.abs((members @ values[generator.permutation(len(values))] - values.mean(axis=0)) / spread)
        reached += drawn >= np.abs(observed) - 1e-12  # the same targets summed in another order count as equal
        reached_by_any += drawn.max() >= np.abs(observed) - 1e-12
    return observed, (1 + reached) / (1 + permutations), (1 + reached_by_any) / (1 + permutations)


def proposed_names(
    loadings: pd.DataFrame,
    intervals: pd.DataFrame | None,
    enriched: pd.DataFrame,
    retained: int,
    level: float = 0.05,
) -> pd.DataFrame:
    """The strongest targets of each component and the abilities, if any, that lie at its ends beyond chance.

    On a component with many positive loadings an ability can lie significantly below the others and yet at no end. So
    its mean loading must be as large as that of a component spread evenly over all targets, 1 / sqrt(n_targets).

    Parameters
    ----------
    loadings : DataFrame, shape (n_targets, n_components)
        As from `principal_components`.
    intervals : DataFrame, optional
        Columns ``LOADING_INTERVALS``: only targets whose interval leaves out 0 are named, with it.
    enriched : DataFrame
        As from `enrichment`.
    retained : int
        Components distinguishable from noise; the others get no name.
    level : float
        An ability is proposed if its corrected p value is at most this.

    Returns
    -------
    DataFrame
        Columns ``TRAIT_NAMES``, one row per component.
    """
    rows = []
    for place, component in enumerate(loadings.columns):
        found = enriched[(enriched["component"] == component) & (enriched["p_adjusted"] <= level)]
        found = found[(found["mean_loading"] * np.sign(found["z"])) >= len(loadings) ** -0.5]
        found = found.sort_values("p_adjusted", kind="stable")
        names = [f"{row.ability} ({'+' if row.z > 0 else '-'})" for row in found.itertuples()]
        proposal = ", ".join(names) if place < retained else ""
        rows.append((component, place < retained, _strongest(loadings[component], component, intervals), proposal))
    return pd.DataFrame(rows, columns=column_names(TRAIT_NAMES))


def _strongest(column: pd.Series, component: str, intervals: pd.DataFrame | None, count: int = 4) -> str:
    """Targets of largest magnitude, e.g. ``imdb +0.58 [0.41, 0.75]``."""
    ordered = column.iloc[column.abs().to_numpy().argsort(kind="stable")[::-1]]
    if intervals is None:
        return ", ".join(f"{target} {value:+z.2f}" for target, value in ordered.iloc[:count].items())
    known = intervals[intervals["component"] == component].set_index("target")
    clear = [name for name in ordered.index if name in known.index and known.ci_low[name] * known.ci_high[name] > 0]
    return ", ".join(
        f"{name} {column[name]:+z.2f} [{known.ci_low[name]:z.2f}, {known.ci_high[name]:z.2f}]" for name in clear[:count]
    )
