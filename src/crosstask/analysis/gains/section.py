"""Scores and gains with their intervals and tests, and the structure of the matrix."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from crosstask.analysis.blocks import Block, EffectsBlock, MatrixBlock
from crosstask.analysis.figures import FigureRequest, GainMap, Significance, significance
from crosstask.analysis.gains.analyzed import analyzed
from crosstask.analysis.gains.columns import TABLES
from crosstask.analysis.gains.findings import donor_finding, gain_finding
from crosstask.analysis.gains.notes import gain_notes
from crosstask.analysis.gains.options import Options
from crosstask.analysis.gains.population import population_notes
from crosstask.analysis.gains.results import GainTables, gain_tables
from crosstask.analysis.gains.structure_figures import structure_figures
from crosstask.analysis.gains.target_units import targets
from crosstask.analysis.matrix.reference_names import NAMES, PLAIN
from crosstask.analysis.matrix.score_unit import OTHER
from crosstask.analysis.matrix.transfer_matrix import home_cells
from crosstask.analysis.section import Findings, Table
from crosstask.analysis.statistics.inference import Inference
from crosstask.analysis.transfer import Transfer

_OF_SCORES = ("scores", "matrix", "matrix_long", "references")
_OF_GAINS = ("gains", "gains_long", "best_sources")
"""Tables that are written in the units that were read; what compares targets is on their common scale."""


@dataclass(frozen=True)
class Section:
    """What each source gains or costs on each target, and what that owes to sources, targets and pairs."""

    options: Options
    title = "Gains"
    method = (
        "Scores less base's (without base, less each target's mean), on the same test rows where answers are known, are"
        " tested cell by cell, with the false discovery rate over all (Benjamini-Hochberg)."
    )
    tables = TABLES
    figures = ("gains", "references", "donors", "residuals", "rates", "asymmetry", "clusters", "affinity")

    def __call__(self, transfer: Transfer) -> Findings:
        """Return tables, figures, findings and notes of the gains."""
        inference = Inference(alpha=transfer.conventions.alpha, resamples=self.options.resamples)
        found = gain_tables(transfer, inference)
        gain_line = gain_finding(found.gains_long, _gain_title(transfer))
        marks = None if transfer.gains.empty else significance(found.gains_long, transfer.gains)
        return Findings(
            tables=_tables(transfer, found),
            figures=(*_gain_map(transfer, marks, gain_line), *structure_figures(transfer, found)),
            lines=(gain_line, *([] if found.donors is None else [donor_finding(found.donors, transfer.unit)])),
            blocks=_blocks(transfer, found, marks),
            alarms=found.alarm_lines,
            notes=(
                *transfer.matrix_notes,
                *gain_notes(found.gains_long, inference),
                *population_notes(transfer),
                *found.notes,
            ),
        )


def _gain_title(transfer: Transfer) -> str:
    """What the gains are over."""
    if not transfer.has_base:
        return "Score above the target's mean over sources"
    plain = transfer.conventions.reference == PLAIN
    return "Gain over the base model" if plain else f"Gain over {NAMES[transfer.conventions.reference]}"


def _tables(transfer: Transfer, found: GainTables) -> tuple[Table, ...]:
    """Every table that there is."""
    of_transfer = {
        "metrics": transfer.metrics,
        "matrix": transfer.matrix,
        "gains": transfer.gains,
        "missing": transfer.missing,
        "analyzed": analyzed(transfer),
        "targets": targets(transfer),
    }
    frames: dict[str, pd.DataFrame | None] = vars(found) | of_transfer
    frames |= _as_read(transfer, frames)
    named = ((schema, frames[schema.name]) for schema in TABLES)
    return tuple(Table(schema, frame) for schema, frame in named if frame is not None)


def _as_read(transfer: Transfer, frames: Mapping[str, pd.DataFrame | None]) -> dict[str, pd.DataFrame]:
    """Tables in the units that were read, of those that are not."""
    scales = transfer.scales
    if scales is None:
        return {}
    of_scores = {name: scales.scores_as_read(frame) for name in _OF_SCORES if (frame := frames[name]) is not None}
    of_gains = {name: scales.gains_as_read(frame) for name in _OF_GAINS if (frame := frames[name]) is not None}
    return of_scores | of_gains


def _gain_map(transfer: Transfer, marks: Significance | None, title: str) -> tuple[FigureRequest, ...]:
    """The heat map of the gains, where there are any."""
    if transfer.gains.empty:
        return ()
    return (
        GainMap(
            name="gains",
            title=title,
            subtitle=transfer.caption,
            gains=transfer.gains,
            home=transfer.home,
            unit=transfer.unit,
            significance=marks,
        ),
    )


def _blocks(transfer: Transfer, found: GainTables, marks: Significance | None) -> tuple[Block, ...]:
    """Scores, gains, and donors and recipients, as far as there are such."""
    unit, gains = transfer.unit, transfer.gains
    blocks: list[Block] = [_scores_block(transfer)]
    if not gains.empty:
        blocks.append(
            MatrixBlock(
                title=f"{_gain_title(transfer)} ({transfer.gain_label})",
                values=gains,
                home=transfer.home,
                unit=unit,
                signed=True,
                significant=None if marks is None else marks.significant,
            )
        )
    if found.donors is not None:
        roles = "Donors and recipients" if transfer.has_base else "Donors"
        title = f"{roles} ({transfer.gain_label}), diagonal cells excluded"
        blocks.append(EffectsBlock(title=title, donors=found.donors, unit=unit))
    return tuple(blocks)


def _scores_block(transfer: Transfer) -> MatrixBlock:
    """The matrix of scores, of targets of several units each in its own."""
    matrix, unit = transfer.matrix, transfer.unit
    if transfer.scales is not None:
        matrix, unit = transfer.scales.shown(matrix), replace(OTHER, score_label="each target's unit")
        unit = replace(unit, decimals=transfer.scales.decimals(transfer.scores))
    title = f"Scores ({unit.score_label}): {transfer.caption}"
    return MatrixBlock(title=title, values=matrix, home=home_cells(matrix, transfer.order), unit=unit)
