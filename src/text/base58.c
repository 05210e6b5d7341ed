#include "text/base58.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#define BASE 58
#define GROUP 5		      /* digits processed at once: 58^5 fits into 32 bits */
#define GROUP_BASE 656356768U /* 58^5 */
/* Number of limbs for the longest text that is decoded. Each digit carries 0.733 bytes, so the text can
 * represent slightly more than BASE58_BYTES_MAX bytes. */
#define LIMBS_MAX (BASE58_TEXT(BASE58_BYTES_MAX) * 74 / 100 / 4 + 1)

/* A big unsigned integer, least significant limb first. Limbs from index `n` on count as 0 and may be
 * uninitialised. */
struct big_number {
	uint32_t limb[LIMBS_MAX];
	size_t n;
};

/* Value of a digit, 0 to 57; -1: not in the alphabet. */
static int digit_value(char c)
{
	const char *const at = c != '\0' ? memchr(alphabet, c, BASE) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

static bool is_base58(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (digit_value(text.p[i]) < 0)
			return false;
	return true;
}

/* number = number * factor + addend */
static void big_number_mul_add(struct big_number *number, uint32_t factor, uint32_t addend)
{
	uint64_t carry = addend;

	for (size_t i = 0; i < number->n; i++) {
		carry += (uint64_t)number->limb[i] * factor;
		number->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry) {
		assert(number->n < array_len(number->limb));
		number->limb[number->n++] = (uint32_t)carry;
	}
}

/* number = number / 58^5; returns the remainder. */
static uint32_t big_number_div(struct big_number *number)
{
	uint64_t rest = 0;

	for (size_t i = number->n; i-- > 0;) {
		rest = rest << 32 | number->limb[i];
		number->limb[i] = (uint32_t)(rest / GROUP_BASE);
		rest %= GROUP_BASE;
	}
	while (number->n > 0 && number->limb[number->n - 1] == 0)
		number->n--;
	return (uint32_t)rest;
}

static unsigned char big_number_byte(const struct big_number *number, size_t i)
{
	return (unsigned char)(number->limb[i / 4] >> (8 * (i % 4)));
}

static size_t big_number_size(const struct big_number *number)
{
	size_t n = number->n * 4;

	while (n > 0 && big_number_byte(number, n - 1) == 0)
		n--;
	return n;
}

static void big_number_parse(struct str text, struct big_number *number)
{
	number->n = 0;
	while (text.n > 0) {
		const size_t count = text.n % GROUP ? text.n % GROUP : GROUP;
		uint32_t factor = 1, group = 0;

		for (size_t i = 0; i < count; i++) {
			factor *= BASE;
			group = group * BASE + (uint32_t)digit_value(text.p[i]);
		}
		big_number_mul_add(number, factor, group);
		text = str_from(text, count);
	}
}

bool base58_read(struct str text, unsigned char *bytes, size_t room, size_t *n)
{
	struct big_number number;
	size_t zeros = 0;

	assert(room <= BASE58_BYTES_MAX);
	if (text.n > BASE58_TEXT(room) || !is_base58(text))
		return false;
	while (zeros < text.n && text.p[zeros] == alphabet[0])
		zeros++;
	if (zeros > room)
		return false;
	big_number_parse(str_from(text, zeros), &number);
	const size_t rest = big_number_size(&number);
	if (zeros + rest > room)
		return false;
	memset(bytes, 0, zeros);
	for (size_t i = 0; i < rest; i++)
		bytes[zeros + i] = big_number_byte(&number, rest - 1 - i);
	*n = zeros + rest;
	return true;
}

/* Writes the digits without leading zeros, the last digit first. Returns the number of digits. Sets `number`
 * to 0. */
static size_t write_digits_reversed(struct big_number *number, char *out)
{
	size_t n = 0;

	while (number->n > 0) {
		uint32_t group = big_number_div(number);

		for (size_t i = 0; i < GROUP; i++, group /= BASE)
			if (number->n > 0 || group > 0)
				out[n++] = alphabet[group % BASE];
	}
	return n;
}

size_t base58_write(const unsigned char *bytes, size_t n, char *out)
{
	struct big_number number = { .n = 0 };
	size_t zeros = 0;

	assert(n <= BASE58_BYTES_MAX);
	while (zeros < n && bytes[zeros] == 0)
		zeros++;
	for (size_t i = zeros; i < n; i++)
		number.limb[(n - 1 - i) / 4] |= (uint32_t)bytes[i] << (8 * ((n - 1 - i) % 4));
	number.n = (n - zeros + 3) / 4;

	memset(out, alphabet[0], zeros);
	char *const text = out + zeros;
	const size_t count = write_digits_reversed(&number, text);
	for (size_t i = 0; i < count / 2; i++) {
		const char c = text[i];

		text[i] = text[count - 1 - i];
		text[count - 1 - i] = c;
	}
	text[count] = '\0';
	return zeros + count;
}
