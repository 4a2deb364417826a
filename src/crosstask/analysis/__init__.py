"""Analyses of recorded scores: tables in, tables out; no training code, no store, no drawing."""
