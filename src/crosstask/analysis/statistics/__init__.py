"""Intervals, tests and resampling, without a word of transfer."""
