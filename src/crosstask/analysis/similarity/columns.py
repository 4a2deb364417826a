"""Columns of how similar data sets are, and whether that explains transfer."""

from crosstask.analysis.matrix.columns import SIMILARITIES
from crosstask.analysis.schema import Column, TableSchema

SIMILARITY_TESTS = (
    Column("measure", "measure of similarity", "text"),
    Column("cells", "cells away from home in which it is defined", "whole number"),
    Column(
        "correlation",
        "of its ranks with the gains, without effects of sources and of targets, sources and targets at one spread",
        "-1 to 1",
        "defined in too few cells, or effects of sources and targets say all of it",
    ),
    Column("null_low", "lower end of it in 1 - alpha of renamings of the data sets", "-1 to 1", "as correlation"),
    Column("null_high", "upper end of that", "-1 to 1", "as correlation"),
    Column("p", "share of label permutations with a correlation as far from 0, two-sided", "0 to 1", "as correlation"),
    Column("q", "p, corrected over the measures (Benjamini-Hochberg)", "0 to 1", "as correlation"),
    Column("significant", "whether q is at most alpha", "True, False", "as correlation"),
    Column(
        "partial",
        "the same without what the other measures say",
        "-1 to 1",
        "not defined in every cell, or nothing left",
    ),
    Column("partial_p", "its p-value, by double semi-partialing", "0 to 1", "as partial"),
    Column("partial_q", "partial_p, corrected over the measures", "0 to 1", "as partial"),
    Column("partial_significant", "whether partial_q is at most alpha", "True, False", "as partial"),
)
"""similarity_tests.csv: one row per measure."""

TABLES = (
    TableSchema(
        "similarity",
        "One row per measure, source and target: how similar the data of the source and of the target are.",
        SIMILARITIES,
    ),
    TableSchema(
        "similarity_tests",
        "One row per measure: whether similarity explains the gains off the diagonal, alone and given all other"
        " measures, against label permutations of the data sets.",
        SIMILARITY_TESTS,
    ),
)
"""The tables of the section, in the order in which they are written."""
