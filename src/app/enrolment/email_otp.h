/* One-time codes that verify an e-mail address: sends and checks them. */
#pragma once

#include "app/core/caller.h"
#include "app/enrolment/otp.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct send_otp_params {
	struct str email, language; /* language may be empty */
};

/* Issues a new code, which replaces an earlier code, and queues the e-mail with it in the same transaction.
 * Opens the transaction itself. Returns ERR_INTERNAL if the system has no randomness. */
enum err app_send_email_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct send_otp_params *params, struct send_result *out) must_use;

enum verify_verdict {
	VERIFY_ACCEPTED,
	VERIFY_UNKNOWN_USER,
	VERIFY_ALREADY,
	VERIFY_EXPIRED,
	VERIFY_LOCKED,
	VERIFY_WRONG,
	VERIFY_CONFLICT /* for link codes only: the e-mail belongs to another wallet (app/enrolment/link_otp)
			 */
};
/* The API's verdict for each verdict of domain/otp, by index. */
extern const enum verify_verdict verify_verdict_of[OTP_VERDICTS];

/* Checks a code and counts the try in the caller's transaction. The caller sends the response only after the
 * transaction is committed. `code` is what the person typed, normalised by text/digit_input. */
enum err app_verify_email_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str email, struct str code, enum verify_verdict *out) must_use;
