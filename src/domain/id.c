#include "domain/id.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* Crockford's base32: no i, l, o and u, so that what is read aloud is written down right. */
static const struct str alphabet = STR_INIT("0123456789abcdefghjkmnpqrstvwxyz");

#define TIME_LENGTH 10
#define TIME_MAX ((INT64_C(1) << 48) - 1)

static_assert((ID_LENGTH - TIME_LENGTH) * 5 == ID_RANDOM * 8, "luck fills the rest without a leftover bit");

static void write_time(moment now, char *out)
{
	int64_t ms = now.ms < 0 ? 0 : now.ms;

	if (ms > TIME_MAX)
		ms = TIME_MAX;
	for (size_t i = TIME_LENGTH; i-- > 0; ms >>= 5)
		out[i] = alphabet.p[ms & 31];
}

static void write_luck(const unsigned char random[ID_RANDOM], char *out)
{
	unsigned bits = 0, n_bits = 0;

	for (size_t i = 0; i < ID_RANDOM; i++) {
		bits = (bits << 8 | random[i]) & 0xfff; /* never more than 4 + 8 bits wait */
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			*out++ = alphabet.p[bits >> (n_bits - 5) & 31];
	}
}

void id_make(moment now, const unsigned char random[ID_RANDOM], char out[ID_SIZE])
{
	write_time(now, out);
	write_luck(random, out + TIME_LENGTH);
	out[ID_LENGTH] = '\0';
}

void id_floor(moment from, char out[ID_SIZE])
{
	static const unsigned char none[ID_RANDOM];

	id_make(from, none, out);
}

bool id_is_valid(struct str s)
{
	if (s.n != ID_LENGTH)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!str_has(alphabet, s.p[i]))
			return false;
	}
	return true;
}
