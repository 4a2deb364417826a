"""Gains: their evidence, what they owe to sources and to targets, and what is particular to a pair."""
