#include "app/operator/account.h"
#include "app/operator/passkey_job.h"
#include "app/operator/session.h"

/* Of a sign-in, whose operator is not known yet. */
static const struct operator_id nobody;

static enum err begin_sign_in(struct tx *tx, void *arg)
{
	return passkey_make_challenge(tx, arg, &nobody);
}

enum err passkey_sign_in_begin(const struct world *world, struct arena *a, struct str *challenge)
{
	struct passkey_job job = { .world = world, .purpose = PASSKEY_SIGN_IN };

	TRY(store_transact(world->store, TX_WRITE, a, begin_sign_in, &job));
	*challenge = job.challenge;
	return OK;
}

struct step_up_begin_job {
	struct passkey_job passkey;
	struct str *known;
	size_t n_known;
};

static enum err begin_step_up(struct tx *tx, void *arg)
{
	struct step_up_begin_job *const job = arg;
	const struct operator_account *const account = &job->passkey.caller->account;

	TRY(passkey_read_known(tx, account, &job->known, &job->n_known));
	return passkey_make_challenge(tx, &job->passkey, &account->id);
}

enum err passkey_step_up_begin(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str *challenge, struct str **known, size_t *n_known)
{
	struct step_up_begin_job job = {
		.passkey = { .world = world, .caller = caller, .purpose = PASSKEY_STEP_UP }
	};

	TRY(store_transact(world->store, TX_WRITE, a, begin_step_up, &job));
	*challenge = job.passkey.challenge;
	*known = job.known;
	*n_known = job.n_known;
	return OK;
}

/* Loads the passkey of the answer and its operator. PASSKEY_UNKNOWN: there is none, or it belongs to another
 * operator than the caller of a step-up. */
static enum err find_passkey(struct tx *tx, struct passkey_job *job, struct str credential_id)
{
	struct passkey row = { .credential_digest = passkey_credential_digest(credential_id) };
	enum err e = store_load_passkey(tx, &row);

	job->verdict = PASSKEY_UNKNOWN;
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	job->passkey = row;
	job->account = (struct operator_account){ .id = row.operator_id };
	TRY(store_load_operator_account(tx, &job->account));
	if (job->caller && !str_eq(str_of(job->caller->account.id.text), str_of(row.operator_id.text)))
		return OK;
	job->verdict = operator_account_is_disabled(&job->account) ? PASSKEY_DISABLED : PASSKEY_ACCEPTED;
	return OK;
}

struct assertion_job {
	struct passkey_job passkey;
	struct passkey_answer answer; /* decoded */
	uint32_t sign_count;
};

static enum err take_assertion(struct tx *tx, void *arg)
{
	struct assertion_job *const job = arg;
	const struct console_caller *const caller = job->passkey.caller;

	TRY(passkey_take_challenge(tx, &job->passkey, caller ? &caller->account.id : &nobody));
	return job->passkey.verdict == PASSKEY_ACCEPTED
		       ? find_passkey(tx, &job->passkey, job->answer.credential_id)
		       : OK;
}

static struct webauthn_credential credential_of(const struct passkey *passkey)
{
	return (struct webauthn_credential){ .id = passkey->credential_id,
		.algorithm = (int)passkey->algorithm,
		.public_key = passkey->public_key,
		.sign_count = (uint32_t)passkey->sign_count };
}

static enum err check_assertion(struct arena *a, struct assertion_job *job)
{
	const struct webauthn_credential credential = credential_of(&job->passkey.passkey);
	const struct webauthn_assertion assertion = { job->answer.client_data, job->answer.authenticator_data,
		job->answer.signature };
	struct webauthn_expectation expected;
	enum webauthn_verdict verdict = WEBAUTHN_MALFORMED;

	if (passkey_expectation(a, &job->passkey, &expected))
		TRY(webauthn_check_assertion(
			a, &expected, &credential, &assertion, &job->sign_count, &verdict));
	if (verdict != WEBAUTHN_ACCEPTED)
		passkey_set_refused(&job->passkey, verdict);
	return OK;
}

/* Another request may have used the passkey since it was checked, so the counter is compared again. */
static bool counter_went_back(const struct assertion_job *job)
{
	const int64_t stored = job->passkey.passkey.sign_count;

	return (stored != 0 || job->sign_count != 0) && job->sign_count <= stored;
}

static enum err store_step_up(struct tx *tx, struct passkey_job *job)
{
	struct console_session session = { .token_digest = job->caller->session.token_digest };

	TRY(store_load_console_session(tx, &session));
	session.signed_in_at = session.step_up_at = world_expiry_now(job->world);
	TRY(store_save_console_session(tx, &session));
	return passkey_audit(job, tx, AUDIT_OPERATOR_STEPPED_UP, STR(""));
}

static enum err store_assertion(struct tx *tx, void *arg)
{
	struct assertion_job *const job = arg;
	struct passkey_job *const passkey = &job->passkey;

	TRY(find_passkey(tx, passkey, job->answer.credential_id));
	if (passkey->verdict != PASSKEY_ACCEPTED)
		return OK;
	if (counter_went_back(job)) {
		passkey_set_refused(passkey, WEBAUTHN_COUNTER_WENT_BACK);
		return OK;
	}
	passkey->passkey.sign_count = job->sign_count;
	passkey->passkey.last_used_at = world_now(passkey->world);
	TRY(store_save_passkey(tx, &passkey->passkey));
	if (passkey->caller)
		return store_step_up(tx, passkey);
	return console_session_start(
		passkey->world, tx, &passkey->account, passkey->request_id, &passkey->session_token);
}

static enum err store_refusal(struct tx *tx, void *arg)
{
	struct passkey_job *const job = arg;

	return passkey_audit(job, tx, AUDIT_OPERATOR_SIGN_IN_REFUSED, job->refusal);
}

static enum err run_assertion(struct arena *a, struct assertion_job *job)
{
	const struct world *const world = job->passkey.world;

	if (!passkey_decode_answer(a, job->passkey.answer, &job->answer)) {
		passkey_set_refused(&job->passkey, WEBAUTHN_MALFORMED);
		passkey_log_refusal(&job->passkey);
		return OK;
	}
	TRY(store_transact(world->store, TX_WRITE, a, take_assertion, job));
	if (job->passkey.verdict == PASSKEY_ACCEPTED)
		TRY(check_assertion(a, job));
	if (job->passkey.verdict == PASSKEY_ACCEPTED)
		TRY(store_transact(world->store, TX_WRITE, a, store_assertion, job));
	if (job->passkey.verdict == PASSKEY_ACCEPTED)
		return OK;
	passkey_log_refusal(&job->passkey);
	/* An entry only if the passkey is known: strangers can send any number of others. */
	return job->passkey.refusal.n > 0
		       ? store_transact(world->store, TX_WRITE, a, store_refusal, &job->passkey)
		       : OK;
}

enum err passkey_sign_in(const struct world *world, struct arena *a, const struct passkey_form *form,
	struct str *session_token, enum passkey_verdict *verdict)
{
	struct assertion_job job = { .passkey = { .world = world,
					     .site = form->site,
					     .answer = form->answer,
					     .request_id = form->request_id,
					     .purpose = PASSKEY_SIGN_IN } };

	TRY(run_assertion(a, &job));
	*session_token = job.passkey.session_token;
	*verdict = job.passkey.verdict;
	return OK;
}

enum err passkey_step_up(const struct world *world, struct arena *a, const struct passkey_site *site,
	const struct console_caller *caller, const struct passkey_answer *answer,
	enum passkey_verdict *verdict)
{
	struct assertion_job job = { .passkey = { .world = world,
					     .site = site,
					     .answer = answer,
					     .caller = caller,
					     .request_id = str_of(caller->actor.request_id),
					     .purpose = PASSKEY_STEP_UP } };

	TRY(run_assertion(a, &job));
	*verdict = job.passkey.verdict;
	return OK;
}

static enum err step_up_in_dev(struct tx *tx, void *arg)
{
	return store_step_up(tx, arg);
}

enum err passkey_step_up_in_dev(
	const struct world *world, struct arena *a, const struct console_caller *caller)
{
	struct passkey_job job = { .world = world,
		.caller = caller,
		.account = caller->account,
		.request_id = str_of(caller->actor.request_id) };

	return store_transact(world->store, TX_WRITE, a, step_up_in_dev, &job);
}
