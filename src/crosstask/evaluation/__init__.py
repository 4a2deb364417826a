"""Evaluation: inference requests and how they are run, scorers, and the cells that come of both."""
