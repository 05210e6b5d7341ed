#include "app/erase.h"

#include "app/trail.h"
#include "base/buf.h"

#define BATCH 32 /* rows in one go */
#define BODIES 4 /* of events: each may be as large as a request */

static const struct actor the_operator = { .kind = ACTOR_OPERATOR };

struct erase_job {
	const struct world *world;
	const struct whom *whom;
	bool really;
	struct erasures *out;
};

/* One person on the way out. */
struct leaving {
	const struct erase_job *job;
	struct user *user;
	struct erasure *out;
	struct address *addresses;
	struct buf refs;
};

static enum err erase_enrolments(struct tx *tx, struct leaving *l, const struct tenant *tenant)
{
	const struct enrolment probe = { .tenant = tenant->id, .user = l->user->id };
	struct enrolment rows[ADDRESSES_MAX];
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page(0, ADDRESSES_MAX), rows, &n));
	l->out->tenants += n;
	for (size_t i = 0; i < n && l->job->really; i++)
		TRY(store_remove_enrolment(tx, &rows[i]));
	return OK;
}

static enum err erase_code(struct tx *tx, struct leaving *l, const struct tenant *tenant)
{
	struct otp otp = { .tenant = tenant->id, .user = l->user->id };

	const enum err e = store_load_otp(tx, &otp);
	if (e == ERR_MISSING)
		return OK;
	TRY(e);
	l->out->codes++;
	return l->job->really ? store_remove_otp(tx, &otp) : OK;
}

/* A text that was not signed yet, of a wallet: a keyed hash. */
static enum err erase_challenges(struct tx *tx, const struct leaving *l, const struct tenant *tenant)
{
	for (size_t i = 0; i < l->out->addresses && l->job->really; i++) {
		const struct challenge challenge = { .tenant = tenant->id, .wallet = l->addresses[i].blind };

		TRY(store_remove_challenge(tx, &challenge));
	}
	return OK;
}

static enum err erase_with(struct tx *tx, const struct tenant *tenant, void *arg)
{
	TRY(erase_enrolments(tx, arg, tenant));
	TRY(erase_challenges(tx, arg, tenant));
	return erase_code(tx, arg, tenant);
}

/* A worker that has one in its hands finds the row done when it comes back, and leaves it. */
static enum err erase_letter(struct tx *tx, struct leaving *l, struct effect *letter)
{
	if (letter->done)
		return OK;
	l->out->letters++;
	effect_finish(letter, EFFECT_DROPPED, world_now(l->job->world));
	return l->job->really ? store_save_effect(tx, letter) : OK;
}

static enum err erase_letters(struct tx *tx, struct leaving *l)
{
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);
	const struct effect probe = { .user = l->user->id, .kind = EFFECT_MAIL_CODE };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_EFFECTS_OF_USER_SINCE, &probe, page(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_letter(tx, l, &rows[i]));
		seen += n;
	}
	return OK;
}

/* What its events said. They leave the answer as they go; who only asks what would go leaves them alone. */
static enum err erase_bodies(struct tx *tx, const struct leaving *l, const struct session *session)
{
	struct event_body *const rows = arena_array(tx->arena, struct event_body, BODIES);
	const struct event_body probe = { .session = session->id };
	size_t n = BODIES;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BODIES && l->job->really) {
		TRY(store_find(tx, QUERY_BODIES_OF_SESSION, &probe, page(0, BODIES), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(store_remove_event_body(tx, &rows[i]));
	}
	return OK;
}

/* A note of a call that is out stays: whoever made it finds the person gone. An open session is finished, for
 * nobody will be told any more how it ends. */
static enum err erase_session(struct tx *tx, struct leaving *l, struct session *session)
{
	l->out->sessions++;
	l->out->blocklisted |= session->blocklisted;
	if (session->provider.text[0])
		buf_printf(&l->refs, "%s\n", session->provider.text);
	session->url = STR("");
	session->decision = STR("");
	session->blocklisted = false;
	if (status_is_open(session->status))
		session->status = STATUS_EXPIRED;
	TRY(erase_bodies(tx, l, session));
	return l->job->really ? store_save_session(tx, session) : OK;
}

static enum err erase_sessions(struct tx *tx, struct leaving *l)
{
	struct session *const rows = arena_array(tx->arena, struct session, BATCH);
	const struct session probe = { .user = l->user->id };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	buf_init(&l->refs, tx->arena);
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_session(tx, l, &rows[i]));
		seen += n;
	}
	return buf_done(&l->refs, &l->out->provider_sessions);
}

/* The row stays, so that sessions and trail name something; its key does not. */
static enum err erase_key(struct tx *tx, const struct leaving *l)
{
	for (size_t i = 0; i < l->out->addresses; i++)
		TRY(store_remove_address(tx, &l->addresses[i]));
	user_erase(l->user);
	TRY(store_save_user(tx, l->user));
	const struct deed deed = { ACT_USER_ERASED, l->user->id.text, "", "" };
	return trail_note(l->job->world, tx, &the_operator, &deed);
}

static enum err erase_one(struct tx *tx, const struct erase_job *job, struct user *user, struct erasure *out)
{
	struct leaving l = { .job = job,
		.user = user,
		.out = out,
		.addresses = arena_array(tx->arena, struct address, ADDRESSES_MAX) };

	if (!l.addresses)
		return ERR_INTERNAL;
	*out = (struct erasure){ 0 };
	TRY(people_addresses(tx, &user->id, l.addresses, &out->addresses));
	TRY(people_each_tenant(tx, user->group_name, erase_with, &l));
	TRY(erase_letters(tx, &l));
	TRY(erase_sessions(tx, &l));
	return job->really ? erase_key(tx, &l) : OK;
}

static enum err erase(struct tx *tx, void *arg)
{
	const struct erase_job *const job = arg;
	struct people *const people = &job->out->people;

	TRY(people_find(job->world, tx, job->whom, people));
	for (size_t i = 0; i < people->n; i++)
		TRY(erase_one(tx, job, &people->list[i].user, &job->out->list[i]));
	return OK;
}

enum err app_erase(const struct world *world, struct arena *a, const struct whom *whom, bool really,
	struct erasures *out)
{
	struct erase_job job = { world, whom, really, out };

	return store_transact(world->store, really ? TX_WRITE : TX_READ, a, erase, &job);
}
