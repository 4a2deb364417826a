"""What every entry script does: check the command line, answer ``--help``, run, and report user errors in one line."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from hydra._internal.utils import get_args_parser
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from crosstask.commands.adapter_paths import with_adapter_paths
from crosstask.commands.flags import refuse_unknown, with_flags_first
from crosstask.commands.overrides import check_overrides, check_places, one_line, with_literal_tasks
from crosstask.commands.schemas import SCHEMAS
from crosstask.commands.without_work import without_folder
from crosstask.config import task_files
from crosstask.config.job import TrainConfig
from crosstask.errors import UserError, end_unread, printable

INTERRUPTED = 130
"""Exit status of a command that ^C ended: 128 + SIGINT, as a shell has it."""
GATE_FAILED = 2
"""Exit status of an error where a gate is asked for, of which status 1 says that less is kept; 1 of any other."""
_GATE = ("gate.", "gate=")


def launch(main: Callable[[], None], schema: type) -> None:
    """Check the command line against ``schema``, run a Hydra entry point, and report user errors in one line.

    With ``--help``, print what can be set instead. The environment variable HYDRA_FULL_ERROR=1 asks for tracebacks.
    """
    full_error = os.environ.setdefault("HYDRA_FULL_ERROR", "0") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # exceptions come through to us, unprinted
    try:
        task_files.register(SCHEMAS)
        sys.argv[1:] = with_adapter_paths(with_literal_tasks(with_flags_first(sys.argv[1:])))
        arguments, unknown = get_args_parser().parse_known_args()
        refuse_unknown(unknown)
        if arguments.help:
            print(_help(main.__module__, schema, arguments.overrides), flush=True)
            return
        check_overrides(arguments.overrides, schema)
        if arguments.multirun and schema is not TrainConfig:
            raise UserError("-m: sweeps are for train.py and evaluate.py; this command has one job")
        check_places(arguments.overrides, schema)
        if schema is TrainConfig:
            from crosstask.commands.named_tasks import check_named_tasks  # imports what scores them

            check_named_tasks(arguments.overrides)
            sys.argv += without_folder(arguments.overrides, arguments.multirun)
        main()
        sys.stdout.flush()
    except BrokenPipeError:
        end_unread()
    except (UserError, HydraException, OmegaConfBaseException, YAMLError) as error:
        if full_error:
            raise
        _fail(one_line(error))
    except OSError as error:  # a file that cannot be written, a full disk
        if full_error:
            raise
        _fail(str(error))
    except KeyboardInterrupt:
        print("interrupted; the same command continues where this one stopped", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _help(module: str, schema: type, topics: Sequence[str]) -> str:
    """Return what ``--help`` prints for a script; what is named besides is explained one by one."""
    from crosstask.commands import help  # composes the config, which takes as long as all else up to here

    script = sys.modules[module]
    name = Path(str(script.__file__)).stem
    if not topics:
        return help.overview(name, schema, script.__doc__ or "")
    return "\n\n".join(help.about(name, schema, topic) for topic in topics)


def report_user_errors(work: Callable[[DictConfig], None], cfg: DictConfig) -> None:
    """Do the work of an entry point that is no job of a sweep, and report a user error in one line.

    Hydra would announce an exception with a line of its own, so it must not see one.
    """
    try:
        work(cfg)
    except BrokenPipeError:
        raise
    except (UserError, OSError) as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    """End with an error in a line, and its exit status."""
    line = f"error: {printable(message)}"
    if not any(argument.startswith(_GATE) for argument in sys.argv[1:]):
        sys.exit(line)  # status 1
    print(line, file=sys.stderr)
    sys.exit(GATE_FAILED)
