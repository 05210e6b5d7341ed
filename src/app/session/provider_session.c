#include "app/session/provider_session.h"

#include <assert.h>
#include <string.h>

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/person/kyc_status.h"
#include "app/person/person.h"
#include "app/session/pending_session.h"

struct recording {
	const struct session_request *o;
	const struct provider_session *created;
	bool found; /* by a search */
	enum provider_cause cause;
	bool gone, late;
};

static_assert(sizeof((struct provider_session){ 0 }.features) == sizeof((struct session){ 0 }.features),
	"copied whole");

static void take_over(
	struct session *session, const struct provider_session *created, moment now, duration reconcile_after)
{
	session->provider_ref = created->ref;
	if (created->features[0] != '\0')
		memcpy(session->features, created->features, sizeof(session->features));
	session->status = created->status;
	session->last_update_at = now;
	session->next_poll_at = session_next_poll_at(session, reconcile_after);
}

static enum err seal_url(const struct recording *r, struct tx *tx, struct session *session)
{
	const struct sealed_field place = { SEALED_SESSION_URL, session->id.text };

	return user_seal(r->o->world, tx->arena, &r->o->user, &place, r->created->url, &session->sealed_url);
}

/* The provider gave a session that we have already: it was not over there. What was noted is no other one. */
static enum err record_known(struct tx *tx, const struct recording *r, struct session *known)
{
	const struct world *const world = r->o->world;
	const struct pending_session_end end = { AUDIT_SESSION_RELEASED, "known", false };

	TRY(pending_session_release(world, tx, r->o->actor, &r->o->pending, &end));
	if (r->gone)
		return OK;
	take_over(known, r->created, world_now(world), world->rules->reconcile_after);
	known->last_poll_at = known->last_update_at;
	TRY(seal_url(r, tx, known));
	return store_save_session(tx, known);
}

/* A person who was erased while the provider was asked is a stranger by now. What the provider made is noted,
 * closed, so that it can be deleted there. */
static enum err record_new(struct tx *tx, const struct recording *r)
{
	const struct world *const world = r->o->world;
	struct session session = r->o->pending;

	take_over(&session, r->created, world_now(world), world->rules->reconcile_after);
	if (r->gone)
		session.status = STATUS_EXPIRED;
	else
		TRY(seal_url(r, tx, &session));
	TRY(store_save_session(tx, &session));
	const struct audit_params params = { AUDIT_SESSION_CREATED, session.user_id.text,
		session.tenant_id.text,
		r->gone	   ? "erased"
		: r->found ? "found"
			   : "" };
	return audit_append(world, tx, r->o->actor, &params);
}

/* What came is not ours to write down any more where the note is gone, and its unit with it: who cleared up
 * has left a doubt with the person, by which their next `create` finds it. */
static enum err record(struct tx *tx, void *arg)
{
	struct recording *const r = arg;
	struct user user = { .id = r->o->user.id };
	struct session known;
	bool stands;

	TRY(store_load_user(tx, &user));
	TRY(pending_session_is_current(tx, &r->o->pending, &stands));
	r->late = !stands;
	if (r->late)
		return OK;
	r->gone = user_is_erased(&user);
	if (!moment_is_unset(user.orphan_suspected_at)) {
		user.orphan_suspected_at = (moment){ 0 };
		TRY(store_save_user(tx, &user));
	}
	const enum err e = session_by_provider_ref(tx, str_of(r->created->ref.text), &known);
	if (e == ERR_NOT_FOUND)
		return record_new(tx, r);
	TRY(e);
	/* Somebody else's: it cannot be given to this person. */
	if (!str_eq(str_of(known.user_id.text), str_of(user.id.text)))
		return ERR_CONFLICT;
	return record_known(tx, r, &known);
}

static enum err give_up(struct tx *tx, void *arg)
{
	const struct recording *const r = arg;
	const struct pending_session_end end = { AUDIT_SESSION_FAILED, provider_cause_name(r->cause),
		provider_may_have_created(r->cause) };

	return pending_session_release(r->o->world, tx, r->o->actor, &r->o->pending, &end);
}

/* No more than half of what a create may take: who waits for another one's call waits for both. */
static enum err look_for(const struct session_request *o, struct arena *a, struct provider_session *created,
	enum provider_cause *cause)
{
	struct provider *const provider = o->world->provider;
	const struct session_search search = { str_of(o->user.id.text), o->user.orphan_suspected_at,
		milliseconds(o->world->rules->provider_timeout.ms / 2) };

	if (moment_is_unset(o->user.orphan_suspected_at) || !provider->ops->can_find(provider))
		return ERR_NOT_FOUND;
	return provider->ops->find(provider, &search, a, created, cause);
}

static enum err make(const struct session_request *o, struct arena *a, struct provider_session *created,
	enum provider_cause *cause)
{
	const struct rules *const rules = o->world->rules;
	struct provider *const provider = o->world->provider;
	const struct session_params params = { str_of(o->user.id.text), rules->callback_url, rules->features,
		o->language.n > 0 ? o->language : str_of(o->user.language) };

	return provider->ops->create(provider, &params, a, created, cause);
}

/* Asks. No transaction is open meanwhile. */
static enum err ask(const struct session_request *o, struct arena *a, struct recording *r,
	struct provider_session *created)
{
	enum err e = look_for(o, a, created, &r->cause);

	r->found = e == OK;
	if (e == ERR_NOT_FOUND)
		e = make(o, a, created, &r->cause);
	return e;
}

enum err provider_session_create(
	const struct session_request *request, struct arena *a, struct session_result *out)
{
	struct store *const store = request->world->store;
	struct provider_session created;
	struct recording r = { .o = request, .created = &created, .cause = PROVIDER_OK };

	if (ask(request, a, &r, &created) != OK) {
		*out = (struct session_result){ .verdict = SESSION_REQUEST_FAILED, .cause = r.cause };
		return store_transact(store, TX_WRITE, a, give_up, &r);
	}
	TRY(store_transact(store, TX_WRITE, a, record, &r));
	if (r.late)
		*out = (struct session_result){ .verdict = SESSION_REQUEST_TIMEOUT };
	else if (r.gone)
		*out = (struct session_result){ .verdict = SESSION_REQUEST_ERASED };
	else
		*out = (struct session_result){
			.verdict = SESSION_REQUEST_CREATED, .ref = created.ref, .url = created.url
		};
	return OK;
}
