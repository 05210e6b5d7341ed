#include "app/operator/access.h"

#include "base/log.h"
#include "domain/event.h"

void console_actor(const struct operator_account *account, struct str request_id, struct actor *out)
{
	*out = (struct actor){ .kind = ACTOR_OPERATOR };
	shown_id_write(OPERATOR_ID_PREFIX, account->id.text, out->id);
	if (!str_copy_to(request_id, out->request_id, sizeof(out->request_id)))
		out->request_id[0] = '\0';
}

static const char *const refusals[] = {
	[CONSOLE_ROLE_REFUSED] = "role",
	[CONSOLE_TENANT_REFUSED] = "tenant",
	[CONSOLE_STEP_UP_NEEDED] = "step_up",
};

enum console_verdict console_permit(const struct world *world, const struct console_caller *caller,
	enum console_action action, const struct tenant_id *tenant)
{
	const enum console_verdict verdict = console_check(
		&caller->account, &caller->session, action, tenant, world_expiry_now(world));

	if (verdict != CONSOLE_PERMITTED)
		log_event(LOG_WARN, "console_refused", LOG_WORD("action", console_action_name(action)),
			LOG_WORD("reason", refusals[verdict]), LOG_WORD("operator_id", caller->actor.id),
			LOG_WORD("request_id", caller->actor.request_id));
	return verdict;
}

enum err console_use_step_up(
	const struct world *world, struct tx *tx, const struct console_caller *caller, bool *usable)
{
	struct console_session session = { .token_digest = caller->session.token_digest };

	*usable = false;
	const enum err e = store_load_console_session(tx, &session);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	*usable = console_step_up_is_usable(&session, world_expiry_now(world));
	session.step_up_at = (moment){ 0 };
	return store_save_console_session(tx, &session);
}

struct step_up_job {
	const struct world *world;
	const struct console_caller *caller;
	bool usable;
};

static enum err use_step_up(struct tx *tx, void *arg)
{
	struct step_up_job *const job = arg;

	return console_use_step_up(job->world, tx, job->caller, &job->usable);
}

enum err console_take_step_up(const struct world *world, struct arena *a, const struct console_caller *caller,
	enum console_verdict *verdict)
{
	struct step_up_job job = { .world = world, .caller = caller };

	TRY(store_transact(world->store, TX_WRITE, a, use_step_up, &job));
	*verdict = job.usable ? CONSOLE_PERMITTED : CONSOLE_STEP_UP_NEEDED;
	return OK;
}
