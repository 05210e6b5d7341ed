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
	struct challenge said = { .tenant_id = from->tenant->id };

	blind_index_of(world, from->tenant->group_name, &who, &said.wallet_index);
	const struct str parts[] = { STR("challenge"), str_of(said.tenant_id.text),
		{ (const char *)said.wallet_index.bytes, sizeof(said.wallet_index.bytes) },
		STR(CHALLENGE_PURPOSE), from->text };
	keyed_digest(&world->keys->code, parts, array_len(parts), said.digest.bytes);
	return said;
}

/* Of an address of the web: what stands between the scheme and the path. */
static struct str authority_of(struct str url)
{
	struct str head;

	for (int i = 0; i < 3; i++)
		if (!str_cut(&url, '/', &head))
			return head;
	return head;
}

/* In ASCII in every language, as long as the brand is: small screens show nothing else. */
static void add_words(
	const struct world *world, const struct tenant *tenant, struct str brand, struct buf *out)
{
	static const enum message_id words[] = { MESSAGE_CHALLENGE_WHAT, MESSAGE_CHALLENGE_FREE,
		MESSAGE_CHALLENGE_ASKED };
	const struct str wishes[] = { str_of(tenant->language), world->rules->language };
	const enum language language = language_for(wishes, array_len(wishes));
	const struct placeholder values[] = { { "brand", brand, PLACEHOLDER_TEXT } };

	for (size_t i = 0; i < array_len(words); i++) {
		buf_char(out, i == 0 ? '\n' : ' ');
		placeholders_fill(out, message_text(language, words[i]), values, array_len(values), false);
	}
}

/* The first two lines are the reference's (starkfi-kyc-api.md 6.1). */
static enum err write_text(const struct world *world, struct arena *a, const struct tenant *tenant,
	struct str wallet, const struct challenge *c, struct str *out)
{
	const struct str brand = tenant->display_name[0] ? str_of(tenant->display_name) : world->rules->brand;
	const struct str domain = authority_of(world->rules->public_url);
	unsigned char luck[NONCE_BYTES];
	char nonce[2 * NONCE_BYTES + 1], issued[MOMENT_RFC3339_SIZE], expires[MOMENT_RFC3339_SIZE];
	struct buf text;

	TRY(world_random(world, luck, sizeof(luck)));
	hex_write(luck, sizeof(luck), nonce);
	moment_rfc3339(c->created_at, issued);
	moment_rfc3339(c->expires_at, expires);
	buf_init(&text, a);
	buf_printf(&text, "%.*s KYC verification\nWallet: %.*s\n", STR_ARG(brand), STR_ARG(wallet));
	add_words(world, tenant, brand, &text);
	buf_printf(&text, "\n\nDomain: %.*s\nRequested by: %s\nPurpose: " CHALLENGE_PURPOSE "\nNonce: %s\n",
		STR_ARG(domain), tenant->name, nonce);
	buf_printf(&text, "Issued at: %s\nExpires at: %s", issued, expires);
	return buf_done(&text, out);
}

static enum err keep(struct tx *tx, void *arg)
{
	return store_save_challenge(tx, arg);
}

enum err app_challenge(const struct world *world, struct arena *a, const struct caller *caller,
	struct str wallet, struct str *text)
{
	struct challenge_answer from = { &caller->tenant, wallet, { NULL, 0 } };
	struct challenge challenge;

	challenge_issue(&challenge, (struct digest){ { 0 } }, world_now(world), world->rules->challenge_ttl);
	TRY(write_text(world, a, &caller->tenant, wallet, &challenge, &from.text));
	const struct challenge said = challenge_answer_row(world, &from);
	challenge.tenant_id = said.tenant_id;
	challenge.wallet_index = said.wallet_index;
	challenge.digest = said.digest;
	TRY(store_transact(world->store, TX_WRITE_LOW_PRIORITY, a, keep, &challenge));
	*text = from.text;
	return OK;
}

enum err challenge_load(struct tx *tx, const struct challenge *said, struct challenge *out, bool *same_text)
{
	struct challenge challenge = { .tenant_id = said->tenant_id, .wallet_index = said->wallet_index };
	const enum err e = store_load_challenge(tx, &challenge);

	if (e != OK && e != ERR_NOT_FOUND)
		return e;
	*same_text = equal_constant_time(
		challenge.digest.bytes, said->digest.bytes, sizeof(said->digest.bytes));
	*out = challenge;
	return OK;
}

struct sweep {
	const struct world *world;
	struct challenge rows[BATCH];
	size_t n;
};

static enum err find(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;
	const struct challenge probe = { .expires_at = moment_sub(
						 world_now(sweep->world), CHALLENGE_RETENTION) };

	return store_find(tx, QUERY_CHALLENGES_EXPIRED, &probe, page_of(0, BATCH), sweep->rows, &sweep->n);
}

static enum err remove_old(struct tx *tx, void *arg)
{
	struct sweep *const sweep = arg;

	TRY(find(tx, sweep));
	for (size_t i = 0; i < sweep->n; i++)
		TRY(store_remove_challenge(tx, &sweep->rows[i]));
	return OK;
}

/* Who only looks does not need the one writer. */
enum err challenge_clean(const struct world *world, struct arena *a)
{
	struct sweep *const sweep = arena_new(a, struct sweep);

	if (!sweep)
		return ERR_INTERNAL;
	sweep->world = world;
	TRY(store_transact(world->store, TX_READ, a, find, sweep));
	return sweep->n > 0 ? store_transact(world->store, TX_WRITE, a, remove_old, sweep) : OK;
}
