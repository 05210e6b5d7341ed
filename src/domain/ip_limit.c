#include "domain/ip_limit.h"

bool ip_limit_take_send(
	struct ip_limit *limit, const struct bucket_rule *one, int64_t one_day, moment now, duration *wait)
{
	const struct bucket_rule rule = bucket_for(one, IP_LIMIT_PEOPLE);
	const struct bucket_rule day = bucket_of_a_day(one_day * IP_LIMIT_PEOPLE);
	struct ip_limit next = *limit;
	duration short_wait = { 0 }, day_wait = { 0 };
	const bool fits_burst = bucket_take(&rule, &next.send_tat, now, &short_wait);
	const bool fits_day = bucket_take(&day, &next.day_tat, now, &day_wait);

	if (!fits_burst || !fits_day) {
		*wait = duration_is_shorter(short_wait, day_wait) ? day_wait : short_wait;
		return false;
	}
	next.expires_at = moment_add(now, IP_LIMIT_RETENTION);
	*limit = next;
	return true;
}
