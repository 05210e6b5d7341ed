/* Where a person stands: their current session, which is the newest approved one, else the newest, of all
 * that their users have. Derived from the rows, stored nowhere. */
#pragma once

#include <stdbool.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct kyc_status {
	bool has_session;
	struct session session; /* current; only when has_session */
	bool has_pending_session;
	struct session
		pending_session; /* a session that the provider is being asked for; only when has_note */
};

enum err kyc_status_load(struct tx *tx, const struct linked_users *linked, struct kyc_status *out) must_use;

/* The session of that id at the provider; ERR_NOT_FOUND, also for what can be no id. */
enum err session_by_provider_ref(struct tx *tx, struct str ref, struct session *out) must_use;

static inline bool kyc_status_is_approved(const struct kyc_status *s)
{
	return s->has_session && s->session.status == STATUS_APPROVED;
}
/* `data.status` of the person: "pending" without a session. */
static inline const char *kyc_status_name(const struct kyc_status *s)
{
	return session_status_api_name(s->has_session ? s->session.status : STATUS_NOT_STARTED);
}
