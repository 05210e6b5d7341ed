#include "sandbox/state/rate_limits.h"

#include <stdlib.h>

#define WINDOW seconds(60)

struct call_made {
	uint64_t client;
	moment at;
};

struct rates {
	struct ring {
		struct call_made calls[RATE_CALLS_KEPT];
		size_t n; /* ever made */
	} rings[RATE_SCOPES];
};

int64_t rate_limit(enum rate_scope scope)
{
	static const int64_t limits[RATE_SCOPES] = {
		[RATE_GET] = 600,
		[RATE_WRITE] = 300,
		[RATE_CREATE] = 600,
		[RATE_DECISION] = 100,
		[RATE_REPORT] = 50,
		[RATE_DATA] = 10,
	};

	return limits[scope];
}

enum err rates_open(struct rates **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? OK : ERR_INTERNAL;
}

void rates_close(struct rates *rates)
{
	free(rates);
}

/* FNV-1a, 64 bits. */
static uint64_t name_of(struct str client)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < client.n; i++)
		hash = (hash ^ (unsigned char)client.p[i]) * 1099511628211U;
	return hash;
}

/* Is there room for one more? Otherwise when: the call goes out of sight whose place it needs. */
static bool has_room(const struct ring *ring, int64_t limit, uint64_t client, moment now, moment *again)
{
	const size_t kept = ring->n < RATE_CALLS_KEPT ? ring->n : RATE_CALLS_KEPT;
	int64_t seen = 0;

	for (size_t i = 1; i <= kept; i++) {
		const struct call_made *const call = &ring->calls[(ring->n - i) % RATE_CALLS_KEPT];

		if (!moment_is_before(now, moment_add(call->at, WINDOW)))
			return true;
		if (call->client == client && ++seen == limit) {
			*again = moment_add(call->at, WINDOW);
			return false;
		}
	}
	return true;
}

bool rates_take(struct rates *rates, const enum rate_scope *scopes, size_t n, struct str client, moment now,
	struct rate_verdict *verdict)
{
	const uint64_t name = name_of(client);

	for (size_t i = 0; i < n; i++) {
		verdict->scope = scopes[i];
		if (!has_room(&rates->rings[scopes[i]], rate_limit(scopes[i]), name, now, &verdict->retry_at))
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct ring *const ring = &rates->rings[scopes[i]];

		ring->calls[ring->n++ % RATE_CALLS_KEPT] = (struct call_made){ name, now };
	}
	return true;
}
