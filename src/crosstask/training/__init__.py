"""Training: batches, the Lightning module, and one adapter from start to finish."""
