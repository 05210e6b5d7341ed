#include "app/operator/account.h"

#include "app/core/audit.h"
#include "app/core/sealed_names.h"
#include "app/operator/token.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "domain/counter.h"
#include "domain/event.h"

#define SESSIONS_BATCH 64

static const struct str dev_email = STR_INIT("admin@localhost");

struct account_job {
	const struct world *world;
	const struct operator_account_params *params;
	struct str email;
	const struct operator_id *id; /* instead of the e-mail address; NULL: none */
	const struct actor *actor;    /* NULL: a command */
	struct operator_account account;
	struct str token;
};

static struct seal_place email_place(const struct operator_account *account)
{
	return (struct seal_place){ SEALED_OPERATOR_EMAIL, str_of(account->id.text) };
}

static void email_index(const struct world *world, struct str email, struct digest *out)
{
	const struct str parts[] = { STR("operator"), email };

	keyed_digest(&world->keys->index, parts, array_len(parts), out->bytes);
}

static enum err seal_email(struct tx *tx, struct account_job *job)
{
	const struct seal_place place = email_place(&job->account);
	unsigned char nonce[SEAL_NONCE_BYTES];

	TRY(world_random(job->world, nonce, sizeof(nonce)));
	return seal_write(
		tx->arena, &job->world->keys->person, &place, nonce, job->email, &job->account.sealed_email);
}

static enum err find_by_email(struct tx *tx, struct account_job *job)
{
	struct operator_account probe = { 0 };
	size_t n;

	email_index(job->world, job->email, &probe.email_index);
	TRY(store_find(tx, QUERY_OPERATOR_ACCOUNT_BY_EMAIL, &probe, page_of(0, 1), &job->account, &n));
	return n > 0 ? OK : ERR_NOT_FOUND;
}

static enum err find_account(struct tx *tx, struct account_job *job)
{
	if (!job->id)
		return find_by_email(tx, job);
	job->account = (struct operator_account){ .id = *job->id };
	return store_load_operator_account(tx, &job->account);
}

static enum err append_audit(
	const struct account_job *job, struct tx *tx, enum audit_action action, const char *detail)
{
	static const struct actor command = { .kind = ACTOR_OPERATOR };
	char id[SHOWN_ID_SIZE];

	shown_id_write(OPERATOR_ID_PREFIX, job->account.id.text, id);
	return audit_append(job->world, tx, job->actor ? job->actor : &command,
		&(const struct audit_params){ action, id, "", detail });
}

static enum err make_link(struct tx *tx, struct account_job *job)
{
	struct operator_account *const account = &job->account;

	TRY(console_token_make(
		job->world, tx->arena, CONSOLE_TOKEN_LINK, &job->token, &account->link_digest));
	account->link_expires_at = moment_add(world_expiry_now(job->world), OPERATOR_LINK_LIFE);
	return OK;
}

static enum err remove_passkeys(struct tx *tx, const struct operator_account *account)
{
	const struct passkey probe = { .operator_id = account->id };
	struct passkey *const rows = arena_array(tx->arena, struct passkey, PASSKEYS_MAX);
	size_t n;

	if (!rows)
		return ERR_INTERNAL;
	TRY(store_find(tx, QUERY_PASSKEYS_OF_OPERATOR, &probe, page_of(0, PASSKEYS_MAX), rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(store_remove_passkey(tx, &rows[i]));
	return OK;
}

static enum err remove_sessions(struct tx *tx, const struct operator_account *account)
{
	const struct console_session probe = { .operator_id = account->id };
	struct console_session rows[SESSIONS_BATCH];
	size_t n;

	do {
		TRY(store_find(tx, QUERY_CONSOLE_SESSIONS_OF_OPERATOR, &probe, page_of(0, SESSIONS_BATCH),
			rows, &n));
		for (size_t i = 0; i < n; i++)
			TRY(store_remove_console_session(tx, &rows[i]));
	} while (n == SESSIONS_BATCH);
	return OK;
}

static enum err set_params(struct account_job *job)
{
	job->account.role = job->params->role;
	job->account.tenant_ids[0] = '\0';
	for (size_t i = 0; i < job->params->n_tenants; i++)
		if (!operator_account_add_tenant(&job->account, &job->params->tenants[i]))
			return ERR_INPUT;
	return OK;
}

/* Locks the row of a counter, so that two transactions cannot both find that an address is not known yet. */
static enum err lock_accounts(struct tx *tx)
{
	struct counter counter = { .name = COUNTER_OPERATORS };
	const enum err e = store_load_counter(tx, &counter);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	counter.value++;
	return store_save_counter(tx, &counter);
}

/* A row for a new operator, or the row of a disabled one. */
static enum err begin_account(struct tx *tx, struct account_job *job)
{
	TRY(lock_accounts(tx));
	const enum err e = find_by_email(tx, job);

	if (e == OK) {
		if (!operator_account_is_disabled(&job->account))
			return ERR_CONFLICT;
		job->account.disabled_at = (moment){ 0 };
		return OK;
	}
	if (e != ERR_NOT_FOUND)
		return e;
	job->account = (struct operator_account){ .created_at = world_now(job->world) };
	TRY(world_id(job->world, job->account.id.text));
	email_index(job->world, job->email, &job->account.email_index);
	return seal_email(tx, job);
}

static enum err add_account(struct tx *tx, void *arg)
{
	struct account_job *const job = arg;

	TRY(begin_account(tx, job));
	TRY(set_params(job));
	TRY(make_link(tx, job));
	TRY(store_save_operator_account(tx, &job->account));
	return append_audit(job, tx, AUDIT_OPERATOR_ADDED, operator_role_name(job->account.role));
}

enum err operator_account_add(const struct world *world, struct arena *a,
	const struct operator_account_params *params, struct operator_account *out, struct str *token)
{
	struct account_job job = {
		.world = world, .params = params, .email = params->email, .actor = params->actor
	};

	TRY(store_transact(world->store, TX_WRITE, a, add_account, &job));
	*out = job.account;
	*token = job.token;
	return OK;
}

static enum err new_link(struct tx *tx, void *arg)
{
	struct account_job *const job = arg;

	TRY(find_account(tx, job));
	if (operator_account_is_disabled(&job->account))
		return ERR_CONFLICT;
	TRY(make_link(tx, job));
	TRY(store_save_operator_account(tx, &job->account));
	return append_audit(job, tx, AUDIT_OPERATOR_LINK_CREATED, "");
}

enum err operator_account_new_link(const struct world *world, struct arena *a, struct str email,
	struct operator_account *out, struct str *token)
{
	struct account_job job = { .world = world, .email = email };

	TRY(store_transact(world->store, TX_WRITE, a, new_link, &job));
	*out = job.account;
	*token = job.token;
	return OK;
}

enum err operator_account_new_link_of(const struct world *world, struct arena *a,
	const struct operator_id *id, const struct actor *actor, struct operator_account *out,
	struct str *token)
{
	struct account_job job = { .world = world, .id = id, .actor = actor };

	TRY(store_transact(world->store, TX_WRITE, a, new_link, &job));
	*out = job.account;
	*token = job.token;
	return OK;
}

static enum err disable(struct tx *tx, void *arg)
{
	struct account_job *const job = arg;
	struct operator_account *const account = &job->account;

	TRY(find_account(tx, job));
	if (operator_account_is_disabled(account))
		return OK;
	account->disabled_at = world_now(job->world);
	account->link_digest = (struct digest){ { 0 } };
	account->link_expires_at = (moment){ 0 };
	TRY(remove_passkeys(tx, account));
	TRY(remove_sessions(tx, account));
	TRY(store_save_operator_account(tx, account));
	return append_audit(job, tx, AUDIT_OPERATOR_DISABLED, "");
}

enum err operator_account_disable(
	const struct world *world, struct arena *a, struct str email, struct operator_account *out)
{
	struct account_job job = { .world = world, .email = email };

	TRY(store_transact(world->store, TX_WRITE, a, disable, &job));
	*out = job.account;
	return OK;
}

enum err operator_account_disable_of(const struct world *world, struct arena *a, const struct operator_id *id,
	const struct actor *actor, struct operator_account *out)
{
	struct account_job job = { .world = world, .id = id, .actor = actor };

	TRY(store_transact(world->store, TX_WRITE, a, disable, &job));
	*out = job.account;
	return OK;
}

struct list_job {
	struct page page;
	struct operator_account *rows;
	size_t *n;
};

static enum err list_accounts(struct tx *tx, void *arg)
{
	const struct list_job *const job = arg;
	const struct operator_account probe = { 0 };

	return store_find(tx, QUERY_OPERATOR_ACCOUNTS, &probe, job->page, job->rows, job->n);
}

enum err operator_account_list(const struct world *world, struct arena *a, struct page page,
	struct operator_account *rows, size_t *n)
{
	struct list_job job = { page, rows, n };

	return store_transact(world->store, TX_READ, a, list_accounts, &job);
}

enum err operator_account_email(
	const struct world *world, struct arena *a, const struct operator_account *account, struct str *out)
{
	const struct seal_place place = email_place(account);

	return seal_read(a, &world->keys->person, &place, account->sealed_email, out);
}

enum err operator_email_of(
	const struct world *world, struct tx *tx, const struct operator_id *id, struct str *out)
{
	struct operator_account account = { .id = *id };

	*out = STR("");
	if (id->text[0] == '\0')
		return OK;
	const enum err e = store_load_operator_account(tx, &account);
	if (e != OK)
		return e == ERR_NOT_FOUND ? OK : e;
	return operator_account_email(world, tx->arena, &account, out);
}

enum err operator_account_passkeys(
	struct tx *tx, const struct operator_account *account, struct passkey rows[PASSKEYS_MAX], size_t *n)
{
	const struct passkey probe = { .operator_id = account->id };

	return store_find(tx, QUERY_PASSKEYS_OF_OPERATOR, &probe, page_of(0, PASSKEYS_MAX), rows, n);
}

struct count_job {
	const struct operator_account *account;
	size_t n;
};

static enum err count_passkeys(struct tx *tx, void *arg)
{
	struct count_job *const job = arg;
	struct passkey *const rows = arena_array(tx->arena, struct passkey, PASSKEYS_MAX);

	return rows ? operator_account_passkeys(tx, job->account, rows, &job->n) : ERR_INTERNAL;
}

enum err operator_account_count_passkeys(
	const struct world *world, struct arena *a, const struct operator_account *account, size_t *n)
{
	struct count_job job = { .account = account };

	TRY(store_transact(world->store, TX_READ, a, count_passkeys, &job));
	*n = job.n;
	return OK;
}

enum err operator_account_of_dev(const struct world *world, struct tx *tx, struct operator_account *out)
{
	static const struct operator_account_params params = { .role = OPERATOR_ADMIN };
	struct account_job job = { .world = world, .params = &params, .email = dev_email };
	const enum err found = find_by_email(tx, &job);

	if (found == OK && !operator_account_is_disabled(&job.account)) {
		*out = job.account;
		return OK;
	}
	if (found != OK && found != ERR_NOT_FOUND)
		return found;
	TRY(begin_account(tx, &job));
	TRY(set_params(&job));
	TRY(store_save_operator_account(tx, &job.account));
	TRY(append_audit(&job, tx, AUDIT_OPERATOR_ADDED, operator_role_name(job.account.role)));
	*out = job.account;
	return OK;
}
