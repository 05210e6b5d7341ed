#include "app/operator/account.h"
#include "app/operator/passkey_job.h"
#include "app/operator/session.h"
#include "app/operator/token.h"
#include "text/encode.h"

/* Finds the operator of the one-time link; PASSKEY_NO_LINK if it cannot be used. */
static enum err find_link(struct tx *tx, struct passkey_job *job)
{
	const struct operator_account probe = { .link_digest = console_token_digest(
							job->world, CONSOLE_TOKEN_LINK, job->link_token) };
	size_t n;

	TRY(store_find(tx, QUERY_OPERATOR_ACCOUNT_BY_LINK, &probe, page_of(0, 1), &job->account, &n));
	job->verdict = n > 0 && operator_link_is_open(&job->account, world_expiry_now(job->world))
			       ? PASSKEY_ACCEPTED
			       : PASSKEY_NO_LINK;
	return OK;
}

static enum err check_link(struct tx *tx, void *arg)
{
	return find_link(tx, arg);
}

enum err passkey_link_check(const struct world *world, struct arena *a, struct str token, struct str *email,
	enum passkey_verdict *verdict)
{
	struct passkey_job job = { .world = world, .link_token = token };

	TRY(store_transact(world->store, TX_READ, a, check_link, &job));
	*verdict = job.verdict;
	return job.verdict == PASSKEY_ACCEPTED ? operator_account_email(world, a, &job.account, email) : OK;
}

struct begin_job {
	struct passkey_job passkey;
	struct str *known;
	size_t n_known;
};

static enum err begin_registration(struct tx *tx, void *arg)
{
	struct begin_job *const job = arg;

	TRY(find_link(tx, &job->passkey));
	if (job->passkey.verdict != PASSKEY_ACCEPTED)
		return OK;
	return passkey_begin_registration(tx, &job->passkey, &job->known, &job->n_known);
}

enum err passkey_register_begin(const struct world *world, struct arena *a, struct str token,
	struct passkey_registration *out, enum passkey_verdict *verdict)
{
	struct begin_job job = { .passkey = {
					 .world = world, .link_token = token, .purpose = PASSKEY_REGISTER } };
	const struct operator_account *const account = &job.passkey.account;

	TRY(store_transact(world->store, TX_WRITE, a, begin_registration, &job));
	*verdict = job.passkey.verdict;
	if (*verdict != PASSKEY_ACCEPTED)
		return OK;
	*out = (struct passkey_registration){
		.challenge = job.passkey.challenge, .known = job.known, .n_known = job.n_known
	};
	TRY(base64url_write(a, (const unsigned char *)account->id.text, ID_LENGTH, &out->user_handle));
	return operator_account_email(world, a, account, &out->email);
}

static enum err take_registration(struct tx *tx, void *arg)
{
	struct passkey_job *const job = arg;

	TRY(find_link(tx, job));
	return job->verdict == PASSKEY_ACCEPTED ? passkey_take_challenge(tx, job, &job->account.id) : OK;
}

enum err passkey_check_registration(struct arena *a, struct passkey_job *job)
{
	struct webauthn_expectation expected;
	struct passkey_answer answer;
	struct webauthn_credential credential;
	enum webauthn_verdict verdict = WEBAUTHN_MALFORMED;

	if (passkey_expectation(a, job, &expected) && passkey_decode_answer(a, job->answer, &answer))
		TRY(webauthn_check_registration(
			a, &expected, answer.client_data, answer.attestation_object, &credential, &verdict));
	if (verdict != WEBAUTHN_ACCEPTED) {
		passkey_set_refused(job, verdict);
		return OK;
	}
	job->passkey = (struct passkey){ .credential_digest = passkey_credential_digest(credential.id),
		.operator_id = job->account.id,
		.credential_id = credential.id,
		.algorithm = credential.algorithm,
		.public_key = credential.public_key,
		.sign_count = credential.sign_count,
		.created_at = world_now(job->world) };
	return OK;
}

static enum err store_registration(struct tx *tx, void *arg)
{
	struct passkey_job *const job = arg;

	TRY(find_link(tx, job));
	if (job->verdict != PASSKEY_ACCEPTED)
		return OK;
	const enum err e = store_add_passkey(tx, &job->passkey);
	if (e == ERR_CONFLICT) {
		job->verdict = PASSKEY_KNOWN;
		return OK;
	}
	TRY(e);
	job->account.link_digest = (struct digest){ { 0 } };
	job->account.link_expires_at = (moment){ 0 };
	TRY(passkey_audit(job, tx, AUDIT_PASSKEY_REGISTERED, STR("")));
	return console_session_start(job->world, tx, &job->account, job->request_id, &job->session_token);
}

enum err passkey_register(const struct world *world, struct arena *a, const struct passkey_form *form,
	struct str *session_token, enum passkey_verdict *verdict)
{
	struct passkey_job job = { .world = world,
		.site = form->site,
		.answer = form->answer,
		.link_token = form->link_token,
		.request_id = form->request_id,
		.purpose = PASSKEY_REGISTER };

	TRY(store_transact(world->store, TX_WRITE, a, take_registration, &job));
	if (job.verdict == PASSKEY_ACCEPTED)
		TRY(passkey_check_registration(a, &job));
	if (job.verdict == PASSKEY_ACCEPTED)
		TRY(store_transact(world->store, TX_WRITE, a, store_registration, &job));
	if (job.verdict != PASSKEY_ACCEPTED)
		passkey_log_refusal(&job);
	*session_token = job.session_token;
	*verdict = job.verdict;
	return OK;
}
