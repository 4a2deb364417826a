"""The base model, adapters, and text as tokens."""
