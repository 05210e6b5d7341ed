#include "crypto/wallet.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "crypto/keccak.h"
#include "text/base58.h"
#include "text/encode.h"
#include "text/unicode.h"

#define EVM_DIGITS ((size_t)2 * WALLET_EVM_BYTES)

/* clang-format off */
static const struct {
	struct str name, message;
} forms[] = {
	[WALLET_FORM_VALID]      = { STR_INIT("valid"),      STR_INIT("the wallet address is valid") },
	[WALLET_FORM_CHARACTERS] = { STR_INIT("characters"), STR_INIT("wallet contains a character that is not allowed in an address") },
	[WALLET_FORM_CHAIN]      = { STR_INIT("chain"),      STR_INIT("wallet is neither an EVM nor a Solana address") },
	[WALLET_FORM_PREFIX]     = { STR_INIT("prefix"),     STR_INIT("an EVM address must begin with 0x") },
	[WALLET_FORM_LENGTH]     = { STR_INIT("length"),     STR_INIT("an EVM address has 40 hex digits after 0x, a Solana address is base58 of 32 bytes") },
	[WALLET_FORM_CHECKSUM]   = { STR_INIT("checksum"),   STR_INIT("wallet has a wrong EIP-55 checksum: a character or its case is wrong") },
	[WALLET_FORM_ZERO]       = { STR_INIT("zero"),       STR_INIT("the zero address belongs to no wallet") },
};
/* clang-format on */

struct str wallet_form_name(enum wallet_form form)
{
	return forms[form].name;
}

struct str wallet_form_message(enum wallet_form form)
{
	return forms[form].message;
}

static bool is_zero(const unsigned char *bytes, size_t n)
{
	unsigned char any = 0;

	for (size_t i = 0; i < n; i++)
		any |= bytes[i];
	return any == 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("0123456789abcdefABCDEF", s.p[i]) || s.p[i] == '\0')
			return false;
	return true;
}

static bool is_letters_and_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return true;
}

/* The caller has checked that `s` consists of letters and digits. Base58 uses all of them except 0, O, I and
 * l, which are easily confused. */
static bool is_base58(struct str s)
{
	return !str_has(s, '0') && !str_has(s, 'O') && !str_has(s, 'I') && !str_has(s, 'l');
}

static bool has_one_case(struct str digits)
{
	bool lower = false, upper = false;

	for (size_t i = 0; i < digits.n; i++) {
		lower = lower || (digits.p[i] >= 'a' && digits.p[i] <= 'f');
		upper = upper || (digits.p[i] >= 'A' && digits.p[i] <= 'F');
	}
	return !lower || !upper;
}

/* Writes an address with the checksum of EIP-55: a letter is upper case where the hex digit at the same place
 * in the Keccak digest of the lower-case address is 8 or more. */
static void write_checksummed(const unsigned char address[WALLET_EVM_BYTES], char out[WALLET_TEXT_MAX + 1])
{
	unsigned char digest[KECCAK_BYTES];
	char *const digits = out + 2;

	out[0] = '0';
	out[1] = 'x';
	hex_write(address, WALLET_EVM_BYTES, digits);
	keccak256((struct str){ digits, EVM_DIGITS }, digest);
	for (size_t i = 0; i < EVM_DIGITS; i++) {
		const int four_bits = digest[i / 2] >> (i % 2 ? 0 : 4) & 15;

		if (is_letter(digits[i]) && four_bits >= 8)
			digits[i] = (char)(digits[i] - 'a' + 'A');
	}
}

static enum wallet_form read_evm(struct str digits, struct wallet *out)
{
	struct wallet wallet = { .chain = WALLET_EVM };

	if (!is_hex(digits))
		return WALLET_FORM_CHARACTERS;
	if (!hex_read(digits, wallet.key, WALLET_EVM_BYTES))
		return WALLET_FORM_LENGTH;
	if (is_zero(wallet.key, WALLET_EVM_BYTES))
		return WALLET_FORM_ZERO;
	write_checksummed(wallet.key, wallet.text);
	if (!has_one_case(digits) && !str_eq(digits, (struct str){ wallet.text + 2, EVM_DIGITS }))
		return WALLET_FORM_CHECKSUM;
	*out = wallet;
	return WALLET_FORM_VALID;
}

static enum wallet_form read_solana(struct str text, struct wallet *out)
{
	struct wallet wallet = { .chain = WALLET_SOLANA };
	size_t n = 0;

	if (!base58_read(text, wallet.key, sizeof(wallet.key), &n))
		return is_base58(text) ? WALLET_FORM_LENGTH : WALLET_FORM_CHAIN;
	if (n != sizeof(wallet.key))
		return WALLET_FORM_LENGTH;
	if (is_zero(wallet.key, sizeof(wallet.key)))
		return WALLET_FORM_ZERO;
	memcpy(wallet.text, text.p, text.n);
	*out = wallet;
	return WALLET_FORM_VALID;
}

enum wallet_form wallet_read(struct str raw, struct wallet *out)
{
	const struct str text = unicode_trim(raw);

	if (!is_letters_and_digits(text))
		return WALLET_FORM_CHARACTERS;
	/* A program that converts the whole address to upper case also changes 0x to 0X. */
	if (str_starts(text, STR("0x")) || str_starts(text, STR("0X")))
		return read_evm(str_from(text, 2), out);
	if (text.n == EVM_DIGITS && is_hex(text))
		return WALLET_FORM_PREFIX;
	return read_solana(text, out);
}

struct str wallet_chain_name(enum wallet_chain chain)
{
	return chain == WALLET_EVM ? STR("evm") : STR("solana");
}

void wallet_short(const struct wallet *w, char out[WALLET_SHORT_MAX + 1])
{
	const int first = w->chain == WALLET_EVM ? 6 : 4;
	const size_t n = strlen(w->text);

	assert(n > 10);
	snprintf(out, WALLET_SHORT_MAX + 1, "%.*s\xE2\x80\xA6%s", first, w->text, w->text + n - 4);
}
