/* The trail of all acts: who did what to whom, when; nothing personal in clear. Wrong guesses are counted,
 * not listed. */
#pragma once

#include "base/moment.h"
#include "domain/id.h"

/* clang-format off */
/* Rows hold the numbers of this order: new acts go to the end.
 *
 *        name                word in output */
#define ACTS(ACT)                                  \
	ACT(PREPARED, "prepared")                  \
	ACT(CODE_SENT, "code_sent")                \
	ACT(PROVEN, "proven")                      \
	ACT(SESSION_CREATED, "session_created")    \
	ACT(SESSION_FAILED, "session_failed")      \
	ACT(SESSION_REPAIRED, "session_repaired")  \
	ACT(EVENT_TAKEN, "event_taken")            \
	ACT(DECISION, "decision")                  \
	ACT(TENANT_ADDED, "tenant_added")          \
	ACT(TENANT_CHANGED, "tenant_changed")      \
	ACT(KEY_CREATED, "key_created")            \
	ACT(KEY_REVOKED, "key_revoked")            \
	ACT(QUOTA_RESERVED, "quota_reserved")      \
	ACT(QUOTA_RETURNED, "quota_returned")      \
	ACT(USER_ALLOWED, "user_allowed")          \
	ACT(USER_ERASED, "user_erased")            \
	ACT(CLAIMED, "claimed")                    \
	ACT(JOINED, "joined")                      \
	ACT(LINK_REFUSED, "link_refused")

enum act {
#define ACT(name, word) ACT_##name,
	ACTS(ACT)
#undef ACT
	ACT_COUNT
};
/* clang-format on */

enum actor_kind { ACTOR_KEY = 1, ACTOR_OPERATOR, ACTOR_WORKER, ACTOR_PROVIDER };

/* Who acts, and in whose call. */
struct actor {
	enum actor_kind kind;
	char id[33];	  /* key id; empty for others */
	char request[65]; /* request id; empty outside a call */
};

struct trail {
	struct trail_id id;
	moment at;
	enum actor_kind actor_kind;
	char actor[33];
	enum act act;
	char subject[65]; /* opaque id of user, session, tenant or key */
	char tenant[ID_SIZE];
	char request[65];
	char note[65]; /* a fixed word or a number, e.g. the new status */
};

/* "unknown" for what a newer program may have written. */
const char *act_word(enum act a);
const char *actor_kind_word(enum actor_kind k);
