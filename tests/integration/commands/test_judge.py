"""From the command line: a judged sweep is killed, continued, scored again without endpoint or model, and analyzed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from crosstask.config import task_files
from tests.support.judge_server import RIGHT, WRONG, JudgeServer, Response, said

ROOT = task_files.CONF.parent
KEY = "sk-0123456789abcdef"
ROWS = 12
CONCURRENCY = 2


class Sweep:
    """Base and an adapter, scored on an open task by a judge."""

    def __init__(self, folder: Path, model_folder: Path) -> None:
        self.folder = folder
        (folder / "data" / "goat").mkdir(parents=True)
        for split, first in (("train", 0), ("test", ROWS)):
            rows = [{"instruction": f"{i} + {i % 7}", "answer": f"{i + i % 7}"} for i in range(first, first + ROWS)]
            (folder / "data" / "goat" / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        self.settings = ["source=base,goat", "target=[goat]", "++target.goat.metric=judge", "scoring.max_new_tokens=4"]
        self.settings += ["data=local", f"data.root={folder}/data", "model=local", f"model.path={model_folder}"]
        self.settings += [f"judge.concurrency={CONCURRENCY}", "judge.model=m", "judge.api_key_env=JUDGE_KEY"]

    def start(self, script: str, *arguments: str) -> subprocess.Popen[str]:
        environment = {**os.environ, "JUDGE_KEY": KEY, "NO_PROXY": "127.0.0.1", "OMP_NUM_THREADS": "1"}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        command = [sys.executable, str(ROOT / script), *arguments]
        return subprocess.Popen(command, cwd=self.folder, env=environment, text=True, **pipes)

    def run(self, script: str, *arguments: str) -> str:
        started = self.start(script, *arguments)
        output = started.communicate()[0]
        assert started.returncode == 0, output
        return output


@pytest.mark.slow
def test_a_judged_sweep_from_its_first_command_to_its_analysis(tmp_path: Path, model_folder: Path):
    sweep = Sweep(tmp_path, model_folder)
    outputs = []
    with JudgeServer().running() as server:
        plain = server.response

        def response(body, headers) -> Response:
            found = plain(body, headers)
            texts = [RIGHT, WRONG, "Hm."]
            return Response(said(texts[len(server.bodies) % 3]).body, delay=0.1 + found.delay)

        server.response = response  # type: ignore[method-assign]
        address = f"judge.base_url={server.base_url}"
        killed = sweep.start("train.py", "-m", *sweep.settings, address)
        while len(server.bodies) < 5:
            assert killed.poll() is None, killed.communicate()[0]
            time.sleep(0.02)
        killed.kill()
        outputs.append(killed.communicate()[0])
        time.sleep(0.3)
        before = len(server.bodies)
        assert not list(tmp_path.glob("runs/cells/*/*/score.json"))
        outputs.append(sweep.run("train.py", "-m", *sweep.settings, address))
        assert len(server.bodies) > before
        different = {body["messages"][0]["content"] for body in server.bodies}
        assert len(server.bodies) <= len(different) + CONCURRENCY, "in flight when it was killed"
    outputs.append(sweep.run("evaluate.py", "-m", *sweep.settings, address, "rescore=true"))
    assert outputs[-1].count(f"0 changed, judged {ROWS} answers by 0 calls ({ROWS} replies reused") == 2
    outputs.append(sweep.run("analyze.py", "analysis.figures=[]", "analysis.gains.resamples=100"))
    assert "judged cells verdict and exact match agree on" in outputs[-1]
    verdicts = pd.read_csv(tmp_path / "results" / "verdicts.csv")
    assert verdicts["source"].tolist() == ["base", "goat"]
    parts = ["agreement", "judge_only", "exact_match_only", "unparsable"]
    assert verdicts[parts].sum(axis=1).tolist() == pytest.approx([1, 1])
    assert verdicts["n"].tolist() == [ROWS] * 2
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in "".join(outputs)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if KEY.encode() in path.read_bytes()]


@pytest.mark.slow
def test_a_command_that_is_interrupted_while_it_judges_asks_nothing_twice(tmp_path: Path, model_folder: Path):
    sweep = Sweep(tmp_path, model_folder)
    settings = ["source=base", *sweep.settings[1:]]
    with JudgeServer().running() as server:
        plain = server.response
        server.response = lambda *request: Response(plain(*request).body, delay=0.5)  # type: ignore[method-assign]
        address = f"judge.base_url={server.base_url}"
        interrupted = sweep.start("train.py", *settings, address)
        while len(server.bodies) < 3:
            assert interrupted.poll() is None, interrupted.communicate()[0]
            time.sleep(0.02)
        interrupted.send_signal(signal.SIGINT)
        output = interrupted.communicate()[0]
        assert interrupted.returncode == 130, output
        assert "interrupted; the same command continues where this one stopped" in output
        asked = len(server.bodies)
        assert f"({asked} replies reused" in sweep.run("train.py", *settings, address)
        different = {body["messages"][0]["content"] for body in server.bodies}
        assert len(server.bodies) == len(different) > asked
