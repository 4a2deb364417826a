"""One W&B run while a job lasts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crosstask.config.job import Tracking, TrackingMode
from crosstask.tracking.curve import Curve
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.row_report import RowReport
from crosstask.tracking.tracker import Tracker


@contextmanager
def tracked(settings: Tracking, folder: Path, identity: RunIdentity, curve: Curve | None) -> Iterator[Tracker]:
    """Open a run, and close it whatever happens in the block; one that raises is marked as failed.

    A server that cannot be reached, that refuses the key, or that goes away in the middle never raises: the run is
    then kept offline with all that the job has logged, and one warning says how to send it.

    Parameters
    ----------
    settings
        Mode, project and the like.
    folder
        Where W&B keeps its own files, in a folder ``wandb``.
    identity
        Which run.
    curve
        The metrics of the training that the run is about, if any; what of them the run does not have is sent.
    """
    if settings.mode is TrackingMode.disabled:
        yield Tracker(None, curve, None)
        return
    from crosstask.tracking.session import Session

    session = Session(settings, folder, identity, curve)
    tracker = session.open()
    try:
        yield tracker
    except BaseException:
        session.close(tracker, exit_code=1)
        raise
    session.close(tracker, exit_code=0)


def is_held(settings: Tracking, runs: list[str], report: RowReport) -> bool:
    """Return whether W&B has a row as the store has it; always true in a mode without a server.

    Parameters
    ----------
    settings
        Mode, project and the like.
    runs
        Ids of the runs any of which may hold the row.
    report
        The row.
    """
    if settings.mode is not TrackingMode.online:
        return True
    from crosstask.tracking import server

    return server.LOOKUP.is_held(settings, runs, report)
