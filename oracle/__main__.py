"""All comparisons: prints the table; exit status 1 if a tolerance is broken."""

import argparse
import importlib.metadata
import sys
import tempfile
from pathlib import Path

from datasets import disable_progress_bars

from crosstask.store import Store
from crosstask.training.fit import train_adapter
from oracle import inputs, scoring_parity, training_parity
from oracle.comparison import Comparison, table

ADAPTER_SOURCES = ("mnli", "imdb", "goat")
ADAPTER_STEPS = 30
PACKAGES = ("lm-eval", "trl", "transformers", "peft", "torch")


def main() -> None:
    """Run the comparisons that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["scoring", "training", []], help="default: both")
    parser.add_argument("--test-rows", type=int, default=200, help="examples of each target")
    options = parser.parse_args()
    parts = options.parts or ["scoring", "training"]
    disable_progress_bars()
    job = inputs.settings("data.train_rows=300", f"data.test_rows={options.test_rows}")
    found: list[Comparison] = []
    if "scoring" in parts:
        with tempfile.TemporaryDirectory() as folder:
            found += scoring_parity.compare(job, _adapter(Path(folder)))
    if "training" in parts:
        found += training_parity.compare(job)
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
    print(table(found))
    broken = [comparison.what for comparison in found if not comparison.holds]
    sys.exit(f"outside the tolerance: {'; '.join(broken)}" if broken else 0)


def _adapter(folder: Path) -> Path:
    """Return the folder of an adapter trained for some steps."""
    job = inputs.settings("data.train_rows=200", f"trainer.max_steps={ADAPTER_STEPS}")
    store = Store(folder)
    train_adapter(
        inputs.loaded(job),
        inputs.training_rows(job, *ADAPTER_SOURCES),
        lora=job.lora,
        optimizer=job.optimizer,
        trainer=job.trainer,
        seed=job.seed,
        store=store,
        recipe="oracle",
        provenance={},
    )
    return store.adapter("oracle")


if __name__ == "__main__":
    main()
