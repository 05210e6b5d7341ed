#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

	assert_int_equal(wallet_read(str_of(address), &w), WALLET_FORM_RIGHT);
	return w;
}

static void the_published_signatures_are_right(void **state unused)
{
	const struct wallet evm = wallet_of(EVM_ADDRESS), solana = wallet_of(SOLANA_ADDRESS);

	assert_int_equal(
		wallet_sig_check(&evm, STR(EVM_MESSAGE), STR("0x" EVM_R EVM_S "1c")), WALLET_SIG_RIGHT);
	assert_int_equal(
		wallet_sig_check(&solana, STR(SOLANA_MESSAGE), STR(SOLANA_SIGNATURE)), WALLET_SIG_RIGHT);
	assert_int_equal(
		wallet_sig_check(&solana, STR(EVM_MESSAGE), STR(SOLANA_SIGNATURE)), WALLET_SIG_OTHER);
}

static int start(void **state unused)
{
	return crypto_start() ? 0 : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_signatures_are_right),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
