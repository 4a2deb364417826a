"""How long features of single examples take: the test rows of every task with data below a folder, anew and again.

``python -m benchmarks.features --data DIR --parser en_core_web_sm``; without ``--parser`` those of words alone.
"""

import argparse
import tempfile
import time
from pathlib import Path

from omegaconf import OmegaConf

from crosstask.config.inputs import Data, DataKind
from crosstask.config.task import Task
from crosstask.config.task_files import task_files
from crosstask.data.drawn_examples import test_examples
from crosstask.errors import UserError
from crosstask.features.data_sets import DataSetText
from crosstask.features.example_features import keep_features
from crosstask.features.measuring import Measure, measures
from crosstask.storage.store import Store


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.features", description=__doc__)
    parser.add_argument("--data", required=True, help="folder with a folder for each data set, as data.root")
    parser.add_argument("--rows", type=int, default=500, help="most test rows of a task (500); 0 for all")
    parser.add_argument("--parser", help="a model of spaCy, such as en_core_web_sm")
    options = parser.parse_args()
    data_sets = read_data_sets(Data("local", DataKind.local, options.data, test_rows=options.rows))
    rows = [example for data_set in data_sets for example in data_set.examples]
    characters = sum(len(example.prompt) for example in rows)
    print(f"{len(data_sets)} data sets, {len(rows):,} rows, {characters / 1e6:.1f} million characters of prompts")
    with tempfile.TemporaryDirectory() as folder:
        for kind, measure in measures(options.parser).items():
            for when in ("anew", "again"):
                print(f"{kind:5} {when:5} {seconds(folder, data_sets, measure):7.1f} s", flush=True)


def read_data_sets(data: Data) -> list[DataSetText]:
    """Return the test rows of every task that has some there."""
    found = []
    for name in sorted(task_files()):
        task = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(Task), task_files()[name]))
        assert isinstance(task, Task)
        try:
            found.append(DataSetText(test_examples(name, task, data), task.labels))
        except UserError:
            continue  # there are no rows of it
    return found


def seconds(folder: str, data_sets: list[DataSetText], measure: Measure) -> float:
    """Return how long it takes until a store has the features of all data sets."""
    start = time.perf_counter()
    keep_features(Store(Path(folder)), data_sets, measure)
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
