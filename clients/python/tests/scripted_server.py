"""A server that gives prepared answers, for the tests of the client."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Prepared:
    http_status: int
    body: str
    headers: dict[str, str]


@dataclass
class Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


def envelope(http_status: int, status: str, **members: Any) -> Prepared:
    """An answer in kycd's envelope."""
    headers = members.pop("headers", {})
    body = {"statusCode": http_status, "success": http_status < 300, "status": status}
    return Prepared(http_status, json.dumps(body | {"message": f"message of {status}"} | members), headers)


class ScriptedServer:
    """Gives the answers in this order, and the last one again and again. An answer may be a function of the handler."""

    def __init__(self, *answers: Prepared | Callable[[BaseHTTPRequestHandler], None]) -> None:
        self.requests: list[Request] = []
        self.closing = threading.Event()
        scripted = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                scripted.requests.append(Request(self.command, self.path, headers, body, time.monotonic()))
                answer = answers[min(len(scripted.requests), len(answers)) - 1]
                if not isinstance(answer, Prepared):
                    answer(self)
                    return
                self.send_response(answer.http_status)
                for name, value in ({"X-Request-Id": "req-1"} | answer.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body.encode())

            do_GET = do_POST = do_PATCH = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hang(self, _: BaseHTTPRequestHandler) -> None:
        """An answer that does not come."""
        self.closing.wait(10)
