#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "crypto/wallet.h"

static const struct {
	const char *name;
	struct str text;
	enum wallet_form form;
	const char *canonical, *shortened;
} rows[] = {
#define ADDRESS(name, text, form, canonical, shortened)                                                      \
	{ name, STR_INIT(text), WALLET_FORM_##form, canonical, shortened },
#include "wallet_rows.h"
	/* the examples of EIP-55 */
	{ "all upper case", STR_INIT("0x52908400098527886E0F7030069857D2E4169EE7"), WALLET_FORM_VALID,
		"0x52908400098527886E0F7030069857D2E4169EE7",
		"0x5290\xE2\x80\xA6"
		"9EE7" },
	{ "all lower case", STR_INIT("0xde709f2102306220921060314715629080e2fb77"), WALLET_FORM_VALID,
		"0xde709f2102306220921060314715629080e2fb77",
		"0xde70\xE2\x80\xA6"
		"fb77" },
	{ "mixed case", STR_INIT("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), WALLET_FORM_VALID,
		"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
		"0x5aAe\xE2\x80\xA6"
		"eAed" },
	/* the examples of starkfi-kyc-api.md */
	{ "EVM", STR_INIT("0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"), WALLET_FORM_VALID,
		"0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A",
		"0x19E7\xE2\x80\xA6"
		"ff2A" },
	{ "only decimal digits", STR_INIT("0x1111111111111111111111111111111111111111"), WALLET_FORM_VALID,
		"0x1111111111111111111111111111111111111111",
		"0x1111\xE2\x80\xA6"
		"1111" },

	{ "zero", STR_INIT("0x0000000000000000000000000000000000000000"), WALLET_FORM_ZERO, "", "" },
	{ "zero with 0X", STR_INIT("0X0000000000000000000000000000000000000000"), WALLET_FORM_ZERO, "", "" },
	{ "Solana's zero", STR_INIT("11111111111111111111111111111111"), WALLET_FORM_ZERO, "", "" },
	{ "39 digits", STR_INIT("0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2"), WALLET_FORM_LENGTH, "", "" },
	{ "41 digits", STR_INIT("0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a0"), WALLET_FORM_LENGTH, "", "" },
	{ "38 digits", STR_INIT("0x19e7e376e7c213b7e7e7e46cc70a5dd086daff"), WALLET_FORM_LENGTH, "", "" },
	{ "an EVM public key",
		STR_INIT("0x04"
			 "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a19e7e376e7c213b7e7e7e46c"),
		WALLET_FORM_LENGTH, "", "" },
	{ "only 0x", STR_INIT("0x"), WALLET_FORM_LENGTH, "", "" },
	{ "without 0x", STR_INIT("19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"), WALLET_FORM_PREFIX, "", "" },
	{ "x without its 0", STR_INIT("x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"), WALLET_FORM_CHAIN, "",
		"" },
	{ "0x twice", STR_INIT("0x0x19e7e376e7c213b7e7e7e46cc70a5dd086daff"), WALLET_FORM_CHARACTERS, "",
		"" },
	{ "a character that is not hex", STR_INIT("0x19e7e376e7c213b7e7e7e46cc70a5dd086dafg2a"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "space inside", STR_INIT("0x19e7e376e7c213b7e7e7 e46cc70a5dd086daff2a"), WALLET_FORM_CHARACTERS, "",
		"" },
	{ "ENS name", STR_INIT("vitalik.eth"), WALLET_FORM_CHARACTERS, "", "" },
	{ "with the chain in front (CAIP-10)",
		STR_INIT("eip155:1:0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"), WALLET_FORM_CHARACTERS, "",
		"" },
	{ "a zero-width space",
		STR_INIT("0x19e7e376e7c213b7e7e7\xE2\x80\x8B"
			 "e46cc70a5dd086daff2a"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "a byte order mark inside",
		STR_INIT("0x\xEF\xBB\xBF"
			 "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "a Cyrillic a",
		STR_INIT("0x19e7e376e7c213b7e7e7e46cc70\xD0\xB0"
			 "5dd086daff2a"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "a Cyrillic x",
		STR_INIT("0\xD1\x85"
			 "19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "full-width digits",
		STR_INIT("0x\xEF\xBC\x91"
			 "9e7e376e7c213b7e7e7e46cc70a5dd086daff2a"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "NUL inside", STR_INIT("0x19e7e376e7c213b7e7e7\0e46cc70a5dd086daff2"), WALLET_FORM_CHARACTERS, "",
		"" },
	{ "trailing NUL", STR_INIT("Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew\0"), WALLET_FORM_CHARACTERS,
		"", "" },
	{ "Solana, space inside", STR_INIT("Bow1CGKGDB9mNxeWdw85 E2aCthQ1oZX4oFEe7fYT17ew"),
		WALLET_FORM_CHARACTERS, "", "" },
	{ "Solana, 0 instead of o", STR_INIT("B0w1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew"),
		WALLET_FORM_CHAIN, "", "" },
	{ "Solana, l instead of 1", STR_INIT("BowlCGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew"),
		WALLET_FORM_CHAIN, "", "" },
	{ "Solana, 44 characters that encode 33 bytes",
		STR_INIT("zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"), WALLET_FORM_LENGTH, "", "" },
	{ "Bitcoin", STR_INIT("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"), WALLET_FORM_LENGTH, "", "" },
	{ "Bitcoin, bech32", STR_INIT("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"), WALLET_FORM_CHAIN, "",
		"" },
	{ "Tron", STR_INIT("TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"), WALLET_FORM_LENGTH, "", "" },
	{ "Cosmos", STR_INIT("cosmos1xy5y3m5x0l7lk5l6yay34p6rj4p2wyk6x6c0d0"), WALLET_FORM_CHAIN, "", "" },
	{ "e-mail address", STR_INIT("ana@example.com"), WALLET_FORM_CHARACTERS, "", "" },
	{ "empty", STR_INIT(""), WALLET_FORM_LENGTH, "", "" },
	{ "white space", STR_INIT(" \t\r\n"), WALLET_FORM_LENGTH, "", "" },
	{ "null pointer", { NULL, 0 }, WALLET_FORM_LENGTH, "", "" },
};

static void addresses_are_read_into_their_canonical_form(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct wallet wallet = { .text = "untouched" }, again;
		char shortened[WALLET_SHORT_MAX + 1];

		const enum wallet_form form = wallet_read(rows[i].text, &wallet);
		if (form != rows[i].form)
			fail_msg("%s: %.*s instead of %.*s", rows[i].name, STR_ARG(wallet_form_name(form)),
				STR_ARG(wallet_form_name(rows[i].form)));
		if (form != WALLET_FORM_VALID) {
			assert_string_equal(wallet.text, "untouched");
			continue;
		}
		assert_string_equal(wallet.text, rows[i].canonical);
		wallet_short(&wallet, shortened);
		assert_string_equal(shortened, rows[i].shortened);
		assert_int_equal(wallet_read(str_of(wallet.text), &again), WALLET_FORM_VALID);
		assert_int_equal(wallet.chain, again.chain);
		assert_memory_equal(wallet.key, again.key, sizeof(wallet.key));
		assert_string_equal(wallet.text, again.text);
	}
}

static void each_chain_has_its_name(void **state maybe_unused)
{
	struct wallet wallet;

	assert_int_equal(
		wallet_read(STR("0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"), &wallet), WALLET_FORM_VALID);
	assert_int_equal(wallet.chain, WALLET_EVM);
	assert_true(str_eq(wallet_chain_name(wallet.chain), STR("evm")));
	assert_int_equal(
		wallet_read(STR("Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew"), &wallet), WALLET_FORM_VALID);
	assert_int_equal(wallet.chain, WALLET_SOLANA);
	assert_true(str_eq(wallet_chain_name(wallet.chain), STR("solana")));
}

/* The length is checked before the text is decoded. */
static void text_of_a_megabyte_is_refused(void **state maybe_unused)
{
	const size_t n = (size_t)1024 * 1024;
	char *const text = malloc(n);
	struct wallet wallet;

	assert_non_null(text);
	memset(text, 'z', n);
	assert_int_equal(wallet_read((struct str){ text, n }, &wallet), WALLET_FORM_LENGTH);
	memset(text, 'a', n);
	text[0] = '0';
	text[1] = 'x';
	assert_int_equal(wallet_read((struct str){ text, n }, &wallet), WALLET_FORM_LENGTH);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_read_into_their_canonical_form),
		cmocka_unit_test(each_chain_has_its_name),
		cmocka_unit_test(text_of_a_megabyte_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
