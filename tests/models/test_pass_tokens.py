"""The tokens of a forward pass follow the memory that a GPU has free, once per process."""

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from crosstask.models import pass_tokens as module
from crosstask.models.language_model import BaseModel, Size
from crosstask.models.pass_tokens import Pass, chosen_pass_tokens, expected_pass_tokens, pass_tokens

LLAMA_3B = Size(3.2e9, 3.2e9, 2.8e9, layers=28, hidden=3072, kept=2 * 28 * 8 * 128, vocabulary=128256)


@pytest.fixture
def on_gpu(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A base model that says to be on a GPU, of which so many bytes are free."""
    monkeypatch.setattr(module, "_chosen", {})
    weight = SimpleNamespace(device=SimpleNamespace(type="cuda"))
    model = SimpleNamespace(parameters=lambda: iter([weight]), dtype=torch.bfloat16)

    def with_free(free: float, identity: str = "3b") -> Any:
        monkeypatch.setattr(module, "free_memory", lambda _: free)
        return SimpleNamespace(identity=identity, model=model, size=LLAMA_3B)

    return with_free


@pytest.mark.parametrize(
    ("kind", "free", "checkpointing", "expected"),
    [
        # 17 x 28 x 3072 x 2 + 12 x 128256 = 4.46 MB a token; 43.2 GB of 72 hold 9,680
        (Pass.training, 72e9, False, 8192),
        # (28 + 17) x 3072 x 2 + 12 x 128256 = 1.82 MB; 9.0 GB hold 4,950, and of 23,800 no more than 8192 are taken
        (Pass.training, 15e9, True, 4096),
        (Pass.training, 72e9, True, 8192),
        (Pass.training, 2e9, False, 512),  # 269
        # 2 x (57344 + 17 x 3072) + 12 x 128256 / 16 = 0.315 MB; 137,000
        (Pass.generation, 72e9, False, 131072),
        (Pass.generation, 16e9, False, 16384),  # 30,400
        (Pass.likelihoods, 30e9, False, 32768),  # 57,100
        # 2 x (57344 + 17 x 3072) + 12 x 128256 = 1.76 MB; 24,600
        (Pass.texts, 72e9, False, 16384),
        (Pass.generation, 1e13, False, 131072),
        (Pass.generation, 0, False, 512),
    ],
)
def test_a_gpu_is_given_what_its_free_memory_has_room_for(
    on_gpu: Any, kind: Pass, free: float, checkpointing: bool, expected: int
):
    assert pass_tokens(on_gpu(free), kind, checkpointing) == expected


def test_what_was_chosen_stays_for_the_process(on_gpu: Any):
    assert pass_tokens(on_gpu(16e9), Pass.generation) == 16384
    assert pass_tokens(on_gpu(72e9), Pass.generation) == 16384
    assert pass_tokens(on_gpu(72e9, "other"), Pass.generation) == 131072
    assert chosen_pass_tokens("3b") == {"generation": 16384}
    assert chosen_pass_tokens("none") == {}


def test_a_model_of_unknown_size_is_given_what_every_gpu_was(on_gpu: Any):
    unknown = on_gpu(72e9)
    unknown.size = None
    assert pass_tokens(unknown, Pass.generation) == 8192


def test_on_a_cpu_it_is_what_keeps_the_cores_busy(base: BaseModel):
    found = {kind.value: pass_tokens(base, kind) for kind in Pass}
    assert found == {"training": 512, "likelihoods": 1024, "texts": 1024, "generation": 8192}
    assert chosen_pass_tokens(base.identity).items() >= found.items()


def test_a_dry_run_expects_what_the_whole_memory_less_the_weights_holds(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "device", lambda: "cuda")
    monkeypatch.setattr(module, "memory", lambda: 80e9)
    assert expected_pass_tokens(LLAMA_3B, Pass.training, 2, weights=6.4e9) == 8192
    assert expected_pass_tokens(LLAMA_3B, Pass.training, 2, weights=60e9) == 2048
    monkeypatch.setattr(module, "device", lambda: "cpu")
    assert expected_pass_tokens(LLAMA_3B, Pass.training, 4, weights=12.8e9) == 512
