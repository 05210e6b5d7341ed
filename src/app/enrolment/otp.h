/* What one-time codes by e-mail have in common: the rate limit, creating and checking a code, and queueing
 * the e-mail with it. */
#pragma once

#include "app/core/caller.h"
#include "base/err.h"
#include "domain/effect.h"
#include "domain/otp.h"
#include "port/store.h"
#include "port/world.h"

enum send_verdict {
	SEND_QUEUED,
	SEND_UNKNOWN_USER,
	SEND_ALREADY_VERIFIED,
	SEND_MAIL_DOWN, /* the mail server accepts no e-mails: nothing is queued (app/mail/health) */
	SEND_LIMITED
};

struct send_result {
	enum send_verdict verdict;
	duration wait; /* SEND_LIMITED: how long until the next code may be requested */
};

/* Checks the rate limits for another e-mail of this kind: those of the recipient, counted over all tenants of
 * the group and separately for each kind, so that codes requested for a wallet do not use up those of the
 * e-mail's owner; and that of the end user's IP address. Sets the verdict to SEND_QUEUED or SEND_LIMITED.
 * SEND_QUEUED is counted; the caller saves `user`. */
enum err otp_check_rate(const struct world *world, struct tx *tx, const struct caller *caller,
	enum effect_kind kind, struct user *user, struct send_result *out) must_use;

/* An e-mail with a code. */
struct otp_params {
	enum effect_kind kind;
	const struct user *user; /* the owner of the address */
	struct str email;
	/* Only for EFFECT_MAIL_LINK_CODE: the wallet's blind index, its short form for display, and the
	 * language of its owner, which may be empty. */
	const struct digest *link_wallet;
	struct str wallet, language;
};

/* Creates a new code in `otp`, whose keys are set, and queues its e-mail. The caller saves `otp`. Returns
 * ERR_INTERNAL if the system has no randomness. */
enum err otp_issue(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct otp_params *params, struct otp *otp) must_use;

/* Checks what the person typed and counts the try in `otp`. If it cannot be a code, `*counted` is false: the
 * caller does not save `otp`, and the try is free (interface.md 3). `link_wallet`: as in otp_params; NULL for
 * a code that verifies an e-mail. */
enum otp_verdict otp_verify(const struct world *world, struct otp *otp, const struct digest *link_wallet,
	struct str typed, bool *counted);
