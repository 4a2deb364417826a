"""Tables of the quality of answers."""

from crosstask.analysis.schema import SEED, SOURCE, TARGET, Column, N, TableSchema

ANSWER_QUALITY = (
    SOURCE,
    TARGET,
    SEED,
    Column(
        "flaw",
        "invalid: no prediction can be parsed; of open targets also cut: longer than the limit, and empty: nothing but"
        " white space; prompt_cut: its prompt did not fit the model's context",
        "text",
    ),
    Column("share", "share of the cell's answers that have the flaw", "0 to 1"),
    Column("ci_low", "lower limit of its Wilson interval over test rows, by default of 95 %", "0 to 1"),
    Column("ci_high", "upper limit", "0 to 1"),
    N,
)

TABLES = (
    TableSchema(
        "answer_quality",
        "One row per source, target, seed (and a column for each setting in ``analysis.rows``) and flaw that is known"
        " of the cell. Flaws may overlap; an answer with any of them stays in the score, as what it is worth.",
        ANSWER_QUALITY,
    ),
)
"""The tables of the section, in the order in which they are written."""
