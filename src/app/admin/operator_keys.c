#include "app/admin/operator.h"

#include <string.h>

#include "app/admin/operator_tx.h"
#include "app/core/access.h"
#include "crypto/digest.h"

struct key_job {
	const struct world *world;
	const struct key_params *params;
	const struct key_change *change;
	const struct actor *actor; /* NULL: a command */
	duration overlap;
	struct api_key key, successor;
};

static enum err append_audit(const struct key_job *job, struct tx *tx, enum audit_action action,
	const struct api_key *key, const char *detail)
{
	const struct audit_params params = { action, key->id.text, key->tenant_id.text, detail };

	return operator_audit(job->world, tx, job->actor, &params);
}

static bool set_text(struct str value, char *out, size_t size)
{
	return !value.p || str_copy_to(value, out, size);
}

struct list_job {
	struct str tenant;
	struct page page;
	struct api_key *rows;
	size_t n;
};

static enum err list_keys(struct tx *tx, void *arg)
{
	struct list_job *const job = arg;
	struct tenant tenant;
	struct api_key probe = { 0 };

	if (job->tenant.n == 0)
		return store_find(tx, QUERY_KEYS, &probe, job->page, job->rows, &job->n);
	TRY(operator_tenant_by_name(tx, job->tenant, &tenant));
	probe.tenant_id = tenant.id;
	return store_find(tx, QUERY_KEYS_OF_TENANT, &probe, job->page, job->rows, &job->n);
}

enum err operator_list_keys(const struct world *world, struct arena *a, struct str tenant, struct page page,
	struct api_key *out, size_t *n)
{
	struct list_job job = { .tenant = tenant, .page = page, .rows = out };

	TRY(store_transact(world->store, TX_READ, a, list_keys, &job));
	*n = job.n;
	return OK;
}

static enum err add_key(struct tx *tx, void *arg)
{
	struct key_job *const job = arg;
	const moment now = world_now(job->world);
	struct tenant tenant;

	TRY(operator_tenant_by_name(tx, job->params->tenant, &tenant));
	job->key.tenant_id = tenant.id;
	job->key.created_at = now;
	job->key.expires_at = job->params->life.ms > 0 ? moment_add(now, job->params->life) : (moment){ 0 };
	job->key.rate_per_minute = job->params->rate_per_minute;
	job->key.rate_per_second = job->params->rate_per_second;
	job->key.scopes = job->params->scopes ? job->params->scopes : SCOPES_DEFAULT;
	if (!set_text(job->params->label, job->key.label, sizeof(job->key.label)) ||
		!set_text(job->params->allow_from, job->key.allow_from, sizeof(job->key.allow_from)))
		return ERR_INPUT;
	TRY(store_add_api_key(tx, &job->key));
	return append_audit(job, tx, AUDIT_KEY_CREATED, &job->key, "");
}

static enum err create_key_text(const struct world *world, char text[API_KEY_LENGTH + 1])
{
	unsigned char random_bytes[64];
	bool is_complete = false;

	/* The random bytes are enough for a key in all but one of a million cases; otherwise new ones are
	 * read. */
	while (!is_complete) {
		TRY(world_random(world, random_bytes, sizeof(random_bytes)));
		is_complete = api_key_make(random_bytes, text);
		secure_wipe(random_bytes, sizeof(random_bytes));
	}
	return OK;
}

/* Chooses the text of a new key, and sets the id and the digest of `key` accordingly. */
static enum err create_secret(const struct world *world, struct api_key *key, char text[API_KEY_LENGTH + 1])
{
	TRY(create_key_text(world, text));
	if (!api_key_read(str_of(text), key->id.text))
		return ERR_INTERNAL;
	access_digest(world, str_of(text), &key->digest);
	return OK;
}

enum err operator_create_key(const struct world *world, struct arena *a, const struct key_params *params,
	struct api_key *out, char text[API_KEY_LENGTH + 1])
{
	struct key_job job = { .world = world, .params = params, .actor = params->actor };

	TRY(create_secret(world, &job.key, text));
	TRY(store_transact(world->store, TX_WRITE, a, add_key, &job));
	*out = job.key;
	return OK;
}

static enum err revoke_key(struct tx *tx, void *arg)
{
	struct key_job *const job = arg;

	TRY(store_load_api_key(tx, &job->key));
	if (!moment_is_unset(job->key.revoked_at))
		return OK;
	job->key.revoked_at = world_now(job->world);
	TRY(store_save_api_key(tx, &job->key));
	return append_audit(job, tx, AUDIT_KEY_REVOKED, &job->key, "");
}

enum err operator_revoke_key(
	const struct world *world, struct arena *a, const struct actor *actor, struct str id)
{
	struct key_job job = { .world = world, .actor = actor };

	if (!str_copy_to(id, job.key.id.text, sizeof(job.key.id.text)))
		return ERR_NOT_FOUND;
	return store_transact(world->store, TX_WRITE, a, revoke_key, &job);
}

static enum err apply_key_change(const struct key_change *change, moment now, struct api_key *key)
{
	if (change->has_rate_per_minute)
		key->rate_per_minute = change->rate_per_minute;
	if (change->has_rate_per_second)
		key->rate_per_second = change->rate_per_second;
	if (change->has_expiry)
		key->expires_at = change->life.ms > 0 ? moment_add(now, change->life) : (moment){ 0 };
	if (change->scopes)
		key->scopes = change->scopes;
	return set_text(change->label, key->label, sizeof(key->label)) &&
			       set_text(change->allow_from, key->allow_from, sizeof(key->allow_from))
		       ? OK
		       : ERR_INPUT;
}

static enum err set_key(struct tx *tx, void *arg)
{
	struct key_job *const job = arg;

	TRY(store_load_api_key(tx, &job->key));
	if (!moment_is_unset(job->key.revoked_at))
		return ERR_CONFLICT;
	TRY(apply_key_change(job->change, world_now(job->world), &job->key));
	TRY(store_save_api_key(tx, &job->key));
	return append_audit(job, tx, AUDIT_KEY_CHANGED, &job->key, "");
}

enum err operator_set_key(const struct world *world, struct arena *a, struct str id,
	const struct key_change *change, struct api_key *out)
{
	struct key_job job = { .world = world, .change = change };

	if (!str_copy_to(id, job.key.id.text, sizeof(job.key.id.text)))
		return ERR_NOT_FOUND;
	TRY(store_transact(world->store, TX_WRITE, a, set_key, &job));
	*out = job.key;
	return OK;
}

/* Sets what the successor has in common with its predecessor. It lives as long as the predecessor was meant
 * to live, counted from now. */
static void inherit(const struct api_key *key, moment now, struct api_key *successor)
{
	const struct key_id id = successor->id;
	const struct digest digest = successor->digest;

	*successor = *key;
	successor->id = id;
	successor->digest = digest;
	successor->created_at = now;
	successor->last_used_at = (moment){ 0 };
	if (!moment_is_unset(key->expires_at))
		successor->expires_at = moment_add(now, moment_diff(key->created_at, key->expires_at));
}

static enum err rotate_key(struct tx *tx, void *arg)
{
	struct key_job *const job = arg;
	const moment now = world_now(job->world), end = moment_add(now, job->overlap);
	struct api_key *const key = &job->key;

	TRY(store_load_api_key(tx, key));
	if (key_check(key, now) != KEY_VALID)
		return ERR_CONFLICT;
	inherit(key, now, &job->successor);
	if (moment_is_unset(key->expires_at) || moment_is_before(end, key->expires_at))
		key->expires_at = end;
	TRY(store_save_api_key(tx, key));
	TRY(store_add_api_key(tx, &job->successor));
	TRY(append_audit(job, tx, AUDIT_KEY_ROTATED, key, job->successor.id.text));
	return append_audit(job, tx, AUDIT_KEY_CREATED, &job->successor, "");
}

enum err operator_rotate_key(const struct world *world, struct arena *a, const struct key_rotation *rotation,
	struct rotated_key *out, char text[API_KEY_LENGTH + 1])
{
	struct key_job job = { .world = world, .actor = rotation->actor, .overlap = rotation->overlap };

	if (!str_copy_to(rotation->id, job.key.id.text, sizeof(job.key.id.text)))
		return ERR_NOT_FOUND;
	TRY(create_secret(world, &job.successor, text));
	const enum err e = store_transact(world->store, TX_WRITE, a, rotate_key, &job);
	out->key = job.key;
	out->successor = job.successor;
	return e;
}
