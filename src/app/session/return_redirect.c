#include "app/session/return_redirect.h"

#include "app/core/branding.h"
#include "app/person/kyc_status.h"
#include "domain/expiry.h"
#include "port/store.h"

/* A session is polled at most once in this time, however often its link is opened (interface.md 3). */
#define POLL_INTERVAL seconds(10)

struct return_job {
	const struct world *world;
	struct str ref;
	struct return_redirect out;
};

static enum err load_has_link(struct tx *tx, const struct session *session, bool *out)
{
	struct verification_link link = { .session_id = session->id };
	size_t n;

	TRY(store_find(tx, QUERY_VERIFICATION_LINKS_OF_SESSION, &link, page_of(0, 1), &link, &n));
	*out = n > 0;
	return OK;
}

static enum err load_redirect(struct tx *tx, void *arg)
{
	struct return_job *const job = arg;
	const moment now = world_now(job->world);
	struct session session;
	struct tenant tenant = { 0 };
	struct user user = { 0 };

	TRY(session_by_provider_ref(tx, job->ref, &session));
	tenant.id = session.tenant_id;
	user.id = session.user_id;
	TRY(store_load_tenant(tx, &tenant));
	/* A person who was erased is redirected as well. */
	const enum err e = store_load_user(tx, &user);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	job->out.session_status = session.status;
	TRY(load_has_link(tx, &session, &job->out.has_link));
	TRY(branding_load(tx, &tenant.id, &job->out.branding));
	job->out.person_language = arena_copy(tx->arena, str_of(user.language));
	job->out.tenant_language = arena_copy(tx->arena, str_of(tenant.language));
	job->out.tenant_name = arena_copy(tx->arena, str_of(tenant.display_name));
	job->out.url = arena_copy(tx->arena, str_of(tenant.return_url));
	job->out.poll_now = session_status_is_open(session.status) &&
			    (moment_is_unset(session.return_poll_at) ||
				    !expiry_is_open(moment_add(session.return_poll_at, POLL_INTERVAL),
					    POLL_INTERVAL, now));
	if (!job->out.poll_now || !tx->writing)
		return OK;
	session.return_poll_at = now;
	return store_save_session(tx, &session);
}

enum err app_return(const struct world *world, struct arena *a, struct str ref, struct return_redirect *out)
{
	struct return_job job = { .world = world, .ref = ref };

	/* The endpoint is public, so anyone can call it often. The first transaction only reads; SQLite's
	 * only writer is occupied only by a call that makes a poll due. */
	TRY(store_transact(world->store, TX_READ, a, load_redirect, &job));
	if (job.out.poll_now)
		TRY(store_transact(world->store, TX_WRITE, a, load_redirect, &job));
	*out = job.out;
	return OK;
}
