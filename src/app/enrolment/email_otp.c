#include "app/enrolment/email_otp.h"

#include "app/core/audit.h"
#include "app/enrolment/prepare.h"
#include "app/event/kyc_event.h"
#include "app/event/person_event.h"
#include "app/mail/health.h"
#include "app/person/person.h"
#include "app/person/reference.h"

static enum err issue_code(
	const struct email_otp_send *send, struct tx *tx, struct enrolment *enrolment, struct user *user)
{
	const struct caller *const caller = send->caller;
	const struct otp_params params = {
		.kind = EFFECT_MAIL_CODE, .user = user, .email = send->params->email
	};
	const struct str language = send->params->language;
	struct otp otp = { .tenant_id = caller->tenant.id, .user_id = user->id };

	if (language.n > 0 && !str_copy_to(language, user->language, sizeof(user->language)))
		return ERR_INPUT;
	TRY(store_save_user(tx, user));
	TRY(otp_issue(send->world, tx, caller, &params, &otp));
	TRY(store_save_otp(tx, &otp));
	enrolment->last_mail_id = otp.mail_id;
	return store_save_enrolment(tx, enrolment);
}

/* Registers an address that the tenant does not know. The limits were checked before, with `user`, so that
 * nobody can register addresses faster than codes are sent. */
static enum err register_address(
	const struct email_otp_send *send, struct tx *tx, struct address_lookup *lookup, struct user *user)
{
	const struct prepare_params params = { .identifier = lookup->identifier };
	const moment send_tat = user->send_tat;
	struct prepare_result prepared;

	TRY(app_prepare(send->world, tx, send->caller, &params, &prepared));
	TRY(address_lookup(
		send->world, tx, &send->caller->tenant, &params.identifier, LOAD_PLAN_ENROLMENT, lookup));
	user->id = lookup->enrolment.user_id;
	TRY(store_load_user(tx, user));
	user->send_tat = send_tat;
	return OK;
}

enum err email_otp_send(struct email_otp_send *send, struct tx *tx)
{
	struct address_lookup lookup;
	struct user user = { 0 };

	const struct identifier who = identifier_email(send->params->email);
	TRY(address_lookup(send->world, tx, &send->caller->tenant, &who, LOAD_PLAN_USER, &lookup));
	if (!send->verifies_again && (!lookup.is_enrolled || enrolment_is_verified(&lookup.enrolment))) {
		send->sent.verdict = lookup.is_enrolled ? SEND_ALREADY_VERIFIED : SEND_UNKNOWN_USER;
		return OK;
	}
	send->sent.verdict = SEND_MAIL_DOWN;
	if (send->mail_down)
		return OK;
	user.id = lookup.address.user_id;
	if (lookup.is_known)
		TRY(store_load_user(tx, &user));
	TRY(otp_check_rate(send->world, tx, send->caller, EFFECT_MAIL_CODE, &user, &send->sent));
	if (send->sent.verdict != SEND_QUEUED)
		return OK;
	if (!lookup.is_enrolled)
		TRY(register_address(send, tx, &lookup, &user));
	return issue_code(send, tx, &lookup.enrolment, &user);
}

static enum err send_in_tx(struct tx *tx, void *arg)
{
	return email_otp_send(arg, tx);
}

enum err app_send_email_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct send_otp_params *params, struct send_result *out)
{
	/* mail_is_down is called before the transaction, because it returns false to only one caller per
	 * interval, and the transaction may run twice. */
	struct email_otp_send send = {
		.world = world, .caller = caller, .params = params, .mail_down = mail_is_down(world)
	};

	TRY(store_transact(world->store, TX_WRITE, a, send_in_tx, &send));
	*out = send.sent;
	return OK;
}

const enum verify_verdict verify_verdict_of[OTP_VERDICTS] = {
	[OTP_ACCEPTED] = VERIFY_ACCEPTED,
	[OTP_WRONG] = VERIFY_WRONG,
	[OTP_EXPIRED] = VERIFY_EXPIRED,
	[OTP_LOCKED] = VERIFY_LOCKED,
};

/* Writes what the tenant learns about the person by the proof. A tenant that is alone in its group learns
 * nothing: nobody else can have created a session or linked the address before the first proof. */
static enum err add_proof_events(
	const struct world *world, struct tx *tx, const struct caller *caller, const struct address *address)
{
	struct linked_users linked;
	struct kyc_status kyc_status;

	if (tenant_has_own_group(&caller->tenant))
		return OK;
	TRY(linked_users_of_address(tx, address, &linked));
	TRY(kyc_status_load(tx, &linked, &kyc_status));
	return proof_events(world, tx, &caller->tenant.id, &linked, &kyc_status);
}

static enum err audit_verified(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct enrolment *enrolment)
{
	const struct audit_params params = { AUDIT_VERIFIED, enrolment->user_id.text, caller->tenant.id.text,
		"email" };

	return audit_append(world, tx, &caller->actor, &params);
}

static enum err mark_verified(
	const struct world *world, struct tx *tx, const struct caller *caller, struct address_lookup *lookup)
{
	struct enrolment *const enrolment = &lookup->enrolment;

	enrolment->verified_at = world_now(world);
	TRY(person_event_add(world, tx, enrolment, EVENT_USER_EMAIL_VERIFIED, ""));
	TRY(store_save_enrolment(tx, enrolment));
	TRY(add_proof_events(world, tx, caller, &lookup->address));
	return audit_verified(world, tx, caller, enrolment);
}

/*~ 6. Load, decide, save: the code that was sent is loaded; the rule checks the typed code against it and
 * counts the try; the row is saved whatever the verdict. A right code verifies the address in the same
 * transaction. */
static enum err check_code(const struct world *world, struct tx *tx, const struct enrolment *enrolment,
	struct str code, enum otp_verdict *out)
{
	struct otp otp = { .tenant_id = enrolment->tenant_id, .user_id = enrolment->user_id };
	bool counted;

	const enum err e = store_load_otp(tx, &otp);
	if (e == ERR_NOT_FOUND) {
		*out = OTP_EXPIRED; /* no code was ever sent, which is reported as expired (interface.md 3) */
		return OK;
	}
	TRY(e);
	*out = otp_verify(world, &otp, NULL, code, &counted);
	return counted ? store_save_otp(tx, &otp) : OK;
}

enum err app_verify_email_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	struct str email, struct str code, enum verify_verdict *out)
{
	struct address_lookup lookup;
	enum otp_verdict verdict;

	const struct identifier who = identifier_email(email);
	TRY(address_lookup(world, tx, &caller->tenant, &who, LOAD_PLAN_OTP, &lookup));
	if (!lookup.is_enrolled || enrolment_is_verified(&lookup.enrolment)) {
		*out = lookup.is_enrolled ? VERIFY_ALREADY : VERIFY_UNKNOWN_USER;
		return OK;
	}
	TRY(check_code(world, tx, &lookup.enrolment, code, &verdict));
	if (verdict == OTP_ACCEPTED)
		TRY(mark_verified(world, tx, caller, &lookup));
	*out = verify_verdict_of[verdict];
	return OK;
}

/* Verifies the address with the reference, which the event about it then has. */
static enum err mark_verified_with(const struct world *world, struct tx *tx, const struct caller *caller,
	struct address_lookup *lookup, struct str reference)
{
	struct enrolment *const enrolment = &lookup->enrolment;
	struct user user = { .id = enrolment->user_id };

	if (enrolment_is_verified(enrolment))
		return audit_verified(world, tx, caller, enrolment);
	if (reference.n > 0) {
		TRY(store_load_user(tx, &user));
		TRY(reference_seal(world, tx->arena, &user, enrolment, reference));
	}
	return mark_verified(world, tx, caller, lookup);
}

/* Stores the reference in the enrolment that represents the person now. */
static enum err save_reference(
	const struct world *world, struct tx *tx, const struct address_lookup *lookup, struct str reference)
{
	struct enrolment representing = lookup->enrolment;
	struct linked_users linked;

	if (reference.n == 0)
		return OK;
	TRY(linked_users_of_address(tx, &lookup->address, &linked));
	TRY(representing_enrolment_load(tx, &linked, &representing));
	return person_reference_save(
		world, tx, linked_users_find(&linked, &representing.user_id), &representing, reference);
}

enum err email_otp_verify_again(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct email_otp_proof *proof, struct email_otp_result *out)
{
	const struct identifier who = identifier_email(proof->email);
	struct address_lookup lookup;
	enum otp_verdict verdict;

	TRY(address_lookup(world, tx, &caller->tenant, &who, LOAD_PLAN_OTP, &lookup));
	out->verdict = VERIFY_EXPIRED; /* for a person who was erased since the code was sent */
	if (!lookup.is_enrolled)
		return OK;
	out->user = lookup.enrolment.user_id;
	TRY(check_code(world, tx, &lookup.enrolment, proof->code, &verdict));
	out->verdict = verify_verdict_of[verdict];
	if (verdict != OTP_ACCEPTED)
		return OK;
	TRY(mark_verified_with(world, tx, caller, &lookup, proof->reference));
	return save_reference(world, tx, &lookup, proof->reference);
}
