"""Changed examples: which answers fine-tuning wins and loses against the base model."""
