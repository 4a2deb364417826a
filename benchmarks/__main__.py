"""All benchmarks one after the other: ``make bench``. Each is a module of its own with options (``--help``)."""

import argparse
import subprocess
import sys

from benchmarks.measuring import ROOT

PARTS = ("matrix", "scoring", "generation", "training", "growth", "reading", "analysis", "page")
QUICK = {
    "matrix": "--sources base goat imdb --targets goat imdb mnli --set data.train_rows=100 data.test_rows=40",
    "scoring": "--adapters 2 --targets mnli imdb --set data.train_rows=100 data.test_rows=40 --repeats 1",
    "generation": "--targets goat --set data.test_rows=20 --repeats 1",
    "training": "--sources goat imdb metamath --set data.train_rows=100 --repeats 1",
    "analysis": "--large 40 2 100 --repeats 1",
    "page": "--size 10 1 40 --repeats 1",
    "growth": "--sizes 5 10 --set data.train_rows=100 data.test_rows=20 --repeats 1",
    "reading": "--runs 50 --latency 0",
}
"""Small enough to see within minutes that everything works; the figures mean little."""


def main() -> None:
    """Run the parts that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), help=f"default: {' '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="a small size, to see that everything works")
    options = parser.parse_args()
    for part in options.parts:
        if part not in PARTS:
            parser.error(f"{part}: not one of {', '.join(PARTS)}")
        print(f"\n## {part}\n", flush=True)
        sizes = QUICK[part].split() if options.quick else []
        subprocess.run([sys.executable, "-m", f"benchmarks.{part}", *sizes], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
