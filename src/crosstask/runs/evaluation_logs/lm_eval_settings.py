"""What results of lm-evaluation-harness say of the model and of how a task was put to it."""

from collections.abc import Mapping
from typing import Any

_NAMES = ("peft", "delta", "pretrained", "model", "path", "engine")
"""Arguments that may name the model, the first that is there; as lm-eval has it."""
_OF_MACHINE = {
    *("device", "device_map", "batch_size", "max_batch_size", "parallelize", "trust_remote_code", "base_url"),
    *("tensor_parallel_size", "data_parallel_size", "gpu_memory_utilization", "num_concurrent", "max_retries"),
    *("tokenized_requests", "tokenizer_backend", "max_memory_per_gpu", "max_cpu_memory", "offload_folder"),
    "logits_cache",
}
"""Arguments that say where the model runs and not what it says."""


def model_of(head: Mapping[str, Any]) -> tuple[str | None, dict[str, str]]:
    """Return the model's name, if the results have one, and what else it was loaded with.

    Of an adapter that is the base model too: one adapter on two base models is two models. A slash at the end of a
    path is no part of it.
    """
    arguments = _arguments(head.get("config", {}).get("model_args"))
    naming = next((name for name in _NAMES if name in arguments), None)
    model = head.get("model_name") or (arguments[naming] if naming else None)
    further = {
        name: _path(value) if name in _NAMES else value
        for name, value in arguments.items()
        if name not in _OF_MACHINE and name != naming
    }
    return _path(str(model)) if model else None, further


def asked(head: Mapping[str, Any], task: str) -> dict[str, str]:
    """Return how a task was put to the model."""
    config, shots = head.get("config", {}), head.get("n-shot", {}).get(task)
    found = {
        "num_fewshot": shots,
        "chat template": _short(head.get("chat_template_sha")),
        "system instruction": _short(head.get("system_instruction_sha")),
        "fewshot_as_multiturn": head.get("fewshot_as_multiturn"),
        "gen_kwargs": config.get("gen_kwargs") or None,
        "few-shot seed": config.get("fewshot_seed") if shots else None,
        "task version": head.get("versions", {}).get(task),
        "model_source": head.get("model_source"),
    }
    return {name: "none" if value is None else str(value) for name, value in found.items()}


def _arguments(given: object) -> dict[str, str]:
    """Arguments of the model, which older versions have as one text."""
    if isinstance(given, str):
        given = dict(part.split("=", 1) for part in given.split(",") if "=" in part)
    return {str(name): str(value) for name, value in given.items()} if isinstance(given, dict) else {}


def _path(name: str) -> str:
    """A path without a slash at its end."""
    return name.rstrip("/") or name


def _short(code: object) -> str | None:
    """The beginning of a hash."""
    return str(code)[:8] if code else None
