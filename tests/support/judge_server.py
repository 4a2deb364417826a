"""A judge on the loopback interface: it replies to a question about an answer as a script says, and keeps requests."""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = re.compile(r"\[BEGIN ANSWER TO BE JUDGED (\w+)\]\n(.*)\n\[END ANSWER TO BE JUDGED \1\]", re.DOTALL)
RIGHT = "It says the same.\nVERDICT: CORRECT"
WRONG = "It says something else.\nVERDICT: WRONG"
SOON = {"retry-after-ms": "20"}
"""What a server says that has no time now but soon will."""


@dataclass(frozen=True)
class Response:
    """What the server does with a request."""

    body: Any = None
    """JSON, or bytes as they are sent."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    """Seconds before it is sent."""
    drip: float = 0.0
    """Seconds before each of ten spaces that are sent first, which JSON allows."""


def said(text: str | None, ended: str = "stop", **more: Any) -> Response:
    """A completion with a text; ``more`` are fields of its message."""
    message = {"role": "assistant", "content": text, **more}
    usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
    choice = {"index": 0, "message": message, "finish_reason": ended}
    content = {"id": "c", "object": "chat.completion", "created": 0, "model": "judge-2026", "choices": [choice]}
    return Response({**content, "usage": usage, "system_fingerprint": "fp_1"})


def fails(status: int, message: str = "no", code: str | None = None, **headers: str) -> Response:
    """An error as OpenAI's endpoint has it."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response({"error": {"message": message, "type": "e", "param": None, "code": code}}, status, headers)


class JudgeServer:
    """Replies to questions.

    Parameters
    ----------
    script
        By answer: the responses to the first, second, ... request about it, the last of them to all that follow.
        An answer that is not in it is right.
    """

    def __init__(self, script: Mapping[str, Sequence[Response]] | None = None) -> None:
        self.script = dict(script or {})
        self.bodies: list[dict[str, Any]] = []
        """Of all requests."""
        self.headers: list[Mapping[str, str]] = []
        self.at_once = 0
        """Most requests that were there at a time."""
        self.base_url = ""
        self._open = 0
        self._lock = threading.Lock()

    @property
    def asked(self) -> Counter[str]:
        """How many requests there were about each answer."""
        return Counter(map(judged_answer, self.bodies))

    @contextmanager
    def running(self) -> Iterator["JudgeServer"]:
        """Serve at ``base_url`` until the block ends."""
        server = _Server(("127.0.0.1", 0), self._handler())
        self.base_url = f"http://127.0.0.1:{server.server_port}/v1"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def response(self, body: dict[str, Any], headers: Mapping[str, str]) -> Response:
        """Note a request, and return what the script says."""
        with self._lock:
            answer = judged_answer(body)
            earlier = self.asked[answer]
            self.bodies.append(body)
            self.headers.append(headers)
        responses = self.script.get(answer, [said(RIGHT)])
        return responses[min(earlier, len(responses) - 1)]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        judge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with judge._counted():
                    found = judge.response(body, dict(self.headers))
                    time.sleep(found.delay)
                if self.path != "/v1/chat/completions":
                    found = fails(404, "no such path")
                content = found.body if isinstance(found.body, bytes) else json.dumps(found.body).encode()
                self.send_response(found.status)
                spaces = 10 if found.drip else 0
                kind = {"content-type": "application/json", "content-length": str(spaces + len(content))}
                for name, value in {**kind, **found.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                for _ in range(spaces):
                    time.sleep(found.drip)
                    self.wfile.write(b" ")
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler

    @contextmanager
    def _counted(self) -> Iterator[None]:
        with self._lock:
            self._open += 1
            self.at_once = max(self.at_once, self._open)
        try:
            yield
        finally:
            with self._lock:
                self._open -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that do not wait."""


def judged_answer(body: Mapping[str, Any]) -> str:
    """The answer that a request is about."""
    (message,) = body["messages"]
    found = ANSWER.search(message["content"])
    assert found is not None
    return found[2]
