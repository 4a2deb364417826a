"""Lightning's metrics: into the curve's file, and on to the W&B run while it takes them."""

import logging
from typing import Any

from pytorch_lightning.loggers.logger import Logger
from pytorch_lightning.utilities import rank_zero_only

from crosstask.tracking.curve import Curve, point

log = logging.getLogger(__name__)


class CurveLogger(Logger):
    """Keeps what Lightning logs; a W&B run that fails is left alone from then on, and the training goes on."""

    name = "curve"
    version = ""

    def __init__(self, curve: Curve, run: Any) -> None:
        super().__init__()
        self.curve = curve
        self.run = run

    @rank_zero_only
    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Keep and send metrics of an optimizer step, counted from 0."""
        assert step is not None
        kept = {name: float(value) for name, value in metrics.items() if name != "epoch"}
        self.curve.add(step, kept)
        if self.run is None:
            return
        try:
            self.run.log(point(step, kept), step=step)
        except Exception:  # the client's own process may be gone; nothing is lost, see the curve
            log.debug("W&B takes no more metrics", exc_info=True)
            self.run = None

    def log_hyperparams(self, *args: Any, **kwargs: Any) -> None:
        """Leave the settings to whoever opened the run."""
