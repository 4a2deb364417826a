"""crosstask: which fine-tuning data helps or hurts which task of a language model, and why."""
