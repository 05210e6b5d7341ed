"""Verification of deliveries as the Standard Webhooks specification describes it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping, Sequence
from typing import cast

from .errors import DeliveryVerificationError
from .types import Event

_PREFIX = "whsec_"
DEFAULT_TOLERANCE_SECONDS = 300


def _key_of(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise ValueError("a secret of an endpoint is whsec_ and base64")
    return key


def _header_of(headers: Mapping[str, str], name: str) -> str:
    value = next((value for key, value in headers.items() if key.lower() == name), "")
    if not value:
        raise DeliveryVerificationError(f"the delivery has no header {name}")
    return value


def verify_delivery(
    body: str | bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance_seconds: int = DEFAULT_TOLERANCE_SECONDS,
    now: float | None = None,
) -> Event:
    """Verifies a delivery and returns its event.

    `body` is the body as it was received: JSON that was parsed and written again has other bytes. `secrets`: the secret
    of the endpoint, or several. `now`: seconds since 1970. Raises DeliveryVerificationError if no signature fits or the
    timestamp is off by more than 5 minutes."""
    keys = [_key_of(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    id, timestamp, signatures = (
        _header_of(headers, name) for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    )
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise DeliveryVerificationError("webhook-timestamp is no number of seconds")
    if abs(int(time.time() if now is None else now) - int(timestamp)) > tolerance_seconds:
        raise DeliveryVerificationError("webhook-timestamp is too old or too new")

    content = body.encode() if isinstance(body, str) else bytes(body)
    given = [text[3:].encode() for text in signatures.split(" ") if text.startswith("v1,")]
    matches = False
    for key in keys:
        signed = f"{id}.{timestamp}.".encode() + content
        expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
        for signature in given:
            matches |= hmac.compare_digest(signature, expected)
    if not matches:
        raise DeliveryVerificationError("no signature of the delivery was made with this secret")
    try:
        return cast(Event, json.loads(content))
    except ValueError:
        raise DeliveryVerificationError("the body of the delivery is not JSON") from None
