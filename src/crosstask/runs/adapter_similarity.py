"""Similarity of the updates that adapters make to the base model's weights.

The update of a layer's weights is a product of two factors of rank r, W = s B A, and the similarity of two adapters is
the cosine of their updates over the entries of all layers (Hu et al. 2021, "LoRA: low-rank adaptation of large language
models", arXiv:2106.09685, has the update) ::

    cosine  =  sum over layers of <W1, W2>  /  (|W1| |W2|)
    <W1, W2>  =  trace((B1 A1)' B2 A2)  =  sum over k, l of (A1 A2')[k, l] (B1' B2)[k, l]

so that W, as large as the weights themselves, is never made. The scale s is the same in all layers of an adapter and
cancels.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from safetensors import safe_open

from crosstask.analysis.matrix.columns import SIMILARITIES
from crosstask.analysis.schema import column_names
from crosstask.errors import UserError
from crosstask.storage.adapter_files import content, verified
from crosstask.storage.layout import CONFIG, WEIGHTS
from crosstask.storage.records import RunRecord

log = logging.getLogger(__name__)

MEASURE = "adapter_weights"
Matrix = NDArray[np.float64]
_TRAINED_ALIKE = attrgetter("base", "data_id", "seed", "settings")
"""Only adapters that agree in all of these are compared with each other."""
_MORE = ("use_dora", "rank_pattern", "alpha_pattern", "modules_to_save", "trainable_token_indices", "lora_bias")
"""Settings by which an update is more than a product of two factors, or of another scale in some layers."""
_READ = ("F64", "F32", "F16")
"""Types of numbers that numpy has."""
A_SUFFIX, B_SUFFIX = ".lora_A.weight", ".lora_B.weight"


def adapter_similarities(
    records: Iterable[RunRecord], folders: Mapping[str, Path], homes: Mapping[str, str]
) -> pd.DataFrame:
    """Return the cosine between the weight updates of every source and those of each target's own source.

    Parameters
    ----------
    records
        Rows of the matrix, whose adapters are compared: those of one base model, data, seed and settings with each
        other.
    folders
        Folder of each adapter, by its name, or by the fingerprint of its content where it was made elsewhere; one that
        is not there is left out.
    homes
        Own task of each source; see :func:`crosstask.runs.cell_table.homes`.

    Returns
    -------
    DataFrame
        Columns ``SIMILARITIES``, mean over those. Adapters that are no plain low-rank update (DoRA, IA3), and targets
        that are no source's own task, have no rows; so do those whose files are not what was trained, which a warning
        names. Of several sources with the same own task the one of its name counts, else the first by name.
    """
    records = list(records)
    by_training: dict[tuple[Any, ...], dict[str, Path]] = {}
    elsewhere = {record.external for record in records if record.external}
    plain = {name for name, folder in sorted(folders.items()) if is_plain(folder, name, name in elsewhere)}
    for record in records:
        if (name := record.adapter or record.external) in plain:
            by_training.setdefault(_TRAINED_ALIKE(record), {})[record.source] = folders[name]
    rows = []
    for _, updates in sorted(by_training.items(), key=lambda item: str(item[0])):  # None among numbers
        cosines = _cosines(dict(sorted(updates.items())))
        # In a dict the last entry of a key stays: backwards by name, and behind them those named like their task.
        by_rank = sorted(sorted(cosines.index, reverse=True), key=lambda source: homes.get(source) == source)
        own_sources = {homes[source]: source for source in by_rank if source in homes}
        rows += [
            (MEASURE, source, target, cosines.loc[source, own])
            for source in cosines.index
            for target, own in own_sources.items()
        ]
    frame = pd.DataFrame(rows, columns=column_names(SIMILARITIES))
    return frame.groupby(["measure", "source", "target"], as_index=False)["similarity"].mean()


def is_plain(folder: Path, name: str, elsewhere: bool) -> bool:
    """Tell whether a folder holds the adapter of a name, and its update is a product of two factors in every layer.

    ``elsewhere``: the name is the fingerprint of its content, since it was not trained here.
    """
    if not (folder / CONFIG).exists():
        return False
    try:
        _verify(folder, name, elsewhere)
    except UserError as error:
        log.warning("the adapter is left out of the similarities: %s", error)
        return False
    settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    if settings.get("peft_type") != "LORA" or any(settings.get(name) for name in _MORE):
        return False
    with safe_open(folder / WEIGHTS, framework="numpy") as file:
        return all(file.get_slice(key).get_dtype() in _READ for key in file.keys())  # noqa: SIM118 (no mapping)


def _verify(folder: Path, name: str, elsewhere: bool) -> None:
    """Refuse files that are not those of the name."""
    if not elsewhere:
        verified(folder, name)
        return
    try:
        found = content(folder)
    except (OSError, ValueError, AttributeError) as error:
        raise UserError(f"{folder}: damaged ({error})") from error
    if found != name:
        raise UserError(f"{folder}: holds another adapter than when it was scored")


def _cosines(adapters: Mapping[str, Path]) -> pd.DataFrame:
    """Return the cosine of every two adapters' updates; a layer that an adapter leaves alone is an update of 0."""
    names = list(adapters)
    products = pd.DataFrame(0.0, names, names)
    with ExitStack() as opened:
        files = {
            name: opened.enter_context(safe_open(folder / WEIGHTS, framework="numpy"))
            for name, folder in adapters.items()
        }
        layers: dict[str, list[str]] = {}
        for name, file in files.items():
            for key in file.keys():  # noqa: SIM118 (no mapping)
                if key.endswith(A_SUFFIX):
                    layers.setdefault(key.removesuffix(A_SUFFIX), []).append(name)
        for layer, having in layers.items():  # one at a time: the adapters of a large model do not fit in memory
            factors = [
                (files[name].get_tensor(layer + A_SUFFIX), files[name].get_tensor(layer + B_SUFFIX)) for name in having
            ]
            products.loc[having, having] += inner_products(factors)
    lengths = np.sqrt(np.diag(products))
    with np.errstate(invalid="ignore"):  # an adapter that learned nothing is like no other: NaN
        return (products / np.outer(lengths, lengths)).clip(-1, 1)


def inner_products(factors: Sequence[tuple[Matrix, Matrix]]) -> Matrix:
    """Return the sum of products of all entries of every two updates B A of a layer: tr((B1 A1)^T B2 A2)."""
    # All A below each other, and all B' (columns below each other): rank rows for each adapter, so the block of two
    # adapters in the product of both matrices of inner products has the terms (k, l) that are summed.
    rows = np.concatenate([a for a, _ in factors]).astype(float)
    columns = np.concatenate([b.T for _, b in factors]).astype(float)
    starts = np.cumsum([0, *(len(a) for a, _ in factors[:-1])])
    products = (rows @ rows.T) * (columns @ columns.T)
    # reduceat sums from each start to the next: first over the rows of each block, then over its columns.
    return np.add.reduceat(np.add.reduceat(products, starts, axis=0), starts, axis=1)
