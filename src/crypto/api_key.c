#include "crypto/api_key.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "crypto/digest.h"
#include "text/encode.h"

#define PREFIX "kycd_"
#define CHECKSUM 6
#define CHECKED (API_KEY_LENGTH - CHECKSUM)
#define RANDOM (CHECKED - sizeof(PREFIX) + 1)
/* Bytes from here on would favour the first 256 - 4 * 62 digits. */
#define FAIR_BYTES (4 * 62)

_Static_assert(RANDOM == API_KEY_ID + 32, "the prefix has 5 characters");

/* IEEE 802.3, bits reflected, as zip and PNG have it. */
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

	for (size_t i = 0; i < 64 && at < key + CHECKED; i++)
		if (random[i] < FAIR_BYTES)
			base62_write(random[i] % 62, at++, 1);
	const bool enough = at == key + CHECKED;
	if (enough) {
		base62_write(crc32(key, CHECKED), at, CHECKSUM);
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
	char sum[CHECKSUM];

	if (text.n != API_KEY_LENGTH || !str_starts(text, STR(PREFIX)))
		return false;
	if (!is_base62(str_from(text, sizeof(PREFIX) - 1)))
		return false;
	base62_write(crc32(text.p, CHECKED), sum, sizeof(sum));
	if (memcmp(sum, text.p + CHECKED, sizeof(sum)) != 0)
		return false;
	memcpy(id, text.p + sizeof(PREFIX) - 1, API_KEY_ID);
	id[API_KEY_ID] = '\0';
	return true;
}
