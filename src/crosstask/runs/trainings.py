"""What is known of the trainings of a matrix, from the folders of the adapters and from the scores.

The size of an update is that of all changes of the base model's weights together, W = s B A of each layer ::

    norm  =  sqrt(sum over layers of |s B A|^2),        s  =  alpha / rank,  or alpha / sqrt(rank) with rsLoRA

(Hu et al. 2021, arXiv:2106.09685; Kalajdzievski 2023, arXiv:2312.03732).
"""

import json
import logging
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd
from safetensors import safe_open

from crosstask.analysis.matrix.columns import TRAININGS
from crosstask.analysis.schema import BASE, column_names
from crosstask.errors import UserError
from crosstask.runs.adapter_similarity import A_SUFFIX, B_SUFFIX, inner_products, is_plain
from crosstask.storage import adapter_files
from crosstask.storage.layout import CONFIG, WEIGHTS
from crosstask.storage.scored_run import ScoredRun

log = logging.getLogger(__name__)

Folders = Callable[[], Mapping[str, Path]]
"""Gives the folder of each adapter, by its name, or by the fingerprint of its content where it was made elsewhere."""


def training_table(rows: Iterable[ScoredRun], folders: Folders) -> pd.DataFrame:
    """Return what is known of the trainings behind rows.

    Parameters
    ----------
    rows
        Rows of the matrix; those of the base model have none.
    folders
        Where the adapters are, as far as they are kept.

    Returns
    -------
    DataFrame
        Columns ``TRAININGS``, one row per source and seed, in their order. NaN where something is not known: of the
        size of the update also where an adapter's files are not what was trained, which a warning says.
    """
    places = folders()
    found = [
        {"source": row.record.source, "seed": row.record.seed, **_of_adapter(row, places), **_of_scores(row)}
        for row in rows
        if row.record.source != BASE
    ]
    table = pd.DataFrame(found, columns=column_names(TRAININGS)).astype({"seed": "Int64"})
    return table.sort_values(["source", "seed"], kind="stable", ignore_index=True)


def _of_adapter(row: ScoredRun, places: Mapping[str, Path]) -> dict[str, float]:
    """Return how the training went, and the size of the update."""
    name = row.record.adapter or row.record.external
    folder = places.get(name) if name else None
    if name is None or folder is None or not (folder / CONFIG).exists():
        return {}
    known = {"update_norm": update_norm(folder)} if is_plain(folder, name, row.record.adapter is None) else {}
    if row.record.adapter is None:
        return known
    try:
        report = adapter_files.read(folder, name).report
    except UserError as error:
        log.warning("what is written down of a training is left out: %s", error)
        return {}
    losses = {"last_loss": report.last_loss, "held_out_loss": report.held_out_loss}
    told = {name: math.nan if loss is None else loss for name, loss in losses.items()}
    return {"tokens": float(report.supervised_tokens), **told, **known}


def _of_scores(row: ScoredRun) -> dict[str, float]:
    """Return by how much the adapter moves the logits of the probe prompts, which every cell has."""
    differences = next((score.logit_difference for score in row.scores.values() if score.logit_difference), None)
    return {"logit_displacement": sum(differences) / len(differences)} if differences else {}


def update_norm(folder: Path) -> float:
    """Return the size of the update of an adapter whose update is a product of two factors in every layer."""
    settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    scale = settings["lora_alpha"] / (math.sqrt(settings["r"]) if settings.get("use_rslora") else settings["r"])
    squares = 0.0
    with safe_open(folder / WEIGHTS, framework="numpy") as file:
        for key in file.keys():  # noqa: SIM118 (no mapping)
            if key.endswith(A_SUFFIX):
                layer = key.removesuffix(A_SUFFIX)
                squares += float(inner_products([(file.get_tensor(key), file.get_tensor(layer + B_SUFFIX))])[0, 0])
    return scale * math.sqrt(squares)
