/* Solana's off-chain messages. Wallets sign such a message instead of a bare text, so that the signed bytes
 * can never be a transaction. A message is a preamble, then the text. Three layouts are in use (field sizes
 * in bytes):
 *
 *     whole   domain 16, version 1, application 32, format 1, number of signers 1, signers 32 each, length 2
 *     short   domain 16, version 1,                 format 1,                                      length 2
 *     v1      domain 16, version 1,                           number of signers 1, signers 32 each
 *
 * "Whole" is version 0 as specified (docs.anza.xyz, "Off-chain message signing"). "Short" is version 0 of its
 * first edition, which Solana's command-line tool and Ledger's app before 1.8 use. "V1" is version 1, whose
 * signers are sorted and whose text extends to the end. Lengths are little endian. The tests compare with the
 * published encoder, @solana/offchain-messages. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

#define OFFCHAIN_KEY 32
/* Largest text of the formats OFFCHAIN_ASCII and OFFCHAIN_UTF8 in bytes. It is derived from the smallest IPv6
 * packet. */
#define OFFCHAIN_DEVICE_TEXT_MAX 1232
/* Largest size in bytes of preamble and text together that offchain_write() writes. It is longer than any
 * challenge and, with a signature, fits into BASE58_BYTES_MAX of text/base58.h. */
#define OFFCHAIN_MAX 1471

enum offchain_layout { OFFCHAIN_WHOLE, OFFCHAIN_SHORT, OFFCHAIN_V1 };

enum offchain_format {
	/* Printable ASCII characters; in the whole layout also line feeds (not specified, but devices allow
	 * them). */
	OFFCHAIN_ASCII = 0,
	OFFCHAIN_UTF8 = 1,
	/* UTF-8 text that may be too long for a device. Version 1 states no format and allows UTF-8 text of
	 * any length, so its messages have this format here. */
	OFFCHAIN_LONG = 2,
};

/* The fields of a message. After offchain_read(), they are slices of the input. */
struct offchain {
	enum offchain_layout layout;
	enum offchain_format format;
	struct str application; /* whole layout only: the 32 bytes that the application chooses ("application
				   domain") */
	struct str signers;	/* whole and v1 layouts: the public keys, 32 bytes each, at least one */
	struct str text;
};

/* Reads `bytes` as exactly one off-chain message. Returns false if they are not one, or if the text does not
 * have the characters and the length that its format allows. Bytes that are valid in both layouts of version
 * 0 are read as OFFCHAIN_WHOLE. */
bool offchain_read(struct str bytes, struct offchain *out) must_use;
/* Writes a message with one signer. If the application is empty, writes 32 zeros, which mean that there is
 * none. Returns the length, or 0 when the layout and format cannot represent the text. */
size_t offchain_write(const struct offchain *message, unsigned char out[OFFCHAIN_MAX]);

/* Returns whether the bytes begin with the domain that starts every off-chain message. */
bool offchain_begins(struct str bytes);
