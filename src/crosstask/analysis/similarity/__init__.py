"""Similarity of data sets, and whether it explains transfer."""
