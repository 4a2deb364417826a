"""Confirmatory tests of the abilities that the task files declare."""
