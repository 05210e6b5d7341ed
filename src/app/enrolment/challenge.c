#include "app/enrolment/challenge.h"

#include "crypto/keys.h"

#define BATCH 256

struct challenge challenge_answer_row(const struct world *world, const struct challenge_answer *from)
{
	const struct identifier who = identifier_wallet(from->wallet);
	struct challenge answer = { .tenant_id = from->tenant->id };

	blind_index_of(world, from->tenant->group_name, &who, &answer.wallet_index);
	const struct str parts[] = { STR("challenge"), str_of(answer.tenant_id.text),
		{ (const char *)answer.wallet_index.bytes, sizeof(answer.wallet_index.bytes) },
		STR(CHALLENGE_PURPOSE), from->text };
	keyed_digest(&world->keys->code, parts, array_len(parts), answer.digest.bytes);
	return answer;
}

static enum err save_challenge(struct tx *tx, void *arg)
{
	return store_save_challenge(tx, arg);
}

enum err app_challenge(const struct world *world, struct arena *a, const struct caller *caller,
	const struct challenge_params *params, struct str *text)
{
	struct challenge_answer from = { &caller->tenant, str_of(params->wallet->text), { NULL, 0 } };
	struct challenge challenge;

	challenge_issue(&challenge, (struct digest){ { 0 } }, world_now(world), world->rules->challenge_ttl);
	TRY(challenge_text_write(world, a, &caller->tenant, params, &challenge, &from.text));
	const struct challenge answer = challenge_answer_row(world, &from);
	challenge.tenant_id = answer.tenant_id;
	challenge.wallet_index = answer.wallet_index;
	/* The text has the wall clock's times, which the wallet compares with its own clock. */
	challenge_issue(&challenge, answer.digest, world_expiry_now(world), world->rules->challenge_ttl);
	TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, save_challenge, &challenge));
	*text = from.text;
	return OK;
}

enum err challenge_load(struct tx *tx, const struct challenge *answer, struct challenge *out, bool *same_text)
{
	struct challenge challenge = { .tenant_id = answer->tenant_id, .wallet_index = answer->wallet_index };
	const enum err e = store_load_challenge(tx, &challenge);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*same_text = equal_constant_time(
		challenge.digest.bytes, answer->digest.bytes, sizeof(answer->digest.bytes));
	*out = challenge;
	return OK;
}

struct challenge_cleanup {
	const struct world *world;
	struct challenge rows[BATCH];
	size_t n;
};

static enum err find_expired_challenges(struct tx *tx, void *arg)
{
	struct challenge_cleanup *const cleanup = arg;
	const struct challenge probe = { .expires_at = moment_sub(
						 world_expiry_now(cleanup->world), CHALLENGE_RETENTION) };

	return store_find(
		tx, QUERY_CHALLENGES_EXPIRED, &probe, page_of(0, BATCH), cleanup->rows, &cleanup->n);
}

static enum err remove_expired_challenges(struct tx *tx, void *arg)
{
	struct challenge_cleanup *const cleanup = arg;

	TRY(find_expired_challenges(tx, cleanup));
	for (size_t i = 0; i < cleanup->n; i++)
		TRY(store_remove_challenge(tx, &cleanup->rows[i]));
	return OK;
}

/* Searches for rows in a read transaction first. If there is nothing to remove, SQLite's only writer is not
 * occupied. */
enum err challenge_clean(const struct world *world, struct arena *a)
{
	struct challenge_cleanup *const cleanup = arena_new(a, struct challenge_cleanup);

	if (!cleanup)
		return ERR_INTERNAL;
	cleanup->world = world;
	TRY(store_transact(world->store, TX_READ, a, find_expired_challenges, cleanup));
	return cleanup->n > 0 ? store_transact(world->store, TX_WRITE, a, remove_expired_challenges, cleanup)
			      : OK;
}
