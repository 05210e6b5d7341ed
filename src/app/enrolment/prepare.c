#include "app/enrolment/prepare.h"

#include "app/core/audit.h"
#include "app/event/kyc_event.h"
#include "app/event/numbering.h"
#include "app/event/person_event.h"
#include "app/person/kyc_status.h"
#include "app/person/reference.h"

/* Saves the language of the last request. A request by any tenant of the group changes it, because it is used
 * only for e-mails and pages. */
static enum err save_language(struct tx *tx, const struct user_id *id, struct str language)
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

static enum err audit_enrolment(const struct world *world, struct tx *tx, const struct caller *caller,
	enum audit_action action, const struct enrolment *enrolment, const char *detail)
{
	const struct audit_params params = { action, enrolment->user_id.text, caller->tenant.id.text,
		detail };

	return audit_append(world, tx, &caller->actor, &params);
}

static enum err audit_verified(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, const struct enrolment *enrolment)
{
	return audit_enrolment(
		world, tx, caller, AUDIT_VERIFIED, enrolment, address_kind_name(params->identifier.kind));
}

static enum event_type event_of_verification(const struct prepare_params *params)
{
	return params->identifier.kind == ADDRESS_WALLET ? EVENT_USER_WALLET_VERIFIED
							 : EVENT_USER_EMAIL_VERIFIED;
}

/* Adds the enrolment of the address. If `params->is_verified`, the enrolment is verified at once. */
static enum err enrol_address(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct address_lookup *lookup)
{
	const moment now = world_now(world);
	struct enrolment enrolment = {
		.tenant_id = caller->tenant.id, .blind_index = lookup->address.blind_index, .prepared_at = now
	};
	struct user user;

	/* If only other tenants know the user, its row is not loaded: loading would take longer than adding a
	 * new user, and the tenant must not notice the difference. */
	user.id = lookup->address.user_id;
	if (!lookup->is_known)
		TRY(user_find_or_create(world, tx, &caller->tenant, lookup, params->new_user, &user));
	enrolment.user_id = user.id;
	if (params->reference.n > 0) {
		TRY(store_load_user(tx, &user));
		TRY(reference_seal(world, tx->arena, &user, &enrolment, params->reference));
	}
	TRY(person_event_add(
		world, tx, &enrolment, EVENT_USER_PREPARED, address_kind_name(params->identifier.kind)));
	if (params->is_verified) {
		enrolment.verified_at = now;
		TRY(person_event_add(world, tx, &enrolment, event_of_verification(params), ""));
	}
	TRY(store_add_enrolment(tx, &enrolment));
	lookup->enrolment = enrolment;
	TRY(audit_enrolment(world, tx, caller, AUDIT_PREPARED, &enrolment, ""));
	return params->is_verified ? audit_verified(world, tx, caller, params, &enrolment) : OK;
}

static struct enrolment new_enrolment(
	const struct world *world, const struct caller *caller, const struct new_user *new_user)
{
	return (struct enrolment){ .tenant_id = caller->tenant.id,
		.user_id = new_user->user.id,
		.blind_index = new_user->address.blind_index,
		.prepared_at = world_now(world) };
}

/* Fills the event of a new enrolment, which gets its public user id. */
static enum err begin_enrolment(const struct world *world, const struct prepare_params *params,
	struct enrolment *enrolment, struct event *event)
{
	TRY(person_event_init(world, enrolment, EVENT_USER_PREPARED, event));
	(void)!str_copy_to(
		str_of(address_kind_name(params->identifier.kind)), event->detail, sizeof(event->detail));
	return OK;
}

/* Adds the new user without checking first whether the address is known, because most e-mails are not. Used
 * only for a tenant alone in its group: this path takes longer for a known address, which would reveal to a
 * tenant what other tenants know. Returns ERR_CONFLICT if the address is known. */
static enum err insert_new_user(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct address_lookup *lookup)
{
	const struct new_user *const new_user = params->new_user;
	struct enrolment enrolment = new_enrolment(world, caller, new_user);
	struct event event, row;
	const struct audit_params audit = { AUDIT_PREPARED, new_user->user.id.text, caller->tenant.id.text,
		"" };
	struct user user = new_user->user;
	struct audit_entry entry;

	TRY(audit_entry_init(world, tx, &caller->actor, &audit, &entry));
	/* A language that does not fit is left out, as in save_language. */
	(void)!str_copy_to(params->language, user.language, sizeof(user.language));
	if (params->draft) {
		enrolment = params->draft->enrolment;
		event = params->draft->event;
	} else {
		TRY(begin_enrolment(world, params, &enrolment, &event));
	}
	TRY(event_add_begin(world, tx, &event));
	row = event_as_stored(&event);
	TRY(store_insert_new_user(
		tx, &(struct new_user_rows){ &new_user->address, &user, &enrolment, &entry, &row }));
	TRY(event_add_end(world, tx, &event));
	*lookup = (struct address_lookup){
		.identifier = params->identifier, .address = new_user->address, .enrolment = enrolment
	};
	return OK;
}

/* Stores the time of the first verification. A repeated verification changes nothing. */
static enum err save_verification(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct enrolment *enrolment)
{
	if (!params->is_verified || enrolment_is_verified(enrolment))
		return OK;
	enrolment->verified_at = world_now(world);
	TRY(person_event_add(world, tx, enrolment, event_of_verification(params), ""));
	TRY(store_save_enrolment(tx, enrolment));
	return audit_verified(world, tx, caller, params, enrolment);
}

static enum err load_person_status(struct tx *tx, const struct address_lookup *lookup,
	struct linked_users *linked, struct kyc_status *kyc_status)
{
	const struct user primary = { .id = primary_user_of(&lookup->address) };

	TRY(store_prefetch(tx, LOAD_PLAN_PRIMARY_USER, &primary));
	TRY(linked_users_of_address(tx, &lookup->address, linked));
	return kyc_status_load(tx, linked, kyc_status);
}

/* Returns whether an earlier run of this transaction added the user that was found. The transaction may run
 * again after a commit whose result was lost. */
static bool was_added_by_earlier_run(const struct prepare_params *params, const struct address_lookup *lookup)
{
	const struct new_user *const new_user = params->new_user;

	return new_user != NULL &&
	       str_eq(str_of(new_user->user.id.text), str_of(lookup->address.user_id.text));
}

static enum err find_and_enrol(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct address_lookup *lookup, bool *is_new_proof)
{
	TRY(address_lookup(world, tx, &caller->tenant, &params->identifier, LOAD_PLAN_ENROLMENT, lookup));
	*is_new_proof = params->is_verified &&
			!(lookup->is_enrolled && enrolment_is_verified(&lookup->enrolment));
	if (lookup->is_enrolled)
		TRY(save_verification(world, tx, caller, params, &lookup->enrolment));
	else
		TRY(enrol_address(world, tx, caller, params, lookup));
	return save_language(tx, &lookup->enrolment.user_id, params->language);
}

/* Stores the reference of the call in the enrolment that represents the person. */
static enum err save_reference(const struct world *world, struct tx *tx, const struct prepare_params *params,
	const struct linked_users *linked, struct enrolment *representing)
{
	const struct user *user = linked_users_find(linked, &representing->user_id);
	struct user loaded = { .id = representing->user_id };

	if (!user) {
		TRY(store_load_user(tx, &loaded));
		user = &loaded;
	}
	return person_reference_save(world, tx, user, representing, params->reference);
}

/* Stores the reference of the call, and loads the ids if they are wanted. */
static enum err save_and_load_ids(const struct world *world, struct tx *tx,
	const struct prepare_params *params, const struct linked_users *linked,
	const struct enrolment *enrolment, struct person_ids *out)
{
	struct enrolment representing = *enrolment;

	if (!params->with_ids && params->reference.n == 0)
		return OK;
	TRY(representing_enrolment_load(tx, linked, &representing));
	*out = (struct person_ids){ representing.public_user_id, params->reference };
	if (params->reference.n > 0)
		return save_reference(world, tx, params, linked, &representing);
	return person_ids_read(world, tx, linked, &representing, out);
}

static enum err load_next_step(const struct world *world, struct tx *tx, const struct prepare_params *params,
	const struct address_lookup *lookup, const struct linked_users *linked, struct next_step *out)
{
	const struct next_step_source source = { enrolment_is_verified(&lookup->enrolment),
		params->identifier.kind, *linked, NULL };

	return next_step_load(world, tx, &source, out);
}

enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out)
{
	struct address_lookup lookup;
	struct kyc_status kyc_status = { 0 };
	struct linked_users linked = { NULL, 0 };
	bool is_new_proof = false;
	enum err e = ERR_CONFLICT;

	if (params->new_user && !params->is_verified && tenant_has_own_group(&caller->tenant))
		e = insert_new_user(world, tx, caller, params, &lookup);
	const bool is_new = e == OK;
	if (e == ERR_CONFLICT)
		e = find_and_enrol(world, tx, caller, params, &lookup, &is_new_proof);
	TRY(e);
	/* A tenant may learn what other tenants of its group know about a person only after the person has
	 * verified an address to it. A new user has no status to load. */
	if (lookup.is_known && enrolment_is_verified(&lookup.enrolment))
		TRY(load_person_status(tx, &lookup, &linked, &kyc_status));
	/* In a group, the person may have sessions and linked users that the tenant learns of now. */
	if (lookup.is_known && is_new_proof && !tenant_has_own_group(&caller->tenant))
		TRY(proof_events(world, tx, &caller->tenant.id, &linked, &kyc_status));
	*out = (struct prepare_result){
		.already_prepared = lookup.is_enrolled && !was_added_by_earlier_run(params, &lookup),
		.user = lookup.enrolment.user_id,
		.kyc_approved = kyc_status_is_approved(&kyc_status),
		.kyc_status = kyc_status_name(&kyc_status),
	};
	/* insert_new_user has stored the reference, and nothing may be loaded after it. */
	if (is_new)
		out->ids = (struct person_ids){ lookup.enrolment.public_user_id, params->reference };
	else
		TRY(save_and_load_ids(world, tx, params, &linked, &lookup.enrolment, &out->ids));
	if (params->with_next_step)
		TRY(load_next_step(world, tx, params, &lookup, &linked, &out->next_step));
	return verified_identifiers_load(
		tx, &lookup.enrolment, params->identifier.kind, &linked, &out->verified);
}

struct prepare_job {
	const struct world *world;
	const struct caller *caller;
	const struct prepare_params *params;
	struct prepare_result out;
};

static enum err prepare_in_tx(struct tx *tx, void *arg)
{
	struct prepare_job *const job = arg;

	return app_prepare(job->world, tx, job->caller, job->params, &job->out);
}

static enum err seal_draft(const struct world *world, struct arena *a, const struct prepare_params *params,
	const struct user *user, struct prepare_draft *draft)
{
	TRY(begin_enrolment(world, params, &draft->enrolment, &draft->event));
	TRY(reference_seal(world, a, user, &draft->enrolment, params->reference));
	return person_event_seal_reference(world, a, user, params->reference, &draft->event);
}

enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct prepare_params *params, struct prepare_result *out)
{
	struct prepare_params params_with_user = *params;
	struct prepare_job job = { world, caller, &params_with_user, { 0 } };
	struct new_user new_user;
	struct prepare_draft draft;

	TRY(user_new(world, a, caller->tenant.group_name, &params_with_user.identifier, &new_user));
	params_with_user.new_user = &new_user;
	if (params->reference.n > 0) {
		draft.enrolment = new_enrolment(world, caller, &new_user);
		TRY(seal_draft(world, a, params, &new_user.user, &draft));
		params_with_user.draft = &draft;
	}
	TRY(store_transact(world->store, TX_WRITE, a, prepare_in_tx, &job));
	*out = job.out;
	return OK;
}
