"""Traits that come back in every base model, seed or setting."""
