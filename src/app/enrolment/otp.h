/* What all one-time codes by e-mail have in common: how often one may be sent, how it is made, and the letter
 * that carries it. */
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
	SEND_MAIL_DOWN, /* no letter can be handed over: nothing is queued (app/mail/health) */
	SEND_LIMITED
};

struct send_result {
	enum send_verdict verdict;
	duration wait; /* SEND_LIMITED: until the next one may be asked for */
};

/* May another letter of this kind go to this user's address, and at the wish of who sits where the call says?
 * SEND_QUEUED or SEND_LIMITED. Counted over the whole group, each kind for itself: what somebody's wallet
 * asks for takes nothing from what the address's owner may ask for. Taken in the rows, when it may; the
 * caller saves `user`. */
enum err otp_check_rate(const struct world *world, struct tx *tx, const struct caller *caller,
	enum effect_kind kind, struct user *user, struct send_result *out) must_use;

/* A letter with a code. */
struct otp_params {
	enum effect_kind kind;
	const struct user *user; /* whose address it goes to */
	struct str email;
	/* EFFECT_MAIL_LINK_CODE: the wallet's blind index, its short form for people, and the language that
	 * its owner goes by, which may be empty. */
	const struct digest *link_wallet;
	struct str wallet, language;
};

/* A new code in `otp`, whose keys are set; its letter is noted. The caller saves `otp`. ERR_INTERNAL when the
 * system has no randomness. */
enum err otp_issue(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct otp_params *params, struct otp *otp) must_use;

/* Judges what was typed and counts the try in `otp`. False in `counted`: it can be no code and costs none,
 * the caller leaves the row as it was (interface.md 3). `pair`: as in the order, NULL for a code without one.
 */
enum otp_verdict otp_verify(const struct world *world, struct otp *otp, const struct digest *pair,
	struct str typed, bool *counted);
