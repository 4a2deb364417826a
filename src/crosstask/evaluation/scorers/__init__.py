"""Scorers: for each kind of task one file, which says what the model is asked and how its outputs are scored."""
