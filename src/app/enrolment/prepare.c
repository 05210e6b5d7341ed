#include "app/enrolment/prepare.h"

#include "app/core/audit.h"
#include "app/person/kyc_status.h"

/* What was last asked for counts, whoever asked: it changes nothing but letters. */
static enum err keep_language(struct tx *tx, const struct user_id *id, struct str language)
{
	struct user user = { .id = *id };

	if (language.n == 0)
		return OK;
	TRY(store_load_user(tx, &user));
	if (str_eq(language, str_of(user.language)) ||
		!str_copy_to(language, user.language, sizeof(user.language)))
		return OK;
	return store_save_user(tx, &user);
}

static enum err note(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct enrolment *enrolment, const char *word)
{
	const struct audit_params params = { action, enrolment->user_id.text, caller->tenant.id.text, word };

	return audit_append(world, tx, &caller->actor, &params);
}

static enum err note_proof(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, const struct enrolment *enrolment)
{
	return note(world, tx, caller, AUDIT_VERIFIED, enrolment, address_kind_name(params->identifier.kind));
}

/* With its proof at once, if there is one. */
static enum err enrol(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct address_lookup *lookup)
{
	const moment now = world_now(world);
	struct enrolment enrolment = {
		.tenant_id = caller->tenant.id, .blind_index = lookup->address.blind_index, .prepared_at = now
	};
	struct user user;

	/* Who is known to others only is not looked at: that would take longer than to add somebody. */
	user.id = lookup->address.user_id;
	if (!lookup->is_known)
		TRY(user_find_or_create(world, tx, &caller->tenant, lookup, params->new_user, &user));
	enrolment.user_id = user.id;
	if (params->is_verified)
		enrolment.verified_at = now;
	TRY(store_add_enrolment(tx, &enrolment));
	lookup->enrolment = enrolment;
	TRY(note(world, tx, caller, AUDIT_PREPARED, &enrolment, ""));
	return params->is_verified ? note_proof(world, tx, caller, params, &enrolment) : OK;
}

/* Most who prove themselves later are new: they are added without a look, where no others of a group could
 * know them, for who is known takes longer then. ERR_CONFLICT: this one is known. */
static enum err welcome(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct address_lookup *lookup)
{
	const struct new_user *const new_user = params->new_user;
	const struct enrolment enrolment = { .tenant_id = caller->tenant.id,
		.user_id = new_user->user.id,
		.blind_index = new_user->address.blind_index,
		.prepared_at = world_now(world) };
	const struct audit_params audit = { AUDIT_PREPARED, new_user->user.id.text, caller->tenant.id.text,
		"" };
	struct user user = new_user->user;
	struct audit_entry entry;

	TRY(audit_entry_init(world, tx, &caller->actor, &audit, &entry));
	/* One that does not fit is left out, as keep_language leaves it. */
	(void)!str_copy_to(params->language, user.language, sizeof(user.language));
	TRY(store_insert_new_user(
		tx, &(struct new_user_rows){ &new_user->address, &user, &enrolment, &entry }));
	*lookup = (struct address_lookup){
		.identifier = params->identifier, .address = new_user->address, .enrolment = enrolment
	};
	return OK;
}

/* The first proof counts: giving it again changes nothing. */
static enum err keep_proof(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct enrolment *enrolment)
{
	if (!params->is_verified || enrolment_is_verified(enrolment))
		return OK;
	enrolment->verified_at = world_now(world);
	TRY(store_save_enrolment(tx, enrolment));
	return note_proof(world, tx, caller, params, enrolment);
}

static enum err look_at_person(struct tx *tx, const struct address_lookup *lookup,
	struct linked_users *linked, struct kyc_status *kyc_status)
{
	const struct user head = { .id = primary_user_of(&lookup->address) };

	TRY(store_prefetch(tx, LOAD_PLAN_PRIMARY_USER, &head));
	TRY(linked_users_of_address(tx, &lookup->address, linked));
	return kyc_status_load(tx, linked, kyc_status);
}

/* A run whose commit was not heard of may have added this very newcomer. */
static bool is_added_by_us(const struct prepare_params *params, const struct address_lookup *lookup)
{
	const struct new_user *const new_user = params->new_user;

	return new_user != NULL &&
	       str_eq(str_of(new_user->user.id.text), str_of(lookup->address.user_id.text));
}

static enum err meet(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct address_lookup *lookup)
{
	TRY(address_lookup(world, tx, &caller->tenant, &params->identifier, LOAD_PLAN_ENROLMENT, lookup));
	if (lookup->is_enrolled)
		TRY(keep_proof(world, tx, caller, params, &lookup->enrolment));
	else
		TRY(enrol(world, tx, caller, params, lookup));
	return keep_language(tx, &lookup->enrolment.user_id, params->language);
}

enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out)
{
	struct address_lookup lookup;
	struct kyc_status kyc_status = { 0 };
	struct linked_users linked = { NULL, 0 };
	enum err e = ERR_CONFLICT;

	if (params->new_user && !params->is_verified && tenant_has_own_group(&caller->tenant))
		e = welcome(world, tx, caller, params, &lookup);
	if (e == ERR_CONFLICT)
		e = meet(world, tx, caller, params, &lookup);
	TRY(e);
	/* Before this tenant has the person's proof it learns nothing of what others of its group know; of
	 * who is new there is nothing to learn. */
	if (lookup.is_known && enrolment_is_verified(&lookup.enrolment))
		TRY(look_at_person(tx, &lookup, &linked, &kyc_status));
	*out = (struct prepare_result){
		.already_prepared = lookup.is_enrolled && !is_added_by_us(params, &lookup),
		.user = lookup.enrolment.user_id,
		.kyc_approved = kyc_status_is_approved(&kyc_status),
		.kyc_status = kyc_status_name(&kyc_status),
	};
	return verified_identifiers_load(
		tx, &lookup.enrolment, params->identifier.kind, &linked, &out->verified);
}

struct job {
	const struct world *world;
	const struct caller *caller;
	const struct prepare_params *params;
	struct prepare_result out;
};

static enum err run(struct tx *tx, void *arg)
{
	struct job *const job = arg;

	return app_prepare(job->world, tx, job->caller, job->params, &job->out);
}

enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out)
{
	struct prepare_params with = *params;
	struct job job = { world, caller, &with, { 0 } };
	struct new_user new_user;

	TRY(user_new(world, a, caller->tenant.group_name, &with.identifier, &new_user));
	with.new_user = &new_user;
	TRY(store_transact(world->store, TX_WRITE, a, run, &job));
	*out = job.out;
	return OK;
}
