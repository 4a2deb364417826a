"""Runs as tables for the analysis, wherever they were stored."""
