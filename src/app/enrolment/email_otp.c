#include "app/enrolment/email_otp.h"

#include "app/core/audit.h"
#include "app/event/kyc_event.h"
#include "app/event/person_event.h"
#include "app/mail/health.h"
#include "app/person/person.h"

struct send_job {
	const struct world *world;
	const struct caller *caller;
	const struct send_otp_params *params;
	bool mail_down;
	struct send_result sent;
};

static enum err issue_code(
	const struct send_job *job, struct tx *tx, struct enrolment *enrolment, struct user *user)
{
	const struct caller *const caller = job->caller;
	const struct otp_params params = {
		.kind = EFFECT_MAIL_CODE, .user = user, .email = job->params->email
	};
	const struct str language = job->params->language;
	struct otp otp = { .tenant_id = caller->tenant.id, .user_id = user->id };

	if (language.n > 0 && !str_copy_to(language, user->language, sizeof(user->language)))
		return ERR_INPUT;
	TRY(store_save_user(tx, user));
	TRY(otp_issue(job->world, tx, caller, &params, &otp));
	TRY(store_save_otp(tx, &otp));
	enrolment->last_mail_id = otp.mail_id;
	return store_save_enrolment(tx, enrolment);
}

static enum err send_code(struct tx *tx, void *arg)
{
	struct send_job *const job = arg;
	struct address_lookup lookup;
	struct user user = { 0 };

	const struct identifier who = identifier_email(job->params->email);
	TRY(address_lookup(job->world, tx, &job->caller->tenant, &who, LOAD_PLAN_USER, &lookup));
	if (!lookup.is_enrolled || enrolment_is_verified(&lookup.enrolment)) {
		job->sent.verdict = lookup.is_enrolled ? SEND_ALREADY_VERIFIED : SEND_UNKNOWN_USER;
		return OK;
	}
	job->sent.verdict = SEND_MAIL_DOWN;
	if (job->mail_down)
		return OK;
	user.id = lookup.enrolment.user_id;
	TRY(store_load_user(tx, &user));
	TRY(otp_check_rate(job->world, tx, job->caller, EFFECT_MAIL_CODE, &user, &job->sent));
	return job->sent.verdict == SEND_QUEUED ? issue_code(job, tx, &lookup.enrolment, &user) : OK;
}

enum err app_send_email_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct send_otp_params *params, struct send_result *out)
{
	/* mail_is_down is called before the transaction, because it returns false to only one caller per
	 * interval, and the transaction may run twice. */
	struct send_job job = {
		.world = world, .caller = caller, .params = params, .mail_down = mail_is_down(world)
	};

	TRY(store_transact(world->store, TX_WRITE, a, send_code, &job));
	*out = job.sent;
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

static enum err mark_verified(
	const struct world *world, struct tx *tx, const struct caller *caller, struct address_lookup *lookup)
{
	struct enrolment *const enrolment = &lookup->enrolment;

	enrolment->verified_at = world_now(world);
	TRY(person_event_add(world, tx, enrolment, EVENT_USER_EMAIL_VERIFIED, ""));
	TRY(store_save_enrolment(tx, enrolment));
	TRY(add_proof_events(world, tx, caller, &lookup->address));
	const struct audit_params params = { AUDIT_VERIFIED, enrolment->user_id.text, caller->tenant.id.text,
		"email" };
	return audit_append(world, tx, &caller->actor, &params);
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
