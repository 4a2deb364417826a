"""Tiny random models of many architectures, each a folder as transformers writes it."""

from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

TOKENS = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
STANDARD = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 64,
    **TOKENS,
}
HEADS = {**STANDARD, "head_dim": 8}
SLIDING = {**HEADS, "sliding_window": 8}
EXPERTS = {
    **HEADS,
    "num_experts": 4,
    "num_local_experts": 4,
    "n_routed_experts": 4,
    "num_experts_per_tok": 2,
    "moe_intermediate_size": 32,
    "shared_expert_intermediate_size": 32,
}
GPT = {"n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64, "bos_token_id": 1, "eos_token_id": 2}
STATE = {"hidden_size": 32, "state_size": 8, "num_hidden_layers": 2, **TOKENS}
HYBRID = {**STANDARD, "mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_state": 8, "mamba_n_groups": 1}
LINEAR_ATTENTION = {
    "num_hidden_layers": 4,
    "linear_num_key_heads": 2,
    "linear_num_value_heads": 4,
    "linear_key_head_dim": 8,
    "linear_value_head_dim": 8,
}
VISION = {
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}

ATTENTION: dict[str, dict[str, Any]] = {
    "apertus": STANDARD,
    "arcee": STANDARD,
    "biogpt": STANDARD,
    "bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 4, **TOKENS},
    "codegen": {**GPT, "rotary_dim": 4},
    "cohere": STANDARD,
    "cohere2": SLIDING,
    "deepseek_v3": {
        **EXPERTS,
        "num_key_value_heads": 4,
        "head_dim": 4,
        "n_group": 1,
        "topk_group": 1,
        "kv_lora_rank": 8,
        "q_lora_rank": 8,
        "qk_rope_head_dim": 4,
        "qk_nope_head_dim": 4,
        "v_head_dim": 8,
        "first_k_dense_replace": 1,
    },
    "diffllama": STANDARD,
    "ernie4_5": HEADS,
    "exaone4": SLIDING,
    "falcon": {**STANDARD, "num_kv_heads": 2},
    "gemma": HEADS,
    "gemma2": SLIDING,
    "gemma3": {"text_config": SLIDING, "vision_config": VISION, "mm_tokens_per_image": 4},
    "gemma3_text": SLIDING,
    "glm4": HEADS,
    "gpt2": GPT,
    "gpt_bigcode": GPT,
    "gpt_neo": {
        "hidden_size": 32,
        "num_layers": 2,
        "num_heads": 4,
        "attention_types": [[["global", "local"], 1]],
        "window_size": 8,
        "max_position_embeddings": 64,
        "bos_token_id": 1,
        "eos_token_id": 2,
    },
    "gpt_neox": STANDARD,
    "gpt_oss": {**EXPERTS, "sliding_window": 8},
    "gptj": {**GPT, "rotary_dim": 4},
    "granite": STANDARD,
    "granitemoe": EXPERTS,
    "helium": HEADS,
    "llama": STANDARD,
    "mistral": SLIDING,
    "mixtral": EXPERTS,
    "mpt": {"d_model": 32, "n_layers": 2, "n_heads": 4, "max_seq_len": 64},
    "nemotron": STANDARD,
    "olmo": STANDARD,
    "olmo2": STANDARD,
    "olmoe": EXPERTS,
    "opt": {
        "hidden_size": 32,
        "ffn_dim": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "max_position_embeddings": 64,
        "word_embed_proj_dim": 32,
        **TOKENS,
    },
    "persimmon": STANDARD,
    "phi": STANDARD,
    "phi3": STANDARD,
    "qwen2": STANDARD,
    "qwen2_moe": EXPERTS,
    "qwen3": HEADS,
    "qwen3_moe": EXPERTS,
    "seed_oss": HEADS,
    "smollm3": STANDARD,
    "stablelm": STANDARD,
    "starcoder2": STANDARD,
    "xglm": {
        "d_model": 32,
        "ffn_dim": 48,
        "num_layers": 2,
        "attention_heads": 4,
        "max_position_embeddings": 64,
        **TOKENS,
    },
}
"""Models that keep no more of a sequence than keys and values."""
RECURRENT: dict[str, dict[str, Any]] = {
    "bamba": {**HYBRID, "attn_layer_indices": [1]},
    "falcon_h1": {**HYBRID, "mamba_d_ssm": 64},
    "falcon_mamba": STATE,
    "granitemoehybrid": {
        **EXPERTS,
        **HYBRID,
        "layer_types": ["mamba", "attention"],
        "shared_intermediate_size": 32,
    },
    "jamba": {
        **EXPERTS,
        "num_hidden_layers": 4,
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "expert_layer_period": 2,
        "expert_layer_offset": 1,
        "mamba_d_state": 4,
        "use_mamba_kernels": False,
    },
    "lfm2": {**STANDARD, "layer_types": ["conv", "full_attention"], "conv_L_cache": 3},
    "mamba": STATE,
    "mamba2": {**STATE, "num_heads": 8, "head_dim": 8, "n_groups": 1},
    "minimax": {**EXPERTS, "layer_types": ["linear_attention", "full_attention"], "block_size": 8},
    "nemotron_h": {
        **STANDARD,
        "layers_block_type": ["mamba", "attention"],
        "mamba_num_heads": 4,
        "mamba_head_dim": 16,
        "ssm_state_size": 8,
        "n_groups": 1,
    },
    "qwen3_5_text": {**HEADS, **LINEAR_ATTENTION},
    "qwen3_next": {**EXPERTS, **LINEAR_ATTENTION},
    "recurrent_gemma": {**HEADS, "num_hidden_layers": 3, "lru_width": 32, "attention_window_size": 16},
    "rwkv": {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "attention_hidden_size": 32,
        "context_length": 64,
        "bos_token_id": 1,
        "eos_token_id": 2,
    },
}
"""Models that keep a state of a sequence besides, or instead."""


def write_architecture(folder: Path, name: str, tokenizer: Any) -> Path:
    """Write a random model of an architecture with a tokenizer."""
    settings = {**ATTENTION, **RECURRENT}[name]
    vocabulary = {"vocab_size": len(tokenizer)}
    if "text_config" in settings:
        settings = {**settings, "text_config": {**settings["text_config"], **vocabulary}}
    config = AutoConfig.for_model(name, **{**vocabulary, **settings})
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(config)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 2:  # transformers draws them so small that every token is as likely as any other
                weight.normal_(std=0.3)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
