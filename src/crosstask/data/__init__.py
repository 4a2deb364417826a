"""Rows of data sets, and the examples that tasks make of them."""
