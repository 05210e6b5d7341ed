"""Sends requests, repeats them after a 429 or 503 that says when, and turns answers into values and errors."""

from __future__ import annotations

import email.utils
import http.client
import json
import random
import re
import socket
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult

from .errors import NoAnswerError, TimeLimitError, class_of_http_status
from .request import HttpRequest
from .types import Answer

#: No answer of kycd is larger: a list has at most 100 items.
_MAX_ANSWER_BYTES = 8 << 20


@dataclass(frozen=True)
class RetryLimits:
    max_retries: int
    max_retry_after_seconds: float


@dataclass(frozen=True)
class _RawAnswer:
    http_status: int
    headers: http.client.HTTPMessage
    body: bytes


class _Deadline:
    """Closes the connection at the end of the time limit. A time-out of the socket would begin anew with each byte."""

    def __init__(self, seconds: float) -> None:
        #: Set after connecting. The connection forgets its socket when the header of the answer is read.
        self.sock: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self.is_late = False

    def _expire(self) -> None:
        self.is_late = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # the connection is closed already

    def __enter__(self) -> _Deadline:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


def _send_once(base: SplitResult, request: HttpRequest, seconds: float) -> _RawAnswer:
    """Sends the request once. Redirects are not followed, so that the API key goes to kycd only."""
    name = f"{request.method} {request.target.split('?')[0]}"
    kind = http.client.HTTPSConnection if base.scheme == "https" else http.client.HTTPConnection
    connection = kind(base.hostname or "", base.port, timeout=seconds)
    with _Deadline(seconds) as deadline:
        try:
            connection.connect()
            deadline.sock = connection.sock
            if deadline.is_late:
                raise TimeoutError
            connection.request(request.method, base.path + request.target, request.body, request.headers)
            response = connection.getresponse()
            body = response.read(_MAX_ANSWER_BYTES + 1)
            if len(body) > _MAX_ANSWER_BYTES:
                raise NoAnswerError(f"{name}: the answer is too large")
            if response.length:  # the connection ended before the announced length
                raise http.client.IncompleteRead(body, response.length)
            if deadline.is_late:  # a body without a length ends like a complete one
                raise TimeoutError
            return _RawAnswer(response.status, response.headers, body)
        except (OSError, http.client.HTTPException) as error:
            if deadline.is_late or isinstance(error, TimeoutError):
                raise TimeLimitError(f"{name}: no complete answer within {seconds:g} s") from None
            raise NoAnswerError(f"{name}: no answer: {error}") from error
        finally:
            connection.close()


def _retry_after_of(headers: http.client.HTTPMessage) -> int | None:
    """Reads `Retry-After`, a number of seconds or a date, as seconds."""
    text = (headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    try:
        date = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0, int(date.timestamp() - time.time() + 0.999))


#: Answers without the envelope: their status word by their HTTP status.
_WORD_WITHOUT_ENVELOPE = {401: "unauthorized", 429: "too_many_requests"}


def _parse_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _read_answer(raw: _RawAnswer) -> Answer[Any]:
    """Returns the answer of a success; raises the error of everything else."""
    members = _parse_object(raw.body)
    request_id = raw.headers.get("X-Request-Id") or ""
    word = members.get("status")
    is_envelope = isinstance(word, str)
    if is_envelope and 200 <= raw.http_status < 300:
        return Answer(
            status=str(word),
            http_status=raw.http_status,
            message=str(members.get("message", "")),
            data=members.get("data"),
            request_id=request_id,
            replayed=raw.headers.get("Idempotency-Replayed") == "true",
        )
    is_ours = is_envelope or members.get("code") == raw.http_status
    if not is_envelope:
        word = _WORD_WITHOUT_ENVELOPE.get(raw.http_status, "unknown_answer") if is_ours else "unknown_answer"
    message = members.get("message") if is_ours else None
    details = members.get("details")
    raise class_of_http_status(raw.http_status)(
        message if isinstance(message, str) else f"HTTP status {raw.http_status} without an answer of kycd",
        status=str(word),
        http_status=raw.http_status,
        details=details if isinstance(details, dict) else {},
        request_id=request_id,
        retry_after=_retry_after_of(raw.headers),
    )


def _pause_before_retry(raw: _RawAnswer, limits: RetryLimits) -> int | None:
    seconds = _retry_after_of(raw.headers) if raw.http_status in (429, 503) else None
    return seconds if seconds is not None and seconds <= limits.max_retry_after_seconds else None


def send(base: SplitResult, request: HttpRequest, seconds: float, limits: RetryLimits) -> Answer[Any]:
    """Sends the request, and again after a 429 or 503 that says when."""
    retries = 0
    while True:
        raw = _send_once(base, request, seconds)
        retry_after = _pause_before_retry(raw, limits)
        if retry_after is None or retries >= limits.max_retries:
            return _read_answer(raw)
        # Clients that were refused together do not come back together.
        time.sleep(retry_after + random.random() * 0.25)
        retries += 1
