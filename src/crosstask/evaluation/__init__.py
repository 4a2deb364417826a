"""Scoring: label log-probabilities, greedy generation, extraction, metrics, cells."""
