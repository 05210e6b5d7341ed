#include "app/operator/session.h"

#include "app/core/audit.h"
#include "app/operator/account.h"
#include "app/operator/token.h"
#include "text/encode.h"

/* A session is noted as used at most this often, so that pages do not write at each request. */
#define SEEN_EVERY minutes(1)
#define BATCH 64

enum err console_session_start(const struct world *world, struct tx *tx, struct operator_account *account,
	struct str request_id, struct str *token)
{
	const moment now = world_expiry_now(world);
	struct console_session session = { .operator_id = account->id,
		.created_at = now,
		.seen_at = now,
		.expires_at = moment_add(now, CONSOLE_SESSION_LIFE),
		.signed_in_at = now };
	struct actor actor;

	TRY(console_token_make(world, tx->arena, CONSOLE_TOKEN_SESSION, token, &session.token_digest));
	TRY(store_add_console_session(tx, &session));
	account->last_sign_in_at = world_now(world);
	TRY(store_save_operator_account(tx, account));
	console_actor(account, request_id, &actor);
	return audit_append(world, tx, &actor,
		&(const struct audit_params){ AUDIT_OPERATOR_SIGNED_IN, actor.id, "", "" });
}

struct dev_job {
	const struct world *world;
	struct str request_id, token;
};

static enum err start_in_dev(struct tx *tx, void *arg)
{
	struct dev_job *const job = arg;
	struct operator_account account;

	TRY(operator_account_of_dev(job->world, tx, &account));
	return console_session_start(job->world, tx, &account, job->request_id, &job->token);
}

enum err console_session_start_in_dev(
	const struct world *world, struct arena *a, struct str request_id, struct str *token)
{
	struct dev_job job = { .world = world, .request_id = request_id };

	TRY(store_transact(world->store, TX_WRITE, a, start_in_dev, &job));
	*token = job.token;
	return OK;
}

struct load_job {
	const struct world *world;
	struct digest token_digest;
	struct console_caller *out;
};

/* The account is read at each request, so that disabling an operator takes effect at once. */
static enum err load_session(struct tx *tx, void *arg)
{
	struct load_job *const job = arg;
	struct console_caller *const out = job->out;

	out->session = (struct console_session){ .token_digest = job->token_digest };
	TRY(store_load_console_session(tx, &out->session));
	if (!console_session_is_open(&out->session, world_expiry_now(job->world)))
		return ERR_NOT_FOUND;
	out->account = (struct operator_account){ .id = out->session.operator_id };
	TRY(store_load_operator_account(tx, &out->account));
	return operator_account_is_disabled(&out->account) ? ERR_NOT_FOUND : OK;
}

static enum err store_use(struct tx *tx, void *arg)
{
	struct load_job *const job = arg;

	TRY(load_session(tx, job));
	job->out->session.seen_at = world_expiry_now(job->world);
	return store_save_console_session(tx, &job->out->session);
}

enum err console_session_load(const struct world *world, struct arena *a, struct str token,
	struct str request_id, bool in_background, struct console_caller *out)
{
	struct load_job job = { world, console_token_digest(world, CONSOLE_TOKEN_SESSION, token), out };

	TRY(store_transact(world->store, TX_READ, a, load_session, &job));
	const duration unused = moment_diff(out->session.seen_at, world_expiry_now(world));
	if (!in_background && !duration_is_shorter(unused, SEEN_EVERY))
		TRY(store_transact(world->store, TX_WRITE, a, store_use, &job));
	console_actor(&out->account, request_id, &out->actor);
	return OK;
}

struct end_job {
	const struct world *world;
	const struct console_caller *caller;
};

static enum err end_session(struct tx *tx, void *arg)
{
	const struct end_job *const job = arg;
	const struct actor *const actor = &job->caller->actor;

	TRY(store_remove_console_session(tx, &job->caller->session));
	return audit_append(job->world, tx, actor,
		&(const struct audit_params){ AUDIT_OPERATOR_SIGNED_OUT, actor->id, "", "" });
}

enum err console_session_end(const struct world *world, struct arena *a, const struct console_caller *caller)
{
	struct end_job job = { world, caller };

	return store_transact(world->store, TX_WRITE, a, end_session, &job);
}

void console_csrf_token(const struct world *world, struct str session_token, char out[CSRF_TOKEN_SIZE])
{
	const struct digest digest = console_token_digest(world, CONSOLE_TOKEN_CSRF, session_token);

	hex_write(digest.bytes, sizeof(digest.bytes), out);
}

struct expired_rows {
	const struct world *world;
	struct console_session sessions[BATCH];
	struct passkey_challenge challenges[BATCH];
	size_t n_sessions, n_challenges;
};

static enum err find_expired(struct tx *tx, void *arg)
{
	struct expired_rows *const rows = arg;
	const moment now = world_expiry_now(rows->world);
	const struct console_session session = { .expires_at = now };
	const struct passkey_challenge challenge = { .expires_at = now };

	TRY(store_find(tx, QUERY_CONSOLE_SESSIONS_EXPIRED, &session, page_of(0, BATCH), rows->sessions,
		&rows->n_sessions));
	return store_find(tx, QUERY_PASSKEY_CHALLENGES_EXPIRED, &challenge, page_of(0, BATCH),
		rows->challenges, &rows->n_challenges);
}

static enum err remove_expired(struct tx *tx, void *arg)
{
	struct expired_rows *const rows = arg;

	TRY(find_expired(tx, rows));
	for (size_t i = 0; i < rows->n_sessions; i++)
		TRY(store_remove_console_session(tx, &rows->sessions[i]));
	for (size_t i = 0; i < rows->n_challenges; i++)
		TRY(store_remove_passkey_challenge(tx, &rows->challenges[i]));
	return OK;
}

enum err console_clean(const struct world *world, struct arena *a)
{
	struct expired_rows *const rows = arena_new(a, struct expired_rows);

	if (!rows)
		return ERR_INTERNAL;
	rows->world = world;
	TRY(store_transact(world->store, TX_READ, a, find_expired, rows));
	return rows->n_sessions + rows->n_challenges > 0
		       ? store_transact(world->store, TX_WRITE, a, remove_expired, rows)
		       : OK;
}
