"""Processes that judge the same answers of one store by one endpoint: interrupted, and several at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.judging.rounds import judging
from tests.support.judge_server import RIGHT, JudgeServer, Response, said

JUDGE = """
import json, logging, sys
from pathlib import Path
from crosstask.config.judge import Judge
from crosstask.judging.judge import Round
from crosstask.judging.questions import question

logging.basicConfig(level="WARNING")
folder, address, *answers = sys.argv[1:]
judge = Judge(address, "judge", timeout=20.0, max_retries=0, concurrency=4)
found = Round(Path(folder), judge, [question("What?", ["this"], answer) for answer in answers], lambda *_: None)
found.replies()
print(json.dumps([found.use.calls, found.use.reused]))
"""
ANSWERS = [f"answer {number}" for number in range(16)]


def started(server: JudgeServer, folder: Path) -> subprocess.Popen[str]:
    """A process that judges the answers."""
    command = [sys.executable, "-c", JUDGE, str(folder), server.base_url, *ANSWERS]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, env=environment, text=True, **pipes)


def test_what_an_interrupted_process_has_asked_is_kept_and_not_asked_again(tmp_path: Path):
    delayed = {answer: [Response(said(RIGHT).body, delay=1.0)] for answer in ANSWERS}
    with JudgeServer(delayed).running() as server:
        process = started(server, tmp_path)
        while len(server.bodies) < 6:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        errors = process.communicate(timeout=60)[1]
        assert errors.rstrip().endswith("KeyboardInterrupt")
        assert "replies that are asked for are waited for and kept" in errors
        asked = len(server.bodies)
        assert asked < len(ANSWERS)
        server.script.clear()
        found = judging(server, tmp_path, ANSWERS)
        assert [reply.text for reply in found.replies()] == [RIGHT] * len(ANSWERS)
        assert (found.use.calls, found.use.reused) == (len(ANSWERS) - asked, asked)
        assert server.asked == dict.fromkeys(ANSWERS, 1)


def test_of_several_processes_one_asks_each_question(tmp_path: Path):
    with JudgeServer({answer: [Response(said(RIGHT).body, delay=0.3)] for answer in ANSWERS}).running() as server:
        processes = [started(server, tmp_path) for _ in range(2)]
        outputs = [process.communicate(timeout=60) for process in processes]
        assert [process.returncode for process in processes] == [0, 0], outputs
        uses = [json.loads(output) for output, _ in outputs]
        assert sum(calls for calls, _ in uses) == len(ANSWERS)
        assert [calls + reused for calls, reused in uses] == [len(ANSWERS)] * 2
        assert server.asked == dict.fromkeys(ANSWERS, 1)


def test_what_a_killed_process_was_asking_is_asked_by_the_next(tmp_path: Path):
    with JudgeServer({answer: [Response(said(RIGHT).body, delay=1.0)] for answer in ANSWERS}).running() as server:
        process = started(server, tmp_path)
        while len(server.bodies) < 4:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        process.kill()
        process.communicate()
        server.script.clear()
        assert len(judging(server, tmp_path, ANSWERS).replies()) == len(ANSWERS)
        assert max(server.asked.values()) <= 2
