#include "app/session/provider_session.h"

#include <assert.h>
#include <string.h>

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/event/kyc_event.h"
#include "app/event/quota_event.h"
#include "app/person/kyc_status.h"
#include "app/person/link_completion.h"
#include "app/person/person.h"
#include "app/session/pending_session.h"
#include "base/log.h"

struct recording_job {
	const struct session_request *request;
	const struct provider_session *created;
	bool found; /* the session was found by a search at the provider */
	struct provider_failure failure;
	bool is_erased, is_released;
};

static_assert(sizeof((struct provider_session){ 0 }.features) == sizeof((struct session){ 0 }.features),
	"features are copied without truncation");

static void copy_from_provider(
	struct session *session, const struct provider_session *created, moment now, duration reconcile_after)
{
	session->provider_ref = created->ref;
	if (created->features[0] != '\0')
		memcpy(session->features, created->features, sizeof(session->features));
	session->status = created->status;
	session->last_update_at = now;
	session->next_poll_at = session_next_poll_at(session, reconcile_after);
}

static enum err seal_url(const struct recording_job *job, struct tx *tx, struct session *session)
{
	const struct sealed_field place = { SEALED_SESSION_URL, session->id.text };

	return user_seal(job->request->world, tx->arena, &job->request->user, &place, job->created->url,
		&session->sealed_url);
}

/* The provider returned a session that is stored already, with an earlier state. Releases the pending session
 * and updates the stored session. */
static enum err update_known_session(struct tx *tx, const struct recording_job *job, struct session *known)
{
	const struct world *const world = job->request->world;
	const struct pending_session_end end = { AUDIT_SESSION_RELEASED, "known", false };

	TRY(pending_session_release(world, tx, job->request->actor, &job->request->pending, &end));
	if (job->is_erased)
		return OK;
	const enum session_status previous = known->status;

	copy_from_provider(known, job->created, world_now(world), world->rules->reconcile_after);
	known->last_poll_at = known->last_update_at;
	TRY(seal_url(job, tx, known));
	TRY(store_save_session(tx, known));
	if (known->status == previous)
		return OK;
	TRY(session_updated_events(world, tx, known, previous));
	return session_status_is_open(known->status) ? OK : link_completion_save(world, tx, &known->user_id);
}

/* Turns the pending session into a session. If the person was erased while the provider was called, the
 * session is stored as expired, so that an operator can find and delete it at the provider. */
static enum err store_new_session(struct tx *tx, const struct recording_job *job)
{
	const struct world *const world = job->request->world;
	struct session session = job->request->pending;

	copy_from_provider(&session, job->created, world_now(world), world->rules->reconcile_after);
	if (job->is_erased)
		session.status = STATUS_EXPIRED;
	else
		TRY(seal_url(job, tx, &session));
	TRY(store_save_session(tx, &session));
	if (!job->is_erased)
		TRY(session_created_events(world, tx, &session));
	TRY(quota_events(world, tx, &session.tenant_id, session.quota_month));
	const struct audit_params params = { AUDIT_SESSION_CREATED, session.user_id.text,
		session.tenant_id.text,
		job->is_erased ? "erased"
		: job->found   ? "found"
			       : "" };
	return audit_append(world, tx, job->request->actor, &params);
}

/* Stores the session unless the pending session was released while the provider was called. The release has
 * marked the user, so that the next `create` searches the provider for this session. */
static enum err store_session(struct tx *tx, void *arg)
{
	struct recording_job *const job = arg;
	struct user user = { .id = job->request->user.id };
	struct session known;
	bool is_current;

	TRY(store_load_user(tx, &user));
	TRY(pending_session_is_current(tx, &job->request->pending, &is_current));
	job->is_released = !is_current;
	if (job->is_released)
		return OK;
	job->is_erased = user_is_erased(&user);
	if (!moment_is_unset(user.orphan_suspected_at)) {
		user.orphan_suspected_at = (moment){ 0 };
		TRY(store_save_user(tx, &user));
	}
	const enum err e = session_by_provider_ref(tx, str_of(job->created->ref.text), &known);
	if (e == ERR_NOT_FOUND)
		return store_new_session(tx, job);
	TRY(e);
	/* The session belongs to another user and cannot be given to this person. */
	if (!str_eq(str_of(known.user_id.text), str_of(user.id.text)))
		return ERR_CONFLICT;
	return update_known_session(tx, job, &known);
}

static enum err release_pending(struct tx *tx, void *arg)
{
	const struct recording_job *const job = arg;
	const struct pending_session_end end = { AUDIT_SESSION_FAILED,
		provider_cause_name(job->failure.cause), provider_may_have_created(job->failure.cause) };

	return pending_session_release(
		job->request->world, tx, job->request->actor, &job->request->pending, &end);
}

/* Searches the provider for a session that an earlier request may have created. Takes at most half of the
 * provider timeout, because other calls wait until both search and creation have ended. */
static enum err find_existing_session(const struct session_request *request, struct arena *a,
	struct provider_session *created, struct provider_failure *failure)
{
	struct provider *const provider = request->world->provider;
	const struct session_search search = { str_of(request->user.id.text),
		request->user.orphan_suspected_at,
		milliseconds(request->world->rules->provider_timeout.ms / 2) };

	if (moment_is_unset(request->user.orphan_suspected_at) || !provider->ops->can_find(provider))
		return ERR_NOT_FOUND;
	return provider->ops->find(provider, &search, a, created, failure);
}

static enum err create_session_at_provider(const struct session_request *request, struct arena *a,
	struct provider_session *created, struct provider_failure *failure)
{
	const struct rules *const rules = request->world->rules;
	struct provider *const provider = request->world->provider;
	const struct session_params params = { str_of(request->user.id.text), rules->callback_url,
		rules->features,
		request->language.n > 0 ? request->language : str_of(request->user.language) };

	return provider->ops->create(provider, &params, a, created, failure);
}

/* Calls the provider. No transaction is open during the call. */
static enum err find_or_create_session(const struct session_request *request, struct arena *a,
	struct recording_job *job, struct provider_session *created)
{
	enum err e = find_existing_session(request, a, created, &job->failure);

	job->found = e == OK;
	if (e == ERR_NOT_FOUND)
		e = create_session_at_provider(request, a, created, &job->failure);
	return e;
}

static void log_unknown_status(const struct provider_session *created)
{
	log_event(LOG_WARN, "provider_status_unknown", LOG_WORD("session_id", created->ref.text),
		LOG_TEXT("text", created->unknown_status),
		LOG_TEXT("reason", "kycd does not know this status of the provider"),
		LOG_TEXT("effect", "the new session is treated as Not Started"),
		LOG_TEXT("action", provider_reason_action(PROVIDER_REASON_UNKNOWN_STATUS)));
}

enum err provider_session_create(
	const struct session_request *request, struct arena *a, struct session_result *out)
{
	struct store *const store = request->world->store;
	struct provider_session created;
	struct recording_job job = {
		.request = request, .created = &created, .failure = { .cause = PROVIDER_OK }
	};

	if (find_or_create_session(request, a, &job, &created) != OK) {
		*out = (struct session_result){ .verdict = SESSION_REQUEST_FAILED, .failure = job.failure };
		return store_transact(store, TX_WRITE, a, release_pending, &job);
	}
	TRY(store_transact(store, TX_WRITE, a, store_session, &job));
	if (created.unknown_status[0] != '\0')
		log_unknown_status(&created);
	if (job.is_released)
		*out = (struct session_result){ .verdict = SESSION_REQUEST_TIMEOUT };
	else if (job.is_erased)
		*out = (struct session_result){ .verdict = SESSION_REQUEST_ERASED };
	else
		*out = (struct session_result){
			.verdict = SESSION_REQUEST_CREATED, .ref = created.ref, .url = created.url
		};
	return OK;
}
