/* What the two kinds of one-time codes by e-mail have in common: the rate limit, creating and checking a
 * code, and queueing the e-mail with it. */
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
	SEND_MAIL_DOWN, /* the mail server accepts no e-mails, so nothing is queued (app/mail/health) */
	SEND_LIMITED
};

struct send_result {
	enum send_verdict verdict;
	duration wait;	    /* for SEND_LIMITED, how long until the next code may be requested */
	bool limited_by_ip; /* for SEND_LIMITED: by the limit of the IP address, not by that of the recipient
			     */
};

/* Checks whether another e-mail of this kind is within the rate limits. The recipient's limits are counted
 * over all tenants of the group and separately for each kind, so that codes requested for a wallet do not use
 * up those of the e-mail's owner. The end user's IP address has a limit too. Sets the verdict to SEND_QUEUED,
 * which counts the e-mail, or to SEND_LIMITED. The caller saves `user`. */
enum err otp_check_rate(const struct world *world, struct tx *tx, const struct caller *caller,
	enum effect_kind kind, struct user *user, struct send_result *out) must_use;

/* Returns how long the recipient's limits refuse another e-mail of this kind; 0: not at all. Takes nothing.
 */
enum err otp_send_wait(const struct world *world, struct tx *tx, enum effect_kind kind,
	const struct user *user, duration *wait) must_use;

/* An e-mail with a code. */
struct otp_params {
	enum effect_kind kind;
	const struct user *user; /* the owner of the address */
	struct str email;
	/* The wallet's blind index. This and the following fields are only for EFFECT_MAIL_LINK_CODE. */
	const struct digest *link_wallet;
	struct str wallet;   /* short form of the wallet for display */
	struct str language; /* the language of the wallet's owner; may be empty */
};

/* Creates a new code in `otp` and queues its e-mail. The caller has set the keys of `otp` and saves it
 * afterwards. Returns ERR_INTERNAL if the system has no randomness. */
enum err otp_issue(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct otp_params *params, struct otp *otp) must_use;

/* Checks what the person typed and counts the try in `otp`. If the text cannot be a code, `*counted` is
 * false: the try does not count, and the caller does not save `otp` (interface.md 3). `link_wallet` is as in
 * otp_params; NULL for a code that verifies an e-mail. */
enum otp_verdict otp_verify(const struct world *world, struct otp *otp, const struct digest *link_wallet,
	struct str typed, bool *counted);
