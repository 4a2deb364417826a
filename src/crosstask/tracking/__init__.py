"""The only package that talks to Weights & Biases: what a job logs, and what an analysis reads."""
