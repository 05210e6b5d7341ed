/* Solana's off-chain messages, version 0: what hardware wallets sign in place of a bare text, so that it can
 * never be a transaction. A preamble, then the text. Two layouts are in use:
 *
 *     whole   domain 16, version 1, application 32, format 1, number of signers 1, signers 32 each, length 2
 *     short   domain 16, version 1,                 format 1,                                      length 2
 *
 * Whole is what the specification says (docs.anza.xyz, "Off-chain message signing"); short is its first
 * edition, which Solana's own command and Ledger's app before 1.8 use. Lengths are little endian. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

#define OFFCHAIN_KEY 32
/* Preamble and text together, of the formats that are meant for hardware wallets. */
#define OFFCHAIN_MAX 1232

enum offchain_layout { OFFCHAIN_WHOLE, OFFCHAIN_SHORT };

/* Printable ASCII, in the whole layout with line ends (specified with version 1, done by the devices with 0
 * as well); UTF-8; UTF-8 that is too long for a device. */
enum offchain_format { OFFCHAIN_ASCII = 0, OFFCHAIN_UTF8 = 1, OFFCHAIN_LONG = 2 };

/* Slices of what was read. */
struct offchain {
	enum offchain_layout layout;
	enum offchain_format format;
	struct str application; /* whole layout: 32 bytes that mean what they like */
	struct str signers;	/* whole layout: 32 bytes each, at least one */
	struct str text;
};

/* Exactly one such message, its text as its format says and no longer than its format allows. Bytes that are
 * right in both layouts are taken as whole. */
bool offchain_read(struct str bytes, struct offchain *out) must_use;
/* One signer, no application. Returns the length, 0: such a text cannot be said in that layout and format. */
size_t offchain_write(const struct offchain *message, unsigned char out[OFFCHAIN_MAX]);

/* Do these bytes begin like one? */
bool offchain_begins(struct str bytes);
