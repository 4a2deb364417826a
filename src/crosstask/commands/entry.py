"""What every entry script does: check the command line, run, and report a user's mistake in one line."""

import os
import sys
from collections.abc import Callable

from hydra._internal.utils import get_args_parser
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from crosstask.commands.overrides import check_overrides, one_line
from crosstask.commands.schemas import SCHEMAS
from crosstask.config import task_files
from crosstask.errors import UserError


def launch(main: Callable[[], None], schema: type) -> None:
    """Check the command line against ``schema``, run a Hydra entry point, and report mistakes in one line.

    The environment variable HYDRA_FULL_ERROR=1 asks for the traceback instead.
    """
    full_error = os.environ.setdefault("HYDRA_FULL_ERROR", "0") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions come through to us, unprinted
    try:
        task_files.register(SCHEMAS)
        arguments = get_args_parser().parse_known_args()[0]
        check_overrides(arguments.overrides, schema)
        main()
    except (UserError, HydraException, OmegaConfBaseException) as error:
        if full_error:
            raise
        sys.exit(f"error: {one_line(error)}")
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command continues where this one stopped")


def report_mistakes(work: Callable[[DictConfig], None], cfg: DictConfig) -> None:
    """Do the work of an entry point that is no job of a sweep, such that a user's mistake costs one line.

    Hydra would announce an exception with a line of its own, so it must not see one.
    """
    try:
        work(cfg)
    except UserError as error:
        raise SystemExit(f"error: {error}") from error
