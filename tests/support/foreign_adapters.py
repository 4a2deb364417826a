"""Adapters that peft alone made, as whoever trains elsewhere has them."""

from pathlib import Path
from typing import Any

import peft
import torch
from transformers import AutoModelForCausalLM

LORA = peft.LoraConfig(r=4, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM")


def fresh(folder: Path | str) -> Any:
    """A model read anew, in float32."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def moved(model: Any, size: float = 0.25) -> Any:
    """A model with every weight moved that is trained."""
    torch.manual_seed(1)
    for weight in model.parameters():
        if weight.requires_grad:
            weight.data += size * torch.randn_like(weight)
    return model


def made_by_peft(model_folder: Path, folder: Path, config: peft.PeftConfig = LORA) -> Path:
    """Save an adapter that changes what a model says; the configuration stays as it is."""
    moved(peft.get_peft_model(fresh(model_folder), type(config)(**config.to_dict()))).save_pretrained(folder)
    return folder
