"""How a job gets its run to W&B: online, or kept on disk where the server does not take it."""

import logging
import shutil
from pathlib import Path
from typing import Any

import wandb

from crosstask.config.job import Tracking, TrackingMode
from crosstask.tracking.contents import define_axes, send, send_curve
from crosstask.tracking.curve import Curve
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.server import confirm, quiet, reason, restart_client, steps_held
from crosstask.tracking.tracker import Tracker

log = logging.getLogger(__name__)


class Session:
    """Opens one run and closes it; nothing that W&B does or fails to do is raised."""

    def __init__(self, settings: Tracking, folder: Path, identity: RunIdentity, curve: Curve | None) -> None:
        self.settings = settings
        self.folder = folder
        self.identity = identity
        self.curve = curve
        self.refusal: Exception | None = None
        """Why the run was opened offline although it should be online."""

    def open(self) -> Tracker:
        """Open the run online if that is asked for and possible, else offline."""
        if self.settings.mode is TrackingMode.online:
            before = self._runs("run")
            try:
                return Tracker(self._start(TrackingMode.online), self.curve, self.settings)
            except Exception as error:  # of many kinds; each means that the server is not there for us
                log.debug("W&B does not open the run", exc_info=True)
                self.refusal = error
                restart_client()  # it would not give the id to another run
                for empty in set(self._runs("run")) - set(before):
                    shutil.rmtree(empty, ignore_errors=True)
        return Tracker(self._start(TrackingMode.offline), self.curve)

    def close(self, tracker: Tracker, exit_code: int) -> None:
        """Close the run; what it lacks is written to one that is kept offline."""
        run, failure = tracker.run, tracker.failure
        try:
            run.finish(exit_code=exit_code)
            if tracker.online is not None and tracker.report is not None and failure is None:
                confirm(self.settings, run, tracker.report)
        except Exception as error:
            log.debug("W&B does not close the run", exc_info=True)
            failure = failure or error
        try:
            if failure is not None:
                run = self._keep(tracker, exit_code)
        except Exception:
            log.exception("W&B: the run %s is not recorded (%s)", self.identity.name, reason(failure))
            return
        if run.offline:
            self._kept(Path(run.dir).parent, failure or self.refusal)

    def _keep(self, tracker: Tracker, exit_code: int) -> Any:
        """Write a run offline that holds all that the job has told and the server has not; returns it, closed."""
        arrived = steps_held(self.settings, tracker.run) if tracker.online else 0
        restart_client()
        run = self._start(TrackingMode.offline, arrived)
        if tracker.report is not None:
            send(run, tracker.report, None)
        run.finish(exit_code=exit_code)
        return run

    def _kept(self, folder: Path, failure: Exception | None) -> None:
        """Remove the runs that an offline run replaces, those of the same id never sent; say how it is sent."""
        for path in self._runs("offline-run"):
            if path.name < folder.name and not _is_sent(path):
                shutil.rmtree(path, ignore_errors=True)
        if failure is not None:
            name, why = self.identity.name, reason(failure)
            log.warning("W&B did not take the run %s (%s); this sends it later: wandb sync %s", name, why, folder)

    def _start(self, mode: TrackingMode, arrived: int = 0) -> Any:
        """Start a run in a mode, with what it lacks of the curve, of which some steps may have arrived."""
        settings, identity, online = self.settings, self.identity, mode is TrackingMode.online
        quiet(settings.init_timeout)
        self.folder.mkdir(parents=True, exist_ok=True)
        run = wandb.init(
            mode=mode.value,
            project=settings.project,
            entity=settings.entity,
            dir=self.folder,
            id=identity.id,
            name=identity.name,
            group=identity.group,
            job_type=identity.kind,
            tags=[*settings.tags] or None,
            config=dict(identity.config),
            resume="allow" if online else None,
            settings=wandb.Settings(
                silent=True,
                console="off",
                x_disable_meta=True,
                x_disable_stats=True,
                init_timeout=settings.init_timeout,
                finish_timeout=settings.finish_timeout,
                finish_timeout_raises=True,
            ),
        )
        define_axes(run)
        if self.curve is not None and (online or not any(_is_sent(path) for path in self._runs("offline-run"))):
            send_curve(run, self.curve, arrived)
        return run

    def _runs(self, kind: str) -> list[Path]:
        """Return the folders of this run, oldest first: ``run`` for those online, ``offline-run`` for the others."""
        return sorted((self.folder / "wandb").glob(f"{kind}-*-{self.identity.id}"))


def _is_sent(folder: Path) -> bool:
    """Tell whether ``wandb sync`` has sent a run; it leaves a mark."""
    return any(folder.glob("*.synced"))
