"""What is measured on a GPU: each part is a process of its own, with a model that nobody has trained.

Every part returns rates and the peak of the memory that PyTorch allocated. Sequences are words at random; where a model
would end its outputs early, it cannot.
"""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from benchmarks.gpu_extent import Extent
from crosstask.config.adapter import Lora
from crosstask.config.inputs import Model, Precision, Quantization
from crosstask.config.scoring import Generation
from crosstask.config.training import Loss, Optimizer, Trainer
from crosstask.data.examples import Example
from crosstask.evaluation.inference import batches_by_tokens, run_with_back_off
from crosstask.evaluation.requests import InferenceRequests
from crosstask.models import base_model, machine
from crosstask.models.architecture import size_of
from crosstask.models.language_model import BaseModel

Rates = dict[str, float]
CEILING = 8192
"""Tokens of a pass, whatever the memory: what generation is compared with."""


def make_model(folder: Path, extent: Extent) -> None:
    """Write a model with weights at random, and the miniature's tokenizer, into a folder."""
    from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

    tokenizer = AutoTokenizer.from_pretrained(base_model.MINIATURE)
    ends = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id}
    torch.manual_seed(0)
    with torch.device(machine.device()):
        before = torch.get_default_dtype()
        torch.set_default_dtype(torch.bfloat16)
        try:
            model = LlamaForCausalLM(LlamaConfig(**extent.config, **ends))
        finally:
            torch.set_default_dtype(before)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def load(folder: Path, quantization: Quantization = Quantization.none) -> BaseModel:
    """Return the model of a folder in bfloat16, with outputs that do not end."""
    found = base_model.load(Model(path=str(folder), precision=Precision.bfloat16, quantization=quantization))
    return replace(found, ends=())


def product() -> Rates:
    """Return the 1e12 operations per second of a product of two large bfloat16 matrices."""
    side = 8192 if machine.device() == "cuda" else 256
    return {"tflops": machine.speed(side, side, "bfloat16", torch.get_num_threads()) / 1e12}


def training(folder: Path, extent: Extent, quantization: Quantization = Quantization.none) -> Rates:
    """Train an adapter on all projections; returns rates of the steps but the first."""
    from crosstask.storage.store import Store
    from crosstask.training.destination import Destination
    from crosstask.training.fit import train_adapter
    from crosstask.training.recipe import TrainingSettings
    from crosstask.training.sequences import TrainingExamples

    base, ends = load(folder, quantization), list[float]()
    batch = max(1, CEILING // extent.length) if machine.device() == "cuda" else 2
    trainer = Trainer(batch_size=batch, max_length=extent.length, max_steps=extent.steps, loss=Loss.sequence)
    with tempfile.TemporaryDirectory() as scratch, _peak() as peak:
        train_adapter(
            base,
            TrainingExamples(rows(extent, extent.steps * batch)),
            TrainingSettings(Lora(rank=extent.rank, alpha=extent.rank), Optimizer(warmup_steps=1), trainer, 0),
            Destination(Store(scratch), "benchmark", {}),
            progress=lambda done, total, note: ends.append(_now()),
        )
    return _of_training(base, ends, batch * extent.length) | peak


def trl(folder: Path, extent: Extent) -> Rates:
    """Do the same training with TRL, as its users write it down."""
    import peft
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl import SFTConfig, SFTTrainer

    ends: list[float] = []

    class Ends(TrainerCallback):
        def on_step_end(self, *args: Any, **kwargs: Any) -> None:
            ends.append(_now())

    batch = max(1, CEILING // extent.length) if machine.device() == "cuda" else 2
    texts = [f"{row.prompt} {row.answer}" for row in rows(extent, extent.steps * batch)]
    with tempfile.TemporaryDirectory() as scratch, _peak() as peak:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16).to(machine.device())
        SFTTrainer(
            model=model,
            args=SFTConfig(
                output_dir=scratch,
                per_device_train_batch_size=batch,
                max_steps=extent.steps,
                max_length=extent.length,
                bf16=True,
                gradient_checkpointing=False,
                use_cpu=machine.device() == "cpu",
                report_to="none",
                save_strategy="no",
                disable_tqdm=True,
            ),
            train_dataset=Dataset.from_dict({"text": texts}),
            processing_class=AutoTokenizer.from_pretrained(folder),
            peft_config=peft.LoraConfig(
                r=extent.rank, lora_alpha=extent.rank, target_modules="all-linear", task_type="CAUSAL_LM"
            ),
            callbacks=[Ends()],
        ).train()
    return _of_training(load(folder), ends, batch * extent.length) | peak


def closed(folder: Path, extent: Extent, quantization: Quantization = Quantization.none) -> Rates:
    """Score the labels of a closed task after each prompt."""
    from crosstask.evaluation.label_likelihoods import LabelLikelihoodRequests

    base = load(folder, quantization)
    prompts = [words(number, 4 * extent.prompt_words) for number in range(extent.closed)]
    return _of_inference(base, LabelLikelihoodRequests(base, prompts, [[" no", " yes"]] * len(prompts)))


def generation(folder: Path, extent: Extent, kind: Generation = Generation.batch, tokens: int | None = None) -> Rates:
    """Continue prompts; with so many tokens a pass, of which four whole passes are enough to know the rate."""
    from crosstask.evaluation.generation import GenerationRequests

    base = load(folder)
    prompts = [words(number, extent.prompt_words) for number in range(extent.prompts)]
    requests = GenerationRequests(base, prompts, extent.new_tokens, kind)
    if tokens is not None:
        whole = min(4 * (tokens // max(requests.lengths)), len(prompts))
        requests = GenerationRequests(base, prompts[:whole], extent.new_tokens, kind)
    return _of_inference(base, requests, tokens, len(requests.lengths) * extent.new_tokens)


def with_flash_attention(measure: Callable[[Path, Extent], Rates], folder: Path, extent: Extent) -> Rates:
    """Measure with the package flash-attn in the place of PyTorch's attention."""
    if find_spec("flash_attn") is None:
        raise NotImplementedError("the package flash-attn is not here")
    load(folder).model.set_attn_implementation("flash_attention_2")  # that of this process, loaded once
    return measure(folder, extent)


def rows(extent: Extent, count: int) -> list[Example]:
    """Return training rows of more tokens than are kept of them."""
    return [Example(f"train-{number}", words(number, 2 * extent.length), " the end") for number in range(count)]


def words(seed: int, count: int) -> str:
    """Return words at random."""
    generator = random.Random(seed)
    return " ".join(
        generator.choice(("the", "film", "is", "good", "bad", "seven", "and", "plot")) for _ in range(count)
    )


def _of_training(base: BaseModel, ends: Sequence[float], step_tokens: int) -> Rates:
    """Return tokens per second and 1e12 operations per second, 4 for each parameter and token."""
    rate, size = step_tokens * (len(ends) - 1) / (ends[-1] - ends[0]), size_of(base.model)
    assert size is not None
    return {"tokens": rate, "tflops": 4 * size.multiplied * rate / 1e12}


def _of_inference(
    base: BaseModel, requests: InferenceRequests, tokens: int | None = None, made: int | None = None
) -> Rates:
    """Run requests; returns tokens per second, read or made, and the tokens of a pass."""
    budget = tokens or requests.batch_tokens
    batches = batches_by_tokens(requests.lengths, budget)
    requests.run(base.model, batches[-1][:1])  # the first pass loads what computes it
    with _peak() as peak:
        started = _now()
        for batch in batches:
            run_with_back_off(lambda some: list(requests.run(base.model, some)), batch)
        seconds = _now() - started
    return {"tokens": (made or sum(requests.lengths)) / seconds, "pass_tokens": budget} | peak


class _peak(dict[str, float]):
    """The peak of allocated memory in a block, as ``peak``: 1e9 bytes; nothing on a CPU."""

    def __enter__(self) -> "_peak":
        if machine.device() == "cuda":
            torch.cuda.reset_peak_memory_stats()
        return self

    def __exit__(self, *_: object) -> None:
        if machine.device() == "cuda":
            self["peak"] = torch.cuda.max_memory_allocated() / 1e9


def _now() -> float:
    """Return the time once the device has computed what it was given."""
    if machine.device() == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()
