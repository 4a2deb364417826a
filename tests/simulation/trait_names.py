"""Are abilities found in loadings that know nothing of them?"""

import numpy as np
import pandas as pd

from crosstask.analysis.traits.trait_names import enrichment


def false_names(n_targets: int, abilities: int, draws: int, seed: int = 0) -> float:
    """Share of analyses of loadings that know nothing of abilities in which any ability is found enriched."""
    found = 0
    names = [f"t{number}" for number in range(n_targets)]
    for number in range(draws):
        generator = np.random.default_rng((seed, number))
        columns = np.linalg.qr(generator.normal(size=(n_targets, 4)))[0]
        labels = dict(zip(names, generator.integers(abilities, size=n_targets).astype(str), strict=True))
        table = enrichment(pd.DataFrame(columns, names), labels, permutations=399, seed=number)
        found += bool((table["p_adjusted"] <= 0.05).any())
    return found / draws


def report(draws: int) -> None:
    """Print the list of docs/statistics/traits.md, "Names"."""
    for targets, abilities in ((10, 3), (22, 5), (40, 6)):
        print(f"- {targets} targets, {abilities} abilities: {100 * false_names(targets, abilities, draws):.1f}")
