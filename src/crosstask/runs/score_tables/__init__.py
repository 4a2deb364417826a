"""Anybody's tables of scores: a file -> raw rows -> long records with typed columns -> checks."""
