"""A sweep with two workers that is disturbed at random moments until it is done, against an undisturbed one.

Its processes are killed, the W&B server that it is tracked by goes away and comes back, its disk is full for a while (a
file system of its own in memory, which takes root).

python -m tests.integration.chaos --kills 50 --stops 10 --fills 1        on the miniature, as long as that takes
python -m tests.integration.chaos --kills 5 --seed 1 -- seed=0,1         less work than the usual six seeds
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from crosstask.models.base_model import MINIATURE
from tests.integration.chaos.chaos import Chaos
from tests.support.small_sweep import SmallSweep
from tests.support.wandb_server.http_server import WandbServer

DISK = "200m"
"""Of the file system that is filled."""

LONG = ("seed=0,1,2,3,4,5", "trainer.max_epochs=3", "trainer.checkpoint_steps=20")
"""Enough work that there is some left at the last disturbance."""


def main() -> None:
    """Run it and say what came out; exit status 1 if the two sweeps differ."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.chaos", description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--stops", type=int, default=0, help="of the W&B server")
    parser.add_argument("--fills", type=int, default=0, help="of the disk")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the victims")
    parser.add_argument("overrides", nargs="*", help="settings of both sweeps")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    if options.fills:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)], check=True)
    sweep = SmallSweep(folder, MINIATURE, rows=400)
    with WandbServer().running() as server:
        tracked = server if options.stops else None
        overrides = (*LONG, *options.overrides)
        chaos = Chaos(sweep, options.seed, overrides, tracked, say=lambda line: print(line, flush=True))
        differences = chaos.compare(options.kills, options.stops, options.fills)
    if differences:
        sys.exit("\n".join(["differs from the undisturbed sweep:", *differences, f"(both are in {folder})"]))
    print(f"{options.kills} kills, {options.stops} stops, {options.fills} fills: all is as in the undisturbed sweep")
    if options.fills:
        subprocess.run(["umount", str(folder)], check=True)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
