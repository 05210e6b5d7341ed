/* Whether the code or the link of an e-mail is still valid, so that the e-mail is worth sending. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "domain/effect.h"
#include "domain/user.h"
#include "port/store.h"

/* The user that an e-mail is addressed to. The user is loaded, and thereby locked, before the code. Requests
 * for codes use the same order, so the transactions cannot deadlock. */
struct mail_recipient {
	struct user user;
	bool known;
};
enum err mail_recipient_load(struct tx *tx, const struct effect *effect, struct mail_recipient *out) must_use;

enum code_state {
	CODE_USELESS, /* replaced, used or locked, or removed */
	CODE_EXPIRED,
	CODE_LIVE,
};
/* Finds out whether the code or the link of an e-mail is still valid at `now`, of world_expiry_now().
 * Otherwise the e-mail is not sent. */
enum err code_state_load(struct tx *tx, const struct effect *effect, const struct mail_recipient *to,
	moment now, enum code_state *out) must_use;
