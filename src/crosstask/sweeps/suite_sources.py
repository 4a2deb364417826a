"""What ``source=glob(...)`` goes over in a sweep: the sources of the suite of each job, and base.

Hydra takes every option of the group ``source``, which are all tasks there are. A source that the command line names
may be any.
"""

from collections.abc import Callable, Sequence
from typing import Any

from omegaconf import DictConfig

from crosstask.config.job import BASE
from crosstask.config.suites import suite_sources
from crosstask.config.task import Role
from crosstask.errors import UserError

Job = Sequence[str]
"""The overrides of a job."""
_SOURCE = f"{Role.source}="
_CHOOSE = ("suite", "suite.sources", "data", "experiment")
"""Keys that decide which suite a job has."""


def jobs_of_suites(jobs: Sequence[Job], compose: Callable[[Job], DictConfig], pattern: str) -> list[Job]:
    """Return the jobs of a sweep over a pattern whose source is one of their suite, in the same order.

    Parameters
    ----------
    jobs
        Every source that the pattern matches, with whatever else is swept over.
    compose
        Makes a job's whole config from its overrides.
    pattern
        The override with the pattern, for the error.

    Raises
    ------
    UserError
        If no source of the suite matches the pattern.
    """
    known: dict[tuple[str, ...], tuple[str, ...]] = {}
    kept = []
    for job in jobs:
        choosing = tuple(text for text in job if text.partition("=")[0].lstrip("+") in _CHOOSE)
        if choosing not in known:
            known[choosing] = (BASE, *_sources(compose([*choosing, f"{_SOURCE}{BASE}"])))
        if any(text == f"{_SOURCE}{name}" for name in known[choosing] for text in job):
            kept.append(job)
    if not kept:
        every = sorted({name for names in known.values() for name in names})
        raise UserError(f"{pattern}: matches no source of the suite; its sources are {', '.join(every)}")
    return kept


def _sources(config: Any) -> tuple[str, ...]:
    """Return the sources of the suite of a composed config whose targets are those of the suite."""
    return suite_sources(map(str, config.suite.sources), [str(name) for name in config.target])
