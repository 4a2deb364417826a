"""What report.html costs an analysis, and how soon a reader can use it, beside plotly's heat map of the same matrix.

Needs Chromium (Debian's), Playwright and plotly; pages are opened from the disk, one after the other.
"""

import argparse
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd
from hydra import compose, initialize_config_dir

from benchmarks.measuring import Cost, machine, module, run, spread
from crosstask.commands import analyze
from crosstask.commands.schemas import SCHEMAS
from crosstask.commands.sections import AnalyzeConfig
from crosstask.config import task_files
from crosstask.config.parsing import parse
from crosstask.report import report
from crosstask.report.page import page

SECONDS, MEGABYTES, SOONER, PANEL = 20.0, 10.0, 5.0, 100.0
"""What the page may add to an analysis of 60 x 60 x 3 and weigh, how many times sooner it is usable, and milliseconds
until a panel is open."""
PANELS = 40
"""Cells that are opened."""
OPENED = """async ([row, column]) => {
  const panel = document.getElementById("panel"), cell = document.getElementById("grid").rows[row].cells[column];
  if (panel.open) panel.close();
  cell.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  await new Promise((later) => setTimeout(later, 100));
  const started = performance.now();
  cell.click();
  while (!panel.open) await new Promise((later) => setTimeout(later));
  return new Promise((done) => requestAnimationFrame(() => done(performance.now() - started)));
}"""
"""Milliseconds from a click, a tenth of a second after the pointer came to the cell, to the frame with its panel."""
WITH_MARK = (
    "<script>Plotly.newPlot('map', data, layout).then(() => { performance.mark('ready');"
    " document.documentElement.dataset.ready = ''; });</script>"
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page", description=__doc__)
    parser.add_argument("--size", nargs=3, type=int, default=[60, 3, 100], metavar=("TASKS", "SEEDS", "EXAMPLES"))
    parser.add_argument("--store", type=Path, help="one that benchmarks.synthetic_matrix has filled, with --texts")
    parser.add_argument("--repeats", type=int, default=25)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        scratch, store = Path(folder), options.store or Path(folder) / "store"
        if options.store is None:
            run(module("benchmarks.synthetic_matrix", *options.size, store, "--texts"), scratch / "filling")
        cost = added(store, scratch / "results")
        ours = scratch / "results" / report.PAGE
        size = ours.stat().st_size / 1e6
        theirs = plotly_page(pd.read_csv(ours.with_name("gains.csv"), index_col="source"), scratch / "plotly.html")
        print(f"{machine(('numpy', 'pandas', 'jinja2', 'plotly', 'playwright'))}\n")
        print("| | seconds | CPU seconds | MB | within |\n|---|---|---|---|---|")
        held = "yes" if cost.cpu <= SECONDS and size <= MEGABYTES else "no"
        limits = f"{SECONDS:.0f} s, {MEGABYTES:.0f} MB: {held}"
        print(f"| the page | {cost.seconds:.1f} | {cost.cpu:.1f} | {size:.1f} | {limits} |\n")
        print(opened(ours, theirs, options.repeats))


def added(store: Path, output: Path) -> Cost:
    """Analyze a store; returns what of it the page took."""
    task_files.register(SCHEMAS)
    with initialize_config_dir(str(task_files.CONF), version_base="1.3"):
        config = parse(compose("analyze", [f"store={store}", f"output={output}"]), AnalyzeConfig)
    costs: list[Cost] = []

    def timed(*given: Any) -> bytes:
        started, cpu = time.perf_counter(), time.process_time()
        made = page.page(*given)
        costs.append(Cost(time.perf_counter() - started, time.process_time() - cpu))
        return made

    with mock.patch.object(report, "page", timed):
        analyze.analyze(config)
    return costs[0]


def plotly_page(gains: pd.DataFrame, path: Path) -> Path:
    """Write plotly's heat map of the gains, its script included."""
    from plotly.offline import get_plotlyjs

    heat_map = {"type": "heatmap", "z": gains.to_numpy().tolist(), "x": [*gains.columns], "y": [*gains.index]}
    size = {"width": 1500, "height": 1200}
    data = f"const data = {json.dumps([heat_map])}, layout = {json.dumps(size)};"
    scripts = f"<script>{get_plotlyjs()}</script><script>{data}</script>{WITH_MARK}"
    path.write_text(f"<!doctype html><meta charset=utf-8><title>plotly</title><div id=map></div>{scripts}")
    return path


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield found
        found.close()


def opened(ours: Path, theirs: Path, repeats: int) -> str:
    """Open both pages in turn; returns a table of the seconds until they can be used, and of those of panels."""
    seconds: dict[Path, list[float]] = {ours: [], theirs: []}
    with browser() as chromium:
        for _ in range(repeats):
            for path, found in seconds.items():
                with chromium.new_page() as tab:
                    found.append(ready(tab, path))
        with chromium.new_page() as tab:
            ready(tab, ours)
            shape = tab.evaluate("[document.getElementById('grid').rows.length, grid.rows[0].cells.length]")
            places = [(2 + place * 7 % (shape[0] - 2), 1 + place * 11 % (shape[1] - 1)) for place in range(PANELS)]
            panels = [tab.evaluate(OPENED, place) for place in places]
    ratio = statistics.median(seconds[theirs]) / statistics.median(seconds[ours])
    half, most = statistics.median(panels), max(panels)
    lines = ["| | seconds until it can be used | MB |", "|---|---|---|"]
    lines += [
        f"| {name} | {spread(found, 2)} | {path.stat().st_size / 1e6:.1f} |"
        for name, (path, found) in zip(("the page", "plotly's heat map"), seconds.items(), strict=True)
    ]
    lines.append(f"\n{ratio:.1f} times sooner (goal {SOONER:.0f}); a panel opens in {half:.0f} ms, at most {most:.0f}")
    return "\n".join([*lines, f"(goal {PANEL:.0f}), of {PANELS}."])


def ready(tab: Any, path: Path) -> float:
    """Open a page; returns the seconds until it can be used."""
    tab.goto(f"file://{path}")
    tab.wait_for_selector("html[data-ready]", state="attached", timeout=120_000)
    return float(tab.evaluate("performance.getEntriesByName('ready')[0].startTime")) / 1000


if __name__ == "__main__":
    main()
