#include "domain/otp.h"

#include <assert.h>
#include <stddef.h>

#include "domain/expiry.h"

void otp_replace(struct otp *otp, struct digest digest, moment now, duration ttl, int64_t tries)
{
	assert(ttl.ms > 0 && tries > 0);
	otp->digest = digest;
	otp->created_at = now;
	otp->expires_at = moment_add(now, ttl);
	otp->tries_left = tries;
	otp->used = false;
	otp->mail_id = (struct effect_id){ "" };
}

static bool is_expired(const struct otp *otp, moment now)
{
	const duration life = moment_diff(otp->created_at, otp->expires_at);

	return otp->used || !expiry_is_open(otp->expires_at, life, now);
}

/*~ 7. The rule itself: it takes facts and returns a verdict. It uses no clock, no store and no randomness, so
 * tests can check it one millisecond before the expiry, exactly at the expiry, and one millisecond after. */
enum otp_verdict otp_check(struct otp *otp, bool same_code, moment now)
{
	if (is_expired(otp, now))
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
	return !is_expired(otp, now) && otp->tries_left > 0;
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
