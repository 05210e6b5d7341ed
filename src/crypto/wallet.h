/* Parses wallet addresses and brings them into their canonical form (starkfi-kyc-api.md 6.1). An EVM address
 * is "0x" and 40 hex digits; if their case is mixed, it must be the checksum of EIP-55. A Solana address is
 * base58 of exactly 32 bytes. The zero address is rejected on both chains. Two spellings of one wallet have
 * the same canonical text. */
#pragma once

#include "base/attr.h"
#include "base/str.h"

enum wallet_chain { WALLET_EVM = 1, WALLET_SOLANA = 2 };

#define WALLET_TEXT_MAX 44
#define WALLET_SHORT_MAX 13 /* bytes: 6 characters, an ellipsis of 3 bytes, 4 characters */
#define WALLET_EVM_BYTES 20
#define WALLET_SOLANA_BYTES 32

/* A wallet. The struct contains no pointer, so it can be copied by assignment. */
struct wallet {
	enum wallet_chain chain;
	unsigned char key[WALLET_SOLANA_BYTES]; /* EVM: the address, 20 bytes; Solana: the public key */
	char text[WALLET_TEXT_MAX + 1]; /* the canonical form: with the checksum of EIP-55, or base58 */
};

/* The result of wallet_read(): valid, or what is wrong with the text. */
enum wallet_form {
	WALLET_FORM_VALID,
	WALLET_FORM_CHARACTERS, /* a character that no address contains, e.g. a zero-width space */
	WALLET_FORM_CHAIN,	/* the text is not an address of either chain */
	WALLET_FORM_PREFIX,	/* 40 hex digits without their 0x */
	WALLET_FORM_LENGTH,	/* EVM: not 40 digits; Solana: not 32 bytes */
	WALLET_FORM_CHECKSUM,	/* mixed case that is not the checksum of EIP-55 */
	WALLET_FORM_ZERO,
};

/* Parses an address. Ignores white space and invisible characters (text/unicode.h) around it. Writes `out`
 * only when it returns WALLET_FORM_VALID. */
enum wallet_form wallet_read(struct str raw, struct wallet *out) must_use;
/* Returns a word for programs, e.g. "checksum". */
struct str wallet_form_name(enum wallet_form form);
/* Returns a sentence for the developer who made the request. */
struct str wallet_form_message(enum wallet_form form);

/* Returns "evm" or "solana", the values of data.wallet_chain in the API. */
struct str wallet_chain_name(enum wallet_chain chain);
/* Writes a shortened address for display: "0x19E7…Ff2A", "Bow1…17ew". */
void wallet_short(const struct wallet *w, char out[WALLET_SHORT_MAX + 1]);
