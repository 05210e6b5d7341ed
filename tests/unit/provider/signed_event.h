/* Signed webhook events for the tests of provider/didit_event. All use the same secret and the same time. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "crypto/digest.h"
#include "provider/didit_event.h"
#include "text/encode.h"

#define SECRET STR("test_webhook_secret_not_real_0123456789abcde")
#define SESSION "7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b"
static const moment event_time = { (int64_t)1767225600 * 1000 };

static const struct didit_version v1 = { .has_event_ids = false };
static const struct didit_version v2_or_later = { .has_event_ids = true };

static struct provider_webhook_secrets *secrets;
static struct arena arena;

static inline int fixture_start(void **state maybe_unused)
{
	arena_init(&arena, ARENA_CALL_LIMIT);
	return provider_webhook_secrets_open(&SECRET, 1, &secrets) == OK ? 0 : -1;
}

static inline int fixture_stop(void **state maybe_unused)
{
	provider_webhook_secrets_close(secrets);
	arena_finish(&arena);
	return 0;
}

static inline struct str sign(struct str text)
{
	unsigned char mac[DIGEST_BYTES];
	char hex[2 * DIGEST_BYTES + 1];

	hmac_sha256(SECRET, text, mac);
	hex_write(mac, sizeof(mac), hex);
	return arena_copy(&arena, str_of(hex));
}

/* Returns an event with a valid X-Signature. */
static inline struct provider_webhook signed_body(struct str body)
{
	return (struct provider_webhook){ .signature = sign(body),
		.n_signatures = 1,
		.timestamp = STR("1767225600"),
		.n_timestamps = 1,
		.body = body };
}

/* Returns an event whose X-Signature-V2 is a signature of `text`. */
static inline struct provider_webhook signed_v2(struct str body, struct str text)
{
	return (struct provider_webhook){ .signature_v2 = sign(text),
		.n_signatures_v2 = 1,
		.timestamp = STR("1767225600"),
		.n_timestamps = 1,
		.body = body };
}

/* Returns an event whose X-Signature-Simple is a signature of `text`. */
static inline struct provider_webhook signed_simple(struct str body, struct str text)
{
	return (struct provider_webhook){ .signature_simple = sign(text),
		.n_signatures_simple = 1,
		.timestamp = STR("1767225600"),
		.n_timestamps = 1,
		.body = body };
}

static inline enum provider_event_parse_result parse_webhook(const struct didit_version *version,
	const struct provider_webhook *webhook, struct provider_event *event)
{
	return provider_event_parse(version, secrets, webhook, event_time, &arena, event);
}

static inline struct provider_event parse_signed_body(const struct didit_version *version, struct str body)
{
	const struct provider_webhook webhook = signed_body(body);
	struct provider_event event = { .has_decision = true };

	if (parse_webhook(version, &webhook, &event) != EVENT_PARSE_OK)
		fail_msg("event is not accepted: %.*s", STR_ARG(body));
	return event;
}

#define EVENT(more) "{\"session_id\":\"" SESSION "\",\"status\":\"Approved\"" more "}"
#define WITH_TIMES ",\"timestamp\":1767225600,\"created_at\":1767225000"
#define WITH_DECISION                                                                                        \
	",\"decision\":{\"location\":{\"ip_address\":\"203.0.113.24\"},\"warnings\":[{\"feature\":\"FACE\"," \
	"\"risk\":\"FACE_IN_BLOCKLIST\"}]}"
