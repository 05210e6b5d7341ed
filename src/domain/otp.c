#include "domain/otp.h"

#include <assert.h>
#include <stddef.h>

void otp_replace(struct otp *otp, struct digest digest, moment now, duration life, int64_t tries)
{
	assert(life.ms > 0 && tries > 0);
	otp->digest = digest;
	otp->created_at = now;
	otp->expires_at = moment_add(now, life);
	otp->tries_left = tries;
	otp->used = false;
	otp->mail_id = (struct effect_id){ "" };
}

static bool expired(const struct otp *otp, moment now)
{
	return otp->used || !moment_is_before(now, otp->expires_at);
}

/*~ 7. The rule itself: facts in, verdict out. No clock, no store, no luck; that is why it can be tested at
 * one millisecond before, at and after. */
enum otp_verdict otp_check(struct otp *otp, bool same_code, moment now)
{
	if (expired(otp, now))
		return OTP_EXPIRED;
	if (otp->tries_left <= 0)
		return OTP_LOCKED;

	otp->tries_left--;
	if (!same_code)
		return OTP_WRONG;

	otp->used = true;
	return OTP_ACCEPTED;
}

bool otp_is_live(const struct otp *otp, moment now)
{
	return !expired(otp, now) && otp->tries_left > 0;
}

bool otp_is_well_formed(struct str code, int64_t digits)
{
	if (digits <= 0 || code.n != (size_t)digits)
		return false;
	for (size_t i = 0; i < code.n; i++) {
		if (code.p[i] < '0' || code.p[i] > '9')
			return false;
	}
	return true;
}
