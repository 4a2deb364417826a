"""Settings of adapters that several tests need."""

from crosstask.config.adapter import AdapterMethod, Lora

IA3 = Lora(
    method=AdapterMethod.ia3,
    rank=None,
    alpha=None,
    dropout=None,
    target_modules=["k_proj", "v_proj", "down_proj"],
    feedforward_modules=["down_proj"],
)
