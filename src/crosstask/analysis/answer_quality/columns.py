"""Tables of the quality of answers."""

from crosstask.analysis.schema import SEED, SOURCE, TARGET, Column, N, TableSchema

ANSWER_QUALITY = (
    SOURCE,
    TARGET,
    SEED,
    Column(
        "flaw",
        "invalid: no prediction can be parsed, or no verdict of a judge; of open targets also cut: longer than the"
        " limit, and empty: nothing but white space; prompt_cut: its prompt did not fit the model's context",
        "text",
    ),
    Column("share", "share of the cell's answers that have the flaw", "0 to 1"),
    Column("ci_low", "lower limit of its Wilson interval over test rows, by default of 95 %", "0 to 1"),
    Column("ci_high", "upper limit", "0 to 1"),
    N,
)

VERDICTS = (
    SOURCE,
    TARGET,
    SEED,
    Column("judge", "share of the cell's answers that are right by the judge's verdict: the score", "0 to 1"),
    Column("exact_match", "share that are right by exact match", "0 to 1"),
    Column("agreement", "share on which verdict and exact match agree", "0 to 1"),
    Column("judge_only", "share that are right by the verdict and wrong by exact match", "0 to 1"),
    Column("exact_match_only", "share that are wrong by the verdict and right by exact match", "0 to 1"),
    Column("unparsable", "share on which the judge's reply has no verdict; their score is 0", "0 to 1"),
    N,
)

TABLES = (
    TableSchema(
        "answer_quality",
        "One row per source, target, seed (and a column for each setting in ``analysis.rows``) and flaw that is known"
        " of the cell. Flaws may overlap; an answer with any of them stays in the score, as what it is worth.",
        ANSWER_QUALITY,
    ),
    TableSchema(
        "verdicts",
        "One row per source, judged target and seed (and a column for each setting in ``analysis.rows``): verdict and"
        " exact match. The columns from agreement to unparsable sum to 1.",
        VERDICTS,
    ),
)
"""The tables of the section, in the order in which they are written."""
