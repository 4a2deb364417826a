"""The only package that talks to Weights & Biases: what a job tells it, and what an analysis reads from it."""

from crosstask.tracking.analysis_report import AnalysisReport
from crosstask.tracking.columns import columns
from crosstask.tracking.curve import Curve
from crosstask.tracking.row_report import RowReport
from crosstask.tracking.runs import RunIdentity, Tracker, is_held, tracked

__all__ = ["AnalysisReport", "Curve", "RowReport", "RunIdentity", "Tracker", "columns", "is_held", "tracked"]
