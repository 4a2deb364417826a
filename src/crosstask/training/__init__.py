"""Training: batches, the Lightning module, and the training of one adapter."""
