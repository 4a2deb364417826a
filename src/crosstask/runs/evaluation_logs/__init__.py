"""Logs of evaluations that other tools made, of single answers: lm-evaluation-harness and Inspect."""
