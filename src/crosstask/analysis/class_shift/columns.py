"""Tables of class shifts."""

from crosstask.analysis.schema import (
    Q_OF_ROWS,
    RUN_OR_MEAN,
    SIGNIFICANT,
    Column,
    N,
    TableSchema,
)

_NO_VALUES = "answers were generated, so that labels have no log-probabilities"
_UNKNOWN = "not defined, or all examples are alike"

CLASS_SHIFT = (
    *RUN_OR_MEAN,
    Column("label", "label of the target", "text"),
    Column("gold_share", "share of the test rows whose right label it is", "0 to 1"),
    Column(
        "train_share",
        "share of the source's training rows whose answer is the same text",
        "0 to 1",
        "the source has no such label, or nothing is known of its data",
    ),
    Column(
        "value",
        "shift of the class intercept: by how much more than base the adapter leans towards the label, whatever the"
        " right one is; those of a cell sum to 0",
        "nats",
        "a gold class without rows that can be compared",
    ),
    Column("ci_low", "lower limit of its interval, by default of 95 %", "nats", _UNKNOWN),
    Column("ci_high", "upper limit", "nats", _UNKNOWN),
    Column("p", "two-sided p value against no shift of this label, for itself", "0 to 1", _UNKNOWN),
    Column(
        "rescaled",
        "the shift if base's log-probabilities are first multiplied by ``sharpness`` of class_shift_cells: 0 where an"
        " adapter is merely sharper or blunter than a base that leans",
        "nats",
        "as ``value``, or base says the same of all rows of each class",
    ),
    Column("rescaled_low", "lower limit of its interval", "nats", _UNKNOWN),
    Column("rescaled_high", "upper limit", "nats", _UNKNOWN),
    Column("rescaled_p", "two-sided p value against none, for itself", "0 to 1", _UNKNOWN),
    N,
)

CLASS_SHIFT_CELLS = (
    *RUN_OR_MEAN,
    Column("label", "the label with the largest shift", "text", _NO_VALUES),
    Column("shift", "its shift of class intercept", "nats", _NO_VALUES),
    Column(
        "p",
        "p value against no shift of any label: the smallest of the labels, times their number if there are over two",
        "0 to 1",
        _NO_VALUES,
    ),
    Q_OF_ROWS,
    SIGNIFICANT,
    Column(
        "sharpness",
        "how many times as far log-probabilities spread within the gold classes as base's; over several seeds its mean",
        ">= 0",
        _NO_VALUES,
    ),
    Column("rescaled_p", "``p`` of the shifts ``rescaled`` by it", "0 to 1", _NO_VALUES),
    Column("rescaled_q", "``q`` of these, a family of its own", "0 to 1", "as ``q``"),
    Column(
        "total_variation",
        "distance of the predicted shares of labels, and of invalid answers, from base's: half the sum of absolute"
        " differences",
        "0 to 1",
    ),
    Column("null_mean", "its mean if answers of adapter and base change places at random, row by row", "0 to 1"),
    Column("null_high", "quantile 1 - analysis.alpha of the same", "0 to 1"),
    Column("gain", "accuracy less base's", "-1 to 1", _NO_VALUES),
    Column("gain_low", "lower limit of its interval, by default of 95 %", "-1 to 1", _UNKNOWN),
    Column("gain_high", "upper limit", "-1 to 1", _UNKNOWN),
    Column(
        "remaining", "what is left of the gain with the shifts of class intercepts taken off", "-1 to 1", _NO_VALUES
    ),
    Column("remaining_low", "lower limit of its interval", "-1 to 1", _UNKNOWN),
    Column("remaining_high", "upper limit", "-1 to 1", _UNKNOWN),
    Column("rescaled_remaining", "the same with the shifts ``rescaled`` taken off", "-1 to 1", _NO_VALUES),
    Column("rescaled_remaining_low", "lower limit of its interval", "-1 to 1", _UNKNOWN),
    Column("rescaled_remaining_high", "upper limit", "-1 to 1", _UNKNOWN),
    Column("by_shift", "gain less what remains of it", "-1 to 1", _NO_VALUES),
    Column("by_shift_low", "lower limit of its interval", "-1 to 1", _UNKNOWN),
    Column("by_shift_high", "upper limit", "-1 to 1", _UNKNOWN),
    N,
)

CARRY_OVER = (
    Column("target", "target whose cells off the diagonal are looked at", "text", "all targets together"),
    Column(
        "slope",
        "by how many nats adapters lean more towards a label for each nat that the logarithm of its training share is"
        " larger: 0 none, 1 all of it",
        "number",
        "fewer than two sources with the same label strings, two of them shared with the target, and other shares",
    ),
    Column(
        "ci_low", "lower limit of its interval by inverting the test, by default of 95 %", "number", "there is none"
    ),
    Column("ci_high", "upper limit", "number", "there is none"),
    Column("p", "p value by relabeling sources that have the same label strings", "0 to 1", "not tested"),
    Column("q", "false discovery rate over the targets (Benjamini-Hochberg)", "0 to 1", "not tested, or all together"),
    SIGNIFICANT,
    Column(
        "sources",
        "sources that could be compared; not those with whose label strings all have the same training shares, to 0.1"
        " in logarithms, if there are others",
        "whole number, >= 0",
    ),
    Column("cells", "cells that could be", "whole number, >= 0"),
    Column("relabelings", "assignments that p is a share of; no p is below 1 over this", "whole number, >= 0"),
)

CLASS_SHARES = (
    *RUN_OR_MEAN,
    Column("label", "label of the target", "text"),
    Column("gold_share", "share of the test rows whose right label it is", "0 to 1"),
    Column("identified", "whether class shares can be told", "True, False"),
    Column("reason", "why not", "text", "they can"),
    Column("condition", "condition number of base's confusion matrix", ">= 1, inf"),
    Column(
        "bbse",
        "class share at which base would answer as the adapter does (black-box shift estimation), kept to 0 to 1",
        "0 to 1",
        "not identified",
    ),
    Column("bbse_low", "lower limit of its interval, by default of 95 %", "0 to 1", "not identified"),
    Column("bbse_high", "upper limit", "0 to 1", "not identified"),
    Column(
        "saerens",
        "class share that the adapter's probabilities say the test rows have (Saerens' EM); the gold share if they are"
        " right",
        "0 to 1",
        "not identified, or labels have no log-probabilities",
    ),
    Column("base_saerens", "the same of the base model", "0 to 1", "as ``saerens``"),
    N,
)

TABLES = (
    TableSchema(
        "class_shift",
        "One row per source, closed target whose labels were compared, seed and label (and a column for each setting in"
        " ``analysis.rows``); of a source with several seeds one more for their mean. The interval of a seed is over"
        " test rows, that of the mean over test rows and seeds.",
        CLASS_SHIFT,
    ),
    TableSchema(
        "class_shift_cells",
        "One row per source, closed target and seed, and for the mean over seeds: whether anything shifts, how far the"
        " predicted labels are from base's, and what of the gain is left without the shift.",
        CLASS_SHIFT_CELLS,
    ),
    TableSchema(
        "carry_over",
        "Do adapters lean towards labels that were frequent in their training rows? One row for all targets, and one"
        " for each target that has sources to compare.",
        CARRY_OVER,
    ),
    TableSchema(
        "class_shares",
        "Secondary: class shares that answers point to. One row per source, closed target, seed and label, and for the"
        " mean over seeds. The shares of the test rows are known; these describe the adapter.",
        CLASS_SHARES,
    ),
)
"""The tables of the section, in the order in which they are written."""
