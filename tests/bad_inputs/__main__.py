"""Give bad and odd inputs to the real commands, and judge what they do.

python -m tests.bad_inputs                                     every case, some minutes
python -m tests.bad_inputs --kind stores --case weights-cut    some
python -m tests.bad_inputs --fresh --every 15                  one in 15, each in a new process of its own
python -m tests.bad_inputs --jobs 4                            four at a time
python -m tests.bad_inputs --markdown docs/bad_inputs.md       and write the page of all cases

The heavy modules are imported once, and a process is forked for each case; ``--fresh`` starts a new Python for each, so
that nothing is hidden by what had been imported before. Exit status 1 if any case is not as expected.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from tests.bad_inputs import page, wandb_contents
from tests.bad_inputs.case import Case, Outcome
from tests.bad_inputs.cases import CASES, KINDS
from tests.bad_inputs.judge import mistakes
from tests.bad_inputs.running import run, warm_up
from tests.bad_inputs.workplace import Shared, Workplace


def main() -> None:
    """Run the cases that the command line chooses."""
    parser = argparse.ArgumentParser(prog="python -m tests.bad_inputs", description=__doc__.partition("\n")[0])
    parser.add_argument("--kind", choices=KINDS, action="append", help="only this kind")
    parser.add_argument("--case", action="append", metavar="NAME", help="only the cases of this name")
    parser.add_argument("--list", action="store_true", help="list the cases")
    parser.add_argument("--fresh", action="store_true", help="a new Python for each case")
    parser.add_argument("--light", action="store_true", help="import nothing heavy before: for cases that need none")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only one case in N")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many at a time")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page of all cases")
    parser.add_argument("--verbose", action="store_true", help="print what each command said")
    options = parser.parse_args()
    kinds, names = options.kind or KINDS, options.case
    chosen = [case for case in CASES if case.kind in kinds and (not names or case.name in names)][:: options.every]
    if not chosen:
        parser.error(f"--case {' '.join(names or [])}: no such case; --list lists them")
    if options.list:
        print("\n".join(f"{case.kind}: {case.name}: {case.about}" for case in chosen))
        return
    if not options.light:
        warm_up()
    results = run_cases(chosen, options.fresh, options.verbose, options.jobs)
    print(f"\n{page.summary(results)}")
    if options.markdown:
        options.markdown.write_text(page.page(results), encoding="utf-8")
    sys.exit(any(result.mistakes for result in results))


def run_cases(cases: list[Case], fresh: bool = False, verbose: bool = False, jobs: int = 1) -> list[page.Result]:
    """Run cases, so many at a time, and print those that are not as expected."""
    began, results = time.monotonic(), []
    folder = Path(tempfile.mkdtemp(prefix="bad-inputs-"))  # not one that removes itself when a forked child ends
    try:
        shared = Shared(folder / "shared")
        for case, outcome in zip(cases, outcomes(cases, folder, shared, fresh, jobs), strict=True):
            found = page.Result(case, outcome, tuple(mistakes(case, outcome)), outcome.folder)
            results.append(found)
            if found.mistakes or verbose:
                print(f"{case.kind}: {case.name}: {case.about}\n  {'; '.join(found.mistakes) or 'as expected'}")
                print("".join(f"    | {line[:1500]}\n" for line in ascii_lines(found.outcome.text)[-14:]), flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{len(cases)} cases in {time.monotonic() - began:.0f} s")
    return results


def outcomes(cases: list[Case], folder: Path, shared: Shared, fresh: bool, jobs: int) -> Iterator[Outcome]:
    """How each case ends, in their order."""
    run_one = partial(run_case, cases, folder, shared, fresh)
    if jobs == 1:
        yield from map(run_one, range(len(cases)))
        return
    shared.make(with_server=any(case.kind == wandb_contents.KIND.name for case in cases))
    WORK.append(run_one)  # which forked processes have, and need not be sent
    with ProcessPoolExecutor(jobs, get_context("fork")) as processes:
        yield from processes.map(_work, range(len(cases)))


WORK: list[Callable[[int], Outcome]] = []
"""What the processes of several at a time do."""


def _work(number: int) -> Outcome:
    """Run one case in one of several processes."""
    return WORK[-1](number)


def run_case(cases: list[Case], folder: Path, shared: Shared, fresh: bool, number: int) -> Outcome:
    """Run one case in a folder of its own."""
    work = Workplace(folder / str(number), shared)
    with work.ending:
        return run(cases[number].setup(work), work.folder, cases[number].limit, fresh)


def ascii_lines(text: str) -> list[str]:
    """What a command said, harmless on this terminal."""
    return [line.encode("ascii", "backslashreplace").decode().replace("\x1b", "\\x1b") for line in text.splitlines()]


if __name__ == "__main__":
    main()
