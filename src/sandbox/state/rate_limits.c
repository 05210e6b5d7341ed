#include "sandbox/state/rate_limits.h"

#include <stdlib.h>

#define WINDOW seconds(60)

struct counted_call {
	uint64_t client;
	moment at;
};

/* For each scope, a ring buffer with the latest calls. */
struct rates {
	struct call_history {
		struct counted_call calls[RATE_CALLS_KEPT];
		size_t n; /* number of calls counted so far, including overwritten ones */
	} histories[RATE_SCOPES];
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

/* Converts the client to a number, its 64-bit FNV-1a hash. */
static uint64_t client_hash(struct str client)
{
	uint64_t hash = 14695981039346656037U;

	for (size_t i = 0; i < client.n; i++)
		hash = (hash ^ (unsigned char)client.p[i]) * 1099511628211U;
	return hash;
}

/* Returns true if the client has made fewer than `limit` calls in the window. Otherwise returns false and
 * sets `retry_at` to the time when the oldest of the client's last `limit` calls leaves the window. */
static bool rate_allows_call(
	const struct call_history *history, int64_t limit, uint64_t client, moment now, moment *retry_at)
{
	const size_t kept = history->n < RATE_CALLS_KEPT ? history->n : RATE_CALLS_KEPT;
	int64_t seen = 0;

	for (size_t i = 1; i <= kept; i++) {
		const struct counted_call *const call = &history->calls[(history->n - i) % RATE_CALLS_KEPT];

		if (!moment_is_before(now, moment_add(call->at, WINDOW)))
			return true;
		if (call->client == client && ++seen == limit) {
			*retry_at = moment_add(call->at, WINDOW);
			return false;
		}
	}
	return true;
}

bool rates_take(struct rates *rates, const enum rate_scope *scopes, size_t n, struct str client, moment now,
	struct rate_verdict *verdict)
{
	const uint64_t hash = client_hash(client);

	for (size_t i = 0; i < n; i++) {
		verdict->scope = scopes[i];
		if (!rate_allows_call(&rates->histories[scopes[i]], rate_limit(scopes[i]), hash, now,
			    &verdict->retry_at))
			return false;
	}
	for (size_t i = 0; i < n; i++) {
		struct call_history *const history = &rates->histories[scopes[i]];

		history->calls[history->n++ % RATE_CALLS_KEPT] = (struct counted_call){ hash, now };
	}
	return true;
}
