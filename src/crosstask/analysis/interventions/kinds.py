"""Kinds of changes that are no change of a property."""

PLACEBO = "other_rows"
"""Changes nothing but which rows of the data set are drawn."""
RANDOM = "random_update"
"""Is not trained at all."""
FEWER = "fewer_rows"
"""Changes the more, the smaller its dose."""
APART = (PLACEBO, RANDOM)
