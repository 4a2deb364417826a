"""``dry_run=true`` and ``preview=true`` on the command line: Hydra makes no folder and no log for them."""

from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser

from crosstask.commands.override_values import members
from crosstask.errors import UserError

DRY_RUN, PREVIEW = "dry_run", "preview"
WITHOUT_FOLDER = ("hydra.run.dir=.", "hydra/job_logging=none")


def without_folder(overrides: Sequence[str], multirun: bool) -> list[str]:
    """Return what is to be added to the overrides of a command that only asks: that nothing is written.

    The overrides have passed `crosstask.commands.overrides.check_overrides`.

    Raises
    ------
    UserError
        If a sweep has both values of one of the keys, or is to be previewed.

    Examples
    --------
    >>> without_folder(["seed=1"], False), without_folder(["dry_run=true"], False)
    ([], ['hydra.run.dir=.', 'hydra/job_logging=none'])
    """
    asked: dict[str, bool] = {}
    for override in OverridesParser.create().parse_overrides(list(overrides)):
        key = override.key_or_group
        if key in (DRY_RUN, PREVIEW):
            if len(values := members(override)) > 1:
                raise UserError(f"{override.input_line}: is one answer for all jobs; {key}=true or {key}=false")
            asked[key] = bool(values[0])
    if asked.get(PREVIEW) and multirun:
        raise UserError(f"{PREVIEW}=true: shows the data of one job, and -m makes several; leave -m out")
    return list(WITHOUT_FOLDER) if any(asked.values()) else []
