"""Kinds of changes that are no change of a property."""

PLACEBO = "other_rows"
"""Changes nothing but which rows of the data set are drawn."""
RANDOM = "random_update"
"""Is not trained at all."""
APART = (PLACEBO, RANDOM)
