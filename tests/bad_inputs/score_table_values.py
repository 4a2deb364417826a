"""What tables of scores hold: numbers, rows, choices among them."""

from tests.bad_inputs.other_commands import TABLE
from tests.bad_inputs.score_tables import KIND as KIND
from tests.bad_inputs.score_tables import bad, first, good

# Numbers.
bad("score-text", "a score that is a word", first("base,rte,good"), "t.csv", "2", "good")
bad("score-infinite", "a score that is infinite", first("base,rte,inf"), "2", "inf")
bad("score-1e400", "a score of 1e400", first("base,rte,1e400"), "2", "1e400")
bad("score-two-points", "a score with two points", first("base,rte,0.5.1"), "2", "0.5.1")
bad("score-brackets", "a score with something in brackets", first("base,rte,0.30 (0.01)"), "2", "0.30 (0.01)")
bad("score-date", "a score that Excel took for a date", first("base,rte,2024-03-05"), "2", "2024-03-05")
bad("score-formula", "a formula", first("base,rte,=A1+1"), "2", "=A1+1")
bad("score-error", "an Excel error", first("base,rte,#DIV/0!"), "2", "#DIV/0!")
bad("score-escape", "an escape sequence in a score", first("base,rte,0.3\x1b[2J"), "2", "\\x1b")
bad("comma-decimal", "an unquoted decimal comma", TABLE.replace("0.", "0,"), "2", ("comma", "fields"))
bad(
    "comma-open",
    "commas that could be either",
    TABLE.replace("0.", "1,2").replace(",", ";").replace("1;2", "1,2"),
    "runs.decimal",
)
bad("scores-none", "no score at all", "source,target,score\nbase,rte,NA\na,rte,-\n", "score")
bad(
    "stderr-negative",
    "a negative standard error",
    TABLE.replace("score\n", "score,stderr\n").replace("0.30\n", "0.30,-0.1\n"),
    "stderr",
    "-0.1",
)
bad(
    "stderr-text",
    "a standard error that is a word",
    TABLE.replace("score\n", "score,stderr\n").replace("0.30\n", "0.30,small\n"),
    "stderr",
    "small",
)
bad("n-zero", "n = 0", TABLE.replace("score\n", "score,n\n").replace("0.30\n", "0.30,0\n"), "n", "0", "2")
bad("n-fraction", "n = 12.5", TABLE.replace("score\n", "score,n\n").replace("0.30\n", "0.30,12.5\n"), "12.5", "2")
good("minus", "a minus of typography", first("base,rte,\u22120.30"), scores="-0.3")
good(
    "percent",
    "percent signs",
    "".join(f"{line} %\n" if "0." in line else line + "\n" for line in TABLE.replace("0.", "").splitlines()).replace(
        "score %", "score"
    ),
)
good("missing", "a score that is N/A", first("base,rte,N/A"))
good("semicolons", "semicolons and decimal commas", TABLE.replace(",", ";").replace("0.", "0,"))
good("blanks-around", "blanks around fields", TABLE.replace(",", " , "))
good("digits", "more digits than a number has", first("base,rte,0.3000000000000000000000000000001"))

# Rows.
bad("row-twice", "a row that stands twice with other scores", TABLE + "a,rte,0.99\n", "a", "rte", ("twice", "14"))
bad("row-long", "a row with a field too many", first("base,rte,0.30,1"), "2", "field")
good("row-short", "a row with a field too few", first("base,rte"), "1 score of 12 missing", "base -> rte")
bad("source-blank", "a row without a source", first(",rte,0.30"), "2", "source")
bad("target-blank", "a row without a target", first("base,,0.30"), "2", "target")
good("only-base", "only the base model", "\n".join(TABLE.splitlines()[:4]) + "\n", "0 sources", scores="base,copa,")
good(
    "one-cell",
    "one source and one target",
    "source,target,score\nbase,rte,0.5\na,rte,0.6\n",
    "1 gain of 1 source",
    scores="a,rte,",
)
bad(
    "seed-part",
    "seeds in some rows of a source",
    TABLE.replace("score\n", "seed,score\n")
    .replace("rte,", "rte,0,")
    .replace("copa,", "copa,,")
    .replace("wic,", "wic,,"),
    "seed",
)
good("no-base", "no base model", TABLE.replace("base,", "d,"), "base")
good(
    "names-odd",
    "names with paths, line breaks and escape sequences",
    TABLE.replace("b,", '"../b\x1b[2J",').replace("wic", "w/i\u202ec"),
    scores="a,copa,",
)
good("names-case", "sources that differ by case", TABLE.replace("b,", "A,"), scores="A,copa,")
good("name-na", "a source that is called NA", TABLE.replace("b,", "NA,"), scores="NA,copa,")
good("name-long", "a source with a name of 3,000 letters", TABLE.replace("b,", "b" * 3000 + ","), scores="bbb,copa")
good(
    "name-number",
    "sources and targets that are numbers",
    "source,target,score\n" + "".join(f"{s},{t},0.{s + 1}{t}\n" for s in (1, 2, 3) for t in (4, 5, 6)),
    scores="2,4,",
    more=("runs.base=1",),
)

# Choices.
bad("base-unknown", "a base model that is not there", TABLE, "runs.base", "nope", more=("runs.base=nope",))
bad("targets-unknown", "a target that is not there", TABLE, "runs.targets", "nope", more=("runs.targets=[rte,nope]",))
bad(
    "lower-unknown",
    "less is better of a target that is not there",
    TABLE,
    "runs.lower",
    "nope",
    more=("runs.lower=[nope]",),
)
bad(
    "metrics-two",
    "two metrics",
    "source,target,metric,score\n"
    + "".join(
        f"{s},{t},{m},0.{i}{j}\n"
        for i, s in enumerate(("base", "a", "b"))
        for t in ("rte", "wic")
        for j, m in ((1, "acc"), (2, "f1"))
    ),
    "runs.metric",
    "acc",
    "f1",
)
good(
    "metric-some",
    "a metric in some rows of a target",
    TABLE.replace("score\n", "score,metric\n").replace("0.30\n", "0.30,acc\n"),
    "3 scores of target 'rte' taken for acc",
    "line 5",
)
good(
    "metric-some-chosen",
    "a chosen metric that some rows lack",
    TABLE.replace("\n", ",acc\n").replace("score,acc", "score,metric") + "d,rte,0.4,\n",
    "1 score of no metric left out",
    "line 14",
    more=("runs.metric=acc",),
)
bad("metric-unknown", "a metric that is not there", TABLE, "runs.metric", "nope", more=("runs.metric=nope",))
bad("home-unknown", "a home that is not there", TABLE, "analysis.homes", "nope", more=("analysis.homes={a: nope}",))
bad(
    "ability-unknown",
    "an ability of a target that is not there",
    TABLE,
    "analysis.abilities",
    "nope",
    more=("analysis.abilities={nope: nlu}",),
)
good(
    "ceiling-low",
    "a ceiling below the scores",
    TABLE,
    "analysis.traits.ceiling",
    "0.1",
    more=("analysis=paper", "analysis.traits.scale=headroom", "analysis.traits.ceiling=0.1"),
)
good(
    "factors-many",
    "more factors than targets",
    TABLE,
    "no factors",
    "9",
    more=("analysis=paper", "analysis.traits.method=factors", "analysis.traits.count=9"),
)
