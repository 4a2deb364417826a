"""The won and lost examples of one cell with their texts."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crosstask.analysis.blocks import ExamplesBlock
from crosstask.analysis.changed.options import ON, Options
from crosstask.analysis.changed.outcomes import Outcomes
from crosstask.analysis.matrix.answers import Run, base_of, runs_of
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.texts import NotKept, TargetTexts
from crosstask.analysis.schema import BASE
from crosstask.analysis.transfer import Transfer
from crosstask.analysis.wording import listed
from crosstask.errors import UserError, hint, quoted

KEY = "analysis.changed.show"


def chosen_cell(show: str, sources: Iterable[str], targets: Iterable[str]) -> tuple[str, str]:
    """The source and the target that ``'SOURCE on TARGET'`` names.

    Raises
    ------
    UserError
        If one of them is not among those of the analysis, the base model aside.

    Examples
    --------
    >>> chosen_cell("imdb on gsm8k", ["base", "imdb"], ["gsm8k"])
    ('imdb', 'gsm8k')
    """
    sources, targets = [name for name in dict.fromkeys(sources) if name != BASE], list(dict.fromkeys(targets))
    parts = show.split(ON)
    readings = [(ON.join(parts[:at]).strip(), ON.join(parts[at:]).strip()) for at in range(1, len(parts))]
    for source, target in readings:  # names may hold the word themselves
        if source in sources and target in targets:
            return source, target
    source, target = readings[0]
    role, name, known = ("source", source, sources) if source not in sources else ("target", target, targets)
    raise UserError(f"{KEY}={quoted(show)}: no {role} {name!r}{hint(name, known)}; there are {listed(known, 40)}")


def shown_examples(cell: tuple[str, str], found: Outcomes, transfer: Transfer, options: Options) -> ExamplesBlock:
    """The won and lost examples of a cell, with texts.

    Parameters
    ----------
    cell : tuple of str
        Source and target.
    found : Outcomes
        Of every cell.
    transfer : Transfer
        Reads the texts.
    options : Options
        How much of them a terminal shows.

    Raises
    ------
    NotKept
        If there is nothing to show; the message says why.
    """
    source, target = cell
    if transfer.texts is None:
        raise NotKept("these scores came without prompts and answers, which a store and W&B keep")
    counts, examples = (_of_cell(table, cell) for table in (found.counts, found.examples))
    if transfer.answers is None or counts.empty:
        raise NotKept(f"no answers of {source} on {target} are kept that can be compared with base's")
    settings = further_keys(transfer.rows)
    runs = runs_of(counts, settings)
    headings = [_heading(run, row, settings) for run, row in zip(runs, counts.to_dict("records"), strict=True)]
    of_row = runs_of(examples, settings)
    parts = []
    for run, heading in zip(runs, headings, strict=True):
        base = base_of(run, transfer.answers.targets[target].rows)
        assert base is not None  # or it would have no counts
        texts = transfer.texts(target, (base, run))
        of_run = examples[np.array([one == run for one in of_row], dtype=bool)]
        parts.append(_with_texts(of_run, texts).assign(run=heading))
    return ExamplesBlock(
        title=f"{source} on {target}: examples that fine-tuning won and lost",
        source=source,
        target=target,
        examples=pd.concat(parts, ignore_index=True),
        runs=tuple(headings),
        most=options.examples,
        characters=options.characters,
    )


def _of_cell(table: pd.DataFrame, cell: tuple[str, str]) -> pd.DataFrame:
    """The rows of a table about a source and a target."""
    return table[(table["source"] == cell[0]) & (table["target"] == cell[1])]


def _heading(run: Run, counts: Mapping[Hashable, Any], settings: Sequence[str]) -> str:
    """Which run it is, and how many answers it won and lost."""
    _, seed, *values = run
    names = [f"{name} {value}" for name, value in zip(settings, values, strict=True)]
    which = ", ".join([*([] if seed is None else [f"seed {seed}"]), *names]) or "the only run"
    test = "" if np.isnan(counts["p"]) else f" (McNemar p = {counts['p']:.2g})"
    return f"{which}: {counts['won']} won and {counts['lost']} lost of {counts['n']}{test}"


def _with_texts(examples: pd.DataFrame, texts: TargetTexts) -> pd.DataFrame:
    """Columns ``example``, ``outcome``, ``prompt``, ``gold``, ``base`` and ``answer`` of changed examples, all text;
    those won come first.
    """
    columns = zip(("prompt", "gold", "base", "answer"), (texts.prompts, texts.gold, *texts.answers), strict=True)
    known = {name: [found[example] for example in examples["example"]] for name, found in columns}
    return examples[["example", "outcome"]].assign(**known).sort_values("outcome", ascending=False, kind="stable")
