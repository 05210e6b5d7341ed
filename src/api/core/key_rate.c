#include "api/core/key_rate.h"

/* The longest pause after a reservation found no requests left. After this time the store is tried again,
 * even if it expects free requests only later. */
#define RESERVE_PAUSE_MAX milliseconds(500)

static duration longer(duration a, duration b)
{
	return duration_is_shorter(a, b) ? b : a;
}

enum limit_result key_rate_count(
	struct key_rate *rate, const struct key_limits *limits, int64_t now, duration *wait)
{
	struct window second = rate->second, minute = rate->minute;
	duration second_wait = { 0 }, minute_wait = { 0 };
	const bool in_second = window_take(&second, limits->per_second, seconds(1), now, &second_wait);
	const bool in_minute = window_take(&minute, limits->per_minute, minutes(1), now, &minute_wait);

	if (!in_second || !in_minute) {
		*wait = longer(second_wait, minute_wait);
		return LIMIT_REACHED;
	}
	rate->second = second;
	rate->minute = minute;
	return LIMIT_PASSED;
}

enum limit_result key_rate_use_reserved(
	struct key_rate *rate, const struct key_limits *limits, int64_t now, duration *wait)
{
	if (!window_has_room(&rate->second, limits->per_second, seconds(1), now, wait))
		return LIMIT_REACHED;
	if (rate->reserved_for != limits->per_minute)
		rate->reserved = rate->no_reserve_until = 0;
	if (rate->reserved > 0 && now - rate->reserved_at < minutes(1).ms) {
		rate->reserved--;
		window_count(&rate->second);
		return LIMIT_PASSED;
	}
	if (now >= rate->no_reserve_until)
		return LIMIT_NOT_RESERVED;
	*wait = milliseconds(rate->available_at - now);
	return LIMIT_REACHED;
}

void key_rate_set_reserved(struct key_rate *rate, const struct rate_reservation *reservation, int64_t now)
{
	const duration wait = reservation->wait;

	rate->reserving = false;
	rate->reserved = reservation->reserved;
	rate->reserved_at = now;
	rate->reserved_for = reservation->limit;
	rate->available_at = now + wait.ms;
	rate->no_reserve_until = now + (duration_is_shorter(wait, RESERVE_PAUSE_MAX) ? wait.ms
										     : RESERVE_PAUSE_MAX.ms);
}
