"""Tables of changed examples."""

from crosstask.analysis.schema import SOURCE, TARGET, Column, TableSchema

RUN_SEED = Column("seed", "random seed of the training, as in scores.csv", "whole number", "a table without seeds")
WHERE = (SOURCE, TARGET, RUN_SEED)

CHANGED = (
    *WHERE,
    Column("example", "the test row, as in answers.parquet and in the examples of the store", "text"),
    Column("outcome", "won: the answer is worth more than base's; lost: less", "won, lost"),
    Column("base_score", "what base's answer is worth", "0 to 1"),
    Column("score", "what the fine-tuned model's answer is worth", "0 to 1"),
)

CHANGED_COUNTS = (
    *WHERE,
    Column("won", "answers that are worth more than base's", "whole number, >= 0"),
    Column("lost", "answers that are worth less", "whole number, >= 0"),
    Column("n", "test rows", "whole number, >= 1"),
    Column(
        "p",
        "exact McNemar test of this one run against base: are as many won as lost? Corrected for nothing; with one seed"
        " it is the p of gains_long.csv, where it is corrected",
        "0 to 1",
        "answers are not all worth 0 or 1",
    ),
)

TABLES = (
    TableSchema(
        "changed",
        "One row per answer that fine-tuning won or lost, by source, target, seed (and a column for each setting in"
        " ``analysis.rows``): where both models answered alike well there is none. Over several prompts of a target"
        " what an answer is worth is the mean. It has no texts: ``analysis.changed.show`` joins them by these keys.",
        CHANGED,
        suffix="parquet",
    ),
    TableSchema(
        "changed_counts",
        "How many there are, one row per source, target and seed (and a column for each setting in ``analysis.rows``)"
        " that was scored on the same test rows as the base model.",
        CHANGED_COUNTS,
        about="p",
    ),
)
"""The tables of the section, in the order in which they are written."""
