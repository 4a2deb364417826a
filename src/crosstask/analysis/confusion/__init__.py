"""Confusion: which label is answered where which is right, and what training changes about it."""
