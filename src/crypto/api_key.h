/* The text of an API key (interface.md 3): `kycd_`, then in base62 8 characters of key id, 32 random
 * characters and 6 characters of checksum. The checksum is the CRC-32 (IEEE 802.3) of everything before it,
 * written as base62 with leading zeros; with it, secret scanners can distinguish a key from random text. */
#pragma once

#include <stdbool.h>

#include "base/str.h"

#define API_KEY_ID 8
#define API_KEY_LENGTH (5 + API_KEY_ID + 32 + 6)

/* Writes a new 0-terminated key. The characters are made from the random bytes by rejection sampling, so that
 * all characters are equally likely. Returns false and writes nothing when too many bytes were rejected; the
 * caller then tries again with new bytes. The caller wipes `random`, because the key can be derived from
 * it. */
bool api_key_make(const unsigned char random[64], char out[API_KEY_LENGTH + 1]) must_use;
/* Checks the form and the checksum. Writes the 0-terminated key id only when it returns true. */
bool api_key_read(struct str text, char id[API_KEY_ID + 1]) must_use;
