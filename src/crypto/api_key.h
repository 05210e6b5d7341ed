/* The text of an API key (interface.md 3): `kycd_`, 8 characters of id, 32 random, 6 of checksum, base62. The
 * checksum is CRC-32 (IEEE 802.3) of all before it, as base62 with leading zeros: secret scanners can tell a
 * key from noise. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

#define API_KEY_ID 8
#define API_KEY_LENGTH (5 + API_KEY_ID + 32 + 6)

/* From 64 random bytes, each character by rejection, so that none is likelier; 0-terminated. False, and
 * nothing written, when too many bytes fell into the biased rest and new ones are needed. The bytes are used
 * up: wipe them. */
bool api_key_make(const unsigned char random[64], char out[API_KEY_LENGTH + 1]) must_use;
/* Well-formed with a right checksum? Gives the id. */
bool api_key_read(struct str text, char id[API_KEY_ID + 1]) must_use;
