"""Whether each task fits its data set on the Hub as it is now: names, splits, the first rows, and the license.

python -m crosstask.commands.check_hub            every task of conf/task with `dataset.hub`
python -m crosstask.commands.check_hub rte sst2   these
"""

import argparse
import sys
from collections.abc import Iterator, Sequence

from crosstask.commands.markdown import cell, table
from crosstask.config.task_files import task_files
from crosstask.errors import UserError, hint
from crosstask.jobs.hub_check import HubCheck, check


def main(arguments: Sequence[str]) -> None:
    """Print a line for each task, then the commits to pin and the licenses that differ.

    Raises
    ------
    UserError
        If a task does not fit its data set, there is no such task, or the Hub cannot be reached.
    """
    names = _chosen(_parser().parse_args(arguments).tasks)
    found = []
    for name in names:
        found.append(check(name))
        print(_line(found[-1]), flush=True)
    for line in (*_pins(found), *_licenses(found)):
        print(line)
    if failed := [one.task for one in found if one.mistake]:
        raise UserError(f"{len(failed)} of {len(found)} tasks do not fit the Hub: {', '.join(failed)}")


def _parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser("check_hub", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("tasks", nargs="*", metavar="TASK", help="names of files in conf/task; all without any")
    return parser


def _chosen(names: Sequence[str]) -> list[str]:
    """Return the tasks that are checked: those named, or all that say where on the Hub their data are."""
    known = task_files()
    for name in names:
        if name not in known:
            raise UserError(
                f"task {name!r}: no such file in conf/task{hint(name, known)}; there are {', '.join(known)}"
            )
    every = [name for name, content in known.items() if (content.get("dataset") or {}).get("hub")]
    return list(dict.fromkeys(names)) or every


def _line(found: HubCheck) -> str:
    """Return what is printed of a task."""
    return f"{found.task}: {found.mistake or '; '.join(('ok', *found.notes))}"


def _pins(found: Sequence[HubCheck]) -> Iterator[str]:
    """Yield lines for `dataset` in task files that keep the data as they are now."""
    pinned = [one for one in found if one.commit]
    if pinned:
        yield "\n# what the revisions stand for now, for `dataset` in the task files"
    for one in pinned:
        yield f"revision: {one.commit}  # {one.task}{' (does not fit)' if one.mistake else ''}"


def _licenses(found: Sequence[HubCheck]) -> Iterator[str]:
    """Yield a table of the licenses that the Hub states otherwise."""
    differing = [one for one in found if one.license_differs]
    if differing:
        yield "\nlicenses that differ, which is no error:"
        lines = (f"{one.task} | {one.license} | {cell(', '.join(one.hub_licenses) or 'none')}" for one in differing)
        yield from table("task | task file | the Hub's card", lines)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.stdout.flush()
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
