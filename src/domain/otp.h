/* Rules of one-time codes (NIST SP 800-63B 5.1.3): number of tries, expiry, replacement, single use. Pure:
 * the caller hashes the typed code and compares it in constant time. */
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
	struct effect_id mail_id; /* the e-mail with this code */
};

enum otp_verdict { OTP_ACCEPTED, OTP_WRONG, OTP_EXPIRED, OTP_LOCKED, OTP_VERDICTS };

/* Replaces the code; the keys of the row (tenant_id, user_id) stay. `digest` is the keyed hash of the new
 * code. mail_id becomes empty, and the caller sets it. */
void otp_replace(struct otp *otp, struct digest digest, moment now, duration ttl, int64_t tries);
/* Returns the verdict on one try and counts the try. The caller saves the row before it answers the request.
 * The order of checks (starkfi-kyc-api.md 5.3) is: expired, no tries left, wrong code. A code is expired from
 * exactly expires_at on, after its use, and if the clock was set back behind its creation (domain/expiry.h).
 * If the user has no code, the caller passes a zeroed struct, which is expired. `now` is of
 * world_expiry_now(). */
enum otp_verdict otp_check(struct otp *otp, bool same_code, moment now);
/* Returns whether the code could still be accepted, so that an e-mail with it is worth sending. */
bool otp_is_live(const struct otp *otp, moment now);
/* Returns whether `code` consists of exactly `digits` ASCII digits. */
bool otp_is_well_formed(struct str code, int64_t digits);
