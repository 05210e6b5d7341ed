#include "api/core/trace_context.h"

#include <string.h>

/* Length of version 00: "00-" trace id "-" parent id "-" flags. */
#define VERSION_0_LENGTH 55

/* Reads exactly `n` lower-case hexadecimal digits and removes them from the text. */
static bool take_hex(struct str *text, size_t n, struct str *out)
{
	if (text->n < n)
		return false;
	*out = (struct str){ text->p, n };
	for (size_t i = 0; i < n; i++)
		if (!str_has(STR("0123456789abcdef"), out->p[i]))
			return false;
	*text = str_from(*text, n);
	return true;
}

static bool take_hyphen(struct str *text)
{
	const bool found = text->n > 0 && text->p[0] == '-';

	if (found)
		*text = str_from(*text, 1);
	return found;
}

static bool is_all_zeros(struct str digits)
{
	for (size_t i = 0; i < digits.n; i++)
		if (digits.p[i] != '0')
			return false;
	return true;
}

/* Later versions may append more after another hyphen. Version ff is not valid. */
static bool is_length_valid(struct str version, size_t length, struct str rest)
{
	if (str_eq(version, STR("ff")))
		return false;
	return length == VERSION_0_LENGTH || (!str_eq(version, STR("00")) && str_starts(rest, STR("-")));
}

bool trace_context_read(const struct request *request, struct trace_context *out)
{
	static const struct str name = STR_INIT("traceparent");
	struct str rest = str_trim(request_header(request, name)), version, trace, parent, flags;
	const size_t length = rest.n;

	*out = (struct trace_context){ .trace_id = "" };
	if (request_header_count(request, name) != 1 || !take_hex(&rest, 2, &version) ||
		!take_hyphen(&rest) || !take_hex(&rest, 32, &trace) || !take_hyphen(&rest) ||
		!take_hex(&rest, 16, &parent) || !take_hyphen(&rest) || !take_hex(&rest, 2, &flags) ||
		!is_length_valid(version, length, rest) || is_all_zeros(trace) || is_all_zeros(parent))
		return false;
	memcpy(out->trace_id, trace.p, trace.n);
	memcpy(out->parent_id, parent.p, parent.n);
	return true;
}
