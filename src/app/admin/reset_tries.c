#include "app/admin/reset_tries.h"

#include "app/core/audit.h"
#include "app/person/linked_users.h"
#include "app/person/retry_policy.h"

struct reset_job {
	const struct world *world;
	const struct actor *actor;
	const struct person_selector *selector;
	struct tries_resets *out;
};

/* Returns a moment after the creation of every existing session, even of one that a machine with a faster
 * clock created. */
static enum err find_reset_time(
	const struct world *world, struct tx *tx, const struct user_id *user, moment *out)
{
	const struct session probe = { .user_id = *user };
	struct session newest;
	size_t n;

	*out = world_now(world);
	TRY(store_find(tx, QUERY_SESSIONS_OF_USER, &probe, page_of(0, 1), &newest, &n));
	if (n > 0 && !moment_is_before(newest.created_at, *out))
		*out = moment_add(newest.created_at, milliseconds(1));
	return OK;
}

static enum err reset_user_tries(const struct world *world, struct tx *tx, struct user *user)
{
	TRY(find_reset_time(world, tx, &user->id, &user->tries_reset_at));
	return store_save_user(tx, user);
}

enum err reset_tries_save(const struct world *world, struct tx *tx, const struct actor *actor,
	struct linked_users *linked, const char *why)
{
	const struct audit_params params = { AUDIT_TRIES_RESET, linked_users_primary(linked)->id.text, "",
		why };

	for (size_t i = 0; i < linked->n; i++)
		TRY(reset_user_tries(world, tx, &linked->users[i]));
	return audit_append(world, tx, actor, &params);
}

static enum err reset_person_tries(
	const struct reset_job *job, struct tx *tx, struct person_match *match, struct tries_reset *out)
{
	const struct world *const world = job->world;
	const struct linked_users *const linked = &match->linked;
	struct kyc_status kyc_status;
	struct retry_check check;

	TRY(kyc_status_load(tx, linked, &kyc_status));
	TRY(retry_policy_check(world, tx, linked, &kyc_status, &check));
	*out = (struct tries_reset){ .was_needed = check.facts.tries > 0 || check.facts.blocklisted,
		.tries = check.facts.tries,
		.blocklisted = check.facts.blocklisted };
	if (!out->was_needed)
		return OK;
	return reset_tries_save(
		world, tx, job->actor, &match->linked, check.facts.blocklisted ? "blocklisted" : "declined");
}

static enum err reset_tries_in_tx(struct tx *tx, void *arg)
{
	const struct reset_job *const job = arg;
	struct person_search *const search = &job->out->search;

	TRY(person_search_run(job->world, tx, job->selector, search));
	for (size_t i = 0; i < search->n; i++)
		TRY(reset_person_tries(job, tx, &search->list[i], &job->out->list[i]));
	return OK;
}

enum err reset_tries_run(const struct world *world, struct arena *a, const struct actor *actor,
	const struct person_selector *selector, struct tries_resets *out)
{
	struct reset_job job = { world, actor, selector, out };

	return store_transact(world->store, TX_WRITE, a, reset_tries_in_tx, &job);
}
