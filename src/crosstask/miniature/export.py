"""Write the miniature's rows as files: ``python -m crosstask.miniature.export FOLDER [--draw WORD]``.

``data=local data.root=FOLDER`` then reads them. The miniature was tuned on rows of the draw ``development``.
"""

import argparse
import json
from pathlib import Path

from crosstask.miniature.rows import GENERATORS, SPLITS, rows


def export(folder: Path, draw: str = "") -> None:
    """Write ``<data set>/{train,test}.jsonl`` of every data set, rows as `rows` draws them."""
    for dataset in GENERATORS:
        (folder / dataset).mkdir(parents=True, exist_ok=True)
        for split in SPLITS:
            lines = [json.dumps(row, ensure_ascii=False) for row in rows(dataset, split, draw)]
            (folder / dataset / f"{split}.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")


def main() -> None:
    """Read the command line and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="where the folders of the data sets go")
    parser.add_argument("--draw", default="", help="a word that draws other rows of the same kind")
    arguments = parser.parse_args()
    export(arguments.folder, arguments.draw)


if __name__ == "__main__":
    main()
