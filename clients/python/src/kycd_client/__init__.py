"""Client of kycd, a KYC gateway: typed calls, verification of webhook deliveries, the event feed."""

from .client import Kycd
from .delivery import verify_delivery
from .errors import (
    ApiError,
    AuthenticationError,
    ConflictError,
    CursorExpiredError,
    DeliveryVerificationError,
    ForbiddenError,
    IdempotencyKeyReusedError,
    InvalidRequestError,
    KycdError,
    NoAnswerError,
    NotFoundError,
    RateLimitError,
    ServerError,
    TimeLimitError,
    UnavailableError,
)
from .feed import EventFeed
from .operations import OPERATIONS, Operation
from .types import Answer, CallOptions, Event

__all__ = [
    "OPERATIONS",
    "Answer",
    "ApiError",
    "AuthenticationError",
    "CallOptions",
    "ConflictError",
    "CursorExpiredError",
    "DeliveryVerificationError",
    "Event",
    "EventFeed",
    "ForbiddenError",
    "IdempotencyKeyReusedError",
    "InvalidRequestError",
    "Kycd",
    "KycdError",
    "NoAnswerError",
    "NotFoundError",
    "Operation",
    "RateLimitError",
    "ServerError",
    "TimeLimitError",
    "UnavailableError",
    "verify_delivery",
]
