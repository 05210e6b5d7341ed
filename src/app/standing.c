#include "app/standing.h"

static bool is_newer(const struct session *a, const struct session *b)
{
	return !moment_is_before(a->created, b->created);
}

static void take_session(struct standing *s, const struct session *row)
{
	const bool approved = row->status == STATUS_APPROVED, has = standing_is_approved(s);

	if (!s->has_session || (approved && !has) || (approved == has && is_newer(row, &s->session)))
		s->session = *row;
	s->has_session = true;
}

static void take_note(struct standing *s, const struct session *row)
{
	if (!s->has_note || is_newer(row, &s->note))
		s->note = *row;
	s->has_note = true;
}

/* Of one user at most one note stands beside the sessions, and it is always the newest row or the one behind
 * it. */
static enum err take_user(struct tx *tx, const struct user_id *user, struct standing *s)
{
	const struct session probe = { .user = *user, .status = STATUS_APPROVED };
	struct session rows[SESSIONS_NEWEST];
	bool approved = false;
	size_t n;

	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, SESSIONS_NEWEST), rows, &n));
	for (size_t i = n; i-- > 0;) {
		if (rows[i].status == STATUS_CREATING) {
			take_note(s, &rows[i]);
			continue;
		}
		take_session(s, &rows[i]);
		approved |= rows[i].status == STATUS_APPROVED;
	}
	/* That is the newest one; or all of them were seen. */
	if (approved || n < SESSIONS_NEWEST)
		return OK;
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER_BY_STATUS, &probe, page_of(0, 1), rows, &n));
	if (n > 0)
		take_session(s, &rows[0]);
	return OK;
}

enum err standing_load(struct tx *tx, const struct party *party, struct standing *out)
{
	struct standing standing = { 0 };

	for (size_t i = 0; i < party->n; i++)
		TRY(take_user(tx, &party->users[i].id, &standing));
	*out = standing;
	return OK;
}

enum err standing_session_of(struct tx *tx, struct str ref, struct session *out)
{
	struct session probe = { 0 };
	size_t n;

	if (ref.n == 0 || !str_copy_to(ref, probe.provider.text, sizeof(probe.provider.text)))
		return ERR_NOT_FOUND;
	TRY(store_find(tx, QUERY_SESSION_BY_PROVIDER, &probe, page_of(0, 1), &probe, &n));
	if (n == 0)
		return ERR_NOT_FOUND;
	*out = probe;
	return OK;
}
