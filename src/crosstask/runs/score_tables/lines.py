"""Raw rows -> one line of text for each score, however wide the table is, and the choice of a metric."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from crosstask.analysis.schema import BASE
from crosstask.analysis.wording import counted
from crosstask.config.analysis import Runs
from crosstask.errors import UserError, hint
from crosstask.runs.score_tables.headers import FIELDS, Columns
from crosstask.runs.score_tables.raw_rows import RawRows


@dataclass(frozen=True)
class Line:
    """One score, as text, with what stands beside it."""

    number: int
    """Of its row in the file."""
    fields: Mapping[str, str]
    """What the row says in the fields that tables have; empty where it says nothing."""
    others: Mapping[str, str]
    """What it says in all other columns, those of scores left out."""

    @property
    def all(self) -> dict[str, str]:
        """Both together."""
        return {**self.others, **self.fields}


def lines(raw: RawRows, found: Columns, options: Runs) -> tuple[list[Line], list[str]]:
    """Return a line for each score, of the metric and the targets that are chosen, and notes on empty metrics.

    Parameters
    ----------
    raw : RawRows
        The table.
    found : Columns
        Which of its columns are what.
    options : Runs
        ``metric`` and ``targets`` choose; ``base`` names the model without fine-tuning.

    Raises
    ------
    UserError
        If a choice names nothing, or a target has several metrics and none is chosen.
    """
    notes: list[str] = []
    every = [line for number, fields in raw.rows for line in _of_row(raw, found, number, fields)]
    if not found.targets and "metric" not in found.named:
        scores = found.named["score"]
        metric = "" if scores.casefold() == "score" else scores
        every = [replace(line, fields={**line.fields, "metric": metric}) for line in every]
    if options.metric is not None:
        unnamed = [line for line in every if not line.fields["metric"]]
        every = _of_metric(raw, every, options.metric)
        if unnamed:
            first = raw.where(unnamed[0].number)
            left_out = f"{counted(len(unnamed), 'score')} of no metric left out, the first in {first}"
            notes.append(f"runs.metric={options.metric}: {left_out}")
    if options.targets:
        there = list(dict.fromkeys(line.fields["target"] for line in every))
        for name in options.targets:
            if name not in there:
                raise UserError(f"runs.targets: no target {name}{hint(name, there)}; there are {', '.join(there)}")
        every = [line for line in every if line.fields["target"] in options.targets]
    notes += _one_metric(raw, every)
    return every if options.base is None else _with_base(every, options.base), notes


def _of_row(raw: RawRows, found: Columns, number: int, fields: Sequence[str]) -> list[Line]:
    """The lines of one row: one, or one for each target."""
    row = dict(zip(raw.header, fields, strict=True))
    named = {field: row[found.named[field]] if field in found.named else "" for field in FIELDS}
    if not found.targets:
        others = {name: text for name, text in row.items() if name not in found.named.values()}
        if "stderr" not in found.named and (error := found.error_of(found.named["score"], raw.header)):
            named["stderr"] = row[error]
        if found.counts:
            named["n"] = row[found.counts[found.named["score"]]]
        return [Line(number, named, others)]
    scores = {*found.targets, *(found.error_of(name, raw.header) for name in found.targets), *found.counts.values()}
    others = {name: text for name, text in row.items() if name not in scores and name not in found.named.values()}
    made = []
    for target in found.targets:
        error = found.error_of(target, raw.header)
        of_target = {"target": target, "score": row[target], "stderr": row[error] if error else ""}
        of_count = {"n": row[found.counts[target]]} if target in found.counts else {}
        made.append(Line(number, {**named, **of_target, **of_count}, others))
    return made


def _of_metric(raw: RawRows, every: Sequence[Line], metric: str) -> list[Line]:
    """The lines of one metric."""
    there = sorted({line.fields["metric"] for line in every} - {""})
    if metric not in there:
        known = f"; there are {', '.join(there)}" if there else ", and neither a column metric nor one of that name"
        raise UserError(f"runs.metric={metric}: {raw.path} has no such metric{hint(metric, there)}{known}")
    return [line for line in every if line.fields["metric"] == metric]


def _one_metric(raw: RawRows, every: Sequence[Line]) -> list[str]:
    """Raise if the scores of a target are of several metrics; notes on targets of which some say a metric."""
    of_target: dict[str, dict[str, list[Line]]] = {}
    for line in every:
        of_target.setdefault(line.fields["target"], {}).setdefault(line.fields["metric"], []).append(line)
    notes = []
    for target, found in of_target.items():
        names = sorted(found.keys() - {""})
        if len(names) > 1:
            raise UserError(
                f"{raw.path}: target {target!r} has scores of several metrics: {', '.join(names)}; runs.metric=NAME"
                " chooses one"
            )
        if names and (unnamed := found.get("")):
            notes.append(
                f"{counted(len(unnamed), 'score')} of target {target!r} taken for {names[0]}, as others of it are:"
                f" metric is empty in {raw.where(unnamed[0].number)}{' and others' * (len(unnamed) > 1)}"
            )
    return notes


def _with_base(every: Sequence[Line], base: str) -> list[Line]:
    """The lines with the row that is the model without fine-tuning under the name that all analyses know."""
    sources = list(dict.fromkeys(line.fields["source"] for line in every))
    if base not in sources:
        raise UserError(f"runs.base={base}: no such source{hint(base, sources)}; there are {', '.join(sources)}")
    if base != BASE and BASE in sources:
        raise UserError(f"runs.base={base}: the table has a source {BASE!r} as well; rename one of the two")
    return [
        replace(line, fields={**line.fields, "source": BASE}) if line.fields["source"] == base else line
        for line in every
    ]
