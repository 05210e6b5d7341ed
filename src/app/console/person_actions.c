#include "app/console/person_actions.h"

#include "app/console/visible_tenants.h"
#include "base/log.h"
#include "domain/event.h"

struct action_job {
	const struct world *world;
	const struct console_caller *caller;
	enum console_action action;
	const struct console_person_name *name;
	bool uses_step_up;
	struct str group;	       /* as in struct person_selector, for the action */
	enum console_verdict *verdict; /* out */
};

/* The people of a group are shared, so an operator of some of its tenants may not act for the others. */
static void refuse_part_of_group(const struct action_job *job)
{
	*job->verdict = CONSOLE_ROLE_REFUSED;
	log_event(LOG_WARN, "console_refused", LOG_WORD("action", console_action_name(job->action)),
		LOG_WORD("reason", "group"), LOG_WORD("operator_id", job->caller->actor.id),
		LOG_WORD("request_id", job->caller->actor.request_id));
}

static enum err set_group(struct tx *tx, struct action_job *job, const struct tenant *tenant)
{
	job->group = tenant_has_own_group(tenant) ? arena_printf(tx->arena, "@%s", tenant->name)
						  : arena_copy(tx->arena, str_of(tenant->group_name));
	return job->group.p ? OK : ERR_INTERNAL;
}

static enum err admit_action(struct tx *tx, void *arg)
{
	struct action_job *const job = arg;
	struct console_person_found found;
	bool usable = true;

	TRY(console_person_find(job->world, tx, job->caller, job->action, job->name, &found));
	*job->verdict = found.verdict;
	if (found.verdict != CONSOLE_PERMITTED)
		return OK;
	if (!found.has_whole_group) {
		refuse_part_of_group(job);
		return OK;
	}
	TRY(set_group(tx, job, &found.tenant));
	if (job->uses_step_up)
		TRY(console_use_step_up(job->world, tx, job->caller, &usable));
	if (!usable)
		*job->verdict = CONSOLE_STEP_UP_NEEDED;
	return OK;
}

/* The action has its own transaction and finds the person again: ERR_NOT_FOUND if the person was erased in
 * the meantime. */
static struct person_selector selector_of(const struct action_job *job)
{
	return (struct person_selector){ .group = job->group, .public_id = job->name->id };
}

enum err console_person_reset_tries(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct console_person_name *name, struct tries_reset *out,
	enum console_verdict *verdict)
{
	struct tries_resets *const all = arena_new(a, struct tries_resets);
	struct action_job job = { .world = world,
		.caller = caller,
		.action = CONSOLE_RESET_TRIES,
		.name = name,
		.verdict = verdict };

	if (!all)
		return ERR_INTERNAL;
	TRY(store_transact(world->store, TX_READ, a, admit_action, &job));
	if (*verdict != CONSOLE_PERMITTED)
		return OK;
	const struct person_selector selector = selector_of(&job);

	TRY(reset_tries_run(world, a, &caller->actor, &selector, all));
	if (all->search.n == 0)
		return ERR_NOT_FOUND;
	*out = all->list[0];
	return OK;
}

enum err console_person_erase(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct console_erasure *erasure)
{
	struct erasures *const all = arena_new(a, struct erasures);
	struct action_job job = { .world = world,
		.caller = caller,
		.action = CONSOLE_ERASE_PERSON,
		.name = &erasure->name,
		.uses_step_up = erasure->really,
		.verdict = &erasure->verdict };

	if (!all)
		return ERR_INTERNAL;
	TRY(store_transact(world->store, erasure->really ? TX_WRITE : TX_READ, a, admit_action, &job));
	if (erasure->verdict != CONSOLE_PERMITTED)
		return OK;
	const struct person_selector selector = selector_of(&job);

	TRY(app_erase(world, a, &caller->actor, &selector, erasure->really, all));
	if (all->search.n == 0)
		return ERR_NOT_FOUND;
	erasure->erased = all->list[0];
	return OK;
}
