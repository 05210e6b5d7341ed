/* Where a person stands: their current session, which is the newest approved one, else the newest, of all
 * that their users have. Derived from the rows, stored nowhere. */
#pragma once

#include <stdbool.h>

#include "app/party.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct standing {
	bool has_session;
	struct session session; /* current; only when has_session */
	bool has_note;
	struct session note; /* a session that the provider is being asked for; only when has_note */
};

enum err standing_load(struct tx *tx, const struct party *party, struct standing *out) must_use;

/* The session of that id at the provider; ERR_NOT_FOUND, also for what can be no id. */
enum err standing_session_of(struct tx *tx, struct str ref, struct session *out) must_use;

static inline bool standing_is_approved(const struct standing *s)
{
	return s->has_session && s->session.status == STATUS_APPROVED;
}
/* `data.status` of the person: "pending" without a session. */
static inline const char *standing_word(const struct standing *s)
{
	return session_status_api_name(s->has_session ? s->session.status : STATUS_NOT_STARTED);
}
