/* The text of challenges in each format, and the parameters that are refused. */
#include "app/enrolment/challenge_text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/enrolment/challenge.h"
#include "kit/app_fixture.h"

#define EVM "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
#define SOLANA "Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew"
#define NONCE_DIGITS 32

static struct caller shop_at(struct app_fixture *fx, const char *site)
{
	struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	assert_true(str_copy_to(str_of(site), shop.tenant.site, sizeof(shop.tenant.site)));
	return shop;
}

static struct str write_text(
	struct app_fixture *fx, const struct caller *caller, const struct challenge_params *params)
{
	struct str text;

	assert_int_equal(challenge_params_check(&caller->tenant, params), CHALLENGE_FAULT_NONE);
	assert_int_equal(app_challenge(&fx->world, &fx->arena, caller, params, &text), OK);
	return text;
}

/* Compares the text with what is expected before and after the nonce, which is random. */
static void assert_text(struct str text, const char *before, const char *after)
{
	const size_t n = strlen(before);

	if (!str_starts(text, str_of(before)) || !str_eq(str_from(text, n + NONCE_DIGITS), str_of(after)))
		fail_msg("%.*s", STR_ARG(text));
	for (size_t i = n; i < n + NONCE_DIGITS; i++)
		assert_non_null(memchr("0123456789abcdef", text.p[i], 16));
}

static const struct {
	enum challenge_format format;
	enum wallet_chain chain;
	const char *site, *chain_id, *uri, *before, *after;
} texts[] = {
	{ CHALLENGE_STARKFI, WALLET_EVM, "https://shop.example", "", "",
		"StarkFi KYC verification\nWallet: " EVM "\n\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this.\n\n"
		"Domain: shop.example\nRequested by: shop\nPurpose: kyc\nNonce: ",
		"\nIssued at: 2026-01-05T10:05:00.000Z\nExpires at: 2026-01-05T10:15:00.000Z" },
	{ CHALLENGE_SIWE, WALLET_EVM, "https://shop.example:8443", "137",
		"https://shop.example:8443/kyc?step=2",
		"shop.example:8443 wants you to sign in with your Ethereum account:\n" EVM "\n\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this. Requested by: shop. Purpose: kyc.\n\n"
		"URI: https://shop.example:8443/kyc?step=2\nVersion: 1\nChain ID: 137\nNonce: ",
		"\nIssued At: 2026-01-05T10:05:00.000Z\nExpiration Time: 2026-01-05T10:15:00.000Z" },
	{ CHALLENGE_SIWE, WALLET_EVM, "http://localhost:3000", "", "",
		"localhost:3000 wants you to sign in with your Ethereum account:\n" EVM "\n\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this. Requested by: shop. Purpose: kyc.\n\n"
		"URI: http://localhost:3000\nVersion: 1\nChain ID: 1\nNonce: ",
		"\nIssued At: 2026-01-05T10:05:00.000Z\nExpiration Time: 2026-01-05T10:15:00.000Z" },
	{ CHALLENGE_SIWS, WALLET_SOLANA, "https://shop.example", "", "",
		"shop.example wants you to sign in with your Solana account:\n" SOLANA "\n\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this. Requested by: shop. Purpose: kyc.\n\n"
		"URI: https://shop.example\nVersion: 1\nNonce: ",
		"\nIssued At: 2026-01-05T10:05:00.000Z\nExpiration Time: 2026-01-05T10:15:00.000Z" },
	{ CHALLENGE_SIWS, WALLET_SOLANA, "https://shop.example", "solana:devnet", "https://shop.example/#kyc",
		"shop.example wants you to sign in with your Solana account:\n" SOLANA "\n\n"
		"Your signature shows StarkFi that this wallet is yours. It does not pay, transfer or authorize "
		"anything. Sign only if you requested this. Requested by: shop. Purpose: kyc.\n\n"
		"URI: https://shop.example/#kyc\nVersion: 1\nChain ID: solana:devnet\nNonce: ",
		"\nIssued At: 2026-01-05T10:05:00.000Z\nExpiration Time: 2026-01-05T10:15:00.000Z" },
};

static void each_format_has_its_text(void **state)
{
	struct app_fixture *const fx = *state;
	const struct signing_wallet wallets[] = { [WALLET_EVM] = signing_wallet_new(WALLET_EVM, 0x11),
		[WALLET_SOLANA] = signing_wallet_new(WALLET_SOLANA, 0x22) };
	struct caller shop = shop_at(fx, "https://shop.example");

	fx->rules.brand = STR("StarkFi");
	for (size_t i = 0; i < array_len(texts); i++) {
		const struct challenge_params params = { &wallets[texts[i].chain].wallet, texts[i].format,
			str_of(texts[i].chain_id), str_of(texts[i].uri) };

		assert_true(str_copy_to(str_of(texts[i].site), shop.tenant.site, sizeof(shop.tenant.site)));
		assert_text(write_text(fx, &shop, &params), texts[i].before, texts[i].after);
	}
}

/* A challenge statement may contain only the characters that ERC-4361 permits: the reserved and unreserved
 * characters of RFC 3986, and spaces. */
static void statement_has_only_permitted_characters(void **state)
{
	static const char *const languages[] = { "en", "pt-BR", "es" };
	static const struct {
		const char *display_name, *shown;
	} brands[] = {
		{ "Acme (Europe) & Co.", "Acme (Europe) & Co." },
		{ "Caf\u00E9", "shop" },
		{ "\"Acme\"", "shop" },
		{ "100%", "shop" },
		{ "a|b", "shop" },
	};
	struct app_fixture *const fx = *state;
	const struct signing_wallet evm = signing_wallet_new(WALLET_EVM, 0x11);
	const struct challenge_params params = { .wallet = &evm.wallet, .format = CHALLENGE_SIWE };
	struct caller shop = shop_at(fx, "https://shop.example");

	for (size_t i = 0; i < array_len(languages) * array_len(brands); i++) {
		const char *const shown = brands[i / array_len(languages)].shown;
		const struct str name = str_of(brands[i / array_len(languages)].display_name);

		assert_true(str_copy_to(name, shop.tenant.display_name, sizeof(shop.tenant.display_name)));
		assert_true(str_copy_to(str_of(languages[i % array_len(languages)]), shop.tenant.language,
			sizeof(shop.tenant.language)));
		struct str rest = write_text(fx, &shop, &params), line = { NULL, 0 };
		for (int k = 0; k < 4; k++)
			(void)str_cut(&rest, '\n', &line);
		assert_non_null(memmem(line.p, line.n, shown, strlen(shown)));
		for (size_t k = 0; k < line.n; k++)
			if (!memchr(" -._~:/?#[]@!$&'()*+,;=", line.p[k], 23))
				assert_true((line.p[k] >= 'a' && line.p[k] <= 'z') ||
					    (line.p[k] >= 'A' && line.p[k] <= 'Z'));
	}
}

static const struct {
	enum challenge_format format;
	enum wallet_chain chain;
	const char *site, *chain_id, *uri;
	enum challenge_fault fault;
} checks[] = {
#define SHOP "https://shop.example"
	{ CHALLENGE_STARKFI, WALLET_EVM, "", "", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_STARKFI, WALLET_SOLANA, SHOP, "", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_STARKFI, WALLET_EVM, SHOP, "1", "", CHALLENGE_FAULT_NOT_SIGN_IN },
	{ CHALLENGE_STARKFI, WALLET_EVM, SHOP, "", SHOP, CHALLENGE_FAULT_NOT_SIGN_IN },
	{ CHALLENGE_SIWE, WALLET_SOLANA, SHOP, "", "", CHALLENGE_FAULT_WALLET },
	{ CHALLENGE_SIWS, WALLET_EVM, SHOP, "", "", CHALLENGE_FAULT_WALLET },
	{ CHALLENGE_SIWE, WALLET_EVM, "", "1", SHOP, CHALLENGE_FAULT_NO_SITE },
	{ CHALLENGE_SIWS, WALLET_SOLANA, "", "", "", CHALLENGE_FAULT_NO_SITE },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "1", SHOP "/", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "0x89", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "9223372036854775807", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "9223372036854775808", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "0", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "0x0", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "0x", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "0xfffffffffffffff", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "0x1000000000000000", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "-1", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "mainnet", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "1\nNonce: 2", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "mainnet", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "solana:localnet", "", CHALLENGE_FAULT_NONE },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "solana:", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "1", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "mainnet\nNonce: 2", "", CHALLENGE_FAULT_CHAIN_ID },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "", "https://evil.example/", CHALLENGE_FAULT_URI },
	{ CHALLENGE_SIWE, WALLET_EVM, SHOP, "", "http://shop.example/", CHALLENGE_FAULT_URI },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "", SHOP ".evil.example/", CHALLENGE_FAULT_URI },
	{ CHALLENGE_SIWS, WALLET_SOLANA, SHOP, "", SHOP "@evil.example/", CHALLENGE_FAULT_URI },
};

static void parameters_are_checked(void **state)
{
	struct app_fixture *const fx = *state;
	const struct signing_wallet wallets[] = { [WALLET_EVM] = signing_wallet_new(WALLET_EVM, 0x11),
		[WALLET_SOLANA] = signing_wallet_new(WALLET_SOLANA, 0x22) };
	struct caller shop = shop_at(fx, "");

	for (size_t i = 0; i < array_len(checks); i++) {
		const struct challenge_params params = { &wallets[checks[i].chain].wallet, checks[i].format,
			str_of(checks[i].chain_id), str_of(checks[i].uri) };

		assert_true(str_copy_to(str_of(checks[i].site), shop.tenant.site, sizeof(shop.tenant.site)));
		if (challenge_params_check(&shop.tenant, &params) != checks[i].fault)
			fail_msg("row %zu", i);
		assert_true(challenge_fault_message(checks[i].fault).n > 0);
	}
}

static void each_format_is_found_by_its_name(void **state maybe_unused)
{
	for (int i = 0; i < CHALLENGE_FORMATS; i++)
		assert_int_equal(challenge_format_find(challenge_format_name((enum challenge_format)i)), i);
	assert_int_equal(challenge_format_find(STR("SIWE")), CHALLENGE_FORMATS);
	assert_int_equal(challenge_format_find(STR("")), CHALLENGE_FORMATS);
}

/* A signature of the text is accepted once. A signature of the same text with another site's name is refused.
 */
static void challenge_of_each_format_can_be_answered_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = shop_at(fx, "https://shop.example");
	const struct signing_wallet wallets[] = { signing_wallet_new(WALLET_EVM, 0x11),
		signing_wallet_new(WALLET_SOLANA, 0x22) };
	char signature[WALLET_SIGNATURE_SIZE];

	for (size_t i = 0; i < array_len(wallets); i++) {
		const struct challenge_params params = { .wallet = &wallets[i].wallet,
			.format = i == 0 ? CHALLENGE_SIWE : CHALLENGE_SIWS };
		const struct str text = write_text(fx, &shop, &params);
		char *const relayed = arena_bytes(&fx->arena, text.n, 1);

		assert_non_null(relayed);
		memcpy(relayed, text.p, text.n);
		memcpy(relayed, "evil.example", 12); /* as long as shop.example */
		signing_wallet_sign(&wallets[i], (struct str){ relayed, text.n }, signature);
		assert_int_equal(fixture_answer_challenge(fx, &shop, &wallets[i], text, signature).verdict,
			CHALLENGE_WRONG);
		assert_int_equal(fixture_answer_challenge(
					 fx, &shop, &wallets[i], (struct str){ relayed, text.n }, signature)
					 .verdict,
			CHALLENGE_NONE);
		signing_wallet_sign(&wallets[i], text, signature);
		assert_int_equal(fixture_answer_challenge(fx, &shop, &wallets[i], text, signature).verdict,
			CHALLENGE_ACCEPTED);
		assert_int_equal(fixture_answer_challenge(fx, &shop, &wallets[i], text, signature).verdict,
			CHALLENGE_NONE);
	}
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_format_has_its_text),
		TEST(statement_has_only_permitted_characters),
		TEST(parameters_are_checked),
		TEST(each_format_is_found_by_its_name),
		TEST(challenge_of_each_format_can_be_answered_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
