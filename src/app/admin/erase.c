#include "app/admin/erase.h"

#include <stdio.h>

#include "app/admin/erase_links.h"
#include "app/admin/erase_notes.h"
#include "app/core/audit.h"
#include "app/event/erase_event.h"
#include "app/person/tenant_group.h"
#include "base/buf.h"

#define BATCH 32     /* rows per query */
#define BODY_BATCH 4 /* event bodies per query; fewer, because each may be as large as a request */

struct erase_job {
	const struct world *world;
	const struct actor *actor;
	const struct person_selector *selector;
	bool really;
	struct erasures *out;
};

/* The state of the erasure of one person. */
struct erasure_state {
	const struct erase_job *job;
	const struct linked_users *linked;
	struct user *user; /* the user that is being erased */
	struct erasure *out;
	struct address *addresses;
	struct buf refs;
};

static enum err erase_enrolments(struct tx *tx, struct erasure_state *state, const struct tenant *tenant)
{
	const struct enrolment probe = { .tenant_id = tenant->id, .user_id = state->user->id };
	struct enrolment rows[ADDRESSES_MAX];
	size_t n;

	TRY(store_find(tx, QUERY_ENROLMENTS_OF_USER, &probe, page_of(0, ADDRESSES_MAX), rows, &n));
	state->out->tenants += n;
	for (size_t i = 0; i < n && state->job->really; i++) {
		TRY(user_erased_event(state->job->world, tx, state->user, &rows[i]));
		TRY(store_remove_enrolment(tx, &rows[i]));
	}
	return OK;
}

static enum err erase_code(struct tx *tx, struct erasure_state *state, const struct tenant *tenant)
{
	struct otp otp = { .tenant_id = tenant->id, .user_id = state->user->id };

	const enum err e = store_load_otp(tx, &otp);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	state->out->codes++;
	return state->job->really ? store_remove_otp(tx, &otp) : OK;
}

/* Removes the open challenges of the person's addresses. A challenge is a text that the wallet has not signed
 * yet; only a keyed hash of it is stored. */
static enum err erase_challenges(
	struct tx *tx, const struct erasure_state *state, const struct tenant *tenant)
{
	for (size_t i = 0; i < state->out->addresses && state->job->really; i++) {
		const struct challenge challenge = { .tenant_id = tenant->id,
			.wallet_index = state->addresses[i].blind_index };

		TRY(store_remove_challenge(tx, &challenge));
	}
	return OK;
}

/* Removes the claims that wallets made on the person's e-mails. */
static enum err erase_claims_on_emails(
	struct tx *tx, struct erasure_state *state, const struct tenant *tenant)
{
	for (size_t i = 0; i < state->out->addresses; i++) {
		struct claim claim = { .code = { .tenant_id = tenant->id },
			.email_index = state->addresses[i].blind_index };
		const enum err e = store_load_claim(tx, &claim);

		if (e == ERR_NOT_FOUND)
			continue;
		TRY(e);
		state->out->claims++;
		if (state->job->really)
			TRY(store_remove_claim(tx, &claim));
	}
	return OK;
}

static enum err erase_at_tenant(struct tx *tx, const struct tenant *tenant, void *arg)
{
	struct erasure_state *const state = arg;

	for (size_t i = 0; i < state->linked->n; i++) {
		state->user = &state->linked->users[i];
		TRY(erase_enrolments(tx, state, tenant));
		TRY(erase_code(tx, state, tenant));
		TRY(erase_notes(
			tx, &tenant->id, &state->user->id, state->job->really, &state->out->operator_notes));
	}
	TRY(erase_challenges(tx, state, tenant));
	return erase_claims_on_emails(tx, state, tenant);
}

/* Drops an e-mail that was not sent yet. If a worker is delivering it, the worker later finds the row done
 * and does not change it. */
static enum err drop_mail(struct tx *tx, struct erasure_state *state, struct effect *effect)
{
	if (effect->done)
		return OK;
	state->out->mails++;
	effect_finish(effect, EFFECT_DROPPED, world_now(state->job->world));
	return state->job->really ? store_save_effect(tx, effect) : OK;
}

static enum err drop_mails(struct tx *tx, struct erasure_state *state, enum effect_kind kind)
{
	struct effect *const rows = arena_array(tx->arena, struct effect, BATCH);
	const struct effect probe = { .user_id = state->user->id, .kind = kind };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_EFFECTS_OF_USER_SINCE, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(drop_mail(tx, state, &rows[i]));
		seen += n;
	}
	return OK;
}

/* Removes a claim made by the person's wallet, and drops the e-mail that was queued for the claim. That
 * e-mail goes to another person and names the wallet. */
static enum err erase_claim(struct tx *tx, struct erasure_state *state, const struct claim *claim)
{
	struct effect effect = { .id = claim->code.mail_id };

	state->out->claims++;
	if (effect.id.text[0] != '\0') {
		const enum err e = store_load_effect(tx, &effect);
		if (e != OK && e != ERR_NOT_FOUND)
			return e;
		if (e == OK)
			TRY(drop_mail(tx, state, &effect));
	}
	return state->job->really ? store_remove_claim(tx, claim) : OK;
}

/* Removes the claims of a wallet page by page. Removed rows do not occur in the next page of the query. If
 * `really` is false, rows stay, so the next page is read by its offset. */
static enum err erase_claims_by_wallet(
	struct tx *tx, struct erasure_state *state, const struct address *wallet)
{
	struct claim *const rows = arena_array(tx->arena, struct claim, BATCH);
	const struct claim probe = { .wallet_index = wallet->blind_index };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_CLAIMS_OF_WALLET, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_claim(tx, state, &rows[i]));
		seen += state->job->really ? 0 : n;
	}
	return OK;
}

/* Removes the event bodies of a session. If `really` is false, nothing is removed, so the bodies are not read
 * either. */
static enum err erase_event_bodies(
	struct tx *tx, const struct erasure_state *state, const struct session *session)
{
	struct provider_event_body *const rows = arena_array(
		tx->arena, struct provider_event_body, BODY_BATCH);
	const struct provider_event_body probe = { .session_id = session->id };
	size_t n = BODY_BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BODY_BATCH && state->job->really) {
		TRY(store_find(tx, QUERY_EVENT_BODIES_OF_SESSION, &probe, page_of(0, BODY_BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(store_remove_provider_event_body(tx, &rows[i]));
	}
	return OK;
}

/* Removes the review of a session, with the operator's comment. The audit log keeps who decided it. */
static enum err erase_review(struct tx *tx, const struct erasure_state *state, const struct session *session)
{
	const struct review review = { .session_id = session->id };

	return state->job->really ? store_remove_review(tx, &review) : OK;
}

/* Removes the personal data of a session. Marks an open session as expired, because its result will never be
 * reported. A pending session stays: the call that added it will find that the person was erased. */
static enum err erase_session(struct tx *tx, struct erasure_state *state, struct session *session)
{
	state->out->sessions++;
	state->out->blocklisted |= session->blocklisted;
	if (session->provider_ref.text[0])
		buf_printf(&state->refs, "%s\n", session->provider_ref.text);
	session->sealed_url = STR("");
	session->sealed_decision = STR("");
	session->blocklisted = false;
	if (session_status_is_open(session->status))
		session->status = STATUS_EXPIRED;
	TRY(erase_event_bodies(tx, state, session));
	TRY(erase_review(tx, state, session));
	return state->job->really ? store_save_session(tx, session) : OK;
}

static enum err erase_sessions(struct tx *tx, struct erasure_state *state)
{
	struct session *const rows = arena_array(tx->arena, struct session, BATCH);
	const struct session probe = { .user_id = state->user->id };
	size_t seen = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(seen, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(erase_session(tx, state, &rows[i]));
		seen += n;
	}
	return OK;
}

/* Erases the user's key, and the events that were sealed with it. The user's row stays, because sessions and
 * the audit log refer to it. */
static enum err erase_key(struct tx *tx, const struct erasure_state *state)
{
	TRY(erase_events_of_user(state->job->world, tx, &state->user->id));
	user_erase(state->user);
	return store_save_user(tx, state->user);
}

/* Writes an entry for each user of the person. Each has the numbers of the whole person, so that the audit
 * log says later what the erasure removed. */
static enum err write_audit(struct tx *tx, const struct erase_job *job, const struct linked_users *linked,
	const struct erasure *out)
{
	struct audit_params params = { AUDIT_USER_ERASED, "", "", "" };
	char numbers[sizeof((struct audit_entry){ 0 }.detail)];

	(void)snprintf(numbers, sizeof(numbers), "addresses=%zu sessions=%zu links=%zu notes=%zu",
		out->addresses, out->sessions, out->links, out->operator_notes);
	params.detail = numbers;
	for (size_t i = 0; i < linked->n; i++) {
		params.subject = linked->users[i].id.text;
		TRY(audit_append(job->world, tx, job->actor, &params));
	}
	return OK;
}

static struct links_erasure links_erasure_of(const struct erasure_state *state)
{
	return (struct links_erasure){ state->job->world, state->job->really, &state->out->links };
}

static enum err erase_addresses(struct tx *tx, struct erasure_state *state)
{
	const struct links_erasure links = links_erasure_of(state);

	for (size_t i = 0; i < state->out->addresses; i++) {
		if (state->addresses[i].kind == ADDRESS_WALLET)
			TRY(erase_claims_by_wallet(tx, state, &state->addresses[i]));
		TRY(erase_links_by_address(&links, tx, &state->addresses[i].blind_index));
		if (state->job->really)
			TRY(store_remove_address(tx, &state->addresses[i]));
	}
	return OK;
}

static enum err erase_user(struct tx *tx, struct erasure_state *state)
{
	const struct links_erasure links = links_erasure_of(state);

	TRY(drop_mails(tx, state, EFFECT_MAIL_CODE));
	TRY(drop_mails(tx, state, EFFECT_MAIL_LINK_CODE));
	TRY(drop_mails(tx, state, EFFECT_MAIL_VERIFICATION_LINK));
	TRY(erase_sessions(tx, state));
	TRY(erase_links_of_user(&links, tx, &state->user->id));
	return state->job->really ? erase_key(tx, state) : OK;
}

static enum err erase_person(
	struct tx *tx, const struct erase_job *job, const struct linked_users *linked, struct erasure *out)
{
	struct erasure_state state = { .job = job,
		.linked = linked,
		.out = out,
		.addresses = arena_array(tx->arena, struct address, ADDRESSES_MAX) };

	if (!state.addresses)
		return ERR_INTERNAL;
	buf_init(&state.refs, tx->arena);
	*out = (struct erasure){ 0 };
	TRY(linked_users_addresses(tx, linked, state.addresses, &out->addresses));
	TRY(tenant_group_each(tx, linked_users_primary(linked)->group_name, erase_at_tenant, &state));
	TRY(erase_addresses(tx, &state));
	for (size_t i = 0; i < linked->n; i++) {
		state.user = &linked->users[i];
		TRY(erase_user(tx, &state));
	}
	if (job->really)
		TRY(write_audit(tx, job, linked, out));
	return buf_done(&state.refs, &out->provider_sessions);
}

static enum err erase_in_tx(struct tx *tx, void *arg)
{
	const struct erase_job *const job = arg;
	struct person_search *const search = &job->out->search;

	TRY(person_search_run(job->world, tx, job->selector, search));
	for (size_t i = 0; i < search->n; i++)
		TRY(erase_person(tx, job, &search->list[i].linked, &job->out->list[i]));
	return OK;
}

enum err app_erase(const struct world *world, struct arena *a, const struct actor *actor,
	const struct person_selector *selector, bool really, struct erasures *out)
{
	struct erase_job job = { world, actor, selector, really, out };

	return store_transact(world->store, really ? TX_WRITE : TX_READ, a, erase_in_tx, &job);
}
