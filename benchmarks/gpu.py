"""Speed on one GPU: a model of the shape of Llama 3.2 3B with weights at random, in bfloat16, without a network.

python3 -m benchmarks.gpu          every part, within nine minutes; a part whose package is not there is left out
python3 -m benchmarks.gpu --tiny   a tiny model on whatever is there, to see that everything works
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from benchmarks import gpu_parts as parts
from benchmarks.gpu_extent import FULL, TINY, Extent
from benchmarks.measuring import ROOT, environment
from crosstask.config.inputs import Quantization
from crosstask.config.scoring import Generation
from crosstask.models import machine

LIMIT = 540
"""Seconds for all parts together."""
PEAK = 989.0
"""1e12 dense bfloat16 operations per second that an H100 SXM or an H200 is said to reach (NVIDIA's data sheet)."""
Part = Callable[[Path, Extent], parts.Rates]
NF4 = Quantization.nf4
PARTS: Mapping[str, Part] = {
    "matrix product": lambda folder, extent: parts.product(),
    "training": parts.training,
    "generation, 8,192 tokens a pass": partial(parts.generation, tokens=parts.CEILING),
    "generation, batch": parts.generation,
    "generation, continuous": partial(parts.generation, kind=Generation.continuous),
    "closed scoring": parts.closed,
    "training, TRL": parts.trl,
    "training, nf4": partial(parts.training, quantization=NF4),
    "closed scoring, nf4": partial(parts.closed, quantization=NF4),
    "training, flash-attn": partial(parts.with_flash_attention, parts.training),
}
"""In the order of their importance: those for which there is no time are left out."""


def main() -> None:
    """Measure every part in a process of its own, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__.partition("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="a tiny model, on a CPU as well; the figures mean nothing")
    parser.add_argument("--part", choices=list(PARTS), help=argparse.SUPPRESS)
    parser.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    extent = TINY if options.tiny else FULL
    if options.make:
        parts.make_model(options.folder, extent)
        return
    if options.part:
        print(json.dumps(PARTS[options.part](options.folder, extent)))
        return
    if machine.device() == "cpu" and not options.tiny:
        parser.error("no GPU is here; --tiny tries everything out on a CPU")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        # In a process of its own, whose memory on the GPU is free again when it ends.
        subprocess.run(_command("--make", folder, options.tiny), cwd=ROOT, env=environment(folder.parent), check=True)
        measure(folder, options.tiny)


def _command(what: str, folder: Path, tiny: bool) -> list[str]:
    """Return the command of a process that does a part of the work."""
    return [sys.executable, "-m", "benchmarks.gpu", *what.split("="), "--folder", str(folder), *["--tiny"] * tiny]


def measure(folder: Path, tiny: bool) -> None:
    """Measure and print every part."""
    import torch

    started, found = time.monotonic(), dict[str, parts.Rates]()
    gpu = ", ".join(machine.gpus()) or "CPU"
    print(f"{gpu}; Python {sys.version.split()[0]}, torch {torch.__version__}\n", flush=True)
    print("| part | tokens/s | TFLOP/s | tokens of a pass | peak GB |\n|---|---|---|---|---|", flush=True)
    for name in PARTS:
        rates = _part(name, folder, tiny, LIMIT - (time.monotonic() - started))
        found |= {name: rates} if isinstance(rates, dict) else {}
        print(_row(name, rates), flush=True)
    print("\n" + "\n".join(_ratios(found)))


def _part(name: str, folder: Path, tiny: bool, seconds: float) -> parts.Rates | str:
    """Return what a part measured, or in a few words why nothing was."""
    if seconds < 5:
        return "no time was left"
    try:
        done = subprocess.run(
            _command(f"--part={name}", folder, tiny),
            cwd=ROOT,
            env=environment(folder.parent),
            capture_output=True,
            text=True,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        return "no time was left"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed without a word"])[-1]
    rates: parts.Rates = json.loads(done.stdout.splitlines()[-1])
    return rates


def _row(name: str, rates: parts.Rates | str) -> str:
    """Return the row of a part."""
    if isinstance(rates, str):
        return f"| {name} | not measured: {rates} | | | |"
    digits = {"tokens": 0, "tflops": 1, "pass_tokens": 0, "peak": 1}
    cells = [f"{rates[key]:,.{places}f}" if key in rates else "" for key, places in digits.items()]
    return f"| {' | '.join([name, *cells])} |"


def _ratios(found: Mapping[str, parts.Rates]) -> list[str]:
    """Return the ratios that there are goals for."""
    lines = []
    if ours := found.get("training"):
        lines.append(f"training: {ours['tflops'] / PEAK:.1%} of {PEAK:.0f} TFLOP/s")
        if product := found.get("matrix product"):
            lines.append(f"training: {ours['tflops'] / product['tflops']:.1%} of the matrix product")
        if theirs := found.get("training, TRL"):
            lines.append(f"training: {ours['tokens'] / theirs['tokens']:.2f} times TRL")
    if least := found.get("generation, 8,192 tokens a pass"):
        for kind in ("batch", "continuous"):
            if more := found.get(f"generation, {kind}"):
                lines.append(f"generation, {kind}: {more['tokens'] / least['tokens']:.1f} times 8,192 tokens a pass")
    return lines


if __name__ == "__main__":
    main()
