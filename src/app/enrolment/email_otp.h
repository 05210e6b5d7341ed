/* One-time codes by e-mail: sends one, judges one. */
#pragma once

#include "app/core/caller.h"
#include "app/enrolment/otp.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct send_otp_params {
	struct str email, language; /* language empty: none was named */
};

/* A new code replaces the old; its letter is an effect of the same transaction, which is opened here.
 * ERR_INTERNAL when the system has no randomness. */
enum err app_send_email_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct send_otp_params *params, struct send_result *out) must_use;

enum verify_verdict {
	VERIFY_ACCEPTED,
	VERIFY_UNKNOWN_USER,
	VERIFY_ALREADY,
	VERIFY_EXPIRED,
	VERIFY_LOCKED,
	VERIFY_WRONG,
	VERIFY_CONFLICT /* of a pair: the e-mail belongs to another wallet (app/enrolment/link_otp) */
};
extern const enum verify_verdict verify_verdict_of[OTP_VERDICTS];

/* The try is counted in the same transaction; the answer leaves after the commit. `code` is what was typed,
 * tidied. */
enum err app_verify_email_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str email, struct str code, enum verify_verdict *out) must_use;
