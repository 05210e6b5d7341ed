#include "app/prepare.h"

#include "app/standing.h"
#include "app/trail.h"

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
	const struct audit_params deed = { action, enrolment->user.text, caller->tenant.id.text, word };

	return trail_note(world, tx, &caller->actor, &deed);
}

static enum err note_proof(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, const struct enrolment *enrolment)
{
	return note(world, tx, caller, AUDIT_PROVEN, enrolment, address_kind_name(registration->who.kind));
}

/* With its proof at once, if there is one. */
static enum err enrol(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, struct acquaintance *known)
{
	const moment now = world_now(world);
	struct enrolment enrolment = {
		.tenant = caller->tenant.id, .blind = known->address.blind, .prepared = now
	};
	struct user user;

	/* Who is known to others only is not looked at: that would take longer than to add somebody. */
	user.id = known->address.user;
	if (!known->is_known)
		TRY(person_meet(world, tx, &caller->tenant, known, registration->newcomer, &user));
	enrolment.user = user.id;
	if (registration->proven)
		enrolment.proven = now;
	TRY(store_add_enrolment(tx, &enrolment));
	known->enrolment = enrolment;
	TRY(note(world, tx, caller, AUDIT_PREPARED, &enrolment, ""));
	return registration->proven ? note_proof(world, tx, caller, registration, &enrolment) : OK;
}

/* Most who prove themselves later are new: they are added without a look, where no others of a group could
 * know them, for who is known takes longer then. ERR_CONFLICT: this one is known. */
static enum err welcome(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, struct acquaintance *known)
{
	const struct newcomer *const newcomer = registration->newcomer;
	const struct enrolment enrolment = { .tenant = caller->tenant.id,
		.user = newcomer->user.id,
		.blind = newcomer->address.blind,
		.prepared = world_now(world) };
	const struct audit_params deed = { AUDIT_PREPARED, newcomer->user.id.text, caller->tenant.id.text,
		"" };
	struct user user = newcomer->user;
	struct audit_entry trail;

	TRY(trail_make(world, tx, &caller->actor, &deed, &trail));
	/* One that does not fit is left out, as keep_language leaves it. */
	(void)!str_copy_to(registration->language, user.language, sizeof(user.language));
	TRY(store_insert_new_user(
		tx, &(struct new_user_rows){ &newcomer->address, &user, &enrolment, &trail }));
	*known = (struct acquaintance){
		.who = registration->who, .address = newcomer->address, .enrolment = enrolment
	};
	return OK;
}

/* The first proof counts: giving it again changes nothing. */
static enum err keep_proof(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, struct enrolment *enrolment)
{
	if (!registration->proven || enrolment_is_verified(enrolment))
		return OK;
	enrolment->proven = world_now(world);
	TRY(store_save_enrolment(tx, enrolment));
	return note_proof(world, tx, caller, registration, enrolment);
}

static enum err look_at_person(
	struct tx *tx, const struct acquaintance *known, struct party *party, struct standing *standing)
{
	const struct user head = { .id = party_head_of(&known->address) };

	TRY(store_prefetch(tx, LOAD_PLAN_PRIMARY_USER, &head));
	TRY(party_of_address(tx, &known->address, party));
	return standing_load(tx, party, standing);
}

/* A run whose commit was not heard of may have added this very newcomer. */
static bool is_added_by_us(const struct registration *registration, const struct acquaintance *known)
{
	const struct newcomer *const newcomer = registration->newcomer;

	return newcomer != NULL && str_eq(str_of(newcomer->user.id.text), str_of(known->address.user.text));
}

static enum err meet(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, struct acquaintance *known)
{
	TRY(person_look_up(world, tx, &caller->tenant, &registration->who, LOAD_PLAN_ENROLMENT, known));
	if (known->is_enrolled)
		TRY(keep_proof(world, tx, caller, registration, &known->enrolment));
	else
		TRY(enrol(world, tx, caller, registration, known));
	return keep_language(tx, &known->enrolment.user, registration->language);
}

enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct registration *registration, struct prepared *out)
{
	struct acquaintance known;
	struct standing standing = { 0 };
	struct party party = { NULL, 0 };
	enum err e = ERR_CONFLICT;

	if (registration->newcomer && !registration->proven && tenant_has_own_group(&caller->tenant))
		e = welcome(world, tx, caller, registration, &known);
	if (e == ERR_CONFLICT)
		e = meet(world, tx, caller, registration, &known);
	TRY(e);
	/* Before this tenant has the person's proof it learns nothing of what others of its group know; of
	 * who is new there is nothing to learn. */
	if (known.is_known && enrolment_is_verified(&known.enrolment))
		TRY(look_at_person(tx, &known, &party, &standing));
	*out = (struct prepared){
		.again = known.is_enrolled && !is_added_by_us(registration, &known),
		.user = known.enrolment.user,
		.kyc_approved = standing_is_approved(&standing),
		.kyc_status = standing_word(&standing),
	};
	return party_proofs(tx, &known.enrolment, registration->who.kind, &party, &out->proofs);
}

struct job {
	const struct world *world;
	const struct caller *caller;
	const struct registration *registration;
	struct prepared out;
};

static enum err run(struct tx *tx, void *arg)
{
	struct job *const job = arg;

	return app_prepare(job->world, tx, job->caller, job->registration, &job->out);
}

enum err app_prepare_email(const struct world *world, struct arena *a, const struct caller *caller,
	const struct registration *registration, struct prepared *out)
{
	struct registration with = *registration;
	struct job job = { world, caller, &with, { 0 } };
	struct newcomer newcomer;

	TRY(person_make(world, a, caller->tenant.group_name, &with.who, &newcomer));
	with.newcomer = &newcomer;
	TRY(store_transact(world->store, TX_WRITE, a, run, &job));
	*out = job.out;
	return OK;
}
