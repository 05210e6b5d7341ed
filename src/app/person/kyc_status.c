#include "app/person/kyc_status.h"

static bool is_newer(const struct session *a, const struct session *b)
{
	return !moment_is_before(a->created_at, b->created_at);
}

static void consider_session(struct kyc_status *s, const struct session *row)
{
	const bool approved = row->status == STATUS_APPROVED, had_approved = kyc_status_is_approved(s);

	if (!s->has_session || (approved && !had_approved) ||
		(approved == had_approved && is_newer(row, &s->session)))
		s->session = *row;
	s->has_session = true;
}

static void consider_pending(struct kyc_status *s, const struct session *row)
{
	if (!s->has_pending_session || is_newer(row, &s->pending_session))
		s->pending_session = *row;
	s->has_pending_session = true;
}

/* Adds the sessions of one user to the status. A user has at most one pending session. It is the newest row,
 * or the one directly after the newest. */
static enum err consider_user(struct tx *tx, const struct user_id *user, struct kyc_status *s)
{
	const struct session probe = { .user_id = *user, .status = STATUS_APPROVED };
	struct session rows[SESSIONS_NEWEST];
	bool approved = false;
	size_t n;

	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, SESSIONS_NEWEST), rows, &n));
	for (size_t i = n; i-- > 0;) {
		if (rows[i].status == STATUS_CREATING) {
			consider_pending(s, &rows[i]);
			continue;
		}
		consider_session(s, &rows[i]);
		approved |= rows[i].status == STATUS_APPROVED;
	}
	/* If an approved session was found here, it is the newest approved one. If fewer rows than requested
	 * were found, they are all sessions of the user. */
	if (approved || n < SESSIONS_NEWEST)
		return OK;
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER_BY_STATUS, &probe, page_of(0, 1), rows, &n));
	if (n > 0)
		consider_session(s, &rows[0]);
	return OK;
}

enum err kyc_status_load(struct tx *tx, const struct linked_users *linked, struct kyc_status *out)
{
	struct kyc_status kyc_status = { 0 };

	for (size_t i = 0; i < linked->n; i++)
		TRY(consider_user(tx, &linked->users[i].id, &kyc_status));
	*out = kyc_status;
	return OK;
}

enum err session_by_provider_ref(struct tx *tx, struct str ref, struct session *out)
{
	struct session probe = { 0 };
	size_t n;

	if (ref.n == 0 || !str_copy_to(ref, probe.provider_ref.text, sizeof(probe.provider_ref.text)))
		return ERR_NOT_FOUND;
	TRY(store_find(tx, QUERY_SESSION_BY_PROVIDER, &probe, page_of(0, 1), &probe, &n));
	if (n == 0)
		return ERR_NOT_FOUND;
	*out = probe;
	return OK;
}
