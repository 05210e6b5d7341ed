"""The calls of kycd's API."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, Unpack
from urllib.parse import SplitResult, urlsplit

from .feed import EventFeed
from .request import build_request, time_limit_of
from .transport import RetryLimits, send
from .types import (
    Answer,
    CallOptions,
    CreatedSession,
    CreatedVerificationLink,
    CreatedWebhookEndpoint,
    DeliveryPage,
    DeliveryState,
    EndpointSecret,
    Event,
    EventPage,
    Include,
    KycStatus,
    KycStatusData,
    Me,
    PreparedByEmail,
    PreparedByWallet,
    Products,
    Quota,
    ResendResult,
    TimelinePage,
    UserPage,
    UserWithSessions,
    VerificationLink,
    WalletChallenge,
    WebhookEndpoint,
    WebhookEndpointPage,
    WebhookTestResult,
)


def _checked_key(api_key: str | None) -> str | None:
    if api_key is None:
        return None
    key = api_key.strip()
    if not re.fullmatch(r"[\x21-\x7e]+", key):
        raise ValueError("api_key is empty or has characters that no key has")
    return key


def _checked_base_url(base_url: str) -> SplitResult:
    url = urlsplit(base_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query or url.fragment:
        raise ValueError("base_url is an http or https URL without user name, query and fragment")
    return url._replace(path=url.path.rstrip("/"))


class Kycd:
    """Calls of kycd's API. An instance may be used by several threads. All fields are keyword arguments; every call
    also takes the options of `CallOptions`.

    `api_key` may be left out in development mode only. `timeout_seconds` is the time limit of an attempt; calls that
    take longer by nature have more, and `wait` is added. A call is repeated at most `max_retries` times after a 429 or
    503 with a `Retry-After` of at most `max_retry_after_seconds`."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        timeout_seconds: float = 15,
        max_retries: int = 2,
        max_retry_after_seconds: float = 30,
    ) -> None:
        self._base_url = _checked_base_url(base_url)
        self._api_key = _checked_key(api_key)
        self._timeout_seconds = timeout_seconds
        self._limits = RetryLimits(max_retries, max_retry_after_seconds)

    def event_feed(
        self,
        *,
        after: str | None = None,
        types: Sequence[str] | None = None,
        limit: int | None = None,
        follow: bool = True,
        wait: int = 25,
        max_outage_seconds: float = 300,
    ) -> EventFeed:
        """Iterates over the events of the tenant. `after`: the cursor that you stored; `now` for later events only;
        None: from the oldest event that is kept. `types`: types, or prefixes such as `kyc.*`. `follow`: wait for
        further events, without end. `wait`: seconds that one call waits, 0 to 25. `max_outage_seconds`: with `follow`,
        for how long kycd may be unreachable, as while it restarts, before the error is raised."""
        return EventFeed(
            self,
            after=after,
            types=types,
            limit=limit,
            follow=follow,
            wait=wait,
            max_outage_seconds=max_outage_seconds,
        )

    def prepare_kyc(
        self,
        *,
        email: str,
        language: str | None = None,
        reference: str | None = None,
        include: Sequence[Include] | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[PreparedByEmail]:
        """Registers an e-mail address. It may be repeated: the answer then says what is already done."""
        fields = {
            "email": email,
            "language": language,
            "reference": reference,
            "include": include,
        }
        return self._call("prepare_kyc", fields, options)

    def send_email_otp(
        self, *, email: str, wallet: str | None = None, language: str | None = None, **options: Unpack[CallOptions]
    ) -> Answer[None]:
        """Sends a code to the e-mail address."""
        return self._call("send_email_otp", {"email": email, "wallet": wallet, "language": language}, options)

    def verify_email_otp(
        self, *, email: str, code: str, wallet: str | None = None, **options: Unpack[CallOptions]
    ) -> Answer[None]:
        """Checks the code that the person typed."""
        return self._call("verify_email_otp", {"email": email, "code": code, "wallet": wallet}, options)

    def create_wallet_challenge(
        self,
        *,
        wallet: str,
        purpose: str | None = None,
        format: Literal["starkfi", "siwe", "siws"] | None = None,
        chain_id: str | int | None = None,
        uri: str | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[WalletChallenge]:
        """Creates the text that the wallet has to sign."""
        fields = {
            "wallet": wallet,
            "purpose": purpose,
            "format": format,
            "chain_id": chain_id,
            "uri": uri,
        }
        return self._call("create_wallet_challenge", fields, options)

    def prepare_kyc_by_wallet(
        self,
        *,
        wallet: str,
        message: str,
        signed_bytes: str,
        email: str | None = None,
        language: str | None = None,
        application_domain: str | None = None,
        reference: str | None = None,
        include: Sequence[Include] | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[PreparedByWallet]:
        """Registers a wallet with the signature of a challenge."""
        fields = {
            "wallet": wallet,
            "message": message,
            "signed_bytes": signed_bytes,
            "email": email,
            "language": language,
            "application_domain": application_domain,
            "reference": reference,
            "include": include,
        }
        return self._call("prepare_kyc_by_wallet", fields, options)

    def create_kyc_session(
        self,
        *,
        email: str | None = None,
        wallet: str | None = None,
        language: str | None = None,
        kyc_type: str = "verify_public_kyc",
        **options: Unpack[CallOptions],
    ) -> Answer[CreatedSession]:
        """Creates the session of the identity check, or answers with the open one. Needs `email` or `wallet`."""
        fields = {
            "email": email,
            "wallet": wallet,
            "language": language,
            "kyc_type": kyc_type,
        }
        return self._call("create_kyc_session", fields, options)

    def get_kyc_status(
        self,
        *,
        email: str | None = None,
        wallet: str | None = None,
        wait: int | None = None,
        known_status: str | None = None,
        include: Sequence[Include] | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[KycStatusData]:
        """Reads the status, with the address in the URL. Prefer `query_kyc_status`: URLs are often logged."""
        fields = {
            "email": email,
            "wallet": wallet,
            "wait": wait,
            "known_status": known_status,
            "include": include,
        }
        return self._call("get_kyc_status", fields, options)

    def query_kyc_status(
        self,
        *,
        email: str | None = None,
        wallet: str | None = None,
        session_id: str | None = None,
        wait: int | None = None,
        known_status: str | None = None,
        include: Sequence[Include] | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[KycStatusData]:
        """Reads the status of a person. Needs `email`, `wallet` or `session_id`."""
        fields = {
            "email": email,
            "wallet": wallet,
            "session_id": session_id,
            "wait": wait,
            "known_status": known_status,
            "include": include,
        }
        return self._call("query_kyc_status", fields, options)

    def create_verification_link(
        self,
        *,
        email: str | None = None,
        wallet: str | None = None,
        reference: str | None = None,
        language: str | None = None,
        return_url: str | None = None,
        expires_in: int | None = None,
        send: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[CreatedVerificationLink]:
        """Creates a link that leads a person through the whole check. Only this answer has its URL. Takes `email` or
        `wallet` as a suggestion, not both."""
        fields = {
            "email": email,
            "wallet": wallet,
            "reference": reference,
            "language": language,
            "return_url": return_url,
            "expires_in": expires_in,
            "send": send,
        }
        return self._call("create_verification_link", fields, options)

    def get_verification_link(self, *, link_id: str, **options: Unpack[CallOptions]) -> Answer[VerificationLink]:
        """Reads the state of a link."""
        return self._call("get_verification_link", {"link_id": link_id}, options)

    def delete_verification_link(self, *, link_id: str, **options: Unpack[CallOptions]) -> Answer[None]:
        """Revokes a link."""
        return self._call("delete_verification_link", {"link_id": link_id}, options)

    def redeem_verification_link_result(
        self, *, link_id: str, result: str, **options: Unpack[CallOptions]
    ) -> Answer[VerificationLink]:
        """Redeems the `result` with which a browser came back from a link's page, once."""
        return self._call("redeem_verification_link_result", {"link_id": link_id, "result": result}, options)

    def list_products(self, **options: Unpack[CallOptions]) -> Answer[Products]:
        """Lists what the tenant may use."""
        return self._call("list_products", {}, options)

    def get_quota(self, **options: Unpack[CallOptions]) -> Answer[Quota]:
        """Reads the monthly quota."""
        return self._call("get_quota", {}, options)

    def get_me(self, **options: Unpack[CallOptions]) -> Answer[Me]:
        """Describes the API key: its tenant, scopes and limits."""
        return self._call("get_me", {}, options)

    def list_users(
        self,
        *,
        status: KycStatus | None = None,
        reference: str | None = None,
        after: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[UserPage]:
        """Lists people, newest first."""
        fields = {
            "status": status,
            "reference": reference,
            "after": after,
            "limit": limit,
        }
        return self._call("list_users", fields, options)

    def get_user(self, *, user_id: str, **options: Unpack[CallOptions]) -> Answer[UserWithSessions]:
        """Reads one person, with the sessions."""
        return self._call("get_user", {"user_id": user_id}, options)

    def get_user_timeline(
        self, *, user_id: str, after: str | None = None, limit: int | None = None, **options: Unpack[CallOptions]
    ) -> Answer[TimelinePage]:
        """Lists what happened with a person, oldest first."""
        return self._call("get_user_timeline", {"user_id": user_id, "after": after, "limit": limit}, options)

    def list_events(
        self,
        *,
        after: str | None = None,
        types: Sequence[str] | None = None,
        limit: int | None = None,
        wait: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[EventPage]:
        """Reads a page of the event feed. `event_feed` iterates over all pages."""
        return self._call("list_events", {"after": after, "types": types, "limit": limit, "wait": wait}, options)

    def get_event(self, *, event_id: str, **options: Unpack[CallOptions]) -> Answer[Event]:
        """Reads one event."""
        return self._call("get_event", {"event_id": event_id}, options)

    def create_webhook_endpoint(
        self,
        *,
        url: str,
        types: Sequence[str],
        description: str | None = None,
        include: Sequence[Literal["address", "session_url"]] | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[CreatedWebhookEndpoint]:
        """Creates an endpoint for deliveries. Only this answer has its secret."""
        fields = {
            "url": url,
            "types": types,
            "description": description,
            "include": include,
        }
        return self._call("create_webhook_endpoint", fields, options)

    def list_webhook_endpoints(self, **options: Unpack[CallOptions]) -> Answer[WebhookEndpointPage]:
        """Lists the endpoints."""
        return self._call("list_webhook_endpoints", {}, options)

    def get_webhook_endpoint(self, *, endpoint_id: str, **options: Unpack[CallOptions]) -> Answer[WebhookEndpoint]:
        """Reads one endpoint."""
        return self._call("get_webhook_endpoint", {"endpoint_id": endpoint_id}, options)

    def update_webhook_endpoint(
        self,
        *,
        endpoint_id: str,
        url: str | None = None,
        types: Sequence[str] | None = None,
        description: str | None = None,
        disabled: bool | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[WebhookEndpoint]:
        """Changes an endpoint, or disables or enables it."""
        fields = {
            "endpoint_id": endpoint_id,
            "url": url,
            "types": types,
            "description": description,
            "disabled": disabled,
        }
        return self._call("update_webhook_endpoint", fields, options)

    def delete_webhook_endpoint(self, *, endpoint_id: str, **options: Unpack[CallOptions]) -> Answer[Any]:
        """Deletes an endpoint."""
        return self._call("delete_webhook_endpoint", {"endpoint_id": endpoint_id}, options)

    def rotate_webhook_endpoint_secret(
        self, *, endpoint_id: str, overlap_seconds: int | None = None, **options: Unpack[CallOptions]
    ) -> Answer[EndpointSecret]:
        """Makes a new secret. The old one signs too for a while."""
        fields = {
            "endpoint_id": endpoint_id,
            "overlap_seconds": overlap_seconds,
        }
        return self._call("rotate_webhook_endpoint_secret", fields, options)

    def test_webhook_endpoint(
        self, *, endpoint_id: str, type: str | None = None, **options: Unpack[CallOptions]
    ) -> Answer[WebhookTestResult]:
        """Delivers a sample event at once, and answers with what the endpoint said."""
        return self._call("test_webhook_endpoint", {"endpoint_id": endpoint_id, "type": type}, options)

    def list_webhook_deliveries(
        self,
        *,
        endpoint_id: str,
        state: DeliveryState | None = None,
        after: str | None = None,
        limit: int | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[DeliveryPage]:
        """Lists the deliveries of an endpoint, newest first."""
        fields = {
            "endpoint_id": endpoint_id,
            "state": state,
            "after": after,
            "limit": limit,
        }
        return self._call("list_webhook_deliveries", fields, options)

    def resend_webhook_events(
        self,
        *,
        endpoint_id: str,
        event_id: str | None = None,
        since: str | None = None,
        until: str | None = None,
        state: DeliveryState | None = None,
        **options: Unpack[CallOptions],
    ) -> Answer[ResendResult]:
        """Queues events for delivery again: `event_id`, or all since a time."""
        fields = {
            "endpoint_id": endpoint_id,
            "event_id": event_id,
            "since": since,
            "until": until,
            "state": state,
        }
        return self._call("resend_webhook_events", fields, options)

    def _call(self, name: str, fields: dict[str, Any], options: CallOptions) -> Answer[Any]:
        request = build_request(name, fields, options, self._api_key)
        seconds = time_limit_of(name, fields, options, self._timeout_seconds)
        return send(self._base_url, request, seconds, self._limits)
