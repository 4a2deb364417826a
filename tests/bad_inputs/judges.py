"""Command lines about a judge, and task files that it scores."""

from tests.bad_inputs import command_lines
from tests.bad_inputs.task_files import OPEN, bad, task

KIND = command_lines.KIND
line, works = KIND.line, KIND.works
JUDGED = "train.py ++target.goat.metric=judge"
THERE = "judge.base_url=http://127.0.0.1:9/v1 judge.model=m"

line("judge-no-address", JUDGED, "judge.base_url", "goat")
line("judge-no-model", f"{JUDGED} judge.base_url=http://127.0.0.1:9/v1", "judge.model", "goat")
line("judge-key-absent", f"{JUDGED} {THERE} judge.api_key_env=NO_SUCH_KEY", "judge.api_key_env", "NO_SUCH_KEY")
line("judge-key-itself", f"{JUDGED} {THERE} judge.api_key_env=sk-0123456789", "judge.api_key_env", "not shown")
line("judge-key-list", f"{JUDGED} {THERE} 'judge.api_key_env=[A]'", "judge.api_key_env")
line("judge-address-password", "train.py judge.base_url=http://me:secret@127.0.0.1/v1", "judge.base_url", "password")
line("judge-address-query", "train.py \"judge.base_url='http://127.0.0.1/v1?key=x'\"", "judge.base_url", "query")
line("judge-address-bare", "train.py judge.base_url=localhost:8000", "judge.base_url", "localhost:8000", "http://")
line("judge-address-port", "train.py judge.base_url=http://localhost:abc/v1", "judge.base_url", "localhost:abc")
line("judge-address-empty", "train.py judge.base_url=", "judge.base_url", "http://")
line("judge-model-empty", "train.py judge.model=", "judge.model", "characters")
line("judge-sweep-one-bad", "train.py -m judge.base_url=http://127.0.0.1:9/v1,127.0.0.1", "judge.base_url", "http://")
line("judge-sweep-no-model", "train.py -m seed=0,1 ++target.goat.metric=judge judge=openai", "judge.model", "goat")
line(
    "judge-sweep-key-absent",
    f"train.py -m seed=0,1 ++target.goat.metric=judge {THERE} judge.api_key_env=NO_SUCH_KEY",
    *("judge.api_key_env", "NO_SUCH_KEY"),
)
line("judge-gone", f"{JUDGED} {THERE} judge.max_retries=0", "judge.base_url", "reached", "0 of 8 answers", lines=6)
line("judge-parameter-own", "train.py 'judge.parameters={model: x}'", "judge.parameters", "judge.model=VALUE")
line("judge-parameter-fixed", "train.py 'judge.parameters={stream: true}'", "judge.parameters", "stream")
line("judge-parameters-list", "train.py 'judge.parameters=[seed]'", "judge.parameters")
line("judge-temperature", "train.py judge.temperature=-1", "judge.temperature", "-1")
line("judge-tokens-zero", "train.py judge.max_tokens=0", "judge.max_tokens", "0")
line("judge-concurrency-zero", "train.py judge.concurrency=0", "judge.concurrency", "0")
line("judge-timeout-zero", "train.py judge.timeout=0", "judge.timeout", "0")
line("judge-retries-negative", "train.py judge.max_retries=-1", "judge.max_retries", "-1")
line("judge-price-nan", "train.py judge.input_price=nan", "judge.input_price", "nan")
line("judge-typo", "train.py judge=opneai", "judge", "opneai", "openai")
line("judge-key-typo", "train.py judge.modle=x", "judge.modle", "model")

bad("judge-labels", "a judge and labels", task(metric="judge"), "judge", "labels")
bad("judge-rubric-empty", "a rubric that says nothing", task(**OPEN | {"metric": "judge", "rubric": '" "'}), "rubric")
bad("judge-rubric-unread", "a rubric with another metric", task(**OPEN | {"metric": "chrf", "rubric": "x"}), "rubric")
bad("judge-rubric-list", "a rubric that is a list", task(**OPEN | {"metric": "judge", "rubric": "[x]"}), "rubric")
