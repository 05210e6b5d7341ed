#include "app/prepare.h"

#include "app/person.h"
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

/* Before this tenant has the person's proof it learns nothing of what others of its group know. */
static enum err prepared_before(struct tx *tx, const struct enrolment *enrolment, struct prepared *out)
{
	struct standing standing = { 0 };

	if (enrolment_is_proven(enrolment))
		TRY(standing_load(tx, &enrolment->user, &standing));
	*out = (struct prepared){
		.again = true,
		.email_verified = enrolment_is_proven(enrolment),
		.kyc_approved = standing_is_approved(&standing),
		.kyc_status = standing_word(&standing),
	};
	return OK;
}

static enum err enrol(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct acquaintance *known, struct str email, struct str language)
{
	struct enrolment enrolment = {
		.tenant = caller->tenant.id, .blind = known->address.blind, .prepared = world_now(world)
	};
	struct user user;

	TRY(person_meet(world, tx, &caller->tenant, known, email, &user));
	TRY(keep_language(tx, &user.id, language));
	enrolment.user = user.id;
	TRY(store_add_enrolment(tx, &enrolment));
	const struct deed deed = { ACT_PREPARED, user.id.text, caller->tenant.id.text, "" };
	return trail_note(world, tx, &caller->actor, &deed);
}

enum err app_prepare(const struct world *world, struct tx *tx, const struct caller *caller, struct str email,
	struct str language, struct prepared *out)
{
	struct acquaintance known;

	TRY(person_look_up(world, tx, &caller->tenant, email, &known));
	if (known.is_enrolled) {
		TRY(keep_language(tx, &known.enrolment.user, language));
		return prepared_before(tx, &known.enrolment, out);
	}
	TRY(enrol(world, tx, caller, &known, email, language));
	*out = (struct prepared){ .kyc_status = "" };
	return OK;
}
