"""The sections of an analysis, and the config that is put together from their options.

Each is a package of that name in ``analysis/``, see :mod:`crosstask.analysis.section`. What computes is imported only
once the config is known to be good.
"""

from dataclasses import dataclass, field, fields, make_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from crosstask.commands.runs_checks import READ_AS_LOGS, check_of_logs, check_runs, require_texts
from crosstask.config.analysis import FigureFormat, Gate, Page, Prompts, Reference, Runs, RunsKind
from crosstask.config.job import Tracking, TrackingMode
from crosstask.errors import UserError
from crosstask.limits import at_least, not_empty
from crosstask.storage.layout import check_layout

SECTIONS = (
    "ability_tests",
    "gains",
    "traits",
    "similarity",
    "answer_quality",
    "confusion",
    "class_shift",
    "calibration",
    "lengths",
    "forgetting",
    "changed",
    "linguistic",
    "causes",
    "interventions",
)
"""Names, in the order in which a report shows them."""


@dataclass
class Shared:
    """What all sections share."""

    rows: list[str] = field(default_factory=lambda: ["source"])
    """What a row of the decomposition is, the source first: e.g. [source,seed,model]. Besides these data, data_id,
    base, settings and every flat setting of a run, such as lora.rank; of a table its columns."""
    order: list[str] = field(default_factory=list)
    """Tasks in the order of columns and rows; the others follow by name."""
    alpha: float = at_least(1e-6, 0.05, below=1.0)
    """One level for all: intervals have level 1 - alpha, a gain is significant if its false discovery rate is at most
    alpha, and a component or a trait that comes back is retained if its p value is."""
    abilities: Any = None  # a dict[str, str] or None; OmegaConf lets a command line add no keys to a typed one
    """Task -> ability, e.g. {imdb: sentiment}, where its task file says none or another: of a table all. Declare them
    before you look at the results."""
    homes: Any = None  # a dict[str, str] or None, as above
    """Source -> the target of its own task, e.g. {imdb_train: imdb}, where neither its task file nor an equal name says
    it, or they say another."""
    reference: Reference = Reference.base
    """Which base model gains are over: as targets ask it, shown examples (scoring.shots), or with the prior of the
    labels taken off. references.csv has all that are known."""
    prompts: Prompts = Prompts.random
    """Whether intervals of gains are over other prompts as well, or for the very ones (scoring.prompt=0,1,2)."""
    figures: list[FigureFormat] = field(default_factory=lambda: [FigureFormat.png, FigureFormat.svg])
    """Formats of the figures, png, svg and pdf (for papers); none of them for tables alone, which is faster."""


def _options(section: str) -> type:
    """Return the options of a section, which import nothing heavy."""
    options: type = import_module(f"crosstask.analysis.{section}.options").Options
    return options


OPTIONS = {section: _options(section) for section in SECTIONS}
"""By the name of the section, a block of ``conf/analysis`` each; a section without any has no block."""
Analysis = make_dataclass(
    "Analysis",
    [(name, options, field(default_factory=options)) for name, options in OPTIONS.items() if fields(options)],
    bases=(Shared,),
    namespace={"__doc__": "What is computed: what all sections share, and a block for each section."},
)


@dataclass
class AnalyzeConfig:
    """One analysis: runs in, tables and figures out."""

    runs: Runs = field(default_factory=Runs)
    analysis: Analysis = field(default_factory=Analysis)  # type: ignore[valid-type]
    gate: Gate = field(default_factory=Gate)
    tracking: Tracking = field(default_factory=lambda: Tracking(mode=TrackingMode.disabled))
    """The analysis as a run."""
    report: Page = field(default_factory=Page)
    output: str = not_empty("results")
    """Folder of tables, figures and report.html."""
    store: str = not_empty("runs")
    """runs=local: the store that train.py and evaluate.py write."""

    def __post_init__(self) -> None:
        """Refuse what makes no sense together.

        Raises
        ------
        UserError
            Naming the key, its value and what is allowed.
        """
        check_runs(self.runs)
        analysis: Any = self.analysis
        rows = analysis.rows
        if rows[:1] != ["source"]:
            raise UserError(f"analysis.rows=[{','.join(rows)}]: the first is source")
        require_texts("analysis.abilities", analysis.abilities, "{task: ability}")
        require_texts("analysis.homes", analysis.homes, "{source: task}")
        if analysis.changed.show is not None and analysis.reference is not Reference.base:
            raise UserError(
                f"analysis.changed.show={analysis.changed.show}: shows the answers of base, not of"
                f" analysis.reference={analysis.reference}"
            )
        if self.report.compare is not None and not self.report.html:
            raise UserError(
                f"report.compare={self.report.compare}: shown in report.html, which report.html=false leaves out"
            )
        if self.runs.kind in READ_AS_LOGS:
            check_of_logs(rows, analysis.reference)
        if len(set(rows)) < len(rows):
            raise UserError(f"analysis.rows=[{','.join(rows)}]: names one of them twice")


def check_store(config: AnalyzeConfig) -> None:
    """Refuse a store without runs before what computes is imported.

    Raises
    ------
    UserError
        Naming the store, and the command that fills one.
    """
    if config.runs.kind is not RunsKind.local:
        return
    check_layout(Path(config.store))
    if not any(Path(config.store, "records").glob("*.json")):
        raise UserError(f"store={config.store}: no runs to analyze; python train.py -m 'source=glob(*)' makes some")
