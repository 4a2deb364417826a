"""How a job gets its run to W&B: online, or kept on disk where the server does not take it."""

import logging
import shutil
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import wandb

from crosstask.config.job import GROUP_LENGTH, Tracking, TrackingMode
from crosstask.paths import without_home
from crosstask.tracking.contents import Delivery, define_axes, send, send_curve
from crosstask.tracking.curve import Curve
from crosstask.tracking.environment import client_settings, send_environment
from crosstask.tracking.report import RunIdentity
from crosstask.tracking.server import Arrived, arrived, confirm, quiet, reason, restart_client
from crosstask.tracking.staging import staging
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
        self.held = ExitStack()
        """What exists as long as the online run is open."""

    def open(self) -> Tracker:
        """Open the run online if that is asked for and possible, else offline; without a run where that fails too."""
        if self.settings.mode is TrackingMode.online:
            before = self._runs("run")
            try:
                run = self._start(TrackingMode.online)
                return Tracker(run, self.curve, self.settings, self.held.enter_context(staging()))
            except Exception as error:  # of many kinds; each means that the server is not there for us
                log.debug("W&B does not open the run", exc_info=True)
                self.refusal = error
                restart_client()  # it would not give the id to another run
                for empty in set(self._runs("run")) - set(before):
                    shutil.rmtree(empty, ignore_errors=True)
        try:
            return Tracker(self._start(TrackingMode.offline), self.curve)
        except Exception as error:
            log.debug("W&B does not open an offline run", exc_info=True)
            log.warning("W&B: the run %s is not recorded (%s)", self.identity.name, reason(error))
            return Tracker(None, self.curve)

    def close(self, tracker: Tracker, exit_code: int) -> None:
        """Close the run; what it lacks is written to one that is kept offline."""
        run, failure = tracker.run, tracker.failure
        if run is None:
            return
        try:
            run.finish(exit_code=exit_code)
            if tracker.online is not None and tracker.report is not None and failure is None:
                confirm(self.settings, run, tracker.report)
        except Exception as error:
            log.debug("W&B does not close the run", exc_info=True)
            failure = failure or error
        self.held.close()
        try:
            if failure is not None:
                run = self._keep(tracker, exit_code)
        except Exception:
            log.exception("W&B: the run %s is not recorded (%s)", self.identity.name, reason(failure))
            return
        if run.offline:
            self._kept(Path(run.dir).parent, failure or self.refusal)

    def _keep(self, tracker: Tracker, exit_code: int) -> Any:
        """Write a run offline with all that was logged and has not arrived at the server; returns it, closed."""
        there = arrived(self.settings, tracker.run) if tracker.online else Arrived()
        restart_client()
        run = self._start(TrackingMode.offline, there.steps)
        if tracker.report is not None:
            send(run, tracker.report, Delivery(scores=there.scores))
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

    def _start(self, mode: TrackingMode, steps: int = 0) -> Any:
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
            name=_shortened(identity.name),
            group=None if identity.group is None else _shortened(identity.group),
            job_type=identity.kind,
            tags=[*settings.tags] or None,
            config={name: _public(value) for name, value in identity.config.items()},
            resume="allow" if online else None,
            settings=client_settings(settings, identity),
        )
        if settings.system:
            send_environment(run, identity)
        define_axes(run)
        if self.curve is not None and (online or not any(_is_sent(path) for path in self._runs("offline-run"))):
            send_curve(run, self.curve, steps)
        return run

    def _runs(self, kind: str) -> list[Path]:
        """Return the folders of this run, oldest first: ``run`` for those online, ``offline-run`` for the others."""
        return sorted((self.folder / "wandb").glob(f"{kind}-*-{self.identity.id}"))


def _shortened(name: str) -> str:
    """Return a name as W&B takes it: its middle left out where it is long, such as that of many sources."""
    half = (GROUP_LENGTH - len("...")) // 2
    return name if len(name) <= GROUP_LENGTH else f"{name[:half]}...{name[-half:]}"


def _public(value: Any) -> Any:
    """Return the value of a column; paths in the user's home are written with ``~``."""
    return without_home(value) if isinstance(value, str) else value


def _is_sent(folder: Path) -> bool:
    """Return whether ``wandb sync`` has sent a run; it leaves a mark."""
    return any(folder.glob("*.synced"))
