#include "app/commons_rows.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "crypto/keys.h"
#include "crypto/seal.h"
#include "domain/rate.h"
#include "port/store.h"
#include "text/encode.h"

#define BUDGET "provider"

struct commons_rows {
	struct commons base;
	const struct world *world;
};

static const struct commons_ops commons_ops;

static const struct world *world_of(struct commons *commons)
{
	const struct commons_rows *const c = container_of(commons, struct commons_rows, base);

	assert(commons->ops == &commons_ops);
	return c->world;
}

struct counting {
	const struct pace_rule *rule;
	enum pace_call call;
	bool passes;
};

static_assert(sizeof(struct pace_counts) == RATE_WINDOWS * sizeof(struct window), "three windows, one row");

static enum err count_one(struct tx *tx, void *arg)
{
	struct counting *const c = arg;
	unsigned char bytes[RATE_WINDOWS * RATE_WINDOW_BYTES];
	struct rate rate = { .name = BUDGET };
	struct window windows[RATE_WINDOWS];
	struct pace_counts counts;
	moment now;
	duration wait;

	TRY(store_clock(tx, &now));
	const enum err e = store_load_rate(tx, &rate);
	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	rate_read(&rate, windows, RATE_WINDOWS, minutes(1), now.ms);
	memcpy(&counts, windows, sizeof(counts));
	c->passes = pace_count(&counts, c->rule, c->call, now.ms, &wait);
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

static enum err commons_count(
	struct commons *commons, const struct pace_rule *rule, enum pace_call call, bool *passes)
{
	struct counting c = { .rule = rule, .call = call };

	TRY(run(world_of(commons), count_one, &c));
	*passes = c.passes;
	return OK;
}

struct token_job {
	const struct world *world;
	const struct token_wish *wish;
	struct joint_token *token;
	enum token_turn turn;
};

/* The account stands in no row: a keyed hash of it does. */
static enum err load(struct tx *tx, const struct token_job *job, struct shared_token *row)
{
	const struct str parts[] = { STR("token"), job->wish->account };
	unsigned char digest[DIGEST_BYTES];

	*row = (struct shared_token){ .serial = 0 };
	static_assert(sizeof(row->name) > 2 * (size_t)DIGEST_BYTES, "a hash is a name");
	keyed_digest(&job->world->keys->index, parts, array_len(parts), digest);
	hex_write(digest, sizeof(digest), row->name);
	const enum err e = store_load_token(tx, row);
	return e == ERR_NOT_FOUND ? OK : e;
}

static struct seal_place place_of(const struct shared_token *row)
{
	return (struct seal_place){ "tokens", "sealed", str_of(row->name) };
}

static duration until(moment now, moment then)
{
	return moment_is_before(now, then) ? moment_diff(now, then) : seconds(0);
}

static void tell(const struct shared_token *row, moment now, struct joint_token *out)
{
	out->serial = row->serial;
	out->renew = until(now, row->renew);
	out->life = until(now, row->expires);
}

static enum err find_token(struct tx *tx, void *arg)
{
	struct token_job *const job = arg;
	struct shared_token row;
	struct str plain;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load(tx, job, &row));
	const struct seal_place place = place_of(&row);
	/* What does not open any more is none. */
	if (row.sealed.n > 0 &&
		(seal_read(tx->arena, &job->world->keys->person, &place, row.sealed, &plain) != OK ||
			!str_copy_to(plain, job->token->text, sizeof(job->token->text))))
		row.sealed = STR("");
	job->turn = token_turn(&row, &job->world->instance, job->wish->refused, job->wish->limit, now);
	tell(&row, now, job->token);
	return job->turn == TOKEN_FETCH ? store_save_token(tx, &row) : OK;
}

static enum err commons_token(struct commons *commons, const struct token_wish *wish, struct joint_token *out,
	enum token_turn *turn)
{
	struct token_job job = { .world = world_of(commons), .wish = wish, .token = out };

	TRY(run(job.world, find_token, &job));
	*turn = job.turn;
	if (job.turn != TOKEN_SERVES)
		explicit_bzero(out->text, sizeof(out->text));
	return OK;
}

static enum err keep_token(struct tx *tx, void *arg)
{
	const struct token_job *const job = arg;
	unsigned char nonce[SEAL_NONCE_BYTES];
	struct shared_token row;
	moment now;

	TRY(store_clock(tx, &now));
	TRY(load(tx, job, &row));
	const struct seal_place place = place_of(&row);
	token_fetched(&row, job->token->life, now);
	TRY(world_random(job->world, nonce, sizeof(nonce)));
	TRY(seal_write(
		tx->arena, &job->world->keys->person, &place, nonce, str_of(job->token->text), &row.sealed));
	tell(&row, now, job->token);
	return store_save_token(tx, &row);
}

static enum err commons_keep(struct commons *commons, struct str account, struct joint_token *token)
{
	const struct token_wish wish = { .account = account };
	struct joint_token kept = *token;
	struct token_job job = { .world = world_of(commons), .wish = &wish, .token = &kept };

	const enum err e = run(job.world, keep_token, &job);
	if (e == OK)
		*token = kept;
	explicit_bzero(&kept, sizeof(kept));
	return e;
}

static enum err drop_lease(struct tx *tx, void *arg)
{
	const struct token_job *const job = arg;
	struct shared_token row;

	TRY(load(tx, job, &row));
	if (!str_eq(str_of(row.lessee.text), str_of(job->world->instance.text)))
		return OK;
	row.leased_until = (moment){ 0 };
	return store_save_token(tx, &row);
}

/* A lease that stays where it is runs out. */
static void commons_give_up(struct commons *commons, struct str account)
{
	const struct token_wish wish = { .account = account };
	struct token_job job = { .world = world_of(commons), .wish = &wish };

	(void)!run(job.world, drop_lease, &job);
}

static void commons_close(struct commons *commons)
{
	if (commons)
		free(container_of(commons, struct commons_rows, base));
}

static const struct commons_ops commons_ops = {
	.count = commons_count,
	.token = commons_token,
	.keep = commons_keep,
	.give_up = commons_give_up,
	.close = commons_close,
};

enum err commons_rows_open(const struct world *world, struct commons **out)
{
	struct commons_rows *const c = calloc(1, sizeof(*c));

	if (!c)
		return ERR_INTERNAL;
	c->base.ops = &commons_ops;
	c->world = world;
	*out = &c->base;
	return OK;
}
