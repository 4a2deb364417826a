"""What is read off an architecture: the layers that an adapter goes on, and how long a sequence may be."""

import re
from pathlib import Path

import pytest
from transformers import AutoConfig

from crosstask.models import architecture
from crosstask.models.loading import skeleton
from tests.support.architectures import ATTENTION, RECURRENT

LLAMA = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
LAYERS = {
    "llama": LLAMA,
    "gemma3": LLAMA,
    "gpt2": ["c_attn", "c_fc", "c_proj"],
    "gpt_neox": ["dense", "dense_4h_to_h", "dense_h_to_4h", "query_key_value"],
    "gptj": ["fc_in", "fc_out", "k_proj", "out_proj", "q_proj", "v_proj"],
    "mixtral": ["k_proj", "o_proj", "q_proj", "v_proj"],
    "opt": ["fc1", "fc2", "k_proj", "out_proj", "q_proj", "v_proj"],
    "phi": ["dense", "fc1", "fc2", "k_proj", "q_proj", "v_proj"],
    "phi3": ["down_proj", "gate_up_proj", "o_proj", "qkv_proj"],
    "mamba": ["dt_proj", "in_proj", "x_proj"],
}


def described(folder: Path, name: str) -> Path:
    """A folder with the configuration of a tiny model, without weights."""
    AutoConfig.for_model(name, **{**ATTENTION, **RECURRENT}[name]).save_pretrained(folder)
    return folder


@pytest.mark.parametrize("name", LAYERS)
def test_an_adapter_goes_on_all_linear_layers_but_the_output(tmp_path: Path, name: str):
    assert architecture.linear_layers(skeleton(described(tmp_path, name))) == LAYERS[name]


@pytest.mark.parametrize(
    ("name", "context"), [("llama", 64), ("gpt2", 64), ("gemma3", 64), ("mpt", 64), ("mamba", 2048)]
)
def test_the_longest_sequence_is_where_the_architecture_has_it(tmp_path: Path, name: str, context: int):
    assert architecture.context(skeleton(described(tmp_path, name))) == context


def test_layers_that_read_images_are_no_part_of_the_text_model(tmp_path: Path):
    assert architecture.other_parts(skeleton(described(tmp_path / "text", "llama"))) is None
    model = skeleton(described(tmp_path / "images", "gemma3"))
    others = {path for path, _ in model.named_modules() if "vision" in path and path.endswith("q_proj")}
    text = {path for path, _ in model.named_modules() if "vision" not in path and path.endswith("q_proj")}
    pattern = re.compile(architecture.other_parts(model) or "")
    assert len(others) == 1
    assert len(text) == 2
    assert {path for path in others | text if pattern.fullmatch(path)} == others
