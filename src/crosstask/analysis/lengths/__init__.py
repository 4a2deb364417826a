"""Lengths of generated answers: whether a model takes over the length of what it was fine-tuned on."""
