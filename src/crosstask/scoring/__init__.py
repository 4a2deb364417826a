"""Scoring: label log-probabilities, greedy generation, extraction and metrics."""
