#include "app/enrolment/link_otp.h"

#include "app/enrolment/link.h"
#include "app/mail/health.h"

struct link_send_job {
	const struct world *world;
	const struct caller *caller;
	const struct link_otp_params *params;
	bool mail_down;
	struct send_result sent;
};

/* Loads the user of the wallet and stores the language that the request named. The e-mail message is written
 * in that language if the recipient's language is unknown. */
static enum err load_owner(
	const struct link_send_job *job, struct tx *tx, const struct link *link, struct user *owner)
{
	const struct str language = job->params->language;

	*owner = (struct user){ .id = link->wallet.enrolment.user_id };
	TRY(store_load_user(tx, owner));
	if (language.n == 0 || str_eq(language, str_of(owner->language)))
		return OK;
	if (!str_copy_to(language, owner->language, sizeof(owner->language)))
		return ERR_INPUT;
	return store_save_user(tx, owner);
}

static enum err issue_link_code(
	struct link_send_job *job, struct tx *tx, struct link *link, const struct user *owner)
{
	const struct world *const world = job->world;
	struct user user = { .id = link->claim.code.user_id };
	char shown[WALLET_SHORT_MAX + 1];

	TRY(store_load_user(tx, &user));
	TRY(otp_check_rate(world, tx, job->caller, EFFECT_MAIL_LINK_CODE, &user, &job->sent));
	if (job->sent.verdict != SEND_QUEUED)
		return OK;
	wallet_short(job->params->wallet, shown);
	const struct otp_params params = { EFFECT_MAIL_LINK_CODE, &user, job->params->email,
		&link->claim.wallet_index, str_of(shown), str_of(owner->language) };
	TRY(store_save_user(tx, &user));
	TRY(otp_issue(world, tx, job->caller, &params, &link->claim.code));
	TRY(store_save_claim(tx, &link->claim));
	link->wallet.enrolment.last_mail_id = link->claim.code.mail_id;
	return store_save_enrolment(tx, &link->wallet.enrolment);
}

static const enum send_verdict send_verdict_of[] = {
	[LINK_NONE] = SEND_UNKNOWN_USER,
	[LINK_CLAIMED] = SEND_MAIL_DOWN,
	[LINK_CONFIRMED] = SEND_ALREADY_VERIFIED,
};

static enum err send_link_code(struct tx *tx, void *arg)
{
	struct link_send_job *const job = arg;
	struct user owner;
	struct link link;

	TRY(link_load(job->world, tx, &job->caller->tenant, str_of(job->params->wallet->text),
		job->params->email, &link));
	job->sent.verdict = send_verdict_of[link.state];
	if (link.state != LINK_CLAIMED || job->mail_down)
		return OK;
	TRY(load_owner(job, tx, &link, &owner));
	return issue_link_code(job, tx, &link, &owner);
}

enum err app_send_link_otp(const struct world *world, struct arena *a, const struct caller *caller,
	const struct link_otp_params *params, struct send_result *out)
{
	/* mail_is_down is called before the transaction, because the transaction may run twice (see
	 * app_send_email_otp). */
	struct link_send_job job = {
		.world = world, .caller = caller, .params = params, .mail_down = mail_is_down(world)
	};

	TRY(store_transact(world->store, TX_WRITE, a, send_link_code, &job));
	*out = job.sent;
	return OK;
}

/* Checks a link code. If no code was sent for this link, any code is wrong; codes for the e-mail alone are
 * not compared. */
static enum err check_link_code(const struct world *world, struct tx *tx, struct link *link, struct str code,
	enum verify_verdict *out)
{
	struct claim *const claim = &link->claim;
	bool counted;

	*out = VERIFY_WRONG;
	if (moment_is_unset(claim->code.created_at))
		return OK;
	*out = verify_verdict_of[otp_verify(world, &claim->code, &claim->wallet_index, code, &counted)];
	return counted ? store_save_claim(tx, claim) : OK;
}

enum err app_verify_link_otp(const struct world *world, struct tx *tx, const struct caller *caller,
	const struct link_otp_params *params, struct str code, enum verify_verdict *out)
{
	struct link link;
	bool linked;

	TRY(link_load(world, tx, &caller->tenant, str_of(params->wallet->text), params->email, &link));
	if (link.state != LINK_CLAIMED) {
		*out = link.state == LINK_CONFIRMED ? VERIFY_ALREADY : VERIFY_UNKNOWN_USER;
		return OK;
	}
	TRY(check_link_code(world, tx, &link, code, out));
	if (*out != VERIFY_ACCEPTED)
		return OK;
	TRY(link_confirm(world, tx, caller, &link, &linked));
	*out = linked ? VERIFY_ACCEPTED : VERIFY_CONFLICT;
	return OK;
}
