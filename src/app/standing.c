#include "app/standing.h"

/* At most one note stands beside the sessions, and it is always the newest row or the one behind it. */
#define NEWEST 2

enum err standing_load(struct tx *tx, const struct user_id *user, struct standing *out)
{
	const struct session probe = { .user = *user, .status = STATUS_APPROVED };
	struct session rows[NEWEST];
	struct standing standing = { 0 };
	size_t n;

	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page(0, NEWEST), rows, &n));
	for (size_t i = n; i-- > 0;) {
		if (rows[i].status == STATUS_CREATING) {
			standing.has_note = true;
			standing.note = rows[i];
		} else {
			standing.has_session = true;
			standing.session = rows[i];
		}
	}
	if (standing.has_session && !standing_is_approved(&standing)) {
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER_BY_STATUS, &probe, page(0, 1), rows, &n));
		if (n > 0)
			standing.session = rows[0];
	}
	*out = standing;
	return OK;
}

enum err standing_session_of(struct tx *tx, struct str ref, struct session *out)
{
	struct session probe = { 0 };
	size_t n;

	if (ref.n == 0 || !str_copy_to(ref, probe.provider.text, sizeof(probe.provider.text)))
		return ERR_MISSING;
	TRY(store_find(tx, QUERY_SESSION_BY_PROVIDER, &probe, page(0, 1), &probe, &n));
	if (n == 0)
		return ERR_MISSING;
	*out = probe;
	return OK;
}
