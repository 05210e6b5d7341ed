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

#define POLL_BUDGET_NAME "provider"

struct stored_shared_state {
	struct shared_state base;
	const struct world *world;
};

static const struct shared_state_ops stored_shared_state_ops;

static const struct world *world_from_base(struct shared_state *shared_state)
{
	const struct stored_shared_state *const state = container_of(
		shared_state, struct stored_shared_state, base);

	assert(shared_state->ops == &stored_shared_state_ops);
	return state->world;
}

struct poll_count_job {
	const struct throttle_limits *limits;
	enum throttle_call call;
	bool passes;
};

static_assert(sizeof(struct throttle_counts) == RATE_WINDOWS * sizeof(struct window),
	"the three windows of the budget are stored in one row");

static enum err count_poll(struct tx *tx, void *arg)
{
	struct poll_count_job *const job = arg;
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .name = POLL_BUDGET_NAME };
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
	job->passes = throttle_count(&counts, job->limits, job->call, now.ms, &wait);
	if (!job->passes)
		return OK;
	memcpy(windows, &counts, sizeof(counts));
	rate_write(&rate, windows, RATE_WINDOWS, bytes);
	return store_save_rate(tx, &rate);
}

static enum err write_transaction(const struct world *world, tx_work *work, void *arg)
{
	struct arena arena;

	arena_init(&arena, ARENA_CALL_LIMIT);
	const enum err e = store_transact(world->store, TX_WRITE, &arena, work, arg);
	arena_wipe(&arena);
	arena_finish(&arena);
	return e;
}

static enum err shared_state_count_poll(struct shared_state *shared_state,
	const struct throttle_limits *limits, enum throttle_call call, bool *passes)
{
	struct poll_count_job job = { .limits = limits, .call = call };

	TRY(write_transaction(world_from_base(shared_state), count_poll, &job));
	*passes = job.passes;
	return OK;
}

struct token_job {
	const struct world *world;
	const struct token_request *request;
	struct shared_token *token;
	enum token_action action;
};

/* Loads the row of the account's token. The row is found by a keyed hash of the account, so that the account
 * itself is not stored. */
static enum err load_token_row(struct tx *tx, const struct token_job *job, struct provider_token *row)
{
	const struct str parts[] = { STR("token"), job->request->account };
	unsigned char digest[DIGEST_BYTES];

	*row = (struct provider_token){ .serial = 0 };
	static_assert(sizeof(row->name) > 2 * (size_t)DIGEST_BYTES, "the name holds a digest in hexadecimal");
	keyed_digest(&job->world->keys->index, parts, array_len(parts), digest);
	hex_write(digest, sizeof(digest), row->name);
	const enum err e = store_load_token(tx, row);
	return e == ERR_NOT_FOUND ? OK : e;
}

static struct seal_place token_seal_place(const struct provider_token *row)
{
	return (struct seal_place){ SEALED_PROVIDER_TOKEN, str_of(row->name) };
}

static duration remaining_time(moment now, moment then)
{
	return moment_is_before(now, then) ? moment_diff(now, then) : seconds(0);
}

static void fill_serial_and_times(const struct provider_token *row, moment now, struct shared_token *out)
{
	out->serial = row->serial;
	out->renew = remaining_time(now, row->renew_at);
	out->ttl = remaining_time(now, row->expires_at);
}

static enum err acquire_token(struct tx *tx, void *arg)
{
	struct token_job *const job = arg;
	struct provider_token row;
	struct str plain;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load_token_row(tx, job, &row));
	const struct seal_place place = token_seal_place(&row);
	/* A token that cannot be unsealed or does not fit into the buffer is treated as missing. */
	if (row.sealed_token.n > 0 &&
		(seal_read(tx->arena, &job->world->keys->person, &place, row.sealed_token, &plain) != OK ||
			!str_copy_to(plain, job->token->text, sizeof(job->token->text))))
		row.sealed_token = STR("");
	job->action = provider_token_acquire(
		&row, &job->world->instance, job->request->refused, job->request->limit, now);
	fill_serial_and_times(&row, now, job->token);
	return job->action == TOKEN_FETCH ? store_save_token(tx, &row) : OK;
}

static enum err shared_state_get_token(struct shared_state *shared_state, const struct token_request *request,
	struct shared_token *out, enum token_action *action)
{
	struct token_job job = { .world = world_from_base(shared_state), .request = request, .token = out };

	TRY(write_transaction(job.world, acquire_token, &job));
	*action = job.action;
	if (job.action != TOKEN_USABLE)
		explicit_bzero(out->text, sizeof(out->text));
	return OK;
}

static enum err save_token(struct tx *tx, void *arg)
{
	const struct token_job *const job = arg;
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct provider_token row;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load_token_row(tx, job, &row));
	const struct seal_place place = token_seal_place(&row);
	provider_token_store(&row, job->token->ttl, now);
	TRY(world_random(job->world, nonce, sizeof(nonce)));
	TRY(seal_write(tx->arena, &job->world->keys->person, &place, nonce, str_of(job->token->text),
		&row.sealed_token));
	fill_serial_and_times(&row, now, job->token);
	return store_save_token(tx, &row);
}

static enum err shared_state_store_token(
	struct shared_state *shared_state, struct str account, struct shared_token *token)
{
	const struct token_request request = { .account = account };
	struct shared_token kept = *token;
	struct token_job job = {
		.world = world_from_base(shared_state), .request = &request, .token = &kept
	};

	const enum err e = write_transaction(job.world, save_token, &job);
	if (e == OK)
		*token = kept;
	explicit_bzero(&kept, sizeof(kept));
	return e;
}

static enum err release_fetch_lease(struct tx *tx, void *arg)
{
	const struct token_job *const job = arg;
	struct provider_token row;

	TRY(load_token_row(tx, job, &row));
	if (!str_eq(str_of(row.lease_owner.text), str_of(job->world->instance.text)))
		return OK;
	row.lease_expires_at = (moment){ 0 };
	return store_save_token(tx, &row);
}

/* Releases the lease of the token. A failure is ignored, because the lease expires by itself. */
static void shared_state_release_token(struct shared_state *shared_state, struct str account)
{
	const struct token_request request = { .account = account };
	struct token_job job = { .world = world_from_base(shared_state), .request = &request };

	(void)!write_transaction(job.world, release_fetch_lease, &job);
}

static void shared_state_close(struct shared_state *shared_state)
{
	if (shared_state)
		free(container_of(shared_state, struct stored_shared_state, base));
}

static const struct shared_state_ops stored_shared_state_ops = {
	.count_poll = shared_state_count_poll,
	.get_token = shared_state_get_token,
	.store_token = shared_state_store_token,
	.release_token = shared_state_release_token,
	.close = shared_state_close,
};

enum err shared_state_open(const struct world *world, struct shared_state **out)
{
	struct stored_shared_state *const state = calloc(1, sizeof(*state));

	if (!state)
		return ERR_INTERNAL;
	state->base.ops = &stored_shared_state_ops;
	state->world = world;
	*out = &state->base;
	return OK;
}
