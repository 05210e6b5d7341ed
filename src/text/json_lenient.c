#include "text/json_lenient.h"

#include <stdlib.h>
#include <string.h>

/* A number with more digits than these may not fit into int64_t or double. */
#define WHOLE_DIGITS 18	  /* digits of an integer */
#define FLOAT_DIGITS 300  /* digits of a float before its point */
#define EXPONENT_DIGITS 2 /* digits of a float's exponent */

/* Returns the position after the closing quote of a string. `p` is the position after its opening quote. */
static char *skip_string(char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : p;
}

struct number {
	size_t n;     /* length in bytes; 0: not a valid number */
	size_t whole; /* number of digits before the point */
	bool is_float;
	size_t exponent; /* number of digits of the exponent */
};

/* Counts the digits at `p` and returns the position after them. */
static const char *count_digits(const char *p, const char *end, size_t *n)
{
	for (*n = 0; p < end && *p >= '0' && *p <= '9'; p++)
		++*n;
	return p;
}

/* Counts the digits of an exponent and returns the position after them. `p` is at the letter that starts the
 * exponent. */
static const char *count_exponent_digits(const char *p, const char *end, size_t *n)
{
	const bool has_sign = end - p > 1 && (p[1] == '+' || p[1] == '-');

	return count_digits(p + (has_sign ? 2 : 1), end, n);
}

/* Measures a number by the grammar of RFC 8259 section 6. Invalid numbers get length 0 and are left to the
 * parser, which rejects them. */
static struct number number_measure(const char *start, const char *end)
{
	struct number number = { .n = 0 };
	size_t fraction = 1, exponent = 1;
	const char *const first = start + (*start == '-');
	const char *p = count_digits(first, end, &number.whole);

	if (p < end && *p == '.')
		p = count_digits(p + 1, end, &fraction);
	number.is_float = p > first + number.whole;
	if (p < end && (*p == 'e' || *p == 'E')) {
		number.is_float = true;
		p = count_exponent_digits(p, end, &exponent);
		number.exponent = exponent;
	}
	if (number.whole > 0 && !(number.whole > 1 && *first == '0') && fraction > 0 && exponent > 0)
		number.n = (size_t)(p - start);
	return number;
}

static bool is_too_large(const struct number *number)
{
	return number->is_float ? number->exponent > EXPONENT_DIGITS || number->whole > FLOAT_DIGITS
				: number->whole > WHOLE_DIGITS;
}

/* Overwrites the number at `p` with "null" and spaces if it is too large; such a number is always longer than
 * "null". Returns the position after the number; NULL if it is not a valid number. */
static char *replace_if_too_large(char *p, const char *end, bool *replaced)
{
	const struct number number = number_measure(p, end);

	if (number.n == 0)
		return NULL;
	if (is_too_large(&number)) {
		memset(p, ' ', number.n);
		memcpy(p, "null", 4);
		*replaced = true;
	}
	return p + number.n;
}

static bool replace_large_numbers(char *text, size_t n)
{
	char *const end = text + n;
	bool replaced = false;

	for (char *p = text; p && p < end;) {
		if (*p == '"')
			p = skip_string(p + 1, end);
		else if (*p == '-' || (*p >= '0' && *p <= '9'))
			p = replace_if_too_large(p, end, &replaced);
		else
			p++;
	}
	return replaced;
}

enum err json_parse_lenient(struct str text, bool reject_duplicates, const struct json_value **out)
{
	enum err e = json_parse(text, reject_duplicates, out);

	if (e != ERR_INPUT || text.n == 0)
		return e;
	char *const copy = malloc(text.n);
	if (!copy)
		return ERR_INTERNAL;
	memcpy(copy, text.p, text.n);
	if (replace_large_numbers(copy, text.n))
		e = json_parse((struct str){ copy, text.n }, reject_duplicates, out);
	free(copy);
	return e;
}
