#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "crypto/digest.h"
#include "crypto/wallet_sig.h"

/* starkfi-kyc-api.md 6.3 */
#define EVM_ADDRESS "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A"
#define EVM_MESSAGE                                                                                          \
	"StarkFi KYC verification\nWallet: " EVM_ADDRESS "\nNonce: 00000000000000000000000000000001"
#define EVM_R "ae470f1a4e198cba71f2ea7495a9fe2ed4ab5246dac7d50441069d5e9cac6170"
#define EVM_S "06c23f3dfdf307bd426749ea8247bfc2c2a5cbcee75c2a97c33bc5aacfe36dbf"
#define SOLANA_ADDRESS "Bow1CGKGDB9mNxeWdw85E2aCthQ1oZX4oFEe7fYT17ew"
#define SOLANA_MESSAGE                                                                                       \
	"StarkFi KYC verification\nWallet: " SOLANA_ADDRESS "\nNonce: 00000000000000000000000000000001"
#define SOLANA_SIGNATURE                                                                                     \
	"4mzQW8NizQWse5ccirRFNNGSxaHn5q72QFGC5Re4KjPCweEZHqXi2CoUKsNtXT4dbdJ46BZB9RCSEDy9yc2pdKVw"

static struct wallet wallet_of(const char *address)
{
	struct wallet w;

	assert_int_equal(wallet_read(str_of(address), &w), WALLET_FORM_VALID);
	return w;
}

static void published_signatures_are_valid(void **state maybe_unused)
{
	const struct wallet evm = wallet_of(EVM_ADDRESS), solana = wallet_of(SOLANA_ADDRESS);

	assert_int_equal(
		wallet_sig_check(&evm, STR(EVM_MESSAGE), STR("0x" EVM_R EVM_S "1c")), WALLET_SIG_VALID);
	assert_int_equal(
		wallet_sig_check(&solana, STR(SOLANA_MESSAGE), STR(SOLANA_SIGNATURE)), WALLET_SIG_VALID);
	assert_int_equal(
		wallet_sig_check(&solana, STR(EVM_MESSAGE), STR(SOLANA_SIGNATURE)), WALLET_SIG_OTHER);
}

static const struct {
	const char *name, *address;
	struct str message, signature;
	enum wallet_sig verdict;
} rows[] = {
#define SIGNED(name, address, message, signature, verdict)                                                   \
	{ name, address, STR_INIT(message), STR_INIT(signature), WALLET_SIG_##verdict },
#include "wallet_rows.h"
};

static void generated_signatures_get_the_expected_verdict(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct wallet w = wallet_of(rows[i].address);
		const enum wallet_sig verdict = wallet_sig_check(&w, rows[i].message, rows[i].signature);

		if (verdict != rows[i].verdict)
			fail_msg("%s: %.*s instead of %.*s", rows[i].name, STR_ARG(wallet_sig_name(verdict)),
				STR_ARG(wallet_sig_name(rows[i].verdict)));
	}
}

/* A valid signature is refused for another key and for a message with one changed bit. */
static void signature_is_valid_for_one_wallet_and_message_only(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(rows); i++) {
		struct wallet w = wallet_of(rows[i].address);
		char message[2048];

		if (rows[i].verdict != WALLET_SIG_VALID)
			continue;
		w.key[rows[i].message.n % 20] ^= 1;
		assert_int_not_equal(
			wallet_sig_check(&w, rows[i].message, rows[i].signature), WALLET_SIG_VALID);
		w = wallet_of(rows[i].address);
		assert_true(rows[i].message.n < sizeof(message));
		memcpy(message, rows[i].message.p, rows[i].message.n);
		for (size_t at = 0; at < rows[i].message.n; at += 37) {
			message[at] ^= 1;
			assert_int_not_equal(wallet_sig_check(&w, (struct str){ message, rows[i].message.n },
						     rows[i].signature),
				WALLET_SIG_VALID);
			message[at] ^= 1;
		}
	}
}

static void signature_of_a_megabyte_is_refused(void **state maybe_unused)
{
	const struct wallet evm = wallet_of(EVM_ADDRESS), solana = wallet_of(SOLANA_ADDRESS);
	const size_t n = (size_t)1024 * 1024;
	char *const text = malloc(n);

	assert_non_null(text);
	memset(text, 'a', n);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(
			wallet_sig_check(&evm, STR("x"), (struct str){ text, n }), WALLET_SIG_LENGTH);
		assert_int_equal(
			wallet_sig_check(&solana, STR("x"), (struct str){ text, n }), WALLET_SIG_LENGTH);
	}
	free(text);
}

static void every_verdict_has_a_unique_name_and_a_message(void **state maybe_unused)
{
	for (int i = WALLET_SIG_VALID; i <= WALLET_SIG_OTHER; i++) {
		const struct str name = wallet_sig_name((enum wallet_sig)i);

		assert_true(name.n > 0 && wallet_sig_message((enum wallet_sig)i).n > name.n);
		for (int k = WALLET_SIG_VALID; k < i; k++)
			assert_false(str_eq(name, wallet_sig_name((enum wallet_sig)k)));
	}
	for (int i = WALLET_FORM_VALID; i <= WALLET_FORM_ZERO; i++)
		assert_true(wallet_form_name((enum wallet_form)i).n > 0 &&
			    wallet_form_message((enum wallet_form)i).n > 0);
}

static const struct {
	const char *name, *address;
	struct str message, signature;
	const char *application;
	enum wallet_sig verdict;
} application_rows[] = {
#undef SIGNED
#define SIGNED_APPLICATION(name, address, message, signature, application, verdict)                          \
	{ name, address, STR_INIT(message), STR_INIT(signature), application, WALLET_SIG_##verdict },
#include "wallet_rows.h"
};

static void signature_with_an_application_needs_this_application(void **state maybe_unused)
{
	for (size_t i = 0; i < array_len(application_rows); i++) {
		const struct wallet w = wallet_of(application_rows[i].address);
		const struct wallet application = wallet_of(application_rows[i].application);
		const enum wallet_sig verdict = wallet_sig_check_application(&w, application_rows[i].message,
			application_rows[i].signature,
			(struct str){ (const char *)application.key, WALLET_SOLANA_BYTES });

		if (verdict != application_rows[i].verdict)
			fail_msg("%s: %.*s instead of %.*s", application_rows[i].name,
				STR_ARG(wallet_sig_name(verdict)),
				STR_ARG(wallet_sig_name(application_rows[i].verdict)));
	}
}

static int start_crypto(void **state maybe_unused)
{
	return crypto_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_signatures_are_valid),
		cmocka_unit_test(generated_signatures_get_the_expected_verdict),
		cmocka_unit_test(signature_is_valid_for_one_wallet_and_message_only),
		cmocka_unit_test(signature_with_an_application_needs_this_application),
		cmocka_unit_test(signature_of_a_megabyte_is_refused),
		cmocka_unit_test(every_verdict_has_a_unique_name_and_a_message),
	};

	return cmocka_run_group_tests(tests, start_crypto, NULL);
}
