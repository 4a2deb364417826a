"""The only package that talks to Weights & Biases: what a job logs, and what an analysis reads."""

from crosstask.tracking.analysis_report import AnalysisReport
from crosstask.tracking.curve import Curve
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.row_report import RowReport
from crosstask.tracking.tracked import is_held, tracked
from crosstask.tracking.tracker import Tracker

__all__ = ["AnalysisReport", "Curve", "RowReport", "RunIdentity", "Tracker", "is_held", "tracked"]
