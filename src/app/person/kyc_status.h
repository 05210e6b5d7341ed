/* The KYC status of a person: the current session and a pending session, if there are any. The current
 * session is the newest approved session of all linked users of the person. If none is approved, it is the
 * newest session. The status is derived from the session rows on each call and stored nowhere. */
#pragma once

#include <stdbool.h>

#include "app/person/linked_users.h"
#include "base/err.h"
#include "port/store.h"
#include "port/world.h"

struct kyc_status {
	bool has_session;
	struct session session; /* the current session; valid if has_session */
	bool has_pending_session;
	/* A session that the provider is being requested to create; valid if has_pending_session. */
	struct session pending_session;
};

/* Loads the KYC status of the person whose users are `linked`. */
enum err kyc_status_load(struct tx *tx, const struct linked_users *linked, struct kyc_status *out) must_use;

/* Loads the session with this id of the provider. Returns ERR_NOT_FOUND if there is no such session, or if
 * `ref` is empty or too long for an id. */
enum err session_by_provider_ref(struct tx *tx, struct str ref, struct session *out) must_use;

static inline bool kyc_status_is_approved(const struct kyc_status *s)
{
	return s->has_session && s->session.status == STATUS_APPROVED;
}
/* Returns the value of the API's `data.status`. It is "pending" for a person without a session. */
static inline const char *kyc_status_name(const struct kyc_status *s)
{
	return session_status_api_name(s->has_session ? s->session.status : STATUS_NOT_STARTED);
}
