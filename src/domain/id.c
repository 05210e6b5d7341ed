#include "domain/id.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

/* Crockford's base32. It omits i, l, o and u, to avoid errors when an id is read aloud or copied by hand. */
static const struct str alphabet = STR_INIT("0123456789abcdefghjkmnpqrstvwxyz");

#define TIME_LENGTH 10
#define TIME_MAX ((INT64_C(1) << 48) - 1)

static_assert((ID_LENGTH - TIME_LENGTH) * 5 == ID_RANDOM_BYTES * 8,
	"the random bits fill the remaining characters exactly");

static void write_time(moment now, char *out)
{
	int64_t ms = now.ms < 0 ? 0 : now.ms;

	if (ms > TIME_MAX)
		ms = TIME_MAX;
	for (size_t i = TIME_LENGTH; i-- > 0; ms >>= 5)
		out[i] = alphabet.p[ms & 31];
}

static void write_random(const unsigned char random[ID_RANDOM_BYTES], char *out)
{
	unsigned bits = 0, n_bits = 0;

	for (size_t i = 0; i < ID_RANDOM_BYTES; i++) {
		bits = (bits << 8 | random[i]) &
		       0xfff; /* keeps only the bits not yet written, at most 4 + 8 */
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			*out++ = alphabet.p[bits >> (n_bits - 5) & 31];
	}
}

void id_make(moment now, const unsigned char random[ID_RANDOM_BYTES], char out[ID_SIZE])
{
	write_time(now, out);
	write_random(random, out + TIME_LENGTH);
	out[ID_LENGTH] = '\0';
}

void id_lower_bound(moment at, char out[ID_SIZE])
{
	static const unsigned char none[ID_RANDOM_BYTES];

	id_make(at, none, out);
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

/* 8-4-4-4-12 hexadecimal digits. */
static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

	for (size_t i = 0; i < sizeof(form); i++) {
		const char c = text[i];
		const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
				    (c >= 'A' && c <= 'F');

		if (form[i] == 'x' ? !is_hex : c != form[i])
			return false;
	}
	return true;
}

void provider_ref_normalise(struct provider_ref *ref)
{
	if (!is_uuid(ref->text))
		return;
	for (char *p = ref->text; *p; p++)
		if (*p >= 'A' && *p <= 'F')
			*p = (char)(*p - 'A' + 'a');
}
