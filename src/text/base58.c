#include "text/base58.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

static const char digits[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

#define BASE 58
#define GROUP 5		       /* digits that are worked on at once: 58^5 fits into 32 bits */
#define GROUP_VALUE 656356768U /* 58^5 */
/* The longest text that is looked at stands for more than BASE58_BYTES_MAX: 0.733 bytes a digit. */
#define LIMBS (BASE58_TEXT(BASE58_BYTES_MAX) * 74 / 100 / 4 + 1)

/* A big number, least significant limb first; limbs from `n` on are 0 and not yet written. */
struct number {
	uint32_t limb[LIMBS];
	size_t n;
};

/* 0 to 57, or -1. */
static int value_of(char c)
{
	const char *const at = c != '\0' ? memchr(digits, c, BASE) : NULL;

	return at ? (int)(at - digits) : -1;
}

static bool is_base58(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (value_of(text.p[i]) < 0)
			return false;
	return true;
}

/* number = number * factor + more */
static void grow(struct number *number, uint32_t factor, uint32_t more)
{
	uint64_t carry = more;

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

/* number = number / 58^5; returns the rest. */
static uint32_t shrink(struct number *number)
{
	uint64_t rest = 0;

	for (size_t i = number->n; i-- > 0;) {
		rest = rest << 32 | number->limb[i];
		number->limb[i] = (uint32_t)(rest / GROUP_VALUE);
		rest %= GROUP_VALUE;
	}
	while (number->n > 0 && number->limb[number->n - 1] == 0)
		number->n--;
	return (uint32_t)rest;
}

static unsigned char byte_at(const struct number *number, size_t i)
{
	return (unsigned char)(number->limb[i / 4] >> (8 * (i % 4)));
}

static size_t bytes_in(const struct number *number)
{
	size_t n = number->n * 4;

	while (n > 0 && byte_at(number, n - 1) == 0)
		n--;
	return n;
}

static void number_of(struct str text, struct number *number)
{
	number->n = 0;
	while (text.n > 0) {
		const size_t many = text.n % GROUP ? text.n % GROUP : GROUP;
		uint32_t factor = 1, group = 0;

		for (size_t i = 0; i < many; i++) {
			factor *= BASE;
			group = group * BASE + (uint32_t)value_of(text.p[i]);
		}
		grow(number, factor, group);
		text = str_from(text, many);
	}
}

bool base58_read(struct str text, unsigned char *bytes, size_t room, size_t *n)
{
	struct number number;
	size_t zeros = 0;

	assert(room <= BASE58_BYTES_MAX);
	if (text.n > BASE58_TEXT(room) || !is_base58(text))
		return false;
	while (zeros < text.n && text.p[zeros] == digits[0])
		zeros++;
	if (zeros > room)
		return false;
	number_of(str_from(text, zeros), &number);
	const size_t rest = bytes_in(&number);
	if (zeros + rest > room)
		return false;
	memset(bytes, 0, zeros);
	for (size_t i = 0; i < rest; i++)
		bytes[zeros + i] = byte_at(&number, rest - 1 - i);
	*n = zeros + rest;
	return true;
}

/* The digits from the last to the first, without zeros in front; returns how many. */
static size_t digits_backwards(struct number *number, char *out)
{
	size_t n = 0;

	while (number->n > 0) {
		uint32_t group = shrink(number);

		for (size_t i = 0; i < GROUP; i++, group /= BASE)
			if (number->n > 0 || group > 0)
				out[n++] = digits[group % BASE];
	}
	return n;
}

size_t base58_write(const unsigned char *bytes, size_t n, char *out)
{
	struct number number = { .n = 0 };
	size_t zeros = 0;

	assert(n <= BASE58_BYTES_MAX);
	while (zeros < n && bytes[zeros] == 0)
		zeros++;
	for (size_t i = zeros; i < n; i++) /* limb by limb, from the end */
		number.limb[(n - 1 - i) / 4] |= (uint32_t)bytes[i] << (8 * ((n - 1 - i) % 4));
	number.n = (n - zeros + 3) / 4;

	memset(out, digits[0], zeros);
	char *const text = out + zeros;
	const size_t many = digits_backwards(&number, text);
	for (size_t i = 0; i < many / 2; i++) {
		const char c = text[i];

		text[i] = text[many - 1 - i];
		text[many - 1 - i] = c;
	}
	text[many] = '\0';
	return zeros + many;
}
