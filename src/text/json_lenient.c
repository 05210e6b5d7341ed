#include "text/json_lenient.h"

#include <stdlib.h>
#include <string.h>

/* Beyond these a number is more than we have a type for, or may be. */
#define WHOLE_DIGITS 18
#define FLOAT_DIGITS 300
#define EXPONENT_DIGITS 2

/* `p` stands behind a quote; gives what is behind the other one. */
static char *behind_text(char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p < end ? p + 1 : p;
}

struct number {
	size_t n;     /* characters; 0: it is none */
	size_t whole; /* digits before the point */
	bool is_float;
	size_t exponent; /* its digits */
};

/* Behind the digits that stand at `p`, and how many those are. */
static const char *take_digits(const char *p, const char *end, size_t *n)
{
	for (*n = 0; p < end && *p >= '0' && *p <= '9'; p++)
		++*n;
	return p;
}

/* `p` stands at the exponent's letter. */
static const char *take_exponent(const char *p, const char *end, size_t *n)
{
	const bool has_sign = end - p > 1 && (p[1] == '+' || p[1] == '-');

	return take_digits(p + (has_sign ? 2 : 1), end, n);
}

/* RFC 8259 section 6: what is no number is left for the parser to refuse. */
static struct number measure(const char *start, const char *end)
{
	struct number number = { .n = 0 };
	size_t fraction = 1, exponent = 1;
	const char *const first = start + (*start == '-');
	const char *p = take_digits(first, end, &number.whole);

	if (p < end && *p == '.')
		p = take_digits(p + 1, end, &fraction);
	number.is_float = p > first + number.whole;
	if (p < end && (*p == 'e' || *p == 'E')) {
		number.is_float = true;
		p = take_exponent(p, end, &exponent);
		number.exponent = exponent;
	}
	if (number.whole > 0 && !(number.whole > 1 && *first == '0') && fraction > 0 && exponent > 0)
		number.n = (size_t)(p - start);
	return number;
}

static bool is_wide(const struct number *number)
{
	return number->is_float ? number->exponent > EXPONENT_DIGITS || number->whole > FLOAT_DIGITS
				: number->whole > WHOLE_DIGITS;
}

/* At the first character of a number; NULL: it is none. Nothing wide is shorter than what takes its place. */
static char *narrow_number(char *p, const char *end, bool *narrowed)
{
	const struct number number = measure(p, end);

	if (number.n == 0)
		return NULL;
	if (is_wide(&number)) {
		memset(p, ' ', number.n);
		memcpy(p, "null", 4);
		*narrowed = true;
	}
	return p + number.n;
}

static bool narrow(char *text, size_t n)
{
	char *const end = text + n;
	bool narrowed = false;

	for (char *p = text; p && p < end;) {
		if (*p == '"')
			p = behind_text(p + 1, end);
		else if (*p == '-' || (*p >= '0' && *p <= '9'))
			p = narrow_number(p, end, &narrowed);
		else
			p++;
	}
	return narrowed;
}

enum err json_parse_lenient(struct str text, bool refuse_repeated, const struct json_value **out)
{
	enum err e = json_parse(text, refuse_repeated, out);

	if (e != ERR_INPUT || text.n == 0)
		return e;
	char *const copy = malloc(text.n);
	if (!copy)
		return ERR_INTERNAL;
	memcpy(copy, text.p, text.n);
	if (narrow(copy, text.n))
		e = json_parse((struct str){ copy, text.n }, refuse_repeated, out);
	free(copy);
	return e;
}
