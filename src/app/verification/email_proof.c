#include "app/verification/email_proof.h"

#include "app/enrolment/email_otp.h"
#include "app/mail/health.h"
#include "app/verification/link_row.h"
#include "app/verification/proof.h"

struct send_job {
	const struct world *world;
	const struct verification_send_params *params;
	bool mail_down;
	struct verification_send_result out;
};

static const enum verification_send_verdict send_verdict_of[] = {
	[SEND_QUEUED] = VERIFICATION_SEND_QUEUED,
	[SEND_MAIL_DOWN] = VERIFICATION_SEND_MAIL_DOWN,
	[SEND_LIMITED] = VERIFICATION_SEND_LIMITED,
};

/* Makes the address that the code was sent to the link's address: the code proves no other. */
static enum err save_address(
	const struct world *world, struct tx *tx, struct visited_link *link, struct str email)
{
	const struct identifier identifier = identifier_email(email);
	struct verification_link *const row = &link->row;

	TRY(link_row_set_address(world, tx->arena, &link->caller.tenant, &identifier, row));
	row->attempt = VERIFICATION_ATTEMPT_CODE;
	row->sealed_challenge = STR("");
	row->challenge_expires_at = (moment){ 0 };
	return link_row_save(world, tx, row);
}

static enum err send_to(struct send_job *job, struct tx *tx, struct visited_link *link, struct str email)
{
	const struct send_otp_params params = { email, job->params->language };
	struct email_otp_send send = { .world = job->world,
		.caller = &link->caller,
		.params = &params,
		.verifies_again = true,
		.mail_down = job->mail_down };

	TRY(email_otp_send(&send, tx));
	job->out = (struct verification_send_result){ send_verdict_of[send.sent.verdict], send.sent.wait,
		send.sent.limited_by_ip };
	return send.sent.verdict == SEND_QUEUED ? save_address(job->world, tx, link, email) : OK;
}

static enum err send_in_tx(struct tx *tx, void *arg)
{
	struct send_job *const job = arg;
	struct str email = job->params->email;
	struct visited_link link;

	job->out = (struct verification_send_result){ .verdict = VERIFICATION_SEND_CLOSED };
	const enum err e = visited_link_load(job->world, tx, &job->params->visit, &link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (!visited_link_awaits_proof(&link))
		return OK;
	if (email.n == 0)
		TRY(link_row_address(job->world, tx->arena, &link.row, ADDRESS_EMAIL, &email));
	if (email.n > 0)
		return send_to(job, tx, &link, email);
	job->out.verdict = VERIFICATION_SEND_NO_EMAIL;
	return OK;
}

enum err verification_link_send_code(const struct world *world, struct arena *a,
	const struct verification_send_params *params, struct verification_send_result *out)
{
	/* mail_is_down: see app_send_email_otp. */
	struct send_job job = { .world = world, .params = params, .mail_down = mail_is_down(world) };

	TRY(store_transact(world->store, TX_WRITE, a, send_in_tx, &job));
	*out = job.out;
	return OK;
}

struct verify_job {
	const struct world *world;
	const struct verification_visit *visit;
	struct str code;
	enum verification_proof_verdict out;
};

static const enum verification_proof_verdict proof_verdict_of[] = {
	[VERIFY_ACCEPTED] = VERIFICATION_PROOF_ACCEPTED,
	[VERIFY_WRONG] = VERIFICATION_PROOF_WRONG,
	[VERIFY_EXPIRED] = VERIFICATION_PROOF_EXPIRED,
	[VERIFY_LOCKED] = VERIFICATION_PROOF_LOCKED,
};

static enum err check_code(struct verify_job *job, struct tx *tx, struct visited_link *link)
{
	struct email_otp_proof proof = { .code = job->code };
	struct email_otp_result result;

	TRY(link_row_address(job->world, tx->arena, &link->row, ADDRESS_EMAIL, &proof.email));
	if (link->row.attempt != VERIFICATION_ATTEMPT_CODE || proof.email.n == 0)
		return OK;
	TRY(link_proof_reference(job->world, tx->arena, &link->row, &proof.reference));
	TRY(email_otp_verify_again(job->world, tx, &link->caller, &proof, &result));
	job->out = proof_verdict_of[result.verdict];
	return result.verdict == VERIFY_ACCEPTED ? link_proof_record(job->world, tx, link, &result.user) : OK;
}

static enum err verify_in_tx(struct tx *tx, void *arg)
{
	struct verify_job *const job = arg;
	struct visited_link link;

	job->out = VERIFICATION_PROOF_CLOSED;
	const enum err e = visited_link_load(job->world, tx, job->visit, &link);
	if (e == ERR_NOT_FOUND)
		return OK;
	TRY(e);
	if (verification_link_is_verified(&link.row))
		job->out = VERIFICATION_PROOF_TOO_LATE;
	return visited_link_awaits_proof(&link) ? check_code(job, tx, &link) : OK;
}

enum err verification_link_verify_code(const struct world *world, struct arena *a,
	const struct verification_visit *visit, struct str code, enum verification_proof_verdict *out)
{
	struct verify_job job = { .world = world, .visit = visit, .code = code };

	TRY(store_transact(world->store, TX_WRITE, a, verify_in_tx, &job));
	*out = job.out;
	return OK;
}
