"""Launchers of sweeps refuse what starts nothing."""

import pytest

from crosstask.errors import UserError
from hydra_plugins.crosstask_sweeps.launchers import WorkerPool


def test_no_worker_at_all_is_refused():
    with pytest.raises(UserError, match=r"^hydra\.launcher\.n_jobs=0: must be at least 1, or -1 for one on each GPU"):
        WorkerPool(n_jobs=0).launch([["source=base"]], 0)
