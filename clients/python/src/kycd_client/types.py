"""Fields of requests and answers, with the names that they have in kycd's API reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, Literal, NotRequired, TypedDict, TypeVar

KycStatus = Literal["pending", "in_review", "approved", "declined", "expired"]

#: What `include` adds to an answer.
Include = Literal["user_id", "reference", "reasons", "next_action"]

#: Why a session is declined or in review. Treat a word that is not in this list as `other`.
Reason = Literal[
    "document_expired", "document_unreadable", "document_not_supported", "document_suspected_forgery", "face_mismatch",
    "liveness_failed", "underage", "watchlist_match", "duplicate_person", "blocklisted", "data_mismatch",
    "address_unverified", "ip_risk", "abandoned", "expired", "other",
]  # fmt: skip

NextAction = Literal[
    "verify_email", "verify_wallet", "start_session", "continue_session", "wait", "contact_support", "none"
]

Data = TypeVar("Data")


@dataclass(frozen=True)
class Answer(Generic[Data]):
    """An answer with a 2xx status."""

    #: Word that says what happened, such as `user_prepared`.
    status: str
    http_status: int
    message: str
    #: None if the answer has no data.
    data: Data
    #: Identifies the call in kycd's log.
    request_id: str
    #: True if this is the stored answer of an earlier call with the same idempotency key.
    replayed: bool


class CallOptions(TypedDict, total=False):
    """Options of every call, given as keyword arguments beside its fields."""

    #: Of a POST with an API key: a repeated call with the same key gets the first answer. Random if left out.
    idempotency_key: str
    #: IP address of the person, as your server sees it. kycd uses it for limits only.
    end_user_address: str
    #: Your own id of the call: 1 to 64 letters, digits, `.`, `_` or `-`.
    request_id: str
    #: Trace context of the W3C.
    traceparent: str
    #: Time limit of each attempt, instead of the default.
    timeout_seconds: float


class Included(TypedDict, total=False):
    """Members that an answer has only if the call asked for them with `include`."""

    user_id: str
    reference: str | None
    reasons: list[Reason]
    next_action: NextAction


class PreparedByEmail(Included):
    """An address, as `prepare_kyc` answers it. The answer `user_prepared` has no data, or only what `include` adds."""

    email_verified: bool
    kyc_approved: bool
    kyc_status: KycStatus


class PreparedByWallet(PreparedByEmail):
    wallet_verified: bool


class WalletChallenge(TypedDict):
    #: The text to sign, byte for byte.
    message: str
    wallet: str
    wallet_chain: Literal["evm", "solana"]


class Session(TypedDict):
    session_id: str
    #: Send the person here. Whoever has the URL can complete the check: do not log it. None if approved already.
    session_url: str | None


class CreatedSession(TypedDict):
    success: bool
    message: str
    session: Session


class IpInfo(TypedDict):
    ip_address: str | None
    ip_country: str | None
    ip_state: str | None
    ip_city: str | None
    platform: str | None
    device_brand: str | None
    device_model: str | None
    is_vpn_or_tor: bool | None
    is_data_center: bool | None


class KycStatusData(Included):
    status: KycStatus
    approved: bool
    session_id: str
    #: The status of the session in the provider's words.
    session_status: str
    #: Set while the session is open. Do not log it.
    session_url: str | None
    ip_info: list[IpInfo]
    is_blocklisted: bool


class ProductFlags(TypedDict):
    kyc: bool
    crypto: bool
    pix: bool
    credit_card: bool


class Products(TypedDict):
    products: ProductFlags


class Quota(TypedDict):
    limit: int | None
    used: int
    remaining: int | None
    resets_at: str


class Me(TypedDict):
    tenant: str
    key_id: str | None
    scopes: list[str]
    rate_per_minute: int
    rate_per_second: int
    expires_at: str | None


class User(TypedDict):
    user_id: str
    reference: str | None
    status: KycStatus
    approved: bool
    email_verified: bool
    wallet_verified: bool
    reasons: list[Reason]
    next_action: NextAction
    created_at: str
    updated_at: str


class UserWithSessions(User):
    sessions: list[dict[str, Any]]
    #: Only with the scope `users:address`.
    email: NotRequired[str | None]
    #: Only with the scope `users:address`.
    wallet: NotRequired[str | None]


class Page(TypedDict):
    """A list in pages. `next_after` is the `after` of the next page."""

    next_after: str | None
    has_more: bool


class UserPage(Page):
    users: list[User]


class TimelinePage(Page):
    timeline: list[dict[str, Any]]


class Event(TypedDict):
    """An event. Ignore an event whose type you do not know: later versions of kycd add types."""

    id: str
    type: str
    timestamp: str
    #: Grows for each person. Keep the highest beside the status that you store, and ignore events with a lower one.
    sequence: NotRequired[int]
    #: Depends on the type; only `user_id` and `erased` if the person was erased later.
    data: dict[str, Any]


class EventPage(Page):
    events: list[Event]


class CreatedVerificationLink(TypedDict):
    id: str
    #: Whoever has it can go through the check.
    url: str
    expires_at: str


class VerificationLink(TypedDict):
    id: str
    state: Literal["open", "completed", "expired", "revoked"]
    #: The person who proved an address; None before.
    user_id: str | None
    status: KycStatus | None
    created_at: str
    expires_at: str


class WebhookEndpoint(TypedDict):
    id: str
    url: str
    types: list[str]
    description: str | None
    include: list[str]
    state: Literal["enabled", "disabled"]
    last_success_at: str | None
    failing_since: str | None
    pending: int


class WebhookEndpointPage(Page):
    webhook_endpoints: list[WebhookEndpoint]


class EndpointSecret(TypedDict):
    id: str
    #: Answered only once.
    secret: str


class CreatedWebhookEndpoint(WebhookEndpoint):
    #: Answered only once.
    secret: str


class AttemptResult(TypedDict):
    """What the endpoint said to an attempt."""

    http_status: int | None
    error: str | None
    duration_ms: int | None
    excerpt: str | None


class WebhookTestResult(AttemptResult):
    delivered: bool


DeliveryState = Literal["pending", "delivered", "failed"]


class WebhookDelivery(AttemptResult):
    id: str
    event_id: str
    type: str
    state: DeliveryState
    attempts: int
    next_attempt_at: str | None


class DeliveryPage(Page):
    deliveries: list[WebhookDelivery]


class ResendResult(TypedDict):
    queued: int
    next_since: str | None
