"""A scripted judge on the loopback interface, asked through the real client: what counts, and how often it is asked."""

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from crosstask.errors import UserError
from crosstask.judging.judge import Round
from crosstask.judging.verdicts import verdict
from crosstask.storage.judge_use import JudgeUse
from tests.judging.rounds import KEY, OF_OPENAI, judging
from tests.support.judge_server import RIGHT, SOON, WRONG, JudgeServer, Response, fails, said

SLOW = Response(said(RIGHT).body, delay=1.6)
SCRIPT: dict[str, list[Response]] = {
    "right": [said(RIGHT)],
    "wrong": [said(WRONG)],
    "vague": [said("Hard to say.")],
    "long": [said("Let me see. VERDICT: CORRECT", ended="length")],
    "filtered": [said(None, ended="content_filter")],
    "silent": [said(None)],
    "refused": [said(None, refusal="I will not judge this.")],
    "forbidden": [fails(400, "filtered", "content_filter")],
    "endless": [fails(400, "This model's maximum context length is 4096 tokens.")],
    "limited": [fails(429, **SOON), fails(429, retry_after="0.02"), said(WRONG)],
    "broken": [fails(500, **SOON), fails(503, **SOON), said(RIGHT)],
    "slow": [SLOW, said(WRONG)],
}
EXPECTED: dict[str, tuple[str | None, str | None]] = {
    "right": ("correct", None),
    "wrong": ("wrong", None),
    "vague": (None, "no verdict"),
    "long": (None, "length"),
    "filtered": (None, "content_filter"),
    "silent": (None, "empty"),
    "refused": (None, "refusal"),
    "forbidden": (None, "content_filter"),
    "endless": (None, "context_length_exceeded"),
    "limited": ("wrong", None),
    "broken": ("correct", None),
    "slow": ("wrong", None),
}


@pytest.fixture
def server() -> Iterator[JudgeServer]:
    with JudgeServer(SCRIPT).running() as found:
        yield found


def test_every_outcome_counts_as_what_it_is_and_is_asked_for_once(server: JudgeServer, tmp_path: Path):
    answers = [*SCRIPT, *SCRIPT]
    first = judging(server, tmp_path, answers, input_price=10.0, output_price=100.0)
    replies = first.replies()
    assert [verdict(reply.text, reply.ended) for reply in replies] == [EXPECTED[answer] for answer in answers]
    repeated = {"limited": 3, "broken": 3, "slow": 2}
    control = {"4": 2}  # whether an endpoint that refuses a question refuses all
    assert server.asked == {answer: repeated.get(answer, 1) for answer in SCRIPT} | control
    replied = len(SCRIPT) - 2 + 2  # two are refused with an error, which counts no tokens
    cost = (100 * replied * 10 + 10 * replied * 100) / 1e6
    assert first.use == JudgeUse(server.base_url, 12, 12, 100 * replied, 10 * replied, pytest.approx(cost))
    before = len(server.bodies)
    again = judging(server, tmp_path, answers)
    assert again.replies() == replies
    assert len(server.bodies) == before
    assert again.use == JudgeUse(server.base_url, 0, 24, 0, 0, 0.0)


def test_a_reply_is_kept_with_who_gave_it(server: JudgeServer, tmp_path: Path):
    (reply,) = judging(server, tmp_path, ["right"]).replies()
    assert (reply.model, reply.system_fingerprint) == ("judge-2026", "fp_1")
    assert (reply.input_tokens, reply.output_tokens) == (100, 10)


def test_what_is_no_part_of_a_reply_asks_nothing_again_and_what_is_does(server: JudgeServer, tmp_path: Path):
    judging(server, tmp_path, ["right"]).replies()
    same = {"concurrency": 1, "timeout": 5.0, "max_retries": 0, "api_key_env": "JUDGE_KEY", "output_price": 1.0}
    judging(server, tmp_path, ["right"], base_url="http://127.0.0.1:9/v1", **same).replies()
    assert len(server.bodies) == 1
    others: list[dict[str, Any]] = [{"model": "other"}, {"temperature": 1.0}, {"max_tokens": 9}]
    for count, other in enumerate([*others, {"parameters": {"seed": 1}}], start=2):
        judging(server, tmp_path, ["right"], **other).replies()
        assert len(server.bodies) == count


def test_a_request_holds_what_the_settings_say(server: JudgeServer, tmp_path: Path):
    judging(server, tmp_path, ["right"], parameters={"reasoning_effort": "low"}, api_key_env="JUDGE_KEY").replies()
    judging(server, tmp_path, ["right"], temperature=None, max_tokens=None).replies()
    bodies = [{name: value for name, value in body.items() if name != "messages"} for body in server.bodies]
    usual = {"model": "judge", "temperature": 0.0, "max_tokens": 1024, "reasoning_effort": "low"}
    assert bodies == [usual, {"model": "judge"}]
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("key", [None, "JUDGE_KEY"])
def test_of_the_environment_the_named_variable_is_sent_and_nothing_else(
    server: JudgeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool, key: str | None
):
    for name in () if there else OF_OPENAI:
        monkeypatch.delenv(name)
    judging(server, tmp_path, ["right"], api_key_env=key).replies()
    assert "somebody-elses" not in str(server.headers)
    sent = {name.lower(): value for name, value in server.headers[0].items()}
    assert sent.get("authorization") == (f"Bearer {KEY}" if key else None)


def test_no_more_are_asked_at_a_time_than_is_said(tmp_path: Path):
    answers = [f"answer {number}" for number in range(24)]
    with JudgeServer({answer: [Response(said(RIGHT).body, delay=0.03)] for answer in answers}).running() as server:
        judging(server, tmp_path, answers, concurrency=4, timeout=5.0).replies()
        assert server.at_once == 4
        assert server.asked == dict.fromkeys(answers, 1)


def test_of_two_that_judge_the_same_at_once_one_asks(tmp_path: Path):
    answers = [f"answer {number}" for number in range(12)]
    with JudgeServer().running() as server, ThreadPoolExecutor(2) as pool:
        rounds = [judging(server, tmp_path, answers, timeout=5.0) for _ in range(2)]
        one, two = pool.map(Round.replies, rounds)
    assert [reply.text for reply in one] == [reply.text for reply in two] == [RIGHT] * 12
    assert server.asked == dict.fromkeys(answers, 1)
    assert sorted(found.use.calls + found.use.reused for found in rounds) == [12, 12]
    assert sum(found.use.calls for found in rounds) == 12
    last = judging(JudgeServer(), tmp_path, answers)
    assert [reply.text for reply in last.replies()] == [RIGHT] * 12


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (fails(401, f"Incorrect API key: {KEY}"), "refuses the key in JUDGE_KEY (status 401: Incorrect API key: ...)"),
        (fails(403, "x" * 190 + KEY), "refuses the key in JUDGE_KEY (status 403: xxx"),
        (fails(404, "no such model"), "has no model judge.model=judge, or is no endpoint (status 404: no such model)"),
        (fails(400, "no temperature"), "refuses the request (status 400: no temperature)"),
        (fails(429, "busy", **SOON), "limits the rate, repeated as often as judge.max_retries=1 allows"),
        (fails(429, "tomorrow", retry_after="4000"), "limits the rate, and wants the next request after 4000 s"),
        (fails(500, "oh", **SOON), "fails, repeated as often as judge.max_retries=1 allows (status 500: oh)"),
        (SLOW, "no reply in 1 s (judge.timeout), repeated as often as judge.max_retries=1 allows"),
        (Response(b'{"choices": [{"mess'), "no OpenAI-compatible endpoint: its reply cannot be read"),
        (Response(b"<html>", headers={"content-type": "text/html"}), "endpoint: its reply is '<html>'"),
        (Response({"choices": []}), "no OpenAI-compatible endpoint: its reply is ChatCompletion("),
    ],
    ids=lambda value: None if isinstance(value, Response) else value[:25],
)
def test_an_endpoint_that_fails_stops_the_round_in_one_line_without_the_key(
    response: Response, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    with JudgeServer({"bad": [response], "4": [response]}).running() as server:  # 4: whether it refuses everything
        settings = {"concurrency": 1, "max_retries": 1, "api_key_env": "JUDGE_KEY"}
        with pytest.raises(UserError) as raised:
            judging(server, tmp_path, ["a", "b", "bad", "c", "a"], **settings).replies()
        message = str(raised.value)
        assert message.startswith(f"judge.base_url={server.base_url}: ")
        assert words in message
        assert message.endswith("; 3 of 5 answers are judged, and the same command goes on with the others")
        assert KEY[:9] not in message + caplog.text
        server.script["bad"] = [said(WRONG)]
        judging(server, tmp_path, ["a", "b", "bad", "c", "a"], **settings).replies()
    assert {answer: server.asked[answer] for answer in "abc"} == {"a": 1, "b": 1, "c": 1}


def test_an_endpoint_that_is_gone_is_named(tmp_path: Path):
    with JudgeServer().running() as server:
        judging(server, tmp_path, ["a"]).replies()
    with pytest.raises(UserError, match=r"cannot be reached \(.*1 of 2 answers are judged") as raised:
        judging(server, tmp_path, ["a", "b"], max_retries=1).replies()
    assert str(raised.value).startswith(f"judge.base_url={server.base_url}: ")


def test_after_a_failure_nothing_new_is_asked_and_what_was_asked_is_kept(tmp_path: Path):
    late = Response(said(RIGHT).body, delay=0.2)
    script = {"bad": [fails(404)], "late": [late]}
    answers = ["late", "bad", *map(str, range(20))]
    with JudgeServer(script).running() as server:
        with pytest.raises(UserError, match="1 of 22 answers are judged"):
            judging(server, tmp_path, answers, concurrency=2, timeout=5.0).replies()
        assert server.asked == {"late": 1, "bad": 1}
        judging(server, tmp_path, ["late"]).replies()
        assert server.asked["late"] == 1


def test_a_variable_that_is_not_there_is_named(tmp_path: Path, server: JudgeServer):
    with pytest.raises(UserError, match="^judge.api_key_env=NO_KEY: the environment has no such variable"):
        judging(server, tmp_path, ["right"], api_key_env="NO_KEY").replies()
    assert not server.bodies


def test_progress_counts_answers(server: JudgeServer, tmp_path: Path):
    seen: list[tuple[int, int]] = []
    found = judging(server, tmp_path, ["right", "wrong", "right"], concurrency=1)
    found.progress = lambda judged, answers: seen.append((judged, answers))
    found.replies()
    assert seen == [(2, 3), (3, 3)]
