#include "domain/idempotency.h"

#include <string.h>

#include "domain/expiry.h"

static bool is_running(const struct idempotency_entry *entry, const struct idempotency_facts *facts)
{
	const bool is_own = str_eq(str_of(entry->instance_id.text), str_of(facts->instance->text));

	if (facts->is_only_instance && !is_own)
		return false;
	return moment_is_before(facts->store_now, entry->lease_expires_at);
}

enum idempotency_verdict idempotency_check(
	const struct idempotency_entry *entry, const struct idempotency_facts *facts)
{
	if (!expiry_is_open(entry->expires_at, IDEMPOTENCY_RETENTION, facts->expiry_now))
		return IDEMPOTENCY_FIRST;
	if (entry->status == 0 && !is_running(entry, facts))
		return IDEMPOTENCY_FIRST;
	if (memcmp(entry->body_digest.bytes, facts->body->bytes, sizeof(facts->body->bytes)) != 0)
		return IDEMPOTENCY_KEY_REUSED;
	return entry->status == 0 ? IDEMPOTENCY_IN_PROGRESS : IDEMPOTENCY_REPLAY;
}

bool idempotency_keeps(int status)
{
	return status < 500 && status != 429;
}
