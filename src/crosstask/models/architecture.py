"""What differs between architectures: where things stand in their configuration, and what their layers are."""

import re
from typing import Any

from crosstask.models.language_model import Size

CONTEXT_FIELDS = ("max_position_embeddings", "max_seq_len")
"""Where configurations hold the longest sequence; transformers gives other spellings the first name too."""
NO_LIMIT = 2048
"""Longest sequence of a model that names none, such as a state-space model, or one with relative positions."""
BYPASSED = dict.fromkeys(("mamba", "mamba2", "falcon_mamba", "falcon_h1", "nemotron_h"), ("out_proj",))
"""By type of model the linear layers whose weights its kernels take without asking the layer; peft refuses them."""

EXPERT_LAYERS = ("gate", "gate_proj", "up_proj", "down_proj", "w1", "w2", "w3")
"""What peft takes for the layers of experts in a model that has any: it would adapt their shared tensors instead."""


def text_config(model: Any) -> Any:
    """Return the configuration of a model's text part: of one that reads images too it is a part of the whole."""
    return model.config.get_text_config(decoder=True)


def context(model: Any) -> int:
    """Return the longest sequence that a model takes, in tokens."""
    config = text_config(model)
    found = (getattr(config, name, None) for name in CONTEXT_FIELDS)
    return next((int(length) for length in found if length), NO_LIMIT)


def vocabulary(model: Any) -> int:
    """Return the number of tokens that a model has an embedding of."""
    return int(model.get_input_embeddings().weight.shape[0])


def is_recurrent(model: Any) -> bool:
    """Tell whether a model keeps more of a sequence than each token's keys and values, by having it read one token.

    Such a state, of state-space, convolution or linear attention layers, takes padding in where the layer does not
    mask it, and transformers cannot choose rows of it.
    """
    import torch
    from transformers.cache_utils import DynamicCache, DynamicLayer, DynamicSlidingWindowLayer

    with torch.inference_mode():
        output = model(input_ids=torch.zeros((1, 1), dtype=torch.long, device=model.device), use_cache=True)
    cache: Any = getattr(output, "past_key_values", None)
    # Not isinstance: what is derived from these keeps more than they do.
    return type(cache) is not DynamicCache or any(
        type(layer) not in (DynamicLayer, DynamicSlidingWindowLayer) for layer in cache.layers
    )


def state_is_kept(model: Any) -> bool:
    """Tell whether a recurrent model generates for two sequences at once with its state what it does without.

    With transformers' RWKV, for one, the second sequence changes the first one's.
    """
    import torch

    prompts = torch.arange(6, device=model.device).reshape(2, 3).remainder(vocabulary(model))
    options = {"attention_mask": torch.ones_like(prompts), "do_sample": False, "min_new_tokens": 4, "max_new_tokens": 4}
    with torch.inference_mode():
        kept, computed = (model.generate(input_ids=prompts, use_cache=cached, **options) for cached in (True, False))
    return bool(torch.equal(kept, computed))


def linear_layers(model: Any) -> list[str]:
    """Return the names of a model's linear layers, sorted: all that make up its text part but the output layer.

    The experts of a mixture share tensors, and are not among them, nor are other layers that are called like theirs.
    """
    found = {layer_name(path) for path, _ in _linear_modules(model)}
    left_out = (*BYPASSED.get(model.config.model_type, ()), *(EXPERT_LAYERS if has_experts(model) else ()))
    return sorted(found.difference(left_out))


def longest_side(model: Any) -> int:
    """Return the largest number of inputs or outputs of a linear layer of a model's text part."""
    # Not the weights' shapes: those in 4 bits are held in another one.
    sides = (vars(module) for _, module in _linear_modules(model))
    return max(side.get(name, 0) for side in sides for name in ("in_features", "out_features", "nx", "nf"))


def _linear_modules(model: Any) -> list[tuple[str, Any]]:
    """Return the linear layers of a model's text part by path, without the output layer."""
    import torch
    from transformers.pytorch_utils import Conv1D  # GPT-2's linear layer, which holds its weights transposed

    output = model.get_output_embeddings()
    return [
        (path, module)
        for path, module in model.get_decoder().named_modules()
        if isinstance(module, torch.nn.Linear | Conv1D) and module is not output
    ]


def has_experts(model: Any) -> bool:
    """Tell whether a model's layers are mixtures of experts, each kind of whose layers is one tensor."""
    return any(weight.ndim == 3 and path.endswith(".gate_up_proj") for path, weight in model.named_parameters())


def other_parts(model: Any) -> str | None:
    """Return a pattern of the paths that are no part of the text model, such as layers that read images, if any."""
    decoder = model.get_decoder()
    path = next(path for path, module in model.named_modules() if module is decoder)
    output = model.get_output_embeddings()
    text = {id(module) for part in (decoder, output) if part is not None for module in part.modules()}
    others = [module for module in model.modules() if id(module) not in text and not list(module.children())]
    return rf"(?!{re.escape(path)}\.|lm_head$).*" if others else None


def layer_name(path: str) -> str:
    """Return what a layer is called: the end of its path, from the last part on that is not a number.

    Examples
    --------
    >>> [layer_name(path) for path in ("model.layers.0.self_attn.q_proj", "model.layers.0.projections.1")]
    ['q_proj', 'projections.1']
    """
    parts = path.split(".")
    start = next((place for place in reversed(range(len(parts))) if not parts[place].isdigit()), 0)
    return ".".join(parts[start:])


def size_of(skeleton: Any) -> Size | None:
    """Return the size of a model; None where its configuration does not say it in the usual way, for all layers."""
    try:
        return _size_of(skeleton)
    except (AttributeError, RuntimeError, TypeError):  # what configurations raise whose layers differ
        return None


def _size_of(skeleton: Any) -> Size:
    """Return the size that a configuration of the usual kind says."""
    config, parameters = text_config(skeleton), skeleton.num_parameters()
    embedding = skeleton.get_input_embeddings().weight
    output = skeleton.get_output_embeddings()
    shared = output is not None and output.weight is embedding
    heads = getattr(config, "num_attention_heads", None) or 1  # one that keeps a state instead of keys and values
    kept = getattr(config, "num_key_value_heads", None) or heads
    width = getattr(config, "head_dim", None) or config.hidden_size // heads
    ends = embedding.numel() if shared or output is None else embedding.numel() + output.weight.numel()
    return Size(
        parameters=parameters,
        multiplied=parameters if shared else parameters - embedding.numel(),
        linear=parameters - ends,
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        kept=2 * config.num_hidden_layers * kept * width,
        vocabulary=vocabulary(skeleton),
    )
