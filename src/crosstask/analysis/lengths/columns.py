"""Tables of lengths."""

from crosstask.analysis.schema import SEED, SEEDS, SIGNIFICANT, SOURCE, TARGET, Column, N, P, Q, TableSchema

_LENGTH = "unit of the row, >= 0"
_CUT = "more than 5 % of the answers are cut at the limit"
_NOT_KNOWN = "not known of the source's data"
_NO_LIMIT = "as nearer, or one test row"
_LOGS = "in log(1 + length), >= 0"

LENGTHS = (
    SOURCE,
    TARGET,
    SEED,
    Column("unit", "what is counted: tokens of the base model, words between white space, or characters", "text"),
    N,
    Column("cut", "share of the answers that are cut at the limit", "0 to 1"),
    Column("mean", "mean length of the answers", _LENGTH, _CUT),
    Column("median", "their median", _LENGTH, "cut answers leave it open"),
    Column("base_mean", "mean length of the base model's answers", _LENGTH, f"no base model, or {_CUT}"),
    Column("base_median", "their median", _LENGTH, "no base model, or cut answers leave it open"),
    Column("gold_mean", "mean length of the gold answers", _LENGTH, "not known"),
    Column("gold_median", "their median", _LENGTH, "not known"),
    Column("source_mean", "mean length of the answers that the source trains on", _LENGTH, _NOT_KNOWN),
    Column("source_median", "their median", _LENGTH, _NOT_KNOWN),
    Column("wasserstein", "Wasserstein distance of the answers from the source's", _LOGS, f"{_NOT_KNOWN}, or {_CUT}"),
    Column("base_wasserstein", "the same of base's answers", _LOGS, f"{_NOT_KNOWN}, no base model, or {_CUT}"),
    Column("ks", "Kolmogorov-Smirnov distance of the answers from the source's", "0 to 1", _NOT_KNOWN),
    Column("base_ks", "the same of base's answers", "0 to 1", f"{_NOT_KNOWN}, or no base model"),
)

_CHANGE = "log(1 + length)"

LENGTH_SHIFTS = (
    SOURCE,
    TARGET,
    Column("unit", "what is counted, as in lengths.csv; one unit in the whole table", "text"),
    Column("shift", "log length of the fine-tuned model's answers less base's", _CHANGE, _CUT),
    Column("distance", "log length of the source's answers less base's", _CHANGE, f"{_NOT_KNOWN}, or {_CUT}"),
    Column("coefficient", "shift / distance: 0 is base's length, 1 the source's", "number", "see verdict"),
    Column("ci_low", "lower limit of Fieller's interval of it, by default of 95 %", "number", "see verdict"),
    Column("ci_high", "upper limit", "number", "see verdict"),
    Column(
        "verdict",
        "identified; lengths agree: not identified, where base and source differ by less than 4 standard errors; cut;"
        " source not known",
        "text",
    ),
    Column("nearer", "Wasserstein distance from the source's answers less base's", _CHANGE, f"{_NOT_KNOWN}, or {_CUT}"),
    Column(
        "nearer_low",
        "lower limit of its interval, which allows for distances that chance makes large",
        _CHANGE,
        _NO_LIMIT,
    ),
    Column("nearer_high", "upper limit", _CHANGE, _NO_LIMIT),
    P,
    Q,
    SIGNIFICANT,
    SEEDS,
)

LENGTH_CARRYOVER = (
    Column("term", "source: log length of its answers; base: log length of base's answers on the target", "text"),
    Column("unit", "what is counted, as in lengths.csv", "text"),
    Column("coefficient", "of the term in the log length of fine-tuned answers", "number"),
    Column("ci_low", "lower limit of its interval, by default of 95 %, by t with sources (or targets) - 2", "number"),
    Column("ci_high", "upper limit", "number"),
    Column("p", "source: of no effect, by relabeling the sources; base: of 1 less that of the source", "0 to 1"),
    Column("number", "sources, or targets", "whole number"),
    Column("cells", "cells off the diagonal", "whole number"),
)

TABLES = (
    TableSchema(
        "lengths",
        "One row per source, target with generated answers, seed (and a column for each setting in ``analysis.rows``)"
        " and unit. Lengths of closed targets say nothing and are left out.",
        LENGTHS,
    ),
    TableSchema(
        "length_shifts",
        "One row per source and target, means over seeds, in the first unit in which most is known: does fine-tuning"
        " move lengths from base's to the source's? p is of nearer = 0, by swapping fine-tuned and base answers row by"
        " row, and with several seeds at least that of the interval; q over all cells off the diagonal.",
        LENGTH_SHIFTS,
    ),
    TableSchema(
        "length_carryover",
        "Over cells off the diagonal: log length = effect of the target + coefficient x log length of the source's"
        " answers. Where lengths lie between base's and the source's, both coefficients sum to 1.",
        LENGTH_CARRYOVER,
    ),
)
"""The tables of the section, in the order in which they are written."""
