"""Targets made of examples, and what a model responds to their requests."""

from collections.abc import Sequence

import pandas as pd

from crosstask.config.scoring import Scoring
from crosstask.data.examples import Example
from crosstask.evaluation.scorers.protocol import Scorer, Target
from crosstask.models.language_model import BaseModel


def target(scorer: Scorer, rows: Sequence[Example], content_free: str | None = None) -> Target:
    """Return a target with usual settings."""
    return Target(scorer, rows, content_free, Scoring())


def responses(base: BaseModel, asked: Target) -> pd.DataFrame:
    """Return the responses of a model to all requests of a target, in one batch."""
    requests = asked.scorer.requests(base, asked)
    members = range(len(requests.lengths))
    return pd.DataFrame([response.columns() for response in requests.run(base.model, members)])
