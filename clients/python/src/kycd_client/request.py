"""Builds the request of a call. It stays the same in all attempts of the call."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from .operations import OPERATIONS
from .types import CallOptions

#: A query in the form of a POST. kycd keeps no answer of it.
_NOT_KEPT = "/kyc/status"

_HEADER_OF_OPTION = {
    "end_user_address": "X-End-User-Address",
    "request_id": "X-Request-Id",
    "traceparent": "traceparent",
}
_OTHER_OPTIONS = {"idempotency_key", "timeout_seconds"}


@dataclass(frozen=True)
class HttpRequest:
    method: str
    #: Path and query.
    target: str
    headers: dict[str, str]
    body: bytes | None


def _header_value(name: str, value: str) -> str:
    # http.client would put the value into its error message.
    if not re.fullmatch(r"[\x20-\x7e]*", value):
        raise ValueError(f"{name} has characters that no header has")
    return value


def build_request(name: str, fields: dict[str, Any], options: CallOptions, api_key: str | None) -> HttpRequest:
    """Fields that are None are left out."""
    for option in options:
        if option not in _HEADER_OF_OPTION and option not in _OTHER_OPTIONS:
            raise TypeError(f"{name} has no field or option {option}")
    row = OPERATIONS[name]

    def value_in_path(match: re.Match[str]) -> str:
        value = fields.get(match[1])
        if not isinstance(value, str) or value in ("", ".", ".."):
            raise ValueError(f"{name} needs the field {match[1]}")
        return quote(value, safe="")

    path = re.sub(r"\{(\w+)\}", value_in_path, row.path)
    rest = {field: value for field, value in fields.items() if value is not None and "{" + field + "}" not in row.path}
    for field in row.joined:
        if field in rest and not isinstance(rest[field], str):
            rest[field] = ",".join(rest[field])

    headers = {"Accept": "application/json", "Connection": "close"}
    if api_key is not None:
        headers["x-api-key"] = api_key
    for option, header in _HEADER_OF_OPTION.items():
        if option in options:
            headers[header] = _header_value(option, str(options[option]))  # type: ignore[literal-required]

    if row.method in ("GET", "DELETE"):
        query = urlencode(rest)
        return HttpRequest(row.method, f"{path}?{query}" if query else path, headers, None)
    if row.method == "POST" and path != _NOT_KEPT and api_key is not None:
        key = options.get("idempotency_key") or str(uuid.uuid4())
        headers["Idempotency-Key"] = _header_value("idempotency_key", key)
    headers["Content-Type"] = "application/json"
    return HttpRequest(row.method, path, headers, json.dumps(rest).encode())


def time_limit_of(name: str, fields: dict[str, Any], options: CallOptions, default_seconds: float) -> float:
    """Time limit of one attempt in seconds."""
    limit = options.get("timeout_seconds") or max(default_seconds, OPERATIONS[name].timeout_seconds)
    return limit + (fields.get("wait") or 0)
