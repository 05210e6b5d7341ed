#include "http/framing.h"

#include <string.h>

enum framing_header { HOST, LENGTH, CODING, EXPECT, FRAMING_HEADER_COUNT };

static const struct str header_names[FRAMING_HEADER_COUNT] = {
	[HOST] = STR_INIT("host"),
	[LENGTH] = STR_INIT("content-length"),
	[CODING] = STR_INIT("transfer-encoding"),
	[EXPECT] = STR_INIT("expect"),
};

struct framing_headers {
	size_t count[FRAMING_HEADER_COUNT];
	struct str value[FRAMING_HEADER_COUNT];
};

static struct framing_headers find_framing_headers(const struct request *r)
{
	struct framing_headers headers = { 0 };

	for (size_t i = 0; i < r->n_headers; i++) {
		for (size_t w = 0; w < FRAMING_HEADER_COUNT; w++) {
			if (!str_eq_nocase(r->headers[i].name, header_names[w]))
				continue;
			headers.count[w]++;
			headers.value[w] = r->headers[i].value;
		}
	}
	return headers;
}

/* Checks the characters of a Host header: uri-host [ ":" port ] (RFC 9110 section 7.2). An empty value is
 * allowed. */
static bool is_host(struct str host)
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

/* Checks how often each header occurs: at most once, and Content-Length and Transfer-Encoding not together.
 * HTTP/1.1 requires Host; HTTP/1.0 has no Transfer-Encoding. The only supported expectation is
 * 100-continue. */
static bool headers_are_valid(const struct framing_headers *headers, int minor)
{
	const bool expects = headers->count[EXPECT] > 0;

	if (headers->count[LENGTH] + headers->count[CODING] > 1)
		return false;
	if (headers->count[HOST] > 1 || (headers->count[HOST] == 0 && minor > 0) ||
		!is_host(headers->value[HOST]))
		return false;
	if (headers->count[CODING] > 0 && minor == 0)
		return false;
	if (headers->count[LENGTH] > 0 && !length_is_number(headers->value[LENGTH]))
		return false;
	return !expects ||
	       (headers->count[EXPECT] == 1 && str_eq_nocase(headers->value[EXPECT], STR("100-continue")));
}

static bool set_refusal(enum refusal why, enum refusal *out)
{
	*out = why;
	return false;
}

bool framing_read(
	const struct request *r, int minor, size_t body_limit, struct framing *out, enum refusal *why)
{
	const struct framing_headers headers = find_framing_headers(r);
	const bool has_coding = headers.count[CODING] > 0;
	int64_t length = 0;

	if (!headers_are_valid(&headers, minor))
		return set_refusal(REFUSE_BAD_REQUEST, why);
	if (has_coding && !str_eq_nocase(headers.value[CODING], STR("chunked")))
		return set_refusal(REFUSE_NOT_IMPLEMENTED, why);
	if (headers.count[LENGTH] > 0 && !str_number(headers.value[LENGTH], (int64_t)body_limit, &length))
		return set_refusal(REFUSE_PAYLOAD, why);
	*out = (struct framing){
		.chunked = has_coding,
		.length = (size_t)length,
		.expects = headers.count[EXPECT] > 0 && minor > 0 && (has_coding || length > 0),
	};
	return true;
}

static void split_target(struct str target, struct str *path, struct str *query)
{
	str_cut(&target, '?', path);
	*query = target;
}

/* Parses the absolute form of a target (RFC 9112 section 3.2.2). If the target has no path, `path` is "/";
 * its slice then points to the last slash of `scheme`. */
static bool parse_absolute_form(struct str target, struct str scheme, struct str *path, struct str *query)
{
	struct str rest = str_from(target, scheme.n);
	size_t host = 0;

	while (host < rest.n && rest.p[host] != '/' && rest.p[host] != '?')
		host++;
	if (host == 0)
		return false;
	split_target(str_from(rest, host), path, query);
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
			return parse_absolute_form(target, schemes[i], path, query);
	}
	if (!str_starts(target, STR("/")) && !(method == METHOD_OPTIONS && str_eq(target, STR("*"))))
		return false;
	split_target(target, path, query);
	return true;
}
