"""What an analysis shows in a terminal, as data; :mod:`crosstask.report.terminal` knows how each kind is printed."""

from dataclasses import dataclass

import pandas as pd

from crosstask.analysis.matrix.score_unit import ScoreUnit


@dataclass(frozen=True, kw_only=True)
class Block:
    """Something to be printed under a title."""

    title: str


@dataclass(frozen=True, kw_only=True)
class MatrixBlock(Block):
    """Scores or gains, sources down and targets across."""

    values: pd.DataFrame
    """Sources x targets, in the unit of the scores; NaN is printed as a dash."""
    home: pd.DataFrame
    """Bool, of the same shape: a source's own task, marked with a star."""
    unit: ScoreUnit
    signed: bool = False
    """Whether numbers have their sign, and a color above and below zero."""
    significant: pd.DataFrame | None = None
    """Bool, of the same shape: the others stand in parentheses; None where nothing was tested."""


@dataclass(frozen=True, kw_only=True)
class EffectsBlock(Block):
    """Donors and recipients side by side, the largest first, with their intervals."""

    donors: pd.DataFrame
    """Columns ``DONORS``."""
    unit: ScoreUnit


@dataclass(frozen=True, kw_only=True)
class ExamplesBlock(Block):
    """Examples of one cell, prompt, gold answer and both answers side by side; a file has them in full."""

    source: str
    target: str
    runs: tuple[str, ...]
    """A line about each run of the cell."""
    examples: pd.DataFrame
    """Columns ``run`` (one of these lines), ``example``, ``outcome`` (won, lost), ``prompt``, ``gold``, ``base`` and
    ``answer``, all text; in the order of the runs, those won first."""
    most: int
    """Most examples of a run and outcome that a terminal shows."""
    characters: int
    """Most characters of a text on it."""

    @property
    def file(self) -> str:
        """Name of the file that has them in full, below the folder of the results."""
        name = f"{self.source}_on_{self.target}"
        return f"changed/{''.join(letter if letter.isalnum() or letter in '+-._' else '_' for letter in name)}.md"


@dataclass(frozen=True, kw_only=True)
class ComponentsBlock(Block):
    """First whether any component is retained (the title), then each beside the null model, and names proposed."""

    caption: str
    """What was analyzed."""
    below: tuple[str, ...] = ()
    """What stands below the title."""
    components: pd.DataFrame
    """Columns ``COMPONENTS``, and ``null_cumulative_mean``: mean share of so many components of the null model."""
    loadings: pd.DataFrame
    """Targets x components."""
    rules: pd.DataFrame
    """Columns ``RULES``."""
    names: pd.DataFrame
    """Columns ``TRAIT_NAMES``."""
    lines: tuple[str, ...] = ()
    """What stands below: what could have been found, and what other choices find."""
