#include "app/verification/check.h"

#include "app/person/kyc_status.h"
#include "app/person/link_completion.h"
#include "app/person/person_addresses.h"
#include "app/verification/link_row.h"

struct check_job {
	const struct world *world;
	const struct verification_check_params *params;
	struct visited_link link;
	struct identifier identifier; /* an address that the person has verified; empty: the link is closed */
	const struct create_result *created;
};

static enum err load_open_link(struct check_job *job, struct tx *tx, bool *awaits)
{
	const enum err e = visited_link_load(job->world, tx, &job->params->visit, &job->link);

	*awaits = e == OK && visited_link_awaits_check(&job->link);
	return e == ERR_NOT_FOUND ? OK : e;
}

/* The session is created for the address that was verified, as if the tenant had named it. */
static enum err load_address(struct tx *tx, void *arg)
{
	struct check_job *const job = arg;
	struct str email = STR(""), wallet = STR("");
	struct user user;
	bool awaits;

	job->identifier.normal = STR("");
	TRY(load_open_link(job, tx, &awaits));
	if (!awaits)
		return OK;
	user = (struct user){ .id = job->link.row.user_id };
	TRY(store_load_user(tx, &user));
	if (user_is_erased(&user))
		return OK;
	TRY(user_address_unseal(job->world, tx, &user, &email, &wallet));
	job->identifier = email.n > 0 ? identifier_email(email) : identifier_wallet(wallet);
	return OK;
}

/* Stores the session to which the person goes on, and completes the link if there is nothing to go on to. */
static enum err save_outcome(struct tx *tx, void *arg)
{
	struct check_job *const job = arg;
	struct verification_link *const row = &job->link.row;
	struct session session;
	bool awaits;

	TRY(load_open_link(job, tx, &awaits));
	if (!awaits)
		return OK;
	if (job->created->outcome != CREATE_OUTCOME_CREATED)
		return link_completion_save(job->world, tx, &row->user_id);
	const enum err e = session_by_provider_ref(tx, str_of(job->created->ref.text), &session);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (str_eq(str_of(row->session_id.text), str_of(session.id.text)))
		return OK;
	row->session_id = session.id;
	return link_row_save(job->world, tx, row);
}

enum err verification_link_create_session(const struct world *world, struct single_flights *single_flights,
	struct arena *a, const struct verification_check_params *params,
	struct verification_check_result *out)
{
	struct check_job job = { .world = world, .params = params };

	*out = (struct verification_check_result){ .is_closed = true };
	TRY(store_transact(world->store, TX_READ, a, load_address, &job));
	if (job.identifier.normal.n == 0)
		return OK;
	out->is_closed = false;
	const struct caller caller = job.link.caller;
	const struct create_params create = { .caller = &caller,
		.flow = flow_find(str_of(flow_name_at(0))),
		.identifier = job.identifier,
		.language = params->language };
	TRY(app_create_session(world, single_flights, a, &create, &out->create));
	job.created = &out->create;
	if (out->create.outcome != CREATE_OUTCOME_CREATED && out->create.outcome != CREATE_OUTCOME_APPROVED &&
		out->create.outcome != CREATE_OUTCOME_REFUSED)
		return OK;
	return store_transact(world->store, TX_WRITE, a, save_outcome, &job);
}
