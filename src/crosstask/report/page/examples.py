"""Answers won and lost with their texts, a sample of each cell where all would not fit into a page."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crosstask.analysis.matrix.answers import Answers, Run, base_of, runs_of
from crosstask.analysis.matrix.row_keys import further_keys
from crosstask.analysis.matrix.texts import NotKept, TargetTexts, TextsOf
from crosstask.analysis.schema import BASE
from crosstask.report.page.blocks import Block, examples, said
from crosstask.report.page.tables import Tables

IN_A_PAGE = 16_000
"""Examples in a page, at most."""
IN_A_CELL = 5
"""Examples of each outcome in a cell, at most."""
LONGEST = 1_500
"""Characters of a text; the middle of a longer one is left out."""
LEFT_OUT = "\n[…]\n"


class Examples:
    """Draws examples of every cell and reads their texts, target by target.

    Of a cell with several runs those of the first are shown. Which are drawn depends on the place of the cell alone.

    Parameters
    ----------
    texts : TextsOf
        Reads the texts.
    answers : Answers
        The answers that were compared.
    rows : tuple of str
        What a row of the analysis is, the source first.
    tables : Tables
        What was won and lost.
    """

    def __init__(self, texts: TextsOf, answers: Answers, rows: tuple[str, ...], tables: Tables) -> None:
        self.texts, self.answers = texts, answers.targets
        settings = further_keys(rows)
        changed, counts = tables["changed"], tables["changed_counts"]
        self.runs: dict[tuple[str, str], Run] = {}
        for row, run in zip(counts.to_dict("records"), runs_of(counts, settings) if len(counts) else [], strict=True):
            self.runs.setdefault((row["source"], row["target"]), run)
        places = dict.fromkeys(self.runs)
        self.most = max(1, min(IN_A_CELL, IN_A_PAGE // (2 * max(1, len(places)))))
        self.drawn = self._drawn(changed, settings)
        self.prompts: dict[str, dict[str, list[str]]] = {}
        """Target -> example -> prompt, right answer and base's; of those that a cell shows."""
        self._read: dict[str, tuple[TargetTexts, dict[Run, int]] | str] = {}

    def of_cell(self, source: str, target: str) -> Iterator[Block]:
        """Examples that the first run of a cell won and lost, or a line that says why there are none."""
        run = self.runs.get((source, target))
        if run is None:
            return
        shown, counts = self.drawn.get((source, target), ([], {}))
        if not shown:
            which = _which(run)
            yield said(f"No answer was won or lost{f' by {which}' if which else ''}.")
            return
        texts = self._texts_of(target)
        if isinstance(texts, str) or run not in texts[1]:
            yield said(f"No texts of these answers: {texts if isinstance(texts, str) else 'they are not kept'}.")
            return
        said_by = texts[0].answers[texts[1][run]]
        found = []
        for outcome, example in shown:
            self._keep(target, example, texts[0])
            found.append({"outcome": outcome, "example": example, "answer": cut(said_by[example])})
        yield examples("Answers won and lost", self._note(run, shown, counts), (BASE, source), found)

    def _drawn(
        self, changed: pd.DataFrame, settings: Sequence[str]
    ) -> dict[tuple[str, str], tuple[list[tuple[str, str]], dict[str, int]]]:
        """Source and target -> outcomes and examples drawn of the first run, and how many there are of each outcome."""
        found: dict[tuple[str, str], tuple[list[tuple[str, str]], dict[str, int]]] = {}
        if changed.empty:
            return found
        keys = ["source", "target", "seed", *settings]
        of_run = {(run[0], target, *run[1:]): place for place, ((_, target), run) in enumerate(self.runs.items())}
        for key, rows in changed.groupby(keys, sort=False, dropna=False):
            source, target, seed, *values = key
            run = (
                source,
                target,
                None if pd.isna(seed) else int(seed),
                *("" if pd.isna(v) else str(v) for v in values),
            )
            if run in of_run:
                found[source, target] = self._sample(rows, of_run[run])
        return found

    def _sample(self, rows: pd.DataFrame, place: int) -> tuple[list[tuple[str, str]], dict[str, int]]:
        """Examples of a run, those won first, and how many there are."""
        generator = np.random.default_rng(place)
        shown, counts = [], {}
        for outcome in ("won", "lost"):
            every = rows.loc[rows["outcome"] == outcome, "example"].tolist()
            counts[outcome] = len(every)
            chosen = sorted(generator.choice(len(every), min(self.most, len(every)), replace=False)) if every else []
            shown += [(outcome, every[at]) for at in chosen]
        return shown, counts

    def _texts_of(self, target: str) -> tuple[TargetTexts, dict[Run, int]] | str:
        """The texts of a target with the place of each run among its answers, or why there are none."""
        if target not in self._read:
            runs = [run for (_, of), run in self.runs.items() if of == target and self.drawn.get((run[0], target))]
            self._read[target] = self._opened(target, runs)
        return self._read[target]

    def _opened(self, target: str, runs: list[Run]) -> tuple[TargetTexts, dict[Run, int]] | str:
        """Read base's texts and those of some runs."""
        base = base_of(runs[0], self.answers[target].rows)
        assert base is not None  # or nothing could have been won or lost
        try:
            return self.texts(target, (base, *runs)), {run: place for place, run in enumerate(runs, start=1)}
        except NotKept as lacking:
            return str(lacking)

    def _keep(self, target: str, example: str, texts: TargetTexts) -> None:
        """Note what all cells of a target share of an example."""
        known = texts.prompts[example], texts.gold[example], texts.answers[0][example]
        self.prompts.setdefault(target, {}).setdefault(example, [cut(text) for text in known])

    def _note(self, run: Run, shown: list[tuple[str, str]], counts: dict[str, int]) -> str:
        """How many of how many are shown, and of which run."""
        numbers = [sum(one == outcome for one, _ in shown) for outcome in counts]
        parts = [f"{some} of {every} {outcome}" for some, (outcome, every) in zip(numbers, counts.items(), strict=True)]
        drawn = ", drawn at random" if numbers != list(counts.values()) else ""
        which = _which(run)
        return f"{' and '.join(parts)}{f' by {which}' if which else ''}{drawn}."


def _which(run: Run) -> str:
    """The seed and the settings of a run; nothing of the only one."""
    settings: list[Any] = [value for value in run[2:] if value]
    return ", ".join([*([] if run[1] is None else [f"seed {run[1]}"]), *settings])


def cut(text: str) -> str:
    """A text whose middle is left out where it is longer than `LONGEST`.

    Examples
    --------
    >>> cut("short"), len(cut("x" * 10_000))
    ('short', 1500)
    """
    text = text.strip()
    if len(text) <= LONGEST:
        return text
    half = (LONGEST - len(LEFT_OUT)) // 2
    return text[: LONGEST - len(LEFT_OUT) - half] + LEFT_OUT + text[-half:]
