"""Results made elsewhere, as ``analyze.py`` reads them from the logs of lm-evaluation-harness and of Inspect.

Both tools run here, and write their logs. Scores are held against the numbers that the tools print, and paired tests
against those by pandas and SciPy, which read the logs by themselves and pair by the number of the sample, which these
logs leave no doubt of.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from inspect_ai.log import EvalLog
from scipy import stats

from oracle import inspect_logs, lm_eval_logs
from oracle.comparison import Comparison

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = 60
SCORE = 1e-8
"""Largest difference of a score and of its standard error: files have ten decimals."""
P_VALUE = 1e-8
"""Of an exact p value."""
SAMPLED_P_VALUE = 0.03
"""Of one by random signs, of which there are some thousands, against another such."""
Answers = Mapping[tuple[str, str], pd.Series]
"""Model and task -> what each sample is worth, by its number."""


def compare() -> list[Comparison]:
    """Compare scores and paired tests of both tools."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs = lm_eval_logs.write_logs(folder, EXAMPLES)
        found = _compared("lm-eval", _analysis(folder, "lm_eval", logs, lm_eval_logs.BASE), *_of_lm_eval(logs))
        pooled = _analysis(folder, "lm_eval", logs, lm_eval_logs.BASE, "runs.targets=[claims]")
        found.append(_scores("lm-eval, a group", pooled["scores"], _printed_by_lm_eval(logs, ["claims"])))
        logs = folder / "inspect"
        written = inspect_logs.write_logs(logs, EXAMPLES)
        first = next(iter(inspect_logs.MODELS))
        return [*found, *_compared("Inspect", _analysis(folder, "inspect", logs, first), *_of_inspect(written))]


def _analysis(folder: Path, kind: str, logs: Path, base: str, *more: str) -> dict[str, pd.DataFrame]:
    """Tables that the command writes."""
    output = folder / f"results_{kind}"
    options = [
        f"runs={kind}",
        f"runs.path={logs}",
        f"runs.base={base}",
        f"output={output}",
        "analysis.figures=[]",
        *more,
    ]
    subprocess.run([sys.executable, ROOT / "analyze.py", *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    tables = {name: pd.read_csv(output / f"{name}.csv") for name in ("scores", "gains_long")}
    tables["scores"]["source"] = tables["scores"]["source"].replace("base", base)
    return tables | {"base": pd.DataFrame({"base": [base]})}


def _of_lm_eval(logs: Path) -> tuple[pd.DataFrame, Answers]:
    """What lm-eval printed, and what its samples are worth."""
    worth = {}
    for model in sorted(logs.iterdir()):
        for path in sorted(model.glob("samples_*.jsonl")):
            task = path.name.removeprefix("samples_").rpartition("_")[0]
            rows = pd.read_json(path, lines=True)
            rows = rows[rows["filter"].isin(["none", "strict-match"])].set_index("doc_id")
            metric = next(name for name in ("acc_norm", "acc", "exact_match", "bits_per_byte") if name in rows)
            values = rows[metric]
            if metric == "bits_per_byte":
                values = values.map(lambda pair: float(np.exp(pair[0] / pair[1])))
            worth[model.name.removeprefix("models__"), task] = values.astype(float)  # the last date is the whole run
    return _printed_by_lm_eval(logs), worth


def _printed_by_lm_eval(logs: Path, tasks: list[str] | None = None) -> pd.DataFrame:
    """The table of the newest run of each model; likelihoods of texts, which it prints in other words, left out."""
    rows = []
    for model in sorted(logs.iterdir()):
        head = json.loads(max(model.glob("results_*.json")).read_text(encoding="utf-8"))
        for task, numbers in head["results"].items():
            key = next((k for k in ("acc_norm,none", "acc,none", "exact_match,strict-match") if k in numbers), None)
            if key and (task in tasks if tasks else task not in head["group_subtasks"]):
                stderr = numbers[key.replace(",", "_stderr,")]
                rows.append((head["model_name"].removeprefix("models/"), task, numbers[key], None if tasks else stderr))
    return pd.DataFrame(rows, columns=["source", "target", "score", "stderr"])


def _of_inspect(logs: list[EvalLog]) -> tuple[pd.DataFrame, Answers]:
    """What Inspect printed of the first scorer, and what its samples are worth."""
    rows, worth = [], {}
    for log in logs:
        assert log.results is not None
        assert log.samples is not None
        key = log.eval.model.removeprefix("mockllm/"), log.eval.task
        score = log.results.scores[0]
        rows.append((*key, score.metrics["accuracy"].value, score.metrics["stderr"].value))
        scores = {sample.id: (sample.scores or {})[score.name].value for sample in log.samples}
        worth[key] = pd.Series({number: float(value == "C") for number, value in scores.items()})
    return pd.DataFrame(rows, columns=["source", "target", "score", "stderr"]), worth


def _compared(tool: str, ours: Mapping[str, pd.DataFrame], printed: pd.DataFrame, worth: Answers) -> list[Comparison]:
    """Compare scores with those printed, and tests with those by pandas."""
    base = ours["base"]["base"][0]
    gains, exact, sampled = [], [], []
    for row in ours["gains_long"].itertuples():
        pairs = pd.concat([worth[row.source, row.target], worth[base, row.target]], axis=1, join="inner").dropna()
        difference = pairs.iloc[:, 0] - pairs.iloc[:, 1]
        gains.append(abs(row.gain - difference.mean()))
        if row.test == "mcnemar":
            better, worse = int((difference > 0).sum()), int((difference < 0).sum())
            p = stats.binomtest(better, better + worse).pvalue if better + worse else 1.0
            exact.append(abs(row.p - p))
        else:
            test = stats.permutation_test((difference,), np.mean, permutation_type="samples", n_resamples=9999, rng=0)
            sampled.append(abs(row.p - test.pvalue))
    found = [
        _scores(tool, ours["scores"], printed),
        Comparison(f"{tool}: gains over shared samples, by pandas", len(gains), max(gains), SCORE, "of 1"),
        Comparison(f"{tool}: McNemar's test, by SciPy", len(exact), max(exact), P_VALUE, "p"),
    ]
    if sampled:
        what = f"{tool}: permutation of signs, by SciPy"
        found.append(Comparison(what, len(sampled), max(sampled), SAMPLED_P_VALUE, "p"))
    return found


def _scores(tool: str, ours: pd.DataFrame, printed: pd.DataFrame) -> Comparison:
    """Compare scores and their standard errors with those printed."""
    merged = printed.merge(ours, on=["source", "target"], suffixes=("_printed", ""))
    assert len(merged) == len(printed), "a cell that the tool printed is not in the matrix"
    apart = [(merged[name] - merged[f"{name}_printed"].astype(float)).abs().max() for name in ("score", "stderr")]
    return Comparison(f"{tool}: scores and standard errors", len(merged), float(np.nanmax(apart)), SCORE, "of 1")
