"""Replies of endpoints that are not as OpenAI's are: what is stored of them, and what is asked again."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from crosstask.errors import UserError
from crosstask.judging.judge import Round
from crosstask.judging.verdicts import verdict
from crosstask.storage.replies import Reply
from tests.judging.rounds import KEY, judging
from tests.support.judge_server import RIGHT, WRONG, JudgeServer, Response, fails, said

ODD_KEY = 'sk-"quo\\te/<0123456789>'


def changed(**fields: Any) -> Response:
    """A usual completion with other fields."""
    return Response({**said(RIGHT).body, **fields})


def ended(text: str | None, end: str, **fields: Any) -> Response:
    """A completion whose first choice has further fields."""
    body = said(text, end).body
    return Response({**body, "choices": [{**body["choices"][0], **fields}]})


def asked_once(response: Response, folder: Path, **settings: Any) -> Reply:
    """The reply that is stored of a response, which is the same when it is read again."""
    with JudgeServer({"a": [response]}).running() as server:
        (reply,) = judging(server, folder, ["a"], **settings).replies()
        assert judging(server, folder, ["a"], **settings).replies() == [reply]
        assert server.asked == {"a": 1}
    return reply


def files(folder: Path) -> str:
    """All that a folder's files hold."""
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_half_of_a_surrogate_pair_is_replaced(tmp_path: Path):
    """Such as a server sends that cuts a text into tokens; JSON can say it, UTF-8 cannot."""
    response = said("bad \ud800 x\nVERDICT: CORRECT")
    response.body["model"] = "m\udfff"
    reply = asked_once(response, tmp_path)
    assert (reply.text, reply.model) == ("bad \ufffd x\nVERDICT: CORRECT", "m\ufffd")
    assert reply.text.encode()


@pytest.mark.parametrize("key", [KEY, ODD_KEY])
def test_a_key_that_the_endpoint_repeats_is_not_stored(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUDGE_KEY", key)
    response = said(f"You sent Bearer {key}, {json.dumps(key)}\nVERDICT: CORRECT")
    response.body.update(model=f"m-{key}", system_fingerprint={"authorization": f"Bearer {key}"})
    reply = asked_once(response, tmp_path, api_key_env="JUDGE_KEY")
    assert reply.text == 'You sent Bearer ..., "..."\nVERDICT: CORRECT'
    assert (reply.model, reply.system_fingerprint) == ("m-...", '{"authorization": "Bearer ..."}')
    assert "0123456789" not in files(tmp_path)


def test_a_key_that_is_a_short_word_leaves_other_words_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUDGE_KEY", "E")
    reply = asked_once(said("E? EMPTY.\nVERDICT: CORRECT"), tmp_path, api_key_env="JUDGE_KEY")
    assert reply.text == "...? EMPTY.\nVERDICT: CORRECT"


@pytest.mark.parametrize("key", [KEY, ODD_KEY])
@pytest.mark.parametrize(
    "repeating",
    [
        lambda key: fails(429, "busy", retry_after=f"Bearer {key}"),
        lambda key: fails(401, f"Bearer {key} is wrong"),
        lambda key: fails(400, json.dumps({"headers": {"authorization": key}})),
        lambda key: Response({"choices": None, "who": f"Bearer {key}"}),
        lambda key: Response({"choices": None, "who": json.dumps([key])}),
        lambda key: Response({"error": {"message": key, "code": 403}}),
        lambda key: ended(key, "error"),
        lambda key: Response(f"<p>{key}".encode(), headers={"content-type": "text/html"}),
    ],
)
def test_a_key_that_an_error_repeats_is_not_shown(
    key: str, repeating: Callable[[str], Response], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("JUDGE_KEY", key)
    everywhere = JudgeServer({"a": [repeating(key)], "4": [repeating(key)]})
    with everywhere.running() as server, pytest.raises(UserError) as raised:
        judging(server, tmp_path, ["a"], api_key_env="JUDGE_KEY", max_retries=0).replies()
    assert "0123456789" not in str(raised.value)
    assert "quo" not in str(raised.value)


def test_a_key_that_no_header_can_hold_is_named_by_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JUDGE_KEY", "sk-01234\n56789")
    with JudgeServer().running() as server, pytest.raises(UserError, match="^judge.api_key_env=JUDGE_KEY: no key") as e:
        judging(server, tmp_path, ["a"], api_key_env="JUDGE_KEY").replies()
    assert "sk-" not in str(e.value)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"system_fingerprint": 123}, {"system_fingerprint": "123"}),
        ({"system_fingerprint": {"b": 1, "a": None}}, {"system_fingerprint": '{"a": null, "b": 1}'}),
        ({"model": None}, {"model": ""}),
        ({"model": 7}, {"model": "7"}),
        ({"usage": {"prompt_tokens": True, "completion_tokens": 1.5}}, {"input_tokens": None, "output_tokens": None}),
        ({"usage": {"prompt_tokens": 10**30, "completion_tokens": -5}}, {"input_tokens": None, "output_tokens": None}),
        ({"usage": "many"}, {"input_tokens": None}),
        ({"usage": {"prompt_tokens": 0, "completion_tokens": 2}}, {"input_tokens": 0, "output_tokens": 2}),
    ],
)
def test_what_an_endpoint_says_of_itself_is_read_again_as_it_was_stored(
    fields: Mapping[str, Any], expected: Mapping[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    reply = asked_once(changed(**fields), tmp_path)
    assert {name: getattr(reply, name) for name in expected} == expected
    assert verdict(reply.text, reply.ended) == ("correct", None)
    assert "damaged" not in caplog.text


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ([{"type": "text", "text": "Fine.\n"}, {"type": "text", "text": "VERDICT: CORRECT"}], ("correct", None)),
        ([{"type": "thinking", "thinking": "VERDICT: WRONG"}, {"type": "text", "text": RIGHT}], ("correct", None)),
        ([], (None, "empty")),
    ],
)
def test_a_text_in_parts_is_one(content: Any, expected: tuple[Any, Any], tmp_path: Path):
    reply = asked_once(said(content), tmp_path)
    assert verdict(reply.text, reply.ended) == expected


@pytest.mark.parametrize("content", [{"text": RIGHT}, 5, [5], [{"type": "text"}]])
def test_a_text_that_is_none_stops_the_round_and_is_not_stored(content: Any, tmp_path: Path):
    words = "no OpenAI-compatible endpoint: its reply is ChatCompletion"
    with JudgeServer({"a": [said(content)]}).running() as server, pytest.raises(UserError, match=words):
        judging(server, tmp_path, ["a"]).replies()
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("end", "reason"),
    [("max_tokens", "length"), ("model_context_window_exceeded", "length"), ("sensitive", "content_filter")],
)
def test_other_words_for_a_reply_that_is_cut_short(end: str, reason: str, tmp_path: Path):
    reply = asked_once(said(RIGHT, end), tmp_path)
    assert verdict(reply.text, reply.ended) == (None, reason)


FAILURES = [
    ended("", "error"),
    ended("It says", "error", error={"code": 503, "message": "gone"}),
    ended(None, "stop", native_finish_reason="network_error"),
    ended(RIGHT, "abort"),
    Response({"error": {"message": "Provider returned error", "code": 429}}),
    Response({"error": "upstream"}),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_with_status_200_is_asked_again(failure: Response, tmp_path: Path):
    with JudgeServer({"a": [failure, said(WRONG)]}).running() as server:
        found = judging(server, tmp_path, ["a"])
        assert [reply.text for reply in found.replies()] == [WRONG]
        assert server.asked == {"a": 2}
        assert found.use.calls == 1


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (ended("It says", "error"), "fails, repeated .*=0 allows .status 502: a reply that ended by 'error'"),
        (Response({"error": {"message": "slow", "code": 429}}), "limits the rate, repeated .*=0 allows .status 429"),
    ],
)
def test_a_failure_with_status_200_that_stays_stops_the_round_and_is_not_stored(
    failure: Response, words: str, tmp_path: Path
):
    with JudgeServer({"a": [failure]}).running() as server, pytest.raises(UserError, match=words):
        judging(server, tmp_path, ["a"], max_retries=0).replies()
    assert not files(tmp_path)


def test_a_cost_is_not_known_where_the_endpoint_counts_no_tokens(tmp_path: Path):
    prices = {"input_price": 1.0, "output_price": 1.0}
    half = {"prompt_tokens": 100}
    with JudgeServer({"none": [changed(usage=None)], "half": [changed(usage=half)]}).running() as server:

        def use(answers: list[str]) -> Any:
            found = judging(server, tmp_path, answers, **prices)
            found.replies()
            return found.use

        assert use(["whole"]).cost == pytest.approx(110 / 1e6)
        assert (use(["none", "other"]).cost, use(["half"]).cost) == (None, None)
        assert use(["none", "half"]).cost == 0, "nothing was asked"


def test_a_reply_that_drips_is_late(tmp_path: Path):
    with JudgeServer({"a": [Response(said(RIGHT).body, drip=0.2), said(WRONG)]}).running() as server:
        (reply,) = judging(server, tmp_path, ["a"]).replies()
        assert (reply.text, server.asked["a"]) == (WRONG, 2)


def test_what_was_stored_before_is_read_as_it_is_stored_today(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    """A line with a text, a mark and counts that were written as the endpoint gave them."""
    from crosstask.storage.replies import _check  # the checksum is over the line as it stands

    with JudgeServer().running() as server:
        found: Round = judging(server, tmp_path, ["a"])
        found.replies()
        (path,) = tmp_path.rglob("*.jsonl")
        line = json.loads(path.read_text())
        line["reply"].update(text=f"\ud800\n{RIGHT}", system_fingerprint=[1], input_tokens=10**30, output_tokens=True)
        del line["check"]
        path.write_text(json.dumps({**line, "check": _check(line)}) + "\n")
        (reply,) = judging(server, tmp_path, ["a"]).replies()
        assert len(server.bodies) == 1
    assert (reply.text, reply.system_fingerprint) == (f"\ufffd\n{RIGHT}", "[1]")
    assert (reply.input_tokens, reply.output_tokens) == (None, None)
    assert not caplog.text
