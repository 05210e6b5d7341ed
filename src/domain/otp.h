/* One-time codes (NIST SP 800-63B 5.1.3): tries, expiry, replacement, single use. Pure: the caller hashed
 * what was typed and compared it in constant time. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/moment.h"
#include "base/str.h"
#include "domain/id.h"

struct otp {
	struct tenant_id tenant_id;
	struct user_id user_id;
	struct digest digest; /* keyed hash of tenant, user and code */
	moment created_at, expires_at;
	int64_t tries_left;
	bool used;
	struct effect_id mail_id; /* the letter that carries it */
};

enum otp_verdict { OTP_ACCEPTED, OTP_WRONG, OTP_EXPIRED, OTP_LOCKED, OTP_VERDICTS };

/* A new code replaces whatever was there but the keys of the row; `letter` is empty until the caller notes
 * it. `digest` is the new one. */
void otp_replace(struct otp *otp, struct digest digest, moment now, duration life, int64_t tries);
/* Judges one try and counts it; the caller saves before it answers. Order (starkfi-kyc-api.md 5.3): expired,
 * tries, compare. A used code is expired; a code at exactly `expires` is. No code at all is the zeroed one:
 * expired. */
enum otp_verdict otp_check(struct otp *otp, bool same_code, moment now);
/* Is a letter with this code still of use? */
bool otp_is_live(const struct otp *otp, moment now);
/* Exactly `digits` ASCII digits? */
bool otp_is_well_formed(struct str code, int64_t digits);
