"""The operations of the API, by the name of the method, which is the `operationId` of kycd's OpenAPI document in the
spelling of Python."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Operation:
    """How a call becomes a request. Fields in braces stand in the path; the others in the query of a GET, and else in
    the body."""

    method: str
    path: str
    #: Lists that are sent as one text with commas.
    joined: tuple[str, ...] = ()
    #: Time limit of an attempt, if the default is too short.
    timeout_seconds: float = 0


_LINK = "/v1/verification-links/{link_id}"
_ENDPOINT = "/v1/webhook-endpoints/{endpoint_id}"

OPERATIONS: dict[str, Operation] = {
    "prepare_kyc": Operation("POST", "/kyc/prepare", joined=("include",)),
    "send_email_otp": Operation("POST", "/security/email/send-otp"),
    "verify_email_otp": Operation("POST", "/security/email/verify-otp"),
    "create_wallet_challenge": Operation("POST", "/security/wallet/challenge"),
    "prepare_kyc_by_wallet": Operation("POST", "/kyc/prepare-wallet", joined=("include",)),
    "create_kyc_session": Operation("POST", "/kyc/create/{kyc_type}", timeout_seconds=30),
    "get_kyc_status": Operation("GET", "/kyc/status", joined=("include",)),
    "query_kyc_status": Operation("POST", "/kyc/status", joined=("include",)),
    "create_verification_link": Operation("POST", "/v1/verification-links"),
    "get_verification_link": Operation("GET", _LINK),
    "delete_verification_link": Operation("DELETE", _LINK),
    "redeem_verification_link_result": Operation("POST", _LINK + "/result"),
    "list_products": Operation("GET", "/config/products"),
    "get_quota": Operation("GET", "/v1/quota"),
    "get_me": Operation("GET", "/v1/me"),
    "list_users": Operation("GET", "/v1/users"),
    "get_user": Operation("GET", "/v1/users/{user_id}"),
    "get_user_timeline": Operation("GET", "/v1/users/{user_id}/timeline"),
    "list_events": Operation("GET", "/v1/events", joined=("types",)),
    "get_event": Operation("GET", "/v1/events/{event_id}"),
    "create_webhook_endpoint": Operation("POST", "/v1/webhook-endpoints"),
    "list_webhook_endpoints": Operation("GET", "/v1/webhook-endpoints"),
    "get_webhook_endpoint": Operation("GET", _ENDPOINT),
    "update_webhook_endpoint": Operation("PATCH", _ENDPOINT),
    "delete_webhook_endpoint": Operation("DELETE", _ENDPOINT),
    "rotate_webhook_endpoint_secret": Operation("POST", _ENDPOINT + "/rotate-secret"),
    "test_webhook_endpoint": Operation("POST", _ENDPOINT + "/test", timeout_seconds=30),
    "list_webhook_deliveries": Operation("GET", _ENDPOINT + "/deliveries"),
    "resend_webhook_events": Operation("POST", _ENDPOINT + "/resend"),
}
