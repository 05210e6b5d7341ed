"""Errors of the client. Wrong uses of it are TypeErrors and ValueErrors instead."""

from __future__ import annotations

from typing import Any


class KycdError(Exception):
    """Base class of all errors of this package."""


class ApiError(KycdError):
    """kycd refused the call or failed. Its subclasses follow the HTTP status."""

    def __init__(
        self,
        message: str,
        *,
        status: str,
        http_status: int,
        details: dict[str, Any],
        request_id: str,
        retry_after: int | None,
    ) -> None:
        super().__init__(message)
        #: For people and logs. Decide by `status`.
        self.message = message
        #: Word that says what went wrong, such as `otp_invalid`.
        self.status = status
        self.http_status = http_status
        #: Further facts, such as `cause`; empty if the answer has none.
        self.details = details
        #: Identifies the call in kycd's log.
        self.request_id = request_id
        #: Seconds to wait before the call is repeated; None if the answer does not say.
        self.retry_after = retry_after


class InvalidRequestError(ApiError):
    """400: a field is missing or malformed, or a rule refuses its value, such as a wrong code."""


class AuthenticationError(ApiError):
    """401: the API key is missing, unknown, expired or revoked."""


class ForbiddenError(ApiError):
    """403: the person or the key may not do this."""


class NotFoundError(ApiError):
    """404: the person, the session or another object does not exist for this tenant."""


class ConflictError(ApiError):
    """409: the call contradicts what is stored."""


class CursorExpiredError(ApiError):
    """410: the event at the cursor is no longer kept."""


class IdempotencyKeyReusedError(ApiError):
    """422: the idempotency key was used with another body."""


class RateLimitError(ApiError):
    """429: the rate limit, the limit of codes, or the monthly quota is reached."""


class ServerError(ApiError):
    """5xx: kycd or the provider failed."""


class UnavailableError(ServerError):
    """503: kycd is overloaded or restarts, or its database is not reachable."""


_CLASS_OF_HTTP_STATUS: dict[int, type[ApiError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    410: CursorExpiredError,
    422: IdempotencyKeyReusedError,
    429: RateLimitError,
    503: UnavailableError,
}


def class_of_http_status(http_status: int) -> type[ApiError]:
    """Returns the class of the error for this HTTP status."""
    return _CLASS_OF_HTTP_STATUS.get(http_status, ServerError if http_status >= 500 else ApiError)


class NoAnswerError(KycdError):
    """No answer was received. Whether kycd has done what the call asked for is unknown: repeat it with the same
    `idempotency_key`."""


class TimeLimitError(NoAnswerError):
    """The time limit of the call has passed without a complete answer."""


class DeliveryVerificationError(KycdError):
    """The delivery was not signed with one of the secrets, or its timestamp is too old or too new. Do not trust its
    content."""
