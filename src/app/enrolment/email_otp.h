/* One-time codes that verify an e-mail address: sends and checks them. */
#pragma once

#include <stdbool.h>

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

/* The same in the caller's transaction, with what the pages of verification links need. */
struct email_otp_send {
	const struct world *world;
	const struct caller *caller;
	const struct send_otp_params *params;
	/* An address is verified again: the code is also sent to one that is verified already. An address
	 * that the tenant does not know is registered, as by app_prepare(). */
	bool verifies_again;
	/* mail_is_down(), asked before the transaction. */
	bool mail_down;
	/* Set by email_otp_send(). With verifies_again, the verdict is neither SEND_UNKNOWN_USER nor
	 * SEND_ALREADY_VERIFIED. Unless it is SEND_QUEUED, nothing was changed. */
	struct send_result sent;
};
enum err email_otp_send(struct email_otp_send *send, struct tx *tx) must_use;

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

/* A code on the pages of a verification link. */
struct email_otp_proof {
	struct str email, code;
	struct str
		reference; /* the tenant's own id of the person, stored if the code is right; may be empty */
};
struct email_otp_result {
	enum verify_verdict verdict; /* VERIFY_ACCEPTED, VERIFY_WRONG, VERIFY_EXPIRED or VERIFY_LOCKED */
	struct user_id user;	     /* whose address it is, for VERIFY_ACCEPTED */
};
/* Like app_verify_email_otp(), also for an address that is verified already. */
enum err email_otp_verify_again(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct email_otp_proof *proof, struct email_otp_result *out) must_use;
