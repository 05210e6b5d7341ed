#include "app/event/mail_event.h"

#include "app/event/person_event.h"

/* Loads the user whose wallet holds the claim that the message is for. ERR_NOT_FOUND: the claim was removed
 * or replaced. */
static enum err load_wallet_owner(struct tx *tx, const struct effect *effect, struct user *user)
{
	struct claim claim = { .code = { .tenant_id = effect->tenant_id }, .email_index = user->blind_index };
	struct address wallet;

	TRY(store_load_claim(tx, &claim));
	if (!str_eq(str_of(claim.code.mail_id.text), str_of(effect->id.text)))
		return ERR_NOT_FOUND;
	wallet.blind_index = claim.wallet_index;
	TRY(store_load_address(tx, &wallet));
	*user = (struct user){ .id = wallet.user_id };
	return store_load_user(tx, user);
}

static enum err load_person(
	struct tx *tx, const struct effect *effect, struct user *user, struct enrolment *enrolment)
{
	*user = (struct user){ .id = effect->user_id };
	TRY(store_load_user(tx, user));
	if (effect->kind == EFFECT_MAIL_LINK_CODE)
		TRY(load_wallet_owner(tx, effect, user));
	*enrolment = (struct enrolment){
		.tenant_id = effect->tenant_id, .user_id = user->id, .blind_index = user->blind_index
	};
	return store_load_enrolment(tx, enrolment);
}

enum err email_failed_event(
	const struct world *world, struct tx *tx, const struct effect *effect, const char *reason)
{
	static const struct str messages[] = {
		[EFFECT_MAIL_CODE] = STR_INIT("code"),
		[EFFECT_MAIL_LINK_CODE] = STR_INIT("link"),
		[EFFECT_MAIL_VERIFICATION_LINK] = STR_INIT("verification_link"),
	};
	struct user user;
	struct enrolment enrolment;
	struct event_draft draft;
	const enum err e = load_person(tx, effect, &user, &enrolment);

	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	TRY(event_draft_begin(world, tx, &user, &enrolment, EVENT_EMAIL_FAILED, &draft));
	json_field_text(&draft.w, "message", messages[effect->kind]);
	json_field_text(&draft.w, "reason", str_of(reason));
	TRY(event_draft_add(world, tx, &user, &draft));
	return store_save_enrolment(tx, &enrolment);
}
