#include "app/enrolment/challenge.h"

#include "base/buf.h"
#include "crypto/keys.h"
#include "i18n/messages.h"
#include "text/encode.h"
#include "text/placeholders.h"

#define NONCE_BYTES 16
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

/* The authority of a URL (host and port): the text between scheme and path. */
static struct str url_authority(struct str url)
{
	struct str part;

	for (int i = 0; i < 3; i++)
		if (!str_cut(&url, '/', &part))
			return part;
	return part;
}

/* The explanation is ASCII in every language (unless the brand is not): small hardware wallets show nothing
 * else. */
static void add_explanation(
	const struct world *world, const struct tenant *tenant, struct str brand, struct buf *out)
{
	static const enum message_id messages[] = { MESSAGE_CHALLENGE_PURPOSE, MESSAGE_CHALLENGE_NO_PAYMENT,
		MESSAGE_CHALLENGE_CAUTION };
	const struct str preferred[] = { str_of(tenant->language), world->rules->language };
	const enum language language = language_for(preferred, array_len(preferred));
	const struct placeholder values[] = { { "brand", brand, PLACEHOLDER_TEXT } };

	for (size_t i = 0; i < array_len(messages); i++) {
		buf_char(out, i == 0 ? '\n' : ' ');
		placeholders_fill(out, message_text(language, messages[i]), values, array_len(values), false);
	}
}

/* The first two lines are defined by starkfi-kyc-api.md 6.1. */
static enum err write_challenge_text(const struct world *world, struct arena *a, const struct tenant *tenant,
	struct str wallet, const struct challenge *c, struct str *out)
{
	const struct str brand = tenant->display_name[0] ? str_of(tenant->display_name) : world->rules->brand;
	const struct str domain = url_authority(world->rules->public_url);
	unsigned char nonce_bytes[NONCE_BYTES];
	char nonce[2 * NONCE_BYTES + 1], issued[MOMENT_RFC3339_SIZE], expires[MOMENT_RFC3339_SIZE];
	struct buf text;

	TRY(world_random(world, nonce_bytes, sizeof(nonce_bytes)));
	hex_write(nonce_bytes, sizeof(nonce_bytes), nonce);
	moment_rfc3339(c->created_at, issued);
	moment_rfc3339(c->expires_at, expires);
	buf_init(&text, a);
	buf_printf(&text, "%.*s KYC verification\nWallet: %.*s\n", STR_ARG(brand), STR_ARG(wallet));
	add_explanation(world, tenant, brand, &text);
	buf_printf(&text, "\n\nDomain: %.*s\nRequested by: %s\nPurpose: " CHALLENGE_PURPOSE "\nNonce: %s\n",
		STR_ARG(domain), tenant->name, nonce);
	buf_printf(&text, "Issued at: %s\nExpires at: %s", issued, expires);
	return buf_done(&text, out);
}

static enum err save_challenge(struct tx *tx, void *arg)
{
	return store_save_challenge(tx, arg);
}

enum err app_challenge(const struct world *world, struct arena *a, const struct caller *caller,
	struct str wallet, struct str *text)
{
	struct challenge_answer from = { &caller->tenant, wallet, { NULL, 0 } };
	struct challenge challenge;

	challenge_issue(&challenge, (struct digest){ { 0 } }, world_now(world), world->rules->challenge_ttl);
	TRY(write_challenge_text(world, a, &caller->tenant, wallet, &challenge, &from.text));
	const struct challenge answer = challenge_answer_row(world, &from);
	challenge.tenant_id = answer.tenant_id;
	challenge.wallet_index = answer.wallet_index;
	challenge.digest = answer.digest;
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
						 world_now(cleanup->world), CHALLENGE_RETENTION) };

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

/* Searches in a read transaction first: with nothing to remove, SQLite's only writer is not occupied. */
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
