"""A sweep with two workers whose processes are killed at random moments, until it is done; against an undisturbed one.

python -m tests.chaos --kills 50                      on the miniature, as long as that takes
python -m tests.chaos --kills 50 --seed 1 -- trainer.max_epochs=2
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from crosstask.base_model import MINIATURE
from tests.chaos.chaos import Chaos
from tests.small_sweep import SmallSweep


def main() -> None:
    """Run it and say what came out; exit status 1 if the two sweeps differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the victims")
    parser.add_argument("overrides", nargs="*", help="settings of both sweeps")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    sweep = SmallSweep(folder, MINIATURE, rows=400)
    chaos = Chaos(sweep, options.seed, tuple(options.overrides), say=lambda line: print(line, flush=True))
    differences = chaos.compare(options.kills)
    if differences:
        sys.exit("\n".join(["differs from the undisturbed sweep:", *differences, f"(both are in {folder})"]))
    print(f"{options.kills} kills: store and scores are those of the undisturbed sweep")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
