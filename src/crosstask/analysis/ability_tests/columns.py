"""Tables of the tests of abilities."""

from crosstask.analysis.schema import CI_HIGH, CI_LOW, POPULATION, SIGNIFICANT, Column, P, Q, TableSchema

ABILITY_TESTS = (
    Column(
        "question",
        "go together: mean correlation, over sources, of the residuals of two targets of one ability; gain within:"
        " mean residual of sources on targets of their own ability less that on others. Residuals have rows and"
        " columns at one spread",
        "text",
    ),
    Column("value", "the statistic", "number", "there are no such pairs of targets, or no such cells"),
    Column("relabeled", "its mean over relabelings of the tasks", "number", "not tested"),
    Column("relabelings", "relabelings that it was compared with", "whole number"),
    Column("p", "share of relabelings that reach the value, itself counted; one-sided", "0 to 1", "not tested"),
    Column(
        "p_adjusted",
        "the same, corrected for the questions that can be answered (Holm)",
        "0 to 1",
        "not tested, or smallest_p is above alpha",
    ),
    Column(
        "p_bends",
        "p where each target may respond otherwise to sources that help than to those that harm, as near a ceiling or"
        " a floor; abilities whose targets differ in level are confirmed by that alone",
        "0 to 1",
        "not tested",
    ),
    Column("smallest_p", "the smallest p that any result could have with these abilities", "0 to 1"),
    Column(
        "significant",
        "whether p_adjusted is at most alpha",
        "True, False",
        "not tested, or no p_adjusted of at most alpha is possible: this design cannot answer",
    ),
)
WITHIN = (
    Column("ability", "as the task files, or analysis.abilities, say", "text"),
    Column("targets", "targets of the ability", "whole number"),
    Column("sources", "sources whose own task is of the ability", "whole number"),
    Column("cells", "cells of these off the diagonal", "whole number, >= 1"),
    Column("residual", "mean residual of these cells: gain less mean, donor and recipient", "unit of the score"),
    CI_LOW,
    CI_HIGH,
    P,
    Q,
    SIGNIFICANT,
)

TABLES = (
    TableSchema(
        "ability_tests",
        "One row per question about the declared abilities: do targets of one ability go together across sources, and"
        " do sources gain on targets of their ability beyond what donor and recipient give? Both are tested by"
        " assigning the abilities to the tasks anew.",
        ABILITY_TESTS,
    ),
    TableSchema(
        "ability_residuals",
        "One row per ability that has cells of its own off the diagonal. The intervals take tasks and abilities as"
        f" given. {POPULATION}",
        WITHIN,
    ),
)
"""The tables of the section, in the order in which they are written."""
