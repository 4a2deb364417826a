"""Training against a plain loop, and against itself after an interruption."""

import json
import math
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import peft
import pytest
import torch
from safetensors.torch import load_file

from crosstask.config.adapter import Lora
from crosstask.config.training import Loss, Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.errors import UserError
from crosstask.models import adapters
from crosstask.models.language_model import BaseModel
from crosstask.models.tokenization import encode, training_sequence
from crosstask.storage import adapter_files
from crosstask.storage.store import Store
from crosstask.training.module import AdapterModule, cosine_factor
from crosstask.training.outcome import TrainingReport
from crosstask.training.plan import plan
from tests.support.training import train_small

EXAMPLES = [Example(f"train-{i}", f"the film {i}\nAnswer:\n", "good" if i % 2 else "bad bad") for i in range(12)]
LORA = Lora(rank=4, alpha=8)
OPTIMIZER = Optimizer(learning_rate=2e-3, warmup_steps=2, weight_decay=0.1)
TRAINER = Trainer(max_epochs=2, batch_size=4, accelerator="cpu")


def train(base: BaseModel, store: Store, recipe: str = "r", **changes: Any) -> TrainingReport:
    settings = {"lora": LORA, "optimizer": OPTIMIZER, "trainer": TRAINER} | changes
    return train_small(base, EXAMPLES, store, recipe, **settings)


def weights(store: Store, recipe: str = "r") -> dict[str, torch.Tensor]:
    return load_file(store.adapter(recipe) / adapter_files.WEIGHTS)


def plain_loop(base: BaseModel, trainer: Trainer) -> tuple[list[float], dict[str, torch.Tensor]]:
    """The same training written out, one sequence at a time."""
    pairs = encode(base, [e.prompt for e in EXAMPLES], [e.answer for e in EXAMPLES])
    sequences = [training_sequence(pair, base, 64) for pair in pairs]
    steps = plan(sequences, trainer, seed=3)
    losses = []
    with adapters.fresh(base, LORA, seed=3) as model:
        model.train()
        trained = [p for p in model.parameters() if p.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=1.0, weight_decay=OPTIMIZER.weight_decay)
        for number, step in enumerate(steps):
            optimizer.param_groups[0]["lr"] = OPTIMIZER.learning_rate * cosine_factor(number, 2, len(steps))
            nll, count = torch.zeros(()), 0
            for micro_batch in step:
                for member in micro_batch.members:
                    prompt, answer = sequences[member].prompt, sequences[member].answer
                    logits = model(input_ids=torch.tensor([[*prompt, *answer]])).logits[0].log_softmax(-1)
                    supervised_from = 1 if trainer.loss is Loss.sequence else len(prompt)
                    for position in range(supervised_from, len(prompt) + len(answer)):
                        nll = nll - logits[position - 1, (*prompt, *answer)[position]]
                        count += 1
            (nll / count).backward()
            torch.nn.utils.clip_grad_norm_(trained, OPTIMIZER.clip)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(float(nll.detach()) / count)
        return losses, {k: v.detach().clone() for k, v in peft.get_peft_model_state_dict(model).items()}


@pytest.mark.parametrize("loss", list(Loss))
@pytest.mark.parametrize(("batch_size", "accumulate"), [(4, 1), (2, 2)])
def test_agrees_with_a_plain_loop(base: BaseModel, store: Store, loss: Loss, batch_size: int, accumulate: int):
    trainer = replace(TRAINER, loss=loss, batch_size=batch_size, accumulate=accumulate)
    report = train(base, store, trainer=trainer)
    losses, expected = plain_loop(base, trainer)
    assert report.first_loss == pytest.approx(losses[0], rel=1e-5)
    assert report.last_loss == pytest.approx(losses[-1], rel=1e-4)
    assert report.steps == len(losses) == 6
    found = weights(store)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        torch.testing.assert_close(found[key], value, rtol=1e-3, atol=1e-5)


def test_learns(base: BaseModel, store: Store):
    report = train(
        base, store, trainer=replace(TRAINER, max_epochs=30), optimizer=replace(OPTIMIZER, learning_rate=1e-2)
    )
    assert report.last_loss < 0.7 * report.first_loss


def test_the_same_seed_gives_the_same_bytes(base: BaseModel, store: Store):
    for recipe, seed in (("a", 3), ("b", 3), ("c", 4)):
        train(base, store, recipe, seed=seed)
    a, b, c = (adapter_files.content(store.adapter(recipe)) for recipe in "abc")
    assert a == b != c


def test_an_interrupted_training_continues_to_the_same_bytes(base: BaseModel, store: Store):
    trainer = replace(TRAINER, checkpoint_steps=2)
    lora = replace(LORA, dropout=0.3)  # the random state must be continued too
    whole = train(base, store, "whole", trainer=trainer, lora=lora)

    class Killed(BaseException):
        pass

    def kill(step: int, steps: int, note: str) -> None:
        if step == 5:
            raise Killed

    with pytest.raises(Killed):
        train(base, store, "cut", trainer=trainer, lora=lora, progress=kill)
    assert store.checkpoint("cut").exists()
    assert not store.adapter("cut").exists()
    steps_again = []
    continued = train(
        base, store, "cut", trainer=trainer, lora=lora, progress=lambda step, steps, note: steps_again.append(step)
    )
    assert steps_again == [5, 6], "the checkpoint after step 4 must be used"
    assert adapter_files.content(store.adapter("cut")) == adapter_files.content(store.adapter("whole"))
    assert (continued.first_loss, continued.last_loss) == (whole.first_loss, whole.last_loss)
    assert not store.checkpoint("cut").exists()


@pytest.mark.parametrize("name", ["tpu", "mps"])
def test_a_device_that_this_machine_lacks_is_named(base: BaseModel, store: Store, name: str):
    with pytest.raises(UserError, match=f"^trainer.accelerator={name}: not here: "):
        train(base, store, "r", trainer=replace(TRAINER, accelerator=name))


def other_training(path: Path, kept: dict[str, Any]) -> None:
    torch.save(kept | {"crosstask_recipe": "another"}, path)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (lambda path, kept: path.write_bytes(b""), r"damaged \(EOFError\)"),
        (lambda path, kept: path.write_text("{}"), r"damaged \(\w+\)"),
        (lambda path, kept: path.mkdir(), r"damaged \(IsADirectoryError\)"),
        (lambda path, kept: torch.save({"a": 1}, path), "no checkpoint of a training"),
        (lambda path, kept: torch.save(3, path), "no checkpoint of a training"),
        (other_training, "of another training"),
    ],
)
def test_a_checkpoint_that_is_none_of_this_training_is_named_and_training_starts_anew(
    base: BaseModel, store: Store, caplog: pytest.LogCaptureFixture, damage: Any, fault: str
):
    kept: dict[str, Any] = {}

    def look(step: int, steps: int, note: str) -> None:
        if store.checkpoint("whole").exists():
            kept.update(torch.load(store.checkpoint("whole"), weights_only=True))

    trainer = replace(TRAINER, checkpoint_steps=2)
    train(base, store, "whole", trainer=trainer, progress=look)
    store.checkpoint("again").parent.mkdir(exist_ok=True)
    damage(store.checkpoint("again"), kept)
    steps: list[int] = []
    train(base, store, "again", trainer=trainer, progress=lambda step, *rest: steps.append(step))
    assert steps[0] == 1
    assert re.search(rf"again\.ckpt: {fault}; it is deleted, and training starts anew", caplog.text)
    assert "continues from" not in caplog.text
    assert weights(store, "again").keys() == weights(store, "whole").keys()
    assert all(torch.equal(weights(store, "again")[key], value) for key, value in weights(store, "whole").items())


def test_checkpoints_hold_the_adapter_and_never_the_base(base: BaseModel, store: Store):
    kept = {}

    def look(step: int, steps: int, note: str) -> None:
        if store.checkpoint("r").exists():
            kept.update(torch.load(store.checkpoint("r"), weights_only=True))

    train(base, store, trainer=replace(TRAINER, checkpoint_steps=1), progress=look)
    assert kept["state_dict"], "no checkpoint was written"
    assert all("lora_" in key for key in kept["state_dict"])
    assert {"optimizer_states", "lr_schedulers", "random_state"} <= kept.keys()


def test_counts_what_the_limit_takes_away(base: BaseModel, store: Store):
    pairs = encode(base, [e.prompt for e in EXAMPLES], [e.answer for e in EXAMPLES])
    lengths = [(len(p.prompt), len(p.answer) + 1) for p in pairs]
    limit = max(a + b for a, b in lengths) - 2
    report = train(base, store, trainer=replace(TRAINER, max_length=limit))
    assert report.rows_cut == sum(a + b > limit for a, b in lengths) > 0
    assert report.prompt_tokens_cut == sum(max(0, a + b - limit) for a, b in lengths)
    assert report.supervised_tokens_lost == 0
    assert report.supervised_tokens == sum(b for _, b in lengths)


def test_counts_trainable_parameters(base: BaseModel, store: Store):
    hidden, key_value, inner = 32, 16, 64  # see write_model
    per_layer = 2 * (hidden + hidden) + 2 * (hidden + key_value) + 3 * (hidden + inner)
    assert train(base, store).trainable_parameters == LORA.rank * 2 * per_layer


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({}, "trainer.max_epochs=2 reached"), ({"max_steps": 2}, "trainer.max_steps=2 reached")],
)
def test_says_why_it_stopped(base: BaseModel, store: Store, changes: dict[str, int], reason: str):
    assert train(base, store, trainer=replace(TRAINER, **changes)).stopped == reason


def test_writes_down_what_happened(base: BaseModel, store: Store):
    report = train(base, store)
    written = json.loads((store.adapter("r") / "adapter.json").read_text())
    assert written["report"]["steps"] == report.steps
    assert written["content"] == adapter_files.content(store.adapter("r"))


def test_a_loss_that_is_not_a_number_is_an_error(base: BaseModel, store: Store):
    with pytest.raises(UserError, match=r"the loss became nan at step \d+ .*optimizer.learning_rate=1e\+30"):
        train(base, store, optimizer=replace(OPTIMIZER, learning_rate=1e30, clip=0.0))
    assert not store.adapter("r").exists()


@pytest.mark.slow
def test_a_cpu_whose_memory_runs_out_is_one_line(model_folder: Path, tmp_path: Path):
    """In a process that may have only so much; the step's one pass needs more."""
    script = f"""
import resource
from crosstask.models import base_model
from crosstask.config.adapter import Lora
from crosstask.config.inputs import Model
from crosstask.config.training import Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.fit import train_adapter
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples
base = base_model.load(Model(name="tiny", path={str(model_folder)!r}))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 2**29,) * 2)
rows = [Example(f"train-{{i}}", "the film was " * 9, "good") for i in range(40000)]
trainer = Trainer(batch_size=40000, batch_tokens=10**8, accelerator="cpu")
settings = TrainingSettings(Lora(), Optimizer(), trainer, seed=0)
train_adapter(base, TrainingExamples(rows), settings, Destination(Store({str(tmp_path)!r}), "r", {{}}))
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    last = ended.stderr.strip().splitlines()[-1]
    assert re.search(r"UserError: out of memory at step 1, in a pass of \d+ tokens: .*DefaultCPUAllocator", last), last


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_out_of_memory_is_one_line_and_loses_nothing(
    base: BaseModel, store: Store, monkeypatch: pytest.MonkeyPatch, where: str
):
    """As torch reports it; the same training with smaller passes then continues to the same losses."""
    trainer = replace(TRAINER, checkpoint_steps=2)
    whole = train(base, store, "whole", trainer=trainer)
    owner, name = (torch.Tensor, "backward") if where == "backward" else (AdapterModule, "negative_log_likelihood")
    work, calls = getattr(owner, name), []

    def fail_at_the_fourth_step(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        if len(calls) == 4:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB\nmore")
        return work(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail_at_the_fourth_step)
        message = r"^out of memory at step 4, in a pass of \d+ tokens: CUDA .* GiB; a lower trainer\.batch_tokens or"
        with pytest.raises(UserError, match=message):
            train(base, store, trainer=trainer)
    steps: list[int] = []
    report = train(base, store, trainer=replace(trainer, batch_tokens=40), progress=lambda n, *_: steps.append(n))
    assert steps == [3, 4, 5, 6]
    assert report.last_loss == pytest.approx(whole.last_loss, rel=1e-5)


def test_answers_that_straddle_the_border_are_told(
    base: BaseModel, store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    train(base, store, "without")
    assert "share a token" not in caplog.text
    monkeypatch.setitem(globals(), "EXAMPLES", [Example("train-0", "it is ", "bad"), Example("train-1", "it is", "0")])
    train(base, store, "with")
    assert "1 of 2 answers would share a token with the end of their prompt" in caplog.text


def test_no_steps_is_an_error(base: BaseModel, store: Store):
    with pytest.raises(UserError, match="no training steps: trainer.max_epochs=2, max_steps=0"):
        train(base, store, trainer=replace(TRAINER, max_steps=0))


def test_unknown_layers_are_an_error(base: BaseModel, store: Store):
    with pytest.raises(UserError, match="lora.target_modules=.*nonsense"):
        train(base, store, lora=replace(LORA, target_modules=["nonsense"]))


def test_the_schedule_ends_at_zero():
    assert cosine_factor(100, 10, 100) == pytest.approx(0)
    assert [cosine_factor(step, 10, 100) for step in (0, 9, 10)] == [0.1, 1.0, 1.0]
    assert math.isclose(cosine_factor(55, 10, 100), 0.5)
