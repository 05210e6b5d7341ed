/* Tests of wallet challenges: the exact text that a person signs, what is stored of a challenge, and when the
 * stored row is deleted. */
#include "app/enrolment/challenge.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/app_fixture.h"

#define BATCH ((size_t)256) /* rows that one run of the clean-up deletes at most */

static struct challenge load_challenge(
	struct app_fixture *fx, const struct caller *caller, const struct signing_wallet *w)
{
	const struct identifier identifier = identifier_wallet(str_of(w->wallet.text));
	struct challenge row = { .tenant_id = caller->tenant.id };

	blind_index_of(&fx->world, caller->tenant.group_name, &identifier, &row.wallet_index);
	fixture_load(fx, RECORD_CHALLENGE, &row);
	return row;
}

/* Compares the text with what is expected before and after the nonce, which is random. */
static void assert_text_except_nonce(struct str text, const char *before, const char *after)
{
	static const char label[] = "Nonce: ";
	const char *const at = memmem(text.p, text.n, label, strlen(label));
	char nonce[33] = "";

	assert_non_null(at);
	memcpy(nonce, at + strlen(label), 32);
	assert_int_equal(strspn(nonce, "0123456789abcdef"), 32);
	assert_true(str_starts(text, str_of(before)));
	assert_true(str_eq(str_from(text, strlen(before) + 32), str_of(after)));
}

static void text_states_what_is_signed_and_for_which_domain(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11),
				    solana = signing_wallet_new(WALLET_SOLANA, 0x22);

	fx->rules.brand = STR("StarkFi");
	fx->rules.public_url = STR("https://kyc.example.com:8443/below/here");
	assert_text_except_nonce(fixture_challenge(fx, &shop, &evm),
		"StarkFi KYC verification\n"
		"Wallet: 0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A\n"
		"\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this.\n"
		"\n"
		"Domain: kyc.example.com:8443\n"
		"Requested by: shop\n"
		"Purpose: kyc\n"
		"Nonce: ",
		"\nIssued at: 2026-01-05T10:05:00.000Z\nExpires at: 2026-01-05T10:15:00.000Z");
	fx->rules.public_url = STR("http://127.0.0.1:8080");
	fx->rules.challenge_ttl = seconds(90);
	assert_text_except_nonce(fixture_challenge(fx, &shop, &solana),
		"StarkFi KYC verification\n"
		"Wallet: Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew\n"
		"\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this.\n"
		"\n"
		"Domain: 127.0.0.1:8080\n"
		"Requested by: shop\n"
		"Purpose: kyc\n"
		"Nonce: ",
		"\nIssued at: 2026-01-05T10:05:00.000Z\nExpires at: 2026-01-05T10:06:30.000Z");
}

static bool contains(struct str text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

/* Challenges must be ASCII, because hardware wallets cannot display other characters. */
static bool is_ascii(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] != '\n' && (text.p[i] < 0x20 || text.p[i] > 0x7e))
			return false;
	return true;
}

static void text_uses_the_tenants_name_and_language(void **state)
{
	static const struct {
		const char *language, *sentence;
	} rows[] = {
		{ "en", "Your signature shows Acme that this wallet is yours." },
		{ "pt", "Sua assinatura mostra a Acme que esta carteira lhe pertence." },
		{ "es-419", "Su firma muestra a Acme que esta cartera le pertenece." },
		{ "fr", "Votre signature montre que ce portefeuille vous appartient. Elle est pour Acme." },
		{ "de", "Ihre Signatur zeigt Acme, dass diese Wallet Ihr Eigentum ist." },
		{ "ar", "Your signature shows Acme that this wallet is yours." },
		{ "it", "Your signature shows Acme that this wallet is yours." },
	};
	struct app_fixture *const fx = *state;
	struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);

	assert_true(str_copy_to(STR("Acme"), shop.tenant.display_name, sizeof(shop.tenant.display_name)));
	for (size_t i = 0; i < array_len(rows); i++) {
		assert_true(str_copy_to(
			str_of(rows[i].language), shop.tenant.language, sizeof(shop.tenant.language)));
		const struct str text = fixture_challenge(fx, &shop, &evm);

		assert_true(str_starts(text, STR("Acme KYC verification\nWallet: 0x19E7")));
		assert_true(contains(text, rows[i].sentence));
		assert_true(is_ascii(text));
	}
	shop.tenant.language[0] = '\0';
	fx->rules.language = STR("es");
	assert_true(contains(fixture_challenge(fx, &shop, &evm), rows[2].sentence));
}

static void challenges_differ_and_only_a_keyed_hash_is_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);
	struct challenge none = { .tenant_id = bank.tenant.id };
	struct digest expected;

	const struct str first = fixture_challenge(fx, &shop, &evm);
	const struct challenge before = load_challenge(fx, &shop, &evm);
	const struct str second = fixture_challenge(fx, &shop, &evm);
	const struct challenge now = load_challenge(fx, &shop, &evm);

	assert_false(str_eq(first, second));
	assert_memory_not_equal(&before.digest, &now.digest, sizeof(now.digest));
	assert_int_equal(now.created_at.ms, FIXTURE_NOW);
	assert_int_equal(now.expires_at.ms, FIXTURE_NOW + 600000);
	assert_int_equal(now.tries_left, 10);
	/* The stored hash covers tenant, wallet, purpose and text, so that a challenge is invalid if any of
	 * them is changed. */
	const struct str parts[] = { STR("challenge"), str_of(shop.tenant.id.text),
		{ (const char *)now.wallet_index.bytes, sizeof(now.wallet_index.bytes) }, STR("kyc"),
		second };
	keyed_digest(&fx->keys.code, parts, array_len(parts), expected.bytes);
	assert_memory_equal(&now.digest, &expected, sizeof(expected));
	none.wallet_index = now.wallet_index;
	assert_false(fixture_try_load(fx, RECORD_CHALLENGE, &none));
	/* A challenge does not enrol the person. */
	assert_int_equal(fixture_count_audit(fx, AUDIT_PREPARED), 0);
}

static void failure_of_randomness_or_store_returns_no_challenge(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);
	struct str text = STR("unchanged");

	atomic_store(&fx->random.calls_before_failure, 0);
	assert_int_equal(app_challenge(&fx->world, &fx->arena, &shop,
				 &(struct challenge_params){ .wallet = &evm.wallet }, &text),
		ERR_INTERNAL);
	assert_true(str_eq(text, STR("unchanged")));
	atomic_store(&fx->random.calls_before_failure, SIZE_MAX);
	atomic_store(&fx->store.fault, STORE_FAULT_BEFORE_WORK);
	assert_int_not_equal(app_challenge(&fx->world, &fx->arena, &shop,
				     &(struct challenge_params){ .wallet = &evm.wallet }, &text),
		OK);
	assert_true(str_eq(text, STR("unchanged")));
}

static size_t count_challenges(struct app_fixture *fx)
{
	const struct challenge probe = { .expires_at = moment_add(world_now(&fx->world), days(1)) };
	struct challenge *const rows = arena_array(&fx->arena, struct challenge, 2 * BATCH);

	assert_non_null(rows);
	return fixture_find(fx, QUERY_CHALLENGES_EXPIRED, &probe, rows, 2 * BATCH);
}

static void clean_up(struct app_fixture *fx)
{
	assert_int_equal(challenge_clean(&fx->world, &fx->arena), OK);
}

static void expired_challenge_is_deleted_after_an_hour(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);

	(void)fixture_challenge(fx, &shop, &evm);
	fixture_advance_clock(fx, milliseconds(600000 + 3600000 - 1));
	const size_t writes = fx->store.writes;
	clean_up(fx);
	assert_int_equal(count_challenges(fx), 1);
	assert_int_equal(fx->store.writes, writes); /* no write transaction if nothing is to be deleted */
	fixture_advance_clock(fx, milliseconds(1));
	clean_up(fx);
	assert_int_equal(count_challenges(fx), 0);
}

static void clean_up_deletes_a_bounded_number_per_run(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < BATCH + 1; i++) {
		const struct challenge row = { .tenant_id = shop.tenant.id,
			.wallet_index = { { (unsigned char)i, (unsigned char)(i >> 8) } },
			.expires_at = { FIXTURE_NOW - 7200000 } };

		fixture_save(fx, RECORD_CHALLENGE, &row);
	}
	clean_up(fx);
	assert_int_equal(count_challenges(fx), 1);
	clean_up(fx);
	assert_int_equal(count_challenges(fx), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(text_states_what_is_signed_and_for_which_domain),
		TEST(text_uses_the_tenants_name_and_language),
		TEST(challenges_differ_and_only_a_keyed_hash_is_stored),
		TEST(failure_of_randomness_or_store_returns_no_challenge),
		TEST(expired_challenge_is_deleted_after_an_hour),
		TEST(clean_up_deletes_a_bounded_number_per_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
