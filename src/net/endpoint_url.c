#include "net/endpoint_url.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "net/https_client.h"
#include "text/ip_reach.h"

#define LABEL_MAX 63
#define NAME_MAX_LENGTH 253 /* RFC 1035 2.3.4, without the length bytes */
#define PORT_MAX 65535

static const struct {
	struct str name, explanation;
} faults[] = {
#define FAULT(name, word, explanation) { STR_INIT(word), STR_INIT(explanation) },
	ENDPOINT_URL_FAULTS(FAULT)
#undef FAULT
};

struct str endpoint_url_fault_name(enum endpoint_url_fault fault)
{
	assert(fault < ENDPOINT_URL_FAULT_COUNT);
	return faults[fault].name;
}

struct str endpoint_url_fault_explanation(enum endpoint_url_fault fault)
{
	assert(fault < ENDPOINT_URL_FAULT_COUNT);
	return faults[fault].explanation;
}

/* Parsers disagree about spaces and backslashes in URLs: some treat a backslash as a slash. */
static bool has_only_url_characters(struct str url)
{
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 127 || url.p[i] == '\\')
			return false;
	return true;
}

static bool take_scheme(struct str *rest, bool *is_plain)
{
	static const struct {
		struct str text;
		bool is_plain;
	} schemes[] = { { STR_INIT("https://"), false }, { STR_INIT("http://"), true } };

	for (size_t i = 0; i < array_len(schemes); i++) {
		const struct str text = schemes[i].text;

		if (rest->n < text.n || !str_eq_nocase((struct str){ rest->p, text.n }, text))
			continue;
		*rest = str_from(*rest, text.n);
		*is_plain = schemes[i].is_plain;
		return true;
	}
	return false;
}

/* Returns the part before the path or the query (RFC 3986 3.2). There is no fragment. */
static struct str authority_of(struct str rest)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?')
		n++;
	return (struct str){ rest.p, n };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Returns whether a resolver may read a host with this last label as an IPv4 address: it is a decimal or
 * octal number, or begins like a hexadecimal one ("0x"). */
static bool is_number_label(struct str label)
{
	if (label.n >= 2 && label.p[0] == '0' && (label.p[1] == 'x' || label.p[1] == 'X'))
		return true;
	for (size_t i = 0; i < label.n; i++)
		if (!is_digit(label.p[i]))
			return false;
	return label.n > 0;
}

static bool is_host_label(struct str label)
{
	for (size_t i = 0; i < label.n; i++)
		if (!is_digit(label.p[i]) && !is_letter(label.p[i]) && label.p[i] != '-' && label.p[i] != '_')
			return false;
	return label.n > 0 && label.n <= LABEL_MAX;
}

/* Checks a host that is no IP address. A name that ends in a dot is refused, because certificates never
 * contain one. */
static enum endpoint_url_fault check_name(struct str host)
{
	struct str rest = host, label;
	bool more = true, good = host.n <= NAME_MAX_LENGTH;

	while (more) {
		more = str_cut(&rest, '.', &label);
		good = good && is_host_label(label);
	}
	if (is_number_label(label))
		return ENDPOINT_URL_HOST_NUMBER;
	return good ? ENDPOINT_URL_NONE : ENDPOINT_URL_HOST;
}

static enum endpoint_url_fault parse_port(struct str text, struct endpoint_url *url)
{
	int64_t port;

	if (!str_number(text, PORT_MAX, &port) || port < 1)
		return ENDPOINT_URL_PORT;
	url->port = (int)port;
	return ENDPOINT_URL_NONE;
}

static enum endpoint_url_fault parse_v6_authority(struct str authority, struct endpoint_url *url)
{
	struct str rest = str_from(authority, 1);

	if (!str_cut(&rest, ']', &url->host))
		return ENDPOINT_URL_HOST;
	if (url->host.n == 0)
		return ENDPOINT_URL_HOST_EMPTY;
	if (str_has(url->host, '%'))
		return ENDPOINT_URL_ZONE;
	if (!str_has(url->host, ':') || !ip_read(url->host, &url->ip))
		return ENDPOINT_URL_HOST;
	url->is_literal = true;
	if (rest.n == 0)
		return ENDPOINT_URL_NONE;
	return rest.p[0] == ':' ? parse_port(str_from(rest, 1), url) : ENDPOINT_URL_HOST;
}

static enum endpoint_url_fault parse_authority(struct str authority, struct endpoint_url *url)
{
	struct str rest = authority;
	bool has_port;
	enum endpoint_url_fault fault;

	if (authority.n > 0 && authority.p[0] == '[')
		return parse_v6_authority(authority, url);
	has_port = str_cut(&rest, ':', &url->host);
	if (url->host.n == 0)
		return ENDPOINT_URL_HOST_EMPTY;
	url->is_literal = ip_read(url->host, &url->ip);
	fault = url->is_literal ? ENDPOINT_URL_NONE : check_name(url->host);
	return fault == ENDPOINT_URL_NONE && has_port ? parse_port(rest, url) : fault;
}

/* The sender gives the URL to libcurl, so libcurl must read the same host from it. */
static bool libcurl_agrees(struct str text, const struct endpoint_url *url)
{
	struct str scheme, host, port;
	struct arena a;
	struct ip ip;
	int64_t number;

	arena_init(&a, ARENA_CALL_LIMIT);
	bool agrees = url_parts(&a, text, &scheme, &host, &port) &&
		      str_eq(scheme, url->is_plain ? STR("http") : STR("https")) &&
		      str_number(port, PORT_MAX, &number) && number == url->port;
	if (agrees && host.n >= 2 && host.p[0] == '[')
		host = (struct str){ host.p + 1, host.n - 2 };
	if (agrees && url->is_literal)
		agrees = ip_read(host, &ip) && memcmp(ip.bytes, url->ip.bytes, IP_BYTES) == 0;
	else if (agrees)
		agrees = str_eq_nocase(host, url->host);
	arena_finish(&a);
	return agrees;
}

enum endpoint_url_fault endpoint_url_parse(struct str text, struct endpoint_url *out)
{
	struct endpoint_url url = { .is_literal = false };
	struct str rest = text;

	if (text.n > ENDPOINT_URL_MAX)
		return ENDPOINT_URL_TOO_LONG;
	if (!has_only_url_characters(text))
		return ENDPOINT_URL_CHARACTER;
	if (!take_scheme(&rest, &url.is_plain))
		return ENDPOINT_URL_SCHEME;
	if (str_has(text, '#'))
		return ENDPOINT_URL_FRAGMENT;

	const struct str authority = authority_of(rest);

	if (str_has(authority, '@'))
		return ENDPOINT_URL_USER_INFO;
	url.port = url.is_plain ? 80 : 443;

	const enum endpoint_url_fault fault = parse_authority(authority, &url);

	if (fault != ENDPOINT_URL_NONE)
		return fault;
	if (!libcurl_agrees(text, &url))
		return ENDPOINT_URL_HOST;
	*out = url;
	return ENDPOINT_URL_NONE;
}

enum endpoint_url_fault endpoint_url_check(struct str text, const struct endpoint_url_rules *rules)
{
	struct endpoint_url url;
	const enum endpoint_url_fault fault = endpoint_url_parse(text, &url);

	if (fault != ENDPOINT_URL_NONE)
		return fault;
	if (url.is_plain && !rules->allow_plain)
		return ENDPOINT_URL_PLAINTEXT;
	if (!url.is_literal)
		return ENDPOINT_URL_NONE;

	const enum ip_reach reach = ip_reach_of(&url.ip, rules->listed);

	if (reach == IP_REACH_REFUSED)
		return ENDPOINT_URL_ADDRESS;
	return url.is_plain && reach != IP_REACH_LISTED ? ENDPOINT_URL_PLAINTEXT : ENDPOINT_URL_NONE;
}
