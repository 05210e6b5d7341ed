#include "domain/webhook_retry.h"

#include <assert.h>
#include <stddef.h>

#include "base/attr.h"

#define SECOND_MS ((int64_t)1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS (60 * MINUTE_MS)

#define STATUS_GONE 410

/* The delays after the first failure, the second, and so on (spec/events.md 2). */
static const int64_t delays_ms[] = { 5 * SECOND_MS, 5 * MINUTE_MS, 30 * MINUTE_MS, 2 * HOUR_MS, 5 * HOUR_MS,
	10 * HOUR_MS, 14 * HOUR_MS, 20 * HOUR_MS, 24 * HOUR_MS };

_Static_assert(array_len(delays_ms) == WEBHOOK_ATTEMPTS_MAX - 1, "each attempt but the last one has a delay");

static moment later_of(moment a, moment b)
{
	return moment_is_before(a, b) ? b : a;
}

duration webhook_retry_delay(int64_t attempts, unsigned char jitter)
{
	assert(attempts >= 1 && attempts < WEBHOOK_ATTEMPTS_MAX);
	const int64_t ms = delays_ms[attempts - 1];

	/* The jitter changes the delay to 80 % to 120 % of its value. */
	return milliseconds(ms * 4 / 5 + ms * 2 / 5 * jitter / UINT8_MAX);
}

struct webhook_retry webhook_retry_after_failure(
	int64_t attempts, unsigned char jitter, moment now, moment paused_until)
{
	if (attempts >= WEBHOOK_ATTEMPTS_MAX)
		return (struct webhook_retry){ .failed = true };
	return (struct webhook_retry){
		.due_at = later_of(moment_add(now, webhook_retry_delay(attempts, jitter)), paused_until)
	};
}

moment webhook_pause(moment paused_until, moment now, duration wait)
{
	if (wait.ms <= 0)
		return paused_until;
	return later_of(paused_until,
		moment_add(now, duration_is_shorter(wait, WEBHOOK_PAUSE_MAX) ? wait : WEBHOOK_PAUSE_MAX));
}

bool webhook_is_paused(moment paused_until, moment now)
{
	return moment_is_before(now, paused_until);
}

bool webhook_is_success(int http_status)
{
	return http_status >= 200 && http_status <= 299;
}

moment webhook_failing_from(moment failing_since, moment now)
{
	return moment_is_unset(failing_since) ? now : failing_since;
}

enum webhook_health webhook_health_after_failure(int http_status, moment failing_since, moment now)
{
	if (http_status == STATUS_GONE)
		return WEBHOOK_HEALTH_GONE;
	if (!moment_is_unset(failing_since) &&
		!duration_is_shorter(moment_diff(failing_since, now), WEBHOOK_FAILING_MAX))
		return WEBHOOK_HEALTH_FAILING;
	return WEBHOOK_HEALTH_USABLE;
}

int64_t webhook_in_flight_max(moment failing_since)
{
	return moment_is_unset(failing_since) ? WEBHOOK_IN_FLIGHT_MAX : WEBHOOK_IN_FLIGHT_AFTER_FAILURE;
}
