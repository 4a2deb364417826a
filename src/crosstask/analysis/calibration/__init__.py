"""Calibration: whether a model's probabilities of labels say how often it is right, and what training changes."""
