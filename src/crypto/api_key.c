#include "crypto/api_key.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/digest.h"
#include "text/encode.h"

#define PREFIX "kycd_"
#define CHECKSUM_LENGTH 6
#define CHECKED_LENGTH (API_KEY_LENGTH - CHECKSUM_LENGTH)
#define RANDOM_LENGTH (CHECKED_LENGTH - sizeof(PREFIX) + 1)
/* Random bytes of this value or above are rejected. Taken modulo 62, they would make the first 256 - 4 * 62
 * characters more likely than the others. */
#define UNBIASED_BYTES (4 * 62)

_Static_assert(RANDOM_LENGTH == API_KEY_ID + 32, "the prefix has 5 characters");

/* CRC-32 of IEEE 802.3 with reflected bits, the variant that zip and PNG use. */
static uint32_t crc32(const char *p, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n; i++) {
		crc ^= (unsigned char)p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return ~crc;
}

bool api_key_make(const unsigned char random[64], char out[API_KEY_LENGTH + 1])
{
	char key[API_KEY_LENGTH + 1] = PREFIX;
	char *at = key + sizeof(PREFIX) - 1;

	for (size_t i = 0; i < 64 && at < key + CHECKED_LENGTH; i++)
		if (random[i] < UNBIASED_BYTES)
			base62_write(random[i] % 62, at++, 1);
	const bool enough = at == key + CHECKED_LENGTH;
	if (enough) {
		base62_write(crc32(key, CHECKED_LENGTH), at, CHECKSUM_LENGTH);
		memcpy(out, key, sizeof(key));
	}
	secure_wipe(key, sizeof(key));
	return enough;
}

static bool is_base62(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z'))
			return false;
	}
	return true;
}

bool api_key_read(struct str text, char id[API_KEY_ID + 1])
{
	char sum[CHECKSUM_LENGTH];

	if (text.n != API_KEY_LENGTH || !str_starts(text, STR(PREFIX)))
		return false;
	if (!is_base62(str_from(text, sizeof(PREFIX) - 1)))
		return false;
	base62_write(crc32(text.p, CHECKED_LENGTH), sum, sizeof(sum));
	if (memcmp(sum, text.p + CHECKED_LENGTH, sizeof(sum)) != 0)
		return false;
	memcpy(id, text.p + sizeof(PREFIX) - 1, API_KEY_ID);
	id[API_KEY_ID] = '\0';
	return true;
}
