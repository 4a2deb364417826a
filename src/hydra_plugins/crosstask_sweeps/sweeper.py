"""Hydra's sweeper with a plan: longest remaining work first, a table at the end, and an exit status."""

import shlex
import sys
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Glob
from omegaconf import DictConfig

from crosstask.errors import printable
from crosstask.sweeps.sweep_folder import Plan, SweepFolder

MODE = "hydra.mode=MULTIRUN"
"""The form in which Hydra records ``-m``."""
ELSEWHERE = ("submitit_slurm",)
"""Launchers of jobs whose environment is not that of the command."""


def source_glob(arguments: Iterable[str]) -> str | None:
    """Return the override by which a command goes over sources by a pattern; None if it names them, or none."""
    chosen = [one for one in OverridesParser.create().parse_overrides(list(arguments)) if one.key_or_group == "source"]
    return chosen[-1].input_line if chosen and isinstance(chosen[-1].value(), Glob) else None


class LongestFirst(BasicSweeper):
    """Runs the jobs of Hydra's own sweeper in another order; ``source=glob(*)`` goes over the sources of the suite."""

    def sweep(self, arguments: list[str]) -> Any:
        """Plan and launch the jobs, and print the table; exit with status 1 unless every row is complete."""
        from crosstask.sweeps.secrets import public
        from crosstask.sweeps.status_table import summary

        assert self.config is not None
        self.pattern = source_glob([*self._parse_config(), *arguments])
        if self.config.dry_run:
            self.whole = self.config
            self._print_plan(arguments)
            return
        folder = SweepFolder(Path(self.config.hydra.sweep.dir))
        self.whole, self.config = self.config, public(self.config)  # which Hydra writes into the sweep's folder
        try:
            with ExitStack() as self.watching:
                super().sweep(arguments)
        except Exception as error:
            if not folder.planned():
                raise
            reason = printable(" ".join(str(error).split()))
            print(f"the launcher ended early: {type(error).__name__}: {reason}")
        finally:
            if folder.planned():
                print(summary(folder))
        if not all(job.status.good for job in folder.jobs()):
            sys.exit(1)

    def get_job_batch(self) -> Sequence[Sequence[str]]:
        """Return the jobs that are launched next."""
        if self.batch_index == 0:
            self._plan([job for batch in self.overrides or [] for job in batch])
        return super().get_job_batch()

    def validate_batch_is_legal(self, batch: Sequence[Sequence[str]]) -> None:
        """Do nothing: planning has composed the config of every job."""

    def _print_plan(self, arguments: list[str]) -> None:
        """Print what the jobs would do, and launch none."""
        from crosstask.sweeps.without_work import dry_run

        assert self.config is not None
        assert self.hydra_context is not None
        parser = OverridesParser.create(config_loader=self.hydra_context.config_loader)
        (jobs,) = self.split_arguments(parser.parse_overrides([*self._parse_config(), *arguments]), None)
        trains = self.config.hydra.job.name == "train"
        print(dry_run(self._compose, self._of_suites(jobs), trains, _train_command))

    def _plan(self, jobs: list[Sequence[str]]) -> None:
        """Order the jobs, and write the plan."""
        from crosstask.sweeps.planning import planned_jobs
        from crosstask.sweeps.progress_bar import watched
        from crosstask.sweeps.rates import rate
        from crosstask.sweeps.status_table import announcement

        assert self.config is not None
        hydra, folder = self.config.hydra, SweepFolder(Path(self.config.hydra.sweep.dir))
        jobs = self._of_suites(jobs)
        here = not hydra.job.env_set and hydra.runtime.choices["hydra/launcher"] not in ELSEWHERE
        planned = planned_jobs(self._compose, jobs, trains=hydra.job.name == "train", here=here)
        seconds = rate(Path(self.config.store) / "logs", self.config.model.name)
        overrides = [*hydra.overrides.task, *(text for text in hydra.overrides.hydra if text != MODE)]
        plan = Plan(
            command=shlex.join(["python", f"{hydra.job.name}.py", "-m", *overrides]),
            script=hydra.job.name,
            model=self.config.model.name,
            jobs=planned,
            seconds=None if seconds is None else seconds * sum(job.work for job in planned),
        )
        folder.write(plan)
        print(announcement(plan))
        self.overrides = list(self.split_overrides_to_chunks([job.overrides for job in planned], self.max_batch_size))
        self.watching.enter_context(folder.alive())
        self.watching.enter_context(watched(folder))

    def _of_suites(self, jobs: Sequence[Sequence[str]]) -> list[Sequence[str]]:
        """Return the jobs whose sources are those of their suite, where the command goes over sources by a pattern."""
        from crosstask.sweeps.suite_sources import jobs_of_suites

        return list(jobs) if self.pattern is None else jobs_of_suites(list(jobs), self._compose, self.pattern)

    def _compose(self, overrides: Sequence[str]) -> DictConfig:
        """Return the whole config of one job."""
        assert self.hydra_context is not None
        return self.hydra_context.config_loader.load_sweep_config(self.whole, list(overrides))


def _train_command(overrides: Sequence[str]) -> str:
    """Return the command that trains the adapter of a job."""
    kept = [text for text in overrides if not text.startswith(("target=", "dry_run="))]
    return shlex.join(["python", "train.py", *kept])
