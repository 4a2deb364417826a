"""A copy of a store that is small and has no text in it, to be published with what was found.

python -m crosstask.commands.compact runs examples/mine --tokenizer MODEL
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from crosstask.errors import UserError


def main(arguments: Sequence[str]) -> None:
    """Write the copy, and print how large it is.

    Raises
    ------
    UserError
        If the store has no rows or a damaged file, the tokenizer cannot be loaded, or the folder holds anything.
    """
    options = _parser().parse_args(arguments)
    if options.folder.exists() and any(options.folder.iterdir()):
        raise UserError(f"{options.folder}: is not empty; a new folder is needed")
    from crosstask.jobs.compact_store import write_compact
    from crosstask.jobs.text_lengths import token_counter
    from crosstask.storage.store import Store

    store = Store(options.store)
    if not store.records():
        raise UserError(f"{options.store}: no runs to copy")
    write_compact(store, options.folder, token_counter(options.tokenizer))
    files = [path for path in options.folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{options.folder}: {len(files)} files, {size / 1e6:.1f} MB")


def _parser() -> argparse.ArgumentParser:
    """Return what reads the command line."""
    parser = argparse.ArgumentParser("compact", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("store", type=Path, metavar="STORE", help="what store= names")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="a new folder")
    parser.add_argument("--tokenizer", type=Path, required=True, metavar="MODEL", help="the base model's folder")
    return parser


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(f"error: {error}")
