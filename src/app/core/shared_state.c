#include "app/core/shared_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "app/core/sealed_names.h"
#include "base/attr.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "domain/rate.h"
#include "port/store.h"
#include "text/encode.h"

#define BUDGET "provider"

struct commons_rows {
	struct shared_state base;
	const struct world *world;
};

static const struct shared_state_ops commons_ops;

static const struct world *world_of(struct shared_state *shared_state)
{
	const struct commons_rows *const c = container_of(shared_state, struct commons_rows, base);

	assert(shared_state->ops == &commons_ops);
	return c->world;
}

struct counting {
	const struct throttle_limits *limits;
	enum throttle_call call;
	bool passes;
};

static_assert(
	sizeof(struct throttle_counts) == RATE_WINDOWS * sizeof(struct window), "three windows, one row");

static enum err count_one(struct tx *tx, void *arg)
{
	struct counting *const c = arg;
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .name = BUDGET };
	struct window windows[RATE_WINDOWS];
	struct throttle_counts counts;
	moment now;
	duration wait;

	TRY(store_clock(tx, &now));
	const enum err e = store_load_rate(tx, &rate);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	rate_read(&rate, windows, RATE_WINDOWS, minutes(1), now.ms);
	memcpy(&counts, windows, sizeof(counts));
	c->passes = throttle_count(&counts, c->limits, c->call, now.ms, &wait);
	if (!c->passes)
		return OK;
	memcpy(windows, &counts, sizeof(counts));
	rate_write(&rate, windows, RATE_WINDOWS, bytes);
	return store_save_rate(tx, &rate);
}

static enum err run(const struct world *world, tx_work *work, void *arg)
{
	struct arena own;

	arena_init(&own, ARENA_CALL_LIMIT);
	const enum err e = store_transact(world->store, TX_WRITE, &own, work, arg);
	arena_wipe(&own);
	arena_finish(&own);
	return e;
}

static enum err commons_count(struct shared_state *shared_state, const struct throttle_limits *limits,
	enum throttle_call call, bool *passes)
{
	struct counting c = { .limits = limits, .call = call };

	TRY(run(world_of(shared_state), count_one, &c));
	*passes = c.passes;
	return OK;
}

struct token_job {
	const struct world *world;
	const struct token_request *request;
	struct shared_token *token;
	enum token_action action;
};

/* The account stands in no row: a keyed hash of it does. */
static enum err load(struct tx *tx, const struct token_job *job, struct provider_token *row)
{
	const struct str parts[] = { STR("token"), job->request->account };
	unsigned char digest[DIGEST_BYTES];

	*row = (struct provider_token){ .serial = 0 };
	static_assert(sizeof(row->name) > 2 * (size_t)DIGEST_BYTES, "a hash is a name");
	keyed_digest(&job->world->keys->index, parts, array_len(parts), digest);
	hex_write(digest, sizeof(digest), row->name);
	const enum err e = store_load_token(tx, row);
	return e == ERR_NOT_FOUND ? OK : e;
}

static struct seal_place place_of(const struct provider_token *row)
{
	return (struct seal_place){ SEALED_PROVIDER_TOKEN, str_of(row->name) };
}

static duration until(moment now, moment then)
{
	return moment_is_before(now, then) ? moment_diff(now, then) : seconds(0);
}

static void tell(const struct provider_token *row, moment now, struct shared_token *out)
{
	out->serial = row->serial;
	out->renew = until(now, row->renew_at);
	out->life = until(now, row->expires_at);
}

static enum err find_token(struct tx *tx, void *arg)
{
	struct token_job *const job = arg;
	struct provider_token row;
	struct str plain;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load(tx, job, &row));
	const struct seal_place place = place_of(&row);
	/* What does not open any more is none. */
	if (row.sealed_token.n > 0 &&
		(seal_read(tx->arena, &job->world->keys->person, &place, row.sealed_token, &plain) != OK ||
			!str_copy_to(plain, job->token->text, sizeof(job->token->text))))
		row.sealed_token = STR("");
	job->action = provider_token_acquire(
		&row, &job->world->instance, job->request->refused, job->request->limit, now);
	tell(&row, now, job->token);
	return job->action == TOKEN_FETCH ? store_save_token(tx, &row) : OK;
}

static enum err commons_token(struct shared_state *shared_state, const struct token_request *request,
	struct shared_token *out, enum token_action *action)
{
	struct token_job job = { .world = world_of(shared_state), .request = request, .token = out };

	TRY(run(job.world, find_token, &job));
	*action = job.action;
	if (job.action != TOKEN_USABLE)
		explicit_bzero(out->text, sizeof(out->text));
	return OK;
}

static enum err keep_token(struct tx *tx, void *arg)
{
	const struct token_job *const job = arg;
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct provider_token row;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load(tx, job, &row));
	const struct seal_place place = place_of(&row);
	provider_token_store(&row, job->token->life, now);
	TRY(world_random(job->world, nonce, sizeof(nonce)));
	TRY(seal_write(tx->arena, &job->world->keys->person, &place, nonce, str_of(job->token->text),
		&row.sealed_token));
	tell(&row, now, job->token);
	return store_save_token(tx, &row);
}

static enum err commons_keep(
	struct shared_state *shared_state, struct str account, struct shared_token *token)
{
	const struct token_request request = { .account = account };
	struct shared_token kept = *token;
	struct token_job job = { .world = world_of(shared_state), .request = &request, .token = &kept };

	const enum err e = run(job.world, keep_token, &job);
	if (e == OK)
		*token = kept;
	explicit_bzero(&kept, sizeof(kept));
	return e;
}

static enum err drop_lease(struct tx *tx, void *arg)
{
	const struct token_job *const job = arg;
	struct provider_token row;

	TRY(load(tx, job, &row));
	if (!str_eq(str_of(row.lease_owner.text), str_of(job->world->instance.text)))
		return OK;
	row.lease_expires_at = (moment){ 0 };
	return store_save_token(tx, &row);
}

/* A lease that stays where it is runs out. */
static void commons_give_up(struct shared_state *shared_state, struct str account)
{
	const struct token_request request = { .account = account };
	struct token_job job = { .world = world_of(shared_state), .request = &request };

	(void)!run(job.world, drop_lease, &job);
}

static void commons_close(struct shared_state *shared_state)
{
	if (shared_state)
		free(container_of(shared_state, struct commons_rows, base));
}

static const struct shared_state_ops commons_ops = {
	.count_poll = commons_count,
	.get_token = commons_token,
	.store_token = commons_keep,
	.release_token = commons_give_up,
	.close = commons_close,
};

enum err shared_state_open(const struct world *world, struct shared_state **out)
{
	struct commons_rows *const c = calloc(1, sizeof(*c));

	if (!c)
		return ERR_INTERNAL;
	c->base.ops = &commons_ops;
	c->world = world;
	*out = &c->base;
	return OK;
}
