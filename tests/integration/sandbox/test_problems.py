"""Programs that are right pass, those that are not fail for the reason that they fail; a job runs them.

``HUMANEVAL=DIR`` names a folder with ``test.jsonl`` of the data set humaneval: then all of its own solutions pass.
"""

import json
import os
import statistics
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crosstask.config.job import TrainConfig
from crosstask.config.task import CodeExecution, DataSet, Task
from crosstask.config.task_fields import task_of
from crosstask.config.task_files import task_files
from crosstask.data.row_templates import RowEnvironment, RowTemplate
from crosstask.errors import UserError
from crosstask.evaluation.scorers.code_answers import program
from crosstask.jobs.job import evaluate, train
from crosstask.jobs.progress import Progress
from crosstask.sandbox import bubblewrap, supervisor
from crosstask.sandbox.problem import Limits, Outcome, Problem, Verdict
from crosstask.sandbox.supervisor import run, run_all
from crosstask.storage.store import Store

pytestmark = pytest.mark.sandbox

RIGHT = {  # program, tests, what is given
    "a sum": ("def f(a, b):\n    return a + b\n", "assert f(1, 2) == 3", ""),
    "named arguments": ("def f(*, a, b=1):\n    return a - b\n", "assert f(a=3) == 2\nassert f(b=5, a=3) == -2", ""),
    "floats": ("def f(x):\n    return x ** 0.5\n", "assert abs(f(2) - 1.41421356) < 1e-6\nassert f(4) == 2", ""),
    "what is no number": ("def f(x):\n    return x * float('nan')\n", "import math\nassert math.isnan(f(1.0))", ""),
    "large numbers": ("def f(n):\n    return 7 ** n\n", "assert f(9999) == 7 ** 9999", ""),
    "a counter": (
        "from collections import *\ndef f(s):\n    return Counter(s)\n",
        "assert f('aab') == dict(a=2, b=1)",
        "",
    ),
    "tuples in sets": ("def f(x):\n    return {(1, x)}\n", "assert f('é') == {(1, 'é')}", ""),
    "a list that it sorts in place": (
        "def f(x):\n    x.sort()\n    return x\n",
        "numbers = [3, 1]\nassert f(numbers) == [1, 3]\nassert numbers == [3, 1]",
        "",
    ),
    "an exception": (
        "def f(x):\n    raise ValueError(x)\n",
        "try:\n    f(1)\nexcept ValueError:\n    pass\nelse:\n    assert False",
        "",
    ),
    "what it prints": ("def f():\n    print('passed' * 99)\n    return 1\n", "assert f() == 1", ""),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\ndef f(x):\n"
        "    with ThreadPoolExecutor(3) as pool:\n        return list(pool.map(abs, x))\n",
        "assert f([-1, -2]) == [1, 2]",
        "",
    ),
    "a data class": (
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int = 1\ndef f():\n    return A().x\n",
        "assert f() == 1",
        "",
    ),
    "state": ("seen = []\ndef f(x):\n    seen.append(x)\n    return len(seen)\n", "assert [f(0), f(0)] == [1, 2]", ""),
    "a check of several asserts, as MBPP has": (
        "def f(x):\n    return x[::-1]\n",
        "\n".join(["assert f('ab') == 'ba'", "assert f([1, 2]) == [2, 1]", "assert set(f((1, 2))) == {1, 2}"]),
        "",
    ),
    "a helper of what is given": (
        "def encode(s):\n    return s[1:] + s[:1]\ndef f(s):\n    return s[-1:] + s[:-1]\n",
        "for text in ('', 'a', 'abc'):\n    assert f(encode(text)) == text",
        "def encode(s):\n    return s[1:] + s[:1]\ndef f(s):\n    '''Decode.'''\n",
    ),
    "a generator": ("def f():\n    yield 1\n    yield 2\n", "assert list(f()) == [1, 2]\nassert next(f()) == 1", ""),
    "what gives values once": (
        "from itertools import *\ndef f(x):\n    return map(abs, chain(x, reversed(x)))\n",
        "assert tuple(f([-1, 2])) == (1, 2, 2, 1)",
        "",
    ),
    "numbers of other kinds": (
        "from decimal import *\nfrom fractions import *\ndef f(x):\n    return Decimal(x), Fraction(x)\n",
        "from fractions import *\nassert [float(x) for x in f('0.5')] == [0.5, 0.5]\n"
        "assert f('0.1')[1] == Fraction(1, 10)",
        "",
    ),
    "many floats": ("def f(n):\n    return [x / 3 for x in range(n)]\n", "assert f(400000)[3] == 1", ""),
    "halves of a character": ("def f(x):\n    return x\n", "assert len(f('\\ud83d\\ude00')) == 2", ""),
    "asyncio": (
        "import asyncio\nasync def one(x):\n    await asyncio.sleep(0)\n"
        "    return await asyncio.get_running_loop().run_in_executor(None, abs, x)\n"
        "def f(x):\n    return asyncio.run(one(x))\n",
        "assert f(-1) == 1",
        "",
    ),
    "many threads": (
        "import time\nfrom concurrent.futures import ThreadPoolExecutor\ndef slow(x):\n"
        "    time.sleep(0.05)\n    return x\n"
        "def f(x):\n    with ThreadPoolExecutor(100) as pool:\n        return list(pool.map(slow, x))\n",
        "assert f(range(300)) == list(range(300))",
        "",
    ),
    "an exception that extends a known one": (
        "import json\ndef f(x):\n    return json.loads(x)\n",
        "try:\n    f('no')\nexcept ValueError as error:\n"
        "    assert 'Expecting value' in str(error)\nelse:\n    assert False",
        "",
    ),
    "an exception of Unicode": (
        "def f(x):\n    return x.decode()\n",
        "try:\n    f(b'\\xff')\nexcept UnicodeDecodeError:\n    pass\nelse:\n    assert False",
        "",
    ),
    "an exit": (
        "def f():\n    raise SystemExit(2)\n",
        "try:\n    f()\nexcept SystemExit as error:\n    assert error.code == 2\nelse:\n    assert False",
        "",
    ),
    "tests with threads": (
        "import time\ndef f(x):\n    time.sleep(0.01 * (5 - x))\n    return x\n",
        "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool:\n"
        "    assert list(pool.map(f, range(5))) == list(range(5))",
        "",
    ),
    "tests with an alarm": (
        "import time\ndef f(x):\n    time.sleep(x)\n    return x\n",
        "import signal\ndef ring(*_):\n    raise TimeoutError\nsignal.signal(signal.SIGALRM, ring)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.2)\ntry:\n    f(1)\nexcept TimeoutError:\n    pass\n"
        "else:\n    assert False\n"
        "assert f(0) == 0",
        "",
    ),
    "nothing that is printed": (
        "def f():\n    print('x', file=open('/dev/null', 'w'))\n    return 1\n",
        "assert f() == 1",
        "",
    ),
    "a large value": ("def f(n):\n    return list(range(n))\n", "assert f(10 ** 5)[-1] == 10 ** 5 - 1", ""),
}
WRONG: dict[str, tuple[str, str, Outcome, str]] = {
    "another value": ("def f():\n    return 2\n", "assert f() == 1", Outcome.wrong, "AssertionError"),
    "nothing": ("def f():\n    pass\n", "assert f() + 1 == 1", Outcome.wrong, "TypeError"),
    "an exception": ("def f():\n    return {}[1]\n", "assert f() == 1", Outcome.error, "KeyError"),
    "an exception when imported": ("1 / 0\ndef f(): pass", "f()", Outcome.error, "ZeroDivisionError"),
    "a module that is not there": ("import numpy\ndef f(): pass", "f()", Outcome.error, "ModuleNotFoundError"),
    "no such function": ("def g():\n    return 1\n", "assert f() == 1", Outcome.error, "defines no f"),
    "no function": ("f = 1\n", "assert f() == 1", Outcome.error, "defines no f"),
    "no Python": ("def f():\n  return 1\n    x", "f()", Outcome.syntax_error, "IndentationError"),
    "a null character": ("def f():\n  return '\0'", "f()", Outcome.syntax_error, ""),
    "half of a pair": ("def f():\n  return '\ud800'", "f()", Outcome.syntax_error, "UnicodeEncodeError"),
    "an object": ("class A: pass\ndef f():\n    return A()\n", "assert f()", Outcome.not_literal, "A"),
    "a list for a generator": (
        "def f():\n    yield 1\n",
        "assert f() == [1]",
        Outcome.wrong,
        "AssertionError",
    ),
    "a helper of its own": (
        "def helper(x):\n    return 1\ndef f():\n    return 7\n",
        "assert helper(f()) == 1",
        Outcome.broken_tests,
        "NameError",
    ),
    "it asks": ("def f():\n    return input()\n", "f()", Outcome.error, "EOFError"),
    "tests without an end": ("def f(): pass\n", "f()\nwhile True: pass", Outcome.timeout, ""),
    "tests that leave": ("def f(): pass\n", "import os\nos._exit(0)", Outcome.error, "ended with status 0"),
    "tests that test nothing": ("def f(): pass\n", "pass", Outcome.broken_tests, ""),
    "tests that are no Python": ("def f(): pass\n", "assert f(", Outcome.broken_tests, "SyntaxError"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_program_that_is_right_passes(name: str, limits: Limits):
    code, tests, given = RIGHT[name]
    assert run(Problem(code, tests, "f", given), limits) == Verdict(Outcome.passed)


@pytest.mark.parametrize("name", WRONG)
def test_a_program_that_is_not_right_fails_by_its_reason(name: str, limits: Limits):
    code, tests, outcome, detail = WRONG[name]
    found = run(Problem(code, tests, "f"), limits)
    assert (found.outcome, found.detail) == (outcome, detail or found.detail)


CHANCE = """
import random
def f(drawn):
    name = repr([*{"a", "b", "c", "d", "e"}, hash("x"), random.random(), drawn])
    return type(name, (), {})()
"""


def test_an_answer_is_always_judged_alike(limits: Limits):
    tests = "import random\nf([*{'a', 'b', 'c', 'd', 'e'}, random.random()])"
    found = {run(Problem(CHANCE, tests, "f"), limits) for _ in range(4)}
    (verdict,) = found
    assert (verdict.outcome, verdict.detail.count("0.844")) == (Outcome.not_literal, 2), "drawn from seed 0, twice"


def test_problems_keep_their_order(limits: Limits):
    problems = [Problem(f"def f():\n    return {n}\n", f"assert f() == {n - n % 2}", "f") for n in range(8)]
    assert [verdict.outcome for verdict in run_all(problems, limits)] == [Outcome.passed, Outcome.wrong] * 4
    assert run_all([]) == []


def test_a_sandbox_that_cannot_be_made_is_an_error_and_no_verdict(limits: Limits, monkeypatch: pytest.MonkeyPatch):
    problem = Problem("def f(): pass", "f()", "f")
    walls = bubblewrap._walls()
    monkeypatch.setattr(bubblewrap, "_walls", lambda: (*walls, "--ro-bind", "/nowhere", "/nowhere"))
    with pytest.raises(UserError, match=r"could not be made: bwrap: .*/nowhere: No such file or directory"):
        run(problem, limits)


def median_seconds(work: Any, times: int = 9) -> float:
    """How long something takes."""
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
    return statistics.median(found)


def test_a_sandbox_takes_at_most_three_tenths_of_a_second_more_than_python(limits: Limits, capsys: Any):
    code, tests, _ = RIGHT["a sum"]
    plain = [bubblewrap.python_path(), "-c", f"{code}\n{tests}"]
    bare = median_seconds(lambda: subprocess.run(plain, check=True))
    sandboxed = median_seconds(lambda: run(Problem(code, tests, "f"), limits))
    with capsys.disabled():
        print(f"\n  one problem: {sandboxed:.3f} s, python alone: {bare:.3f} s (medians of 9)")
    assert sandboxed - bare <= 0.3


def humaneval_rows() -> list[dict[str, Any]]:
    """The rows of the folder that HUMANEVAL names."""
    folder = os.environ.get("HUMANEVAL")
    if not folder:
        pytest.skip("HUMANEVAL=DIR names no folder")
    return [json.loads(line) for line in (Path(folder) / "test.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    ("form", "passes"),
    [
        ("{body}", True),
        ("```python\n{prompt}{body}```\nDone.", True),
        ("```python\n{body}```", True),
        ("    pass\n", False),
    ],
)
def test_the_solutions_of_humaneval_pass_and_empty_ones_fail(form: str, passes: bool):
    rows = humaneval_rows()
    execution = task_of(task_files()["humaneval"]).execution
    assert execution is not None
    tests = RowTemplate(execution.tests, RowEnvironment())
    texts = [form.replace("{prompt}", row["prompt"]).replace("{body}", row["canonical_solution"]) for row in rows]
    problems = [
        Problem(
            str(program(text, row["prompt"], row["entry_point"])), tests.render(row), row["entry_point"], row["prompt"]
        )
        for text, row in zip(texts, rows, strict=True)
    ]
    verdicts = run_all(problems)
    assert len(verdicts) == 164
    other = {row["task_id"]: v for row, v in zip(rows, verdicts, strict=True) if (v.outcome == "passed") != passes}
    assert other == {}


CODES = Task(
    dataset=DataSet(name="codes"),
    prompt="{{ stub }}",
    answer="{{ body }}",
    metric="pass_at_1",
    execution=CodeExecution("f", "{{ test }}", "{{ stub }}"),
)


def test_a_job_scores_code_and_scores_it_again_from_what_is_stored(
    config: TrainConfig, monkeypatch: pytest.MonkeyPatch
):
    folder = Path(str(config.data.root)) / "codes"
    folder.mkdir()
    rows = [
        {"stub": f"def f():\n    '''{n}'''\n", "body": "    return 1\n", "test": "assert f() == 1"} for n in range(4)
    ]
    (folder / "test.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    job = replace(config, source={"base": None}, target={"codes": CODES})
    assert train(job, Progress()).startswith("done: scored 1 targets")
    store = Store(config.store)
    (path,) = store.root.glob("cells/*/*/answers.parquet")
    answers = pd.read_parquet(path)
    assert answers["score"].tolist() == [0.0] * 4, "the tiny model writes no Python"
    assert set(answers["outcome"]) <= {"syntax_error", "no_code", "error", "wrong"}
    assert evaluate(replace(job, rescore=True), Progress(), "").endswith("1 targets, 0 changed")
    changed = [Verdict(Outcome.passed)] * 4
    monkeypatch.setattr(supervisor, "run_all", lambda problems: changed[: len(problems)])
    assert evaluate(replace(job, rescore=True), Progress(), "").endswith("1 targets, 1 changed")
