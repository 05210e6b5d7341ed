/* The names that sealed values are bound to (crypto/seal.h): table and column as schemas 1 to 11 named them.
 * They are part of the stored format and stay the same when a table or a column is renamed; otherwise
 * existing sealed values could not be opened. A new sealed column gets a new pair of names, which must not be
 * used for anything else. */
#pragma once

#define SEALED_KEYRING "keyrings", "wrapped"
#define SEALED_USER_KEY "users", "wrapped_key"
#define SEALED_ADDRESS "addresses", "sealed"
#define SEALED_SESSION_URL "sessions", "url"
#define SEALED_SESSION_DECISION "sessions", "decision"
#define SEALED_EFFECT "effects", "sealed"
#define SEALED_PROVIDER_EVENT_BODY "event_bodies", "sealed"
#define SEALED_PROVIDER_TOKEN "tokens", "sealed"
#define SEALED_REFERENCE "enrolments", "sealed_reference"
#define SEALED_EVENT "events", "sealed_data"
#define SEALED_WEBHOOK_URL "webhook_endpoints", "sealed_url"
#define SEALED_WEBHOOK_SECRET "webhook_endpoints", "sealed_secret"
#define SEALED_WEBHOOK_OLD_SECRET "webhook_endpoints", "sealed_old_secret"
#define SEALED_WEBHOOK_EXCERPT "effects", "sealed_excerpt"
#define SEALED_IDEMPOTENCY_REPLY "idempotency_entries", "sealed_reply"
#define SEALED_VERIFICATION_RETURN_URL "verification_links", "sealed_return_url"
#define SEALED_VERIFICATION_REFERENCE "verification_links", "sealed_reference"
#define SEALED_VERIFICATION_ADDRESS "verification_links", "sealed_address"
#define SEALED_OPERATOR_EMAIL "operators", "sealed_email"
#define SEALED_REVIEW_COMMENT "reviews", "sealed_comment"
#define SEALED_OPERATOR_NOTE "operator_notes", "sealed_text"
#define SEALED_VERIFICATION_CHALLENGE "verification_links", "sealed_challenge"
