"""Options that begin with a dash, wherever on the command line they stand."""

from collections.abc import Sequence

from crosstask.errors import UserError

MULTIRUN = ("-m", "--multirun")
FLAGS = (*MULTIRUN, "-h", "--help")
"""Those that take no value."""


def with_flags_first(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a command with ``-m`` and ``--help`` in front, as argparse wants it.

    Examples
    --------
    >>> with_flags_first(["source=imdb", "-m", "seed=0,1"])
    ['-m', 'source=imdb', 'seed=0,1']
    """
    flags = [text for text in arguments if text in FLAGS]
    return [*flags, *(text for text in arguments if text not in FLAGS)]


def refuse_unknown(arguments: Sequence[str]) -> None:
    """Refuse what argparse could not place: an option that there is not, or an override behind another option.

    Raises
    ------
    UserError
        Naming the first.
    """
    if not arguments:
        return
    if arguments[0].startswith("-"):
        raise UserError(f"{arguments[0]}: no such option; options are -m, --help, --cfg job and those of --hydra-help")
    raise UserError(f"{arguments[0]}: stands behind an option; write all KEY=VALUE in one row, options before or after")
