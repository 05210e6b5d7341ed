#include "domain/expiry.h"

bool expiry_is_open(moment expires_at, duration life, moment now)
{
	const moment latest = moment_add(moment_add(now, life), CLOCK_JUMP_MIN);

	return moment_is_before(now, expires_at) && !moment_is_before(latest, expires_at);
}

bool is_clock_jump(duration change)
{
	return duration_is_shorter(CLOCK_JUMP_MIN, milliseconds(change.ms < 0 ? -change.ms : change.ms));
}
