"""Draw a random update in the place of a trained adapter, and write it to the store."""

from pathlib import Path

from crosstask.models import adapter_effect, adapters
from crosstask.models.language_model import BaseModel
from crosstask.models.random_update import write_random_update
from crosstask.storage import adapter_files
from crosstask.storage.adapter_record import AdapterRecord, TrainingReport
from crosstask.training.destination import Destination


def draw_update(base: BaseModel, destination: Destination, like: Path, draw: int) -> TrainingReport:
    """Draw a random update with the norms of a trained adapter, and write it to the store.

    Parameters
    ----------
    base
        The base model.
    destination
        Where it goes.
    like
        Folder of the adapter.
    draw
        Which random update.

    Raises
    ------
    UserError
        If the adapter is no low-rank update.
    """
    store = destination.store
    final = store.adapter(destination.recipe)
    bare = adapter_effect.probe_logits(base, base.model)
    with store.new_folder(final, replace=final.exists()) as folder:
        weights = write_random_update(like, folder, draw)
        with adapters.attached(base, folder) as model:
            effect = adapter_effect.effect(base, model, bare)
        report = _report(weights)
        record = AdapterRecord(destination.provenance, report, adapter_files.content(folder), effect)
        store.write_json(folder / "adapter.json", record.to_json())
    return report


def _report(weights: int) -> TrainingReport:
    """Return the report of what was not trained."""
    return TrainingReport(
        steps=0,
        examples=0,
        rows_dropped=0,
        rows_held_out=0,
        trainable_parameters=weights,
        supervised_tokens=0,
        rows_cut=0,
        prompt_tokens_cut=0,
        supervised_tokens_lost=0,
        padding=0.0,
        first_loss=None,
        last_loss=None,
        held_out_loss=None,
        kept_step=0,
        stopped="drawn at random, not trained",
        seconds=0.0,
    )
