#include "http/framing.h"

#include <string.h>

enum watched { HOST, LENGTH, CODING, EXPECT, WATCHED_COUNT };

static const struct str names[WATCHED_COUNT] = {
	[HOST] = STR_INIT("host"),
	[LENGTH] = STR_INIT("content-length"),
	[CODING] = STR_INIT("transfer-encoding"),
	[EXPECT] = STR_INIT("expect"),
};

struct seen {
	size_t count[WATCHED_COUNT];
	struct str value[WATCHED_COUNT];
};

static struct seen look(const struct request *r)
{
	struct seen seen = { 0 };

	for (size_t i = 0; i < r->n_headers; i++) {
		for (size_t w = 0; w < WATCHED_COUNT; w++) {
			if (!str_eq_nocase(r->headers[i].name, names[w]))
				continue;
			seen.count[w]++;
			seen.value[w] = r->headers[i].value;
		}
	}
	return seen;
}

/* uri-host [ ":" port ] (RFC 9110 section 7.2) by its characters; empty is allowed. */
static bool host_ok(struct str host)
{
	for (size_t i = 0; i < host.n; i++) {
		const unsigned char c = (unsigned char)host.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("\"#/<>?@\\^`{|}", c) != NULL)
			return false;
	}
	return true;
}

bool length_is_number(struct str value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
	}
	return value.n > 0;
}

/* Once each at most, not both of the two that frame; the host where 1.1 demands it; no coding and no
 * expectation that 1.0 cannot mean. */
static bool well_formed(const struct seen *seen, int minor)
{
	const bool expects = seen->count[EXPECT] > 0;

	if (seen->count[LENGTH] + seen->count[CODING] > 1)
		return false;
	if (seen->count[HOST] > 1 || (seen->count[HOST] == 0 && minor > 0) || !host_ok(seen->value[HOST]))
		return false;
	if (seen->count[CODING] > 0 && minor == 0)
		return false;
	if (seen->count[LENGTH] > 0 && !length_is_number(seen->value[LENGTH]))
		return false;
	return !expects ||
	       (seen->count[EXPECT] == 1 && str_eq_nocase(seen->value[EXPECT], STR("100-continue")));
}

static bool refuse(enum refusal why, enum refusal *out)
{
	*out = why;
	return false;
}

bool framing_read(
	const struct request *r, int minor, size_t body_limit, struct framing *out, enum refusal *why)
{
	const struct seen seen = look(r);
	const bool coded = seen.count[CODING] > 0;
	int64_t length = 0;

	if (!well_formed(&seen, minor))
		return refuse(REFUSE_BAD_REQUEST, why);
	if (coded && !str_eq_nocase(seen.value[CODING], STR("chunked")))
		return refuse(REFUSE_NOT_IMPLEMENTED, why);
	if (seen.count[LENGTH] > 0 && !str_number(seen.value[LENGTH], (int64_t)body_limit, &length))
		return refuse(REFUSE_PAYLOAD, why);
	*out = (struct framing){
		.chunked = coded,
		.length = (size_t)length,
		.expects = seen.count[EXPECT] > 0 && minor > 0 && (coded || length > 0),
	};
	return true;
}

static void split(struct str target, struct str *path, struct str *query)
{
	str_cut(&target, '?', path);
	*query = target;
}

/* RFC 9112 section 3.2.2. Without a path it is "/", which stands in the scheme already. */
static bool absolute_read(struct str target, struct str scheme, struct str *path, struct str *query)
{
	struct str rest = str_from(target, scheme.n);
	size_t host = 0;

	while (host < rest.n && rest.p[host] != '/' && rest.p[host] != '?')
		host++;
	if (host == 0)
		return false;
	split(str_from(rest, host), path, query);
	if (path->n == 0)
		*path = (struct str){ target.p + scheme.n - 1, 1 };
	return true;
}

bool target_read(struct str target, enum method method, struct str *path, struct str *query)
{
	static const struct str schemes[] = { STR_INIT("http://"), STR_INIT("https://") };

	for (size_t i = 0; i < array_len(schemes); i++) {
		const struct str front = { target.p, target.n < schemes[i].n ? target.n : schemes[i].n };

		if (str_eq_nocase(front, schemes[i]))
			return absolute_read(target, schemes[i], path, query);
	}
	if (!str_starts(target, STR("/")) && !(method == METHOD_OPTIONS && str_eq(target, STR("*"))))
		return false;
	split(target, path, query);
	return true;
}
