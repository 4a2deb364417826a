"""How alike the updates are that adapters make to the base model's weights."""

import json
from collections.abc import Iterable, Mapping
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors.numpy import load_file

from crosstask.analysis.columns import SIMILARITIES, column_names

MEASURE = "adapter_weights"
Factors = dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""By layer the factors B and A of the update B A, scaling left out."""


def adapter_similarities(
    records: Iterable[Mapping[str, Any]], folders: Mapping[str, Path], homes: Mapping[str, str]
) -> pd.DataFrame:
    """Return the cosine between the weight updates of every source and those of the source at home on every target.

    Parameters
    ----------
    records
        Rows of the matrix, whose adapters are compared, those of one seed with each other.
    folders
        Folder of each adapter; one that is not there is left out.
    homes
        Home of each source; see :func:`crosstask.cell_table.homes`.

    Returns
    -------
    DataFrame
        The columns of :data:`crosstask.analysis.columns.SIMILARITIES`, mean over seeds. Adapters that are no plain
        low-rank update (DoRA, IA3), and targets that no source is at home on, have no rows.
    """
    tuned = [record for record in records if record["adapter"] in folders]
    rows = []
    for seed in sorted({record["seed"] for record in tuned}):
        adapters = {record["source"]: folders[record["adapter"]] for record in tuned if record["seed"] == seed}
        cosines = _cosines({source: _factors(folder) for source, folder in sorted(adapters.items())})
        at_home = {homes[source]: source for source in sorted(adapters, reverse=True) if source in homes}
        rows += [
            (MEASURE, source, target, cosines[source, own])
            for source in adapters
            for target, own in at_home.items()
            if (source, own) in cosines
        ]
    frame = pd.DataFrame(rows, columns=column_names(SIMILARITIES))
    return frame.groupby(["measure", "source", "target"], as_index=False)["similarity"].mean()


def _factors(folder: Path) -> Factors:
    """Return the factors of every layer's update; none of an adapter that is something else, or is not there."""
    if not folder.exists():
        return {}
    settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    if settings.get("peft_type") != "LORA" or settings.get("use_dora"):
        return {}
    weights = load_file(folder / "adapter_model.safetensors")
    layers = [key.removesuffix(".lora_A.weight") for key in weights if key.endswith(".lora_A.weight")]
    return {
        layer: (weights[f"{layer}.lora_B.weight"].astype(float), weights[f"{layer}.lora_A.weight"].astype(float))
        for layer in layers
    }


def _cosines(adapters: Mapping[str, Factors]) -> dict[tuple[str, str], float]:
    """Return the cosine of every two adapters that have updates on the same layers."""
    alike = {name: factors for name, factors in adapters.items() if factors}
    products = {
        (one, two): _inner_product(alike[one], alike[two])
        for one, two in combinations_with_replacement(alike, 2)
        if alike[one].keys() == alike[two].keys()
    }
    found = {}
    for (one, two), product in products.items():
        found[one, two] = found[two, one] = product / np.sqrt(products[one, one] * products[two, two])
    return found


def _inner_product(one: Factors, two: Factors) -> float:
    """Return the sum of products of all entries of two updates, from their factors: tr((B1 A1)^T B2 A2)."""
    return float(sum(((b1.T @ two[layer][0]) * (a1 @ two[layer][1].T)).sum() for layer, (b1, a1) in one.items()))
