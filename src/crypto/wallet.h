/* The one form of a wallet address (starkfi-kyc-api.md 6.1). EVM: "0x" and 40 hex digits; all of one case
 * says nothing, mixed case must be the checksum of EIP-55. Solana: base58 of exactly 32 bytes. The zero
 * address is nobody's on either chain. Whatever the case it came in, one wallet has one text. */
#pragma once

#include "base/attr.h"
#include "base/str.h"

enum wallet_chain { WALLET_EVM = 1, WALLET_SOLANA = 2 };

#define WALLET_TEXT_MAX 44
#define WALLET_SHORT_MAX 13 /* bytes: 6 and 4 letters around an ellipsis of 3 */
#define WALLET_EVM_BYTES 20
#define WALLET_SOLANA_BYTES 32

/* Holds no pointer: copy it as you like. */
struct wallet {
	enum wallet_chain chain;
	unsigned char key[WALLET_SOLANA_BYTES]; /* EVM: the address, 20 bytes; Solana: the public key */
	char text[WALLET_TEXT_MAX + 1];		/* its one form: with EIP-55's checksum, or base58 */
};

/* What is wrong with a text that is no address. */
enum wallet_form {
	WALLET_FORM_VALID,
	WALLET_FORM_CHARACTERS, /* a character that such an address cannot have: a blank, a zero-width one */
	WALLET_FORM_CHAIN,	/* of no chain that is known here */
	WALLET_FORM_PREFIX,	/* 40 hex digits without their 0x */
	WALLET_FORM_LENGTH,	/* not 40 digits, not 32 bytes */
	WALLET_FORM_CHECKSUM,	/* mixed case, but not that of EIP-55 */
	WALLET_FORM_ZERO,
};

/* Blanks around it do not count. `out` is written only when the form is right. */
enum wallet_form wallet_read(struct str raw, struct wallet *out) must_use;
/* One word for programs ("checksum"), and a sentence for who made the request. */
struct str wallet_form_name(enum wallet_form form);
struct str wallet_form_message(enum wallet_form form);

/* "evm", "solana": data.wallet_chain */
struct str wallet_chain_name(enum wallet_chain chain);
/* For people: "0x19E7…Ff2A", "Bow1…17ew". */
void wallet_short(const struct wallet *w, char out[WALLET_SHORT_MAX + 1]);
