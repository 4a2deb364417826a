"""All comparisons: prints the table; exit status 1 if a tolerance is broken."""

import argparse
import importlib.metadata
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from datasets import disable_progress_bars

from crosstask.storage.store import Store
from crosstask.training.destination import Destination
from crosstask.training.fit import train_adapter
from crosstask.training.recipe import TrainingSettings
from crosstask.training.sequences import TrainingExamples
from oracle import external_parity, forms_parity, inputs, logs_parity, scoring_parity, training_parity, unequal
from oracle.comparison import Comparison, table

ADAPTER_SOURCES = ("mnli", "imdb", "goat")
ADAPTER_STEPS = 30
PARTS = ("scoring", "forms", "training", "external", "unequal", "logs")
PACKAGES = ("lm-eval", "inspect-ai", "trl", "transformers", "peft", "torch")


def main() -> None:
    """Run the comparisons that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m oracle", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--test-rows", type=int, default=200, help="examples of each target")
    parser.add_argument(
        "--real", nargs="+", metavar="KEY=VALUE", help="scoring alone, of these settings: model.path=DIR"
    )
    options = parser.parse_args()
    if options.real:
        disable_progress_bars()
        _print(scoring_parity.compare_targets(inputs.settings(f"data.test_rows={options.test_rows}", *options.real)))
        return
    parts = options.parts or PARTS
    disable_progress_bars()
    job = inputs.settings("data.train_rows=300", f"data.test_rows={options.test_rows}")
    found: list[Comparison] = []
    spoiled: list[Comparison] = []
    with tempfile.TemporaryDirectory() as folder:
        adapter = _adapter(Path(folder)) if set(parts) != {"logs"} else Path(folder)
        if "scoring" in parts:
            found += scoring_parity.compare(job, adapter)
        if "forms" in parts:
            found += forms_parity.compare(job, adapter)
        if "training" in parts:
            found += training_parity.compare(job)
        if "external" in parts:
            found += external_parity.compare(job)
        if "unequal" in parts:
            spoiled += unequal.compare(job, adapter)
    if "logs" in parts:
        found += logs_parity.compare()
    _print(found, spoiled)


def _print(found: Sequence[Comparison], spoiled: Sequence[Comparison] = ()) -> None:
    """Print the tables; exit status 1 where a comparison is not as it should be."""
    print(", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES))
    print(table(found))
    if spoiled:
        print(f"\nWith one thing left unequal, so that none of these may agree:\n\n{table(spoiled)}")
    broken = [f"outside the tolerance: {comparison.what}" for comparison in found if not comparison.holds]
    broken += [f"agrees although it should not: {comparison.what}" for comparison in spoiled if comparison.holds]
    sys.exit("; ".join(broken) if broken else 0)


def _adapter(folder: Path) -> Path:
    """Return the folder of an adapter trained for some steps."""
    job = inputs.settings("data.train_rows=200", f"trainer.max_steps={ADAPTER_STEPS}")
    store = Store(folder)
    train_adapter(
        inputs.loaded(job),
        TrainingExamples(inputs.training_rows(job, *ADAPTER_SOURCES)),
        TrainingSettings(job.lora, job.optimizer, job.trainer, job.seed),
        Destination(store, "oracle", {}),
    )
    return store.adapter("oracle")


if __name__ == "__main__":
    main()
