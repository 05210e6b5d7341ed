#include "app/admin/erase.h"

#include "app/core/audit.h"
#include "base/buf.h"

#define BATCH 32 /* rows in one go */
#define BODIES 4 /* of events: each may be as large as a request */

static const struct actor the_operator = { .kind = ACTOR_OPERATOR };

struct erase_job {
	const struct world *world;
	const struct person_selector *selector;
	bool really;
	struct erasures *out;
};

/* One person on the way out. */
struct leaving {
	const struct erase_job *job;
	const struct linked_users *linked;
	struct user *user; /* whose turn it is */
	struct erasure *out;
	struct address *addresses;
	struct buf refs;
};

static enum err erase_enrolments(struct tx *tx, struct leaving *l, const struct tenant *tenant)
{
	const struct enrolment probe = { .tenant_id = tenant->id, .user_id = l->user->id };
	struct enrolment rows[ADDRESSES_MAX];
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, ADDRESSES_MAX), rows, &n));
	l->out->tenants += n;
	for (size_t i = 0; i < n && l->job->really; i++)
		TRY(store_remove_enrolment(tx, &rows[i]));
	return OK;
}

static enum err erase_code(struct tx *tx, struct leaving *l, const struct tenant *tenant)
{
	struct otp otp = { .tenant_id = tenant->id, .user_id = l->user->id };

	const enum err e = store_load_otp(tx, &otp);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	l->out->codes++;
	return l->job->really ? store_remove_otp(tx, &otp) : OK;
}

/* A text that was not signed yet, of a wallet: a keyed hash. */
static enum err erase_challenges(struct tx *tx, const struct leaving *l, const struct tenant *tenant)
{
	for (size_t i = 0; i < l->out->addresses && l->job->really; i++) {
		const struct challenge challenge = { .tenant_id = tenant->id,
			.wallet_index = l->addresses[i].blind_index };

		TRY(store_remove_challenge(tx, &challenge));
	}
	return OK;
}

/* What others say of its e-mails. */
static enum err erase_claims_on(struct tx *tx, struct leaving *l, const struct tenant *tenant)
{
	for (size_t i = 0; i < l->out->addresses; i++) {
		struct claim claim = { .code = { .tenant_id = tenant->id },
			.email_index = l->addresses[i].blind_index };
		const enum err e = store_load_claim(tx, &claim);

		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		l->out->claims++;
		if (l->job->really)
			TRY(store_remove_claim(tx, &claim));
	}
	return OK;
}

static enum err erase_with(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct leaving *const l = arg;

	for (size_t i = 0; i < l->linked->n; i++) {
		l->user = &l->linked->users[i];
		TRY(erase_enrolments(tx, l, tenant));
		TRY(erase_code(tx, l, tenant));
	}
	TRY(erase_challenges(tx, l, tenant));
	return erase_claims_on(tx, l, tenant);
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

static enum err erase_letters(struct tx *tx, struct leaving *l, enum effect_kind kind)
{
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);
	const struct effect probe = { .user_id = l->user->id, .kind = kind };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_EFFECTS_OF_USER_SINCE, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_letter(tx, l, &rows[i]));
		seen += n;
	}
	return OK;
}

/* The letter is to somebody else, and names the wallet. */
static enum err erase_claim(struct tx *tx, struct leaving *l, const struct claim *claim)
{
	struct effect letter = { .id = claim->code.mail_id };

	l->out->claims++;
	if (letter.id.text[0] != '\0') {
		const enum err e = store_load_effect(tx, &letter);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		if (e == OK)
			TRY(erase_letter(tx, l, &letter));
	}
	return l->job->really ? store_remove_claim(tx, claim) : OK;
}

/* They leave the answer as they go; who only asks what would go goes on behind them. */
static enum err erase_claims_by(struct tx *tx, struct leaving *l, const struct address *wallet)
{
	struct claim *const rows = arena_array(tx->arena, struct claim, BATCH);
	const struct claim probe = { .wallet_index = wallet->blind_index };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_CLAIMS_OF_WALLET, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_claim(tx, l, &rows[i]));
		seen += l->job->really ? 0 : n;
	}
	return OK;
}

/* What its events said. They leave the answer as they go; who only asks what would go leaves them alone. */
static enum err erase_bodies(struct tx *tx, const struct leaving *l, const struct session *session)
{
	struct provider_event_body *const rows = arena_array(tx->arena, struct provider_event_body, BODIES);
	const struct provider_event_body probe = { .session_id = session->id };
	size_t n = BODIES;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BODIES && l->job->really) {
		TRY(store_find(tx, QUERY_EVENT_BODIES_OF_SESSION, &probe, page_of(0, BODIES), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(store_remove_provider_event_body(tx, &rows[i]));
	}
	return OK;
}

/* A note of a call that is out stays: whoever made it finds the person gone. An open session is finished, for
 * nobody will be told any more how it ends. */
static enum err erase_session(struct tx *tx, struct leaving *l, struct session *session)
{
	l->out->sessions++;
	l->out->blocklisted |= session->blocklisted;
	if (session->provider_ref.text[0])
		buf_printf(&l->refs, "%s\n", session->provider_ref.text);
	session->sealed_url = STR("");
	session->sealed_decision = STR("");
	session->blocklisted = false;
	if (session_status_is_open(session->status))
		session->status = STATUS_EXPIRED;
	TRY(erase_bodies(tx, l, session));
	return l->job->really ? store_save_session(tx, session) : OK;
}

static enum err erase_sessions(struct tx *tx, struct leaving *l)
{
	struct session *const rows = arena_array(tx->arena, struct session, BATCH);
	const struct session probe = { .user_id = l->user->id };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_session(tx, l, &rows[i]));
		seen += n;
	}
	return OK;
}

/* The row stays, so that sessions and trail name something; its key does not. */
static enum err erase_key(struct tx *tx, const struct leaving *l)
{
	user_erase(l->user);
	TRY(store_save_user(tx, l->user));
	const struct audit_params params = { AUDIT_USER_ERASED, l->user->id.text, "", "" };
	return audit_append(l->job->world, tx, &the_operator, &params);
}

static enum err erase_addresses(struct tx *tx, struct leaving *l)
{
	for (size_t i = 0; i < l->out->addresses; i++) {
		if (l->addresses[i].kind == ADDRESS_WALLET)
			TRY(erase_claims_by(tx, l, &l->addresses[i]));
		if (l->job->really)
			TRY(store_remove_address(tx, &l->addresses[i]));
	}
	return OK;
}

static enum err erase_user(struct tx *tx, struct leaving *l)
{
	TRY(erase_letters(tx, l, EFFECT_MAIL_CODE));
	TRY(erase_letters(tx, l, EFFECT_MAIL_LINK_CODE));
	TRY(erase_sessions(tx, l));
	return l->job->really ? erase_key(tx, l) : OK;
}

static enum err erase_one(
	struct tx *tx, const struct erase_job *job, const struct linked_users *linked, struct erasure *out)
{
	struct leaving l = { .job = job,
		.linked = linked,
		.out = out,
		.addresses = arena_array(tx->arena, struct address, ADDRESSES_MAX) };

	if (!l.addresses)
		return ERR_INTERNAL;
	buf_init(&l.refs, tx->arena);
	*out = (struct erasure){ 0 };
	TRY(linked_users_addresses(tx, linked, l.addresses, &out->addresses));
	TRY(person_search_each_tenant(tx, linked_users_primary(linked)->group_name, erase_with, &l));
	TRY(erase_addresses(tx, &l));
	for (size_t i = 0; i < linked->n; i++) {
		l.user = &linked->users[i];
		TRY(erase_user(tx, &l));
	}
	return buf_done(&l.refs, &out->provider_sessions);
}

static enum err erase(struct tx *tx, void *arg)
{
	const struct erase_job *const job = arg;
	struct person_search *const search = &job->out->search;

	TRY(person_search_run(job->world, tx, job->selector, search));
	for (size_t i = 0; i < search->n; i++)
		TRY(erase_one(tx, job, &search->list[i].linked, &job->out->list[i]));
	return OK;
}

enum err app_erase(const struct world *world, struct arena *a, const struct person_selector *selector,
	bool really, struct erasures *out)
{
	struct erase_job job = { world, selector, really, out };

	return store_transact(world->store, really ? TX_WRITE : TX_READ, a, erase, &job);
}
