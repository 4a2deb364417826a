"""Held-out rows: drawn once, evaluated in time, and the best adapter is the one that is kept."""

import random
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import torch
from pytorch_lightning.loggers import CSVLogger

from crosstask.config.adapter import Lora
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models import adapters
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import Encoded
from crosstask.storage.store import Store
from crosstask.training.outcome import TrainingReport
from crosstask.training.sequences import TrainingExamples, training_sequences
from tests.support.training import train_small

# Answers that cannot be foreseen: whoever learns them by heart does worse on others.
EXAMPLES = [Example(f"train-{i}", f"the film {i}=", str(random.Random(i).randint(0, 9999))) for i in range(30)]
TRAINER = Trainer(batch_size=4, max_epochs=8, accelerator="cpu", held_out=0.2, evaluate_steps=3, patience=2)
OVERFITS = Optimizer(learning_rate=3e-2, warmup_steps=2)
LEARNS = Optimizer(learning_rate=1e-3, warmup_steps=2)


def train(base: BaseModel, store: Store, recipe: str = "r", **changes: Any) -> TrainingReport:
    settings = {"lora": Lora(rank=4, alpha=8), "optimizer": LEARNS, "trainer": TRAINER} | changes
    return train_small(base, EXAMPLES, store, recipe, **settings)


def loss_of(base: BaseModel, store: Store, sequences: list[Encoded], recipe: str = "r") -> float:
    """The mean loss per answer token with the adapter from the store, one sequence at a time."""
    total, count = 0.0, 0
    with adapters.attached(base, store.adapter(recipe)) as model, torch.no_grad():
        for sequence in sequences:
            tokens = [*sequence.prompt, *sequence.answer]
            logits = model(input_ids=torch.tensor([tokens])).logits[0].log_softmax(-1)
            for position in range(len(sequence.prompt), len(tokens)):
                total -= float(logits[position - 1, tokens[position]])
                count += 1
    return total / count


def test_a_share_is_held_out_and_not_learned(base: BaseModel):
    drawn = training_sequences(base, TrainingExamples(EXAMPLES), TRAINER, seed=3)
    everything = training_sequences(base, TrainingExamples(EXAMPLES), replace(TRAINER, held_out=0), seed=3)
    assert (len(drawn.learned), len(drawn.held_out), everything.held_out) == (24, 6, [])
    assert sorted(drawn.learned + drawn.held_out, key=str) == sorted(everything.learned, key=str)
    assert drawn == training_sequences(base, TrainingExamples(EXAMPLES), TRAINER, seed=3)
    assert drawn.held_out != training_sequences(base, TrainingExamples(EXAMPLES), TRAINER, seed=4).held_out


def test_a_row_that_a_variant_repeats_is_held_out_with_its_copies_or_not_at_all(base: BaseModel):
    repeated = [*EXAMPLES, *EXAMPLES[:20]]
    drawn = training_sequences(base, TrainingExamples(repeated), TRAINER, seed=3)
    assert len(drawn.learned) + len(drawn.held_out) == 50
    assert not {str(one) for one in drawn.learned} & {str(one) for one in drawn.held_out}
    assert len({str(one) for one in drawn.held_out}) == 6


@pytest.mark.parametrize("more", [{}, {"batch_tokens": 30}, {"packing": True}])
def test_the_kept_adapter_has_the_reported_loss(base: BaseModel, store: Store, more: dict[str, Any]):
    trainer = replace(TRAINER, **more)
    report = train(base, store, trainer=trainer, optimizer=OVERFITS)
    assert (report.examples, report.rows_held_out) == (30, 6)
    held_out = training_sequences(base, TrainingExamples(EXAMPLES), trainer, seed=3).held_out
    assert report.held_out_loss == pytest.approx(loss_of(base, store, held_out), rel=1e-4)


def test_training_stops_after_patience_and_the_best_is_kept(base: BaseModel, store: Store):
    report = train(base, store, optimizer=OVERFITS)
    assert report.stopped == "no lower loss on held-out rows in trainer.patience=2 evaluations"
    assert report.steps == report.kept_step + 2 * 3 < 48
    held_out = training_sequences(base, TrainingExamples(EXAMPLES), TRAINER, seed=3).held_out
    last = train(base, store, "last", trainer=replace(TRAINER, patience=99), optimizer=OVERFITS)
    assert (last.steps, last.stopped) == (48, "trainer.max_epochs=8 reached")
    assert last.held_out_loss <= report.held_out_loss
    assert last.held_out_loss == pytest.approx(loss_of(base, store, held_out, "last"), rel=1e-4)


def test_every_evaluation_is_logged(base: BaseModel, store: Store):
    logger = CSVLogger(store.root, flush_logs_every_n_steps=1)
    report = train(base, store, logger=logger, trainer=replace(TRAINER, max_epochs=2))
    logged = pd.read_csv(f"{logger.log_dir}/metrics.csv")["train/held_out_loss"].dropna()
    assert len(logged) == 4
    assert logged.min() == pytest.approx(report.held_out_loss)


def test_evaluation_does_not_change_what_is_learned(base: BaseModel, store: Store):
    trainer = replace(TRAINER, max_epochs=2, patience=99)
    lora = Lora(rank=4, dropout=0.3)  # an evaluation that drew random numbers, or left dropout off, would show
    often = train(base, store, "often", lora=lora, trainer=replace(trainer, evaluate_steps=1))
    once = train(base, store, "once", lora=lora, trainer=replace(trainer, evaluate_steps=99))
    assert often.last_loss == once.last_loss
    assert once.kept_step == once.steps == 12


def test_without_held_out_rows_the_last_adapter_is_kept(base: BaseModel, store: Store):
    report = train(base, store, trainer=replace(TRAINER, held_out=0, max_epochs=2, batch_size=4))
    assert (report.rows_held_out, report.held_out_loss) == (0, None)
    assert report.kept_step == report.steps == 15


@pytest.mark.parametrize(("share", "count"), [(0.01, 0), (0.99, 30)])
def test_a_share_that_leaves_nothing_is_refused(base: BaseModel, share: float, count: int):
    message = rf"^trainer\.held_out={share}: of 30 rows that is {count}, which leaves one part empty"
    with pytest.raises(UserError, match=message):
        training_sequences(base, TrainingExamples(EXAMPLES), replace(TRAINER, held_out=share), seed=0)
