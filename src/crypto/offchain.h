/* Solana's off-chain messages, version 0. Hardware wallets sign such a message instead of a bare text, so
 * that the signed bytes can never be a transaction. A message is a preamble, then the text. Two layouts are
 * in use (field sizes in bytes):
 *
 *     whole   domain 16, version 1, application 32, format 1, number of signers 1, signers 32 each, length 2
 *     short   domain 16, version 1,                 format 1,                                      length 2
 *
 * "Whole" is the layout of the specification (docs.anza.xyz, "Off-chain message signing"). "Short" is the
 * layout of its first edition, which Solana's command-line tool and Ledger's app before 1.8 use. Lengths are
 * little endian. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/str.h"

#define OFFCHAIN_KEY 32
/* Largest size of preamble and text together, in the formats that hardware wallets accept. */
#define OFFCHAIN_MAX 1232

enum offchain_layout { OFFCHAIN_WHOLE, OFFCHAIN_SHORT };

/* ASCII: printable characters; the whole layout also allows line feeds (specified for version 1, but devices
 * allow them in version 0 too). UTF8: UTF-8 text. LONG: UTF-8 text that may be too long for a device. */
enum offchain_format { OFFCHAIN_ASCII = 0, OFFCHAIN_UTF8 = 1, OFFCHAIN_LONG = 2 };

/* The fields of a message; after offchain_read() they are slices of its input. */
struct offchain {
	enum offchain_layout layout;
	enum offchain_format format;
	struct str application; /* whole layout only: 32 bytes that the application chooses */
	struct str signers;	/* whole layout only: the public keys, 32 bytes each, at least one */
	struct str text;
};

/* Reads `bytes` as exactly one off-chain message whose text has the characters and the length that its format
 * allows. Bytes that are valid in both layouts are read as OFFCHAIN_WHOLE. */
bool offchain_read(struct str bytes, struct offchain *out) must_use;
/* Writes a message with one signer and no application. Returns its length, or 0 when the layout and format
 * cannot represent the text. */
size_t offchain_write(const struct offchain *message, unsigned char out[OFFCHAIN_MAX]);

/* Reports whether the bytes begin with the domain that starts every off-chain message. */
bool offchain_begins(struct str bytes);
