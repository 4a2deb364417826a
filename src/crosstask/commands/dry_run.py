"""``dry_run=true`` on the command line: Hydra makes no folder and no log for it."""

from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser

from crosstask.commands.override_values import members
from crosstask.errors import UserError

KEY = "dry_run"
WITHOUT_FOLDER = ("hydra.run.dir=.", "hydra/job_logging=none")


def with_dry_run(overrides: Sequence[str]) -> list[str]:
    """Return what is to be added to the overrides of a command: for a dry run, that nothing is written.

    The overrides have passed `crosstask.commands.overrides.check_overrides`.

    Raises
    ------
    UserError
        If a sweep has both values: the plan is one of all jobs.

    Examples
    --------
    >>> with_dry_run(["seed=1"]), with_dry_run(["dry_run=true"])
    ([], ['hydra.run.dir=.', 'hydra/job_logging=none'])
    """
    dry = False
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        if override.key_or_group == KEY:
            if len(values := members(override)) > 1:
                raise UserError(f"{override.input_line}: a dry run is one of all jobs; {KEY}=true or {KEY}=false")
            dry = bool(values[0])
    return list(WITHOUT_FOLDER) if dry else []
