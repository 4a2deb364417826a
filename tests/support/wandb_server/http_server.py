"""A W&B server on the loopback interface, for wandb itself, unpatched."""

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote

from graphql import DocumentNode, build_schema, execute_sync, parse, validate

from tests.support.wandb_server.mutations import Root

SCHEMA = build_schema(Path(__file__).with_name("schema.graphql").read_text())
STREAM = re.compile(r"/files/(?P<entity>[^/]+)/(?P<project>[^/]+)/(?P<run>[^/]+)/file_stream")
KEY = "0123456789abcdef" * 2 + "01234567"


class _Listener(ThreadingHTTPServer):
    """Closes the connections of clients when it is stopped, as a process does that is killed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.clients: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.clients.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.clients.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that close a connection."""


class WandbServer:
    """Holds runs and artifacts; can be stopped and started again under the same address with what it holds."""

    def __init__(self, entity: str = "acme", key: str = KEY, port: int = 0) -> None:
        self.root = Root(entity)
        self.key = key
        self.address = ("127.0.0.1", port)
        self.lock = threading.RLock()
        self.requests: list[str] = []
        """Method, path and operation of each request, and the status of the answer."""
        self.bodies: list[bytes] = []
        """What clients sent, but for the headers."""
        self.errors: list[str] = []
        """What was wrong with queries."""
        self.refusals: dict[int, int] = {}
        """Statuses, with how many of the next requests are to be answered by each."""
        self.refused_text = b""
        """Only requests with this in their body are refused."""
        self.retry_after: int | None = None
        """Seconds that a refusal asks a client to wait."""
        self.latency = 0.0
        """Seconds that every answer takes."""
        self.watcher: Callable[[str], None] = lambda operation: None
        """Told of every request before it is answered, by path or GraphQL operation."""
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address[0]}:{self.address[1]}"

    @property
    def is_running(self) -> bool:
        return self._listener is not None

    def start(self) -> None:
        """Begin to listen."""
        handler = type("Handler", (_Handler,), {"wandb": self})
        self._listener = _Listener(self.address, handler)
        self.address = ("127.0.0.1", self._listener.server_port)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, and break off every connection."""
        assert self._listener is not None
        assert self._thread is not None
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        for client in list(self._listener.clients):
            self._listener.shutdown_request(client)
        self._listener = None

    @contextmanager
    def running(self) -> Iterator["WandbServer"]:
        """Listen while the block runs."""
        self.start()
        try:
            yield self
        finally:
            if self._listener is not None:
                self.stop()

    def refuse(self, status: int, times: int = 1_000_000, retry_after: int | None = None, about: str = "") -> None:
        """Answer the next requests, or those of the next that have a text in their body, by an error."""
        self.refusals = {status: times}
        self.refused_text = about.encode()
        self.retry_after = retry_after

    def refusal(self, body: bytes) -> int | None:
        """The status by which a request is refused; None for an answer."""
        with self.lock:  # a client asks from many threads, and each refusal is for one request
            for status, times in self.refusals.items():
                if self.refused_text in body:
                    self.refusals = {status: times - 1} if times > 1 else {}
                    return status
        return None


@lru_cache(maxsize=200)
def _document(query: str) -> DocumentNode:
    """A query, parsed and held against the schema."""
    document = parse(query)
    if errors := validate(SCHEMA, document):
        raise errors[0]
    return document


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    wandb: ClassVar[WandbServer]
    operation = ""
    """The name of the GraphQL operation, where it has one."""
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self._body()
        if self.path.startswith("/sdk/otel/"):  # the client's own telemetry
            self._answer(200, b"")
            return
        self.wandb.watcher(self.operation or self.path)
        if (status := self._refused(body)) is not None:
            self._answer(status, b'{"error": "refused"}')
        elif self.path == "/graphql":
            self._answer(200, self._graphql(json.loads(body)))
        elif stream := STREAM.fullmatch(unquote(self.path)):
            with self.wandb.lock:
                self.wandb.root.run(stream["entity"], stream["project"], stream["run"]).receive(json.loads(body))
            self._answer(200, b'{"exitcode": null, "limits": {}}')
        else:
            self._answer(404, b"{}")

    def do_PUT(self) -> None:
        body = self._body()
        with self.wandb.lock:
            self.wandb.root.content[unquote(self.path)] = body
        self._answer(200, b"")

    def do_GET(self) -> None:
        content = self.wandb.root.content.get(unquote(self.path))
        self._answer(404 if content is None else 200, content or b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: see `WandbServer.requests`."""

    def _body(self) -> bytes:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.wandb.bodies.append(body)
        self.operation = ""
        if self.path == "/graphql":
            self.operation = str(json.loads(body).get("operationName") or "")
        return body

    def _refused(self, body: bytes) -> int | None:
        """The status by which this request is refused; None for an answer."""
        expected = "Basic " + base64.b64encode(f"api:{self.wandb.key}".encode()).decode()
        return 401 if self.headers.get("Authorization") != expected else self.wandb.refusal(body)

    def _graphql(self, request: dict[str, Any]) -> bytes:
        """Execute a query."""
        with self.wandb.lock:
            try:
                result: Any = execute_sync(
                    SCHEMA,
                    _document(request["query"]),
                    self.wandb.root,
                    self.wandb,
                    variable_values=request.get("variables"),
                    operation_name=request.get("operationName") or None,
                ).formatted
            except Exception as error:
                result = {"data": None, "errors": [{"message": str(error)}]}
            self.wandb.errors += [error["message"] for error in result.get("errors") or []]
        return json.dumps(result).encode()

    def _answer(self, status: int, body: bytes) -> None:
        time.sleep(self.wandb.latency)
        self.wandb.requests.append(f"{self.command} {self.path} {self.operation} {status}")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if status == 429 and self.wandb.retry_after is not None:
            self.send_header("Retry-After", str(self.wandb.retry_after))
        self.end_headers()
        self.wfile.write(body)
