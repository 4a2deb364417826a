"""Questions that an endpoint refuses: one for what it is has no verdict, and all of them stop the round."""

from pathlib import Path
from typing import Any

import pytest

from crosstask.errors import UserError
from crosstask.judging.refusals import reason_of_refusal
from crosstask.judging.verdicts import verdict
from tests.judging.rounds import judging
from tests.support.judge_server import RIGHT, JudgeServer, Response, fails, said

FLAGGED = "Invalid prompt: your prompt was flagged as potentially violating our usage policy."
CONTEXT = "context_length_exceeded"


def server_of(message: str, code: Any = None, kind: str = "e") -> dict[str, Any]:
    """The body of an error."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


REFUSALS: dict[str, tuple[Response, str, int]] = {
    # response, reason, requests
    "openai": (fails(400, "too many", CONTEXT), CONTEXT, 1),
    "vllm": (fails(400, "This model's maximum context length is 2048 tokens. However, you requested"), CONTEXT, 1),
    "sglang": (
        Response(
            {
                "object": "error",
                "message": "The input (9000 tokens) is longer than the model's context length (8192 tokens).",
                "type": "BadRequestError",
                "code": 400,
            },
            400,
        ),
        CONTEXT,
        1,
    ),
    "llama.cpp": (
        Response(
            server_of("the request exceeds the available context size", 400, "exceed_context_size_error"),
            400,
        ),
        CONTEXT,
        1,
    ),
    "llama.cpp, 500": (Response(server_of("Context size has been exceeded.", 500, "server_error"), 500), CONTEXT, 1),
    "llama.cpp, 200": (Response(server_of("the request exceeds the available context size", 400)), CONTEXT, 1),
    "tgi": (fails(422, "Input validation error: `inputs` must have less than 4096 tokens. Given: 4545"), CONTEXT, 1),
    "azure": (fails(400, "The response was filtered", "content_filter"), "content_filter", 1),
    "openai, flagged": (fails(400, FLAGGED, "invalid_prompt"), "refused", 2),
    "openrouter, flagged": (Response(server_of("your input was flagged", 403), 403), "refused", 2),
    "nginx": (Response(b"<html>413 Request Entity Too Large", 413, {"content-type": "text/html"}), "refused", 2),
    "anything": (fails(422, "no"), "refused", 2),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("others", [["b", "c"], []])
def test_a_question_that_is_refused_has_no_verdict_and_the_others_go_on(name: str, others: list[str], tmp_path: Path):
    response, reason, requests = REFUSALS[name]
    with JudgeServer({"a": [response]}).running() as server:
        found = judging(server, tmp_path, ["a", *others], max_retries=0, input_price=1.0, output_price=1.0)
        read = [verdict(reply.text, reply.ended) for reply in found.replies()]
        assert read == [(None, reason), *[("correct", None)] * len(others)]
        assert server.asked == {"a": requests, "4": 1, **dict.fromkeys(others, 1)}
        assert found.use.calls == 1 + len(others)
        assert found.use.cost == pytest.approx(110 * (1 + len(others)) / 1e6), "of the others and the control"
        before = len(server.bodies)
        judging(server, tmp_path, ["a", *others]).replies()
        assert len(server.bodies) == before


def test_a_question_that_is_refused_once_is_judged(tmp_path: Path):
    with JudgeServer({"a": [fails(400, FLAGGED, "invalid_prompt"), said(RIGHT)]}).running() as server:
        (reply,) = judging(server, tmp_path, ["a"]).replies()
    assert verdict(reply.text, reply.ended) == ("correct", None)


@pytest.mark.parametrize(
    "response",
    [
        fails(400, "Unsupported parameter: 'max_tokens'", "unsupported_parameter"),
        fails(400, "This model's maximum context length is 4096 tokens. However, you requested 4196 tokens", CONTEXT),
        fails(400, "filtered", "content_filter"),
        fails(422, "no such field"),
    ],
)
def test_an_endpoint_that_refuses_every_question_stops_the_round_and_scores_none(response: Response, tmp_path: Path):
    with JudgeServer().running() as server:
        server.response = lambda *_, plain=server.response: (plain(*_), response)[1]  # type: ignore[method-assign]
        with pytest.raises(UserError, match=r"refuses the request \(status 4.*; 0 of 50 answers are judged"):
            judging(server, tmp_path, list(map(str, range(100, 150))), concurrency=4).replies()
        assert len(server.bodies) <= 2 * 4
    assert not list(tmp_path.rglob("*.jsonl"))


def test_an_endpoint_that_begins_to_refuse_scores_no_more(tmp_path: Path):
    answers = list(map(str, range(100, 130)))
    with JudgeServer().running() as server:
        plain = server.response

        def response(*request: Any) -> Response:
            found = plain(*request)
            return found if len(server.bodies) <= 10 else fails(400, "another server")

        server.response = response  # type: ignore[method-assign]
        with pytest.raises(UserError, match="another server.*; 10 of 30 answers are judged"):
            judging(server, tmp_path, answers, concurrency=1).replies()
        server.response = plain  # type: ignore[method-assign]
        replies = judging(server, tmp_path, answers).replies()
    assert [reply.text for reply in replies] == [RIGHT] * 30


@pytest.mark.parametrize(("status", "message"), [(404, "context length"), (401, "no"), (500, "oh"), (402, "credits")])
def test_other_errors_are_about_no_question(status: int, message: str):
    assert reason_of_refusal(status, None, message) is None
