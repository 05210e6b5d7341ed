#include "app/operator/own_passkeys.h"

#include <string.h>

#include "app/operator/account.h"
#include "app/operator/passkey_job.h"
#include "text/encode.h"

void passkey_name(const struct passkey *passkey, char out[PASSKEY_NAME_SIZE])
{
	hex_write(passkey->credential_digest.bytes, (PASSKEY_NAME_SIZE - 1) / 2, out);
}

static enum err audit_change(
	const struct passkey_job *job, struct tx *tx, enum audit_action action, const struct passkey *passkey)
{
	char name[PASSKEY_NAME_SIZE];

	passkey_name(passkey, name);
	return passkey_audit(job, tx, action, str_of(name));
}

/* Loads the operator's account, which locks its row: two changes of the passkeys do not run at the same
 * time. */
static enum err load_account(struct tx *tx, struct passkey_job *job)
{
	job->account = (struct operator_account){ .id = job->caller->account.id };
	TRY(store_load_operator_account(tx, &job->account));
	job->verdict = operator_account_is_disabled(&job->account) ? PASSKEY_DISABLED : PASSKEY_ACCEPTED;
	return OK;
}

struct list_job {
	const struct console_caller *caller;
	struct own_passkeys *out;
};

static enum err list(struct tx *tx, void *arg)
{
	const struct list_job *const job = arg;

	return operator_account_passkeys(tx, &job->caller->account, job->out->rows, &job->out->n);
}

enum err own_passkeys_list(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct own_passkeys *out, enum console_verdict *verdict)
{
	struct list_job job = { caller, out };

	*verdict = console_permit(world, caller, CONSOLE_VIEW, NULL);
	return *verdict == CONSOLE_PERMITTED ? store_transact(world->store, TX_READ, a, list, &job) : OK;
}

/* A registration or a removal. */
struct change_job {
	struct passkey_job passkey;
	struct str *known;
	size_t n_known;
	bool has_step_up;
};

/* Decides whether the caller may change the passkeys. */
static bool permit(struct change_job *job, struct own_passkey_result *result)
{
	*result = (struct own_passkey_result){
		.verdict = console_permit(
			job->passkey.world, job->passkey.caller, CONSOLE_MANAGE_PASSKEYS, NULL),
		.passkey = PASSKEY_ACCEPTED,
	};
	job->has_step_up = true;
	return result->verdict == CONSOLE_PERMITTED;
}

static void set_result(const struct change_job *job, struct own_passkey_result *result)
{
	result->passkey = job->passkey.verdict;
	if (!job->has_step_up)
		result->verdict = CONSOLE_STEP_UP_NEEDED;
	else if (job->passkey.verdict != PASSKEY_ACCEPTED)
		passkey_log_refusal(&job->passkey);
}

static struct change_job job_of(const struct world *world, const struct console_caller *caller)
{
	return (struct change_job){ .passkey = { .world = world,
					    .caller = caller,
					    .account = caller->account,
					    .request_id = str_of(caller->actor.request_id),
					    .purpose = PASSKEY_ADD } };
}

static enum err begin(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;

	TRY(load_account(tx, &job->passkey));
	if (job->passkey.verdict != PASSKEY_ACCEPTED)
		return OK;
	return passkey_begin_registration(tx, &job->passkey, &job->known, &job->n_known);
}

enum err own_passkey_begin(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct passkey_registration *out, struct own_passkey_result *result)
{
	struct change_job job = job_of(world, caller);

	if (!permit(&job, result))
		return OK;
	TRY(store_transact(world->store, TX_WRITE, a, begin, &job));
	set_result(&job, result);
	if (result->passkey != PASSKEY_ACCEPTED)
		return OK;
	*out = (struct passkey_registration){
		.challenge = job.passkey.challenge, .known = job.known, .n_known = job.n_known
	};
	TRY(base64url_write(a, (const unsigned char *)caller->account.id.text, ID_LENGTH, &out->user_handle));
	return operator_account_email(world, a, &job.passkey.account, &out->email);
}

static enum err take(struct tx *tx, void *arg)
{
	struct passkey_job *const job = arg;

	return passkey_take_challenge(tx, job, &job->caller->account.id);
}

/* Uses up the step-up. Another request may have used it since it was checked. */
static enum err use_step_up(struct tx *tx, struct change_job *job)
{
	return console_use_step_up(job->passkey.world, tx, job->passkey.caller, &job->has_step_up);
}

static enum err add_passkey(struct tx *tx, struct change_job *job)
{
	TRY(use_step_up(tx, job));
	if (!job->has_step_up)
		return OK;
	const enum err e = store_add_passkey(tx, &job->passkey.passkey);
	if (e == ERR_CONFLICT) {
		job->passkey.verdict = PASSKEY_KNOWN;
		return OK;
	}
	TRY(e);
	return audit_change(&job->passkey, tx, AUDIT_PASSKEY_REGISTERED, &job->passkey.passkey);
}

static enum err store_added(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;
	struct passkey rows[PASSKEYS_MAX];
	size_t n;

	job->has_step_up = true;
	TRY(load_account(tx, &job->passkey));
	if (job->passkey.verdict != PASSKEY_ACCEPTED)
		return OK;
	TRY(operator_account_passkeys(tx, &job->passkey.account, rows, &n));
	if (n < PASSKEYS_MAX)
		return add_passkey(tx, job);
	job->passkey.verdict = PASSKEY_TOO_MANY;
	return OK;
}

enum err own_passkey_add(const struct world *world, struct arena *a, const struct passkey_site *site,
	const struct console_caller *caller, const struct passkey_answer *answer,
	struct own_passkey_result *result)
{
	struct change_job job = job_of(world, caller);

	job.passkey.site = site;
	job.passkey.answer = answer;
	if (!permit(&job, result))
		return OK;
	TRY(store_transact(world->store, TX_WRITE, a, take, &job.passkey));
	if (job.passkey.verdict == PASSKEY_ACCEPTED)
		TRY(passkey_check_registration(a, &job.passkey));
	if (job.passkey.verdict == PASSKEY_ACCEPTED)
		TRY(store_transact(world->store, TX_WRITE, a, store_added, &job));
	set_result(&job, result);
	return OK;
}

static enum err end_other_sessions(struct tx *tx, const struct console_caller *caller)
{
	enum { BATCH = 32 };
	struct console_session *const rows = arena_array(tx->arena, struct console_session, BATCH);
	const struct console_session probe = { .operator_id = caller->account.id };
	size_t kept = 0, n = BATCH;

	if (!rows)
		return ERR_INTERNAL;
	while (n == BATCH) {
		TRY(store_find(
			tx, QUERY_CONSOLE_SESSIONS_OF_OPERATOR, &probe, page_of(kept, BATCH), rows, &n));
		for (size_t i = 0; i < n; i++)
			if (memcmp(&rows[i].token_digest, &caller->session.token_digest,
				    sizeof(rows[i].token_digest)) == 0)
				kept = 1;
			else
				TRY(store_remove_console_session(tx, &rows[i]));
	}
	return OK;
}

static enum err remove_passkey(struct tx *tx, void *arg)
{
	struct change_job *const job = arg;
	struct passkey rows[PASSKEYS_MAX];
	size_t n, at = 0;

	job->has_step_up = true;
	TRY(load_account(tx, &job->passkey));
	if (job->passkey.verdict != PASSKEY_ACCEPTED)
		return OK;
	TRY(operator_account_passkeys(tx, &job->passkey.account, rows, &n));
	while (at < n && memcmp(&rows[at].credential_digest, &job->passkey.passkey.credential_digest,
				 sizeof(rows[at].credential_digest)) != 0)
		at++;
	if (at == n || n == 1) {
		job->passkey.verdict = at == n ? PASSKEY_UNKNOWN : PASSKEY_LAST;
		return OK;
	}
	TRY(use_step_up(tx, job));
	if (!job->has_step_up)
		return OK;
	TRY(store_remove_passkey(tx, &rows[at]));
	TRY(end_other_sessions(tx, job->passkey.caller));
	return audit_change(&job->passkey, tx, AUDIT_PASSKEY_REMOVED, &rows[at]);
}

enum err own_passkey_remove(const struct world *world, struct arena *a, const struct console_caller *caller,
	const struct digest *credential_digest, struct own_passkey_result *result)
{
	struct change_job job = job_of(world, caller);

	job.passkey.passkey.credential_digest = *credential_digest;
	if (!permit(&job, result))
		return OK;
	TRY(store_transact(world->store, TX_WRITE, a, remove_passkey, &job));
	set_result(&job, result);
	return OK;
}
