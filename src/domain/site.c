#include "domain/site.h"

#include <stdint.h>
#include <string.h>

#define HOST_MAX 253 /* maximum length of a host name without the final dot (RFC 1035 3.1) */
#define PORT_MAX 65535

/* clang-format off */
static const struct scheme {
	struct str prefix;
	int64_t port; /* the port if a URL with this scheme names none */
} schemes[] = {
	{ STR_INIT("https://"), 443 },
	{ STR_INIT("http://"), 80 },
};

static const char *const messages[] = {
	[SITE_VALID]  = "the origin of a site",
	[SITE_SCHEME] = "a URL that begins with https://, or with http:// and localhost, 127.0.0.1 or [::1]",
	[SITE_USER]   = "a URL without user and password",
	[SITE_HOST]   = "a URL with a host in ASCII, such as https://shop.example.com; write an international domain in its form with xn--",
	[SITE_PORT]   = "a URL whose port is a number from 1 to 65535",
	[SITE_PATH]   = "the origin of a site, without path, query and fragment, such as https://shop.example.com",
};
/* clang-format on */

const char *site_form_message(enum site_form form)
{
	return messages[form];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char to_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_letter_or_digit(char c)
{
	return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'z');
}

static bool is_hex_digit(char c)
{
	return is_digit(c) || (to_lower(c) >= 'a' && to_lower(c) <= 'f');
}

/* The parts of an origin at the beginning of a URI. */
struct origin {
	const struct scheme *scheme;
	struct str host; /* for an IPv6 address, includes the brackets */
	int64_t port;
	struct str rest; /* path, query and fragment */
};

/* Returns whether the host consists of labels separated by dots. A label has letters, digits and hyphens, but
 * no hyphen at its start or end. */
static bool is_host_name(struct str host)
{
	char previous = '.';

	if (host.n == 0 || host.n > HOST_MAX)
		return false;
	for (size_t i = 0; i < host.n; i++) {
		const char c = host.p[i];
		const bool is_end = i + 1 == host.n || host.p[i + 1] == '.';

		if (c == '.'	   ? previous == '.'
			: c == '-' ? previous == '.' || is_end
				   : !is_letter_or_digit(c))
			return false;
		previous = c;
	}
	return previous != '.';
}

static bool is_ipv6_literal(struct str host)
{
	if (host.n < 4 || host.n > 41 || host.p[0] != '[' || host.p[host.n - 1] != ']')
		return false;
	for (size_t i = 1; i + 1 < host.n; i++)
		if (!is_hex_digit(host.p[i]) && host.p[i] != ':' && host.p[i] != '.')
			return false;
	return true;
}

static bool is_loopback(struct str host)
{
	return str_eq_nocase(host, STR("localhost")) || str_eq(host, STR("127.0.0.1")) ||
	       str_eq(host, STR("[::1]"));
}

static enum site_form read_port(struct str port, struct origin *out)
{
	if (port.n == 0 || port.p[0] == '0' || !str_number(port, PORT_MAX, &out->port))
		return SITE_PORT;
	return SITE_VALID;
}

static enum site_form read_host_and_port(struct str authority, struct origin *out)
{
	size_t n = 0;

	if (str_has(authority, '@'))
		return SITE_USER;
	while (n < authority.n &&
		(authority.p[0] == '[' ? n == 0 || authority.p[n - 1] != ']' : authority.p[n] != ':'))
		n++;
	out->host = (struct str){ authority.p, n };
	if (!is_host_name(out->host) && !is_ipv6_literal(out->host))
		return SITE_HOST;
	out->port = out->scheme->port;
	if (n == authority.n)
		return SITE_VALID;
	return authority.p[n] == ':' ? read_port(str_from(authority, n + 1), out) : SITE_HOST;
}

static enum site_form read_origin(struct str uri, struct origin *out)
{
	size_t n = 0;

	*out = (struct origin){ 0 };
	for (size_t i = 0; i < array_len(schemes); i++) {
		const struct str prefix = schemes[i].prefix;

		if (uri.n >= prefix.n && str_eq_nocase((struct str){ uri.p, prefix.n }, prefix))
			out->scheme = &schemes[i];
	}
	if (!out->scheme)
		return SITE_SCHEME;
	uri = str_from(uri, out->scheme->prefix.n);
	while (n < uri.n && uri.p[n] != '/' && uri.p[n] != '?' && uri.p[n] != '#')
		n++;
	out->rest = str_from(uri, n);
	return read_host_and_port((struct str){ uri.p, n }, out);
}

static size_t append(char *out, size_t n, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		out[n + i] = to_lower(s.p[i]);
	return n + s.n;
}

static size_t append_port(char *out, size_t n, int64_t port)
{
	char digits[8];
	size_t k = 0;

	out[n++] = ':';
	for (; port > 0; port /= 10)
		digits[k++] = (char)('0' + port % 10);
	while (k > 0)
		out[n++] = digits[--k];
	return n;
}

static void write_origin(const struct origin *origin, char out[SITE_SIZE])
{
	size_t n = append(out, append(out, 0, origin->scheme->prefix), origin->host);

	if (origin->port != origin->scheme->port)
		n = append_port(out, n, origin->port);
	out[n] = '\0';
}

enum site_form site_read(struct str url, char out[SITE_SIZE])
{
	struct origin origin;
	const enum site_form form = read_origin(url, &origin);

	if (form != SITE_VALID)
		return form;
	if (origin.scheme->port == 80 && !is_loopback(origin.host))
		return SITE_SCHEME;
	if (origin.rest.n > 0 && !str_eq(origin.rest, STR("/")))
		return SITE_PATH;
	write_origin(&origin, out);
	return SITE_VALID;
}

struct str site_domain(struct str site)
{
	for (size_t i = 0; i < array_len(schemes); i++)
		if (str_starts(site, schemes[i].prefix))
			return str_from(site, schemes[i].prefix.n);
	return site;
}

/* Returns whether the text has only characters of a path, query or fragment: pchar, "/" and "?" of RFC 3986,
 * and at most one "#". */
static bool is_path(struct str rest)
{
	bool in_fragment = false;

	for (size_t i = 0; i < rest.n; i++) {
		const char c = rest.p[i];

		if (c == '%') {
			if (i + 2 >= rest.n || !is_hex_digit(rest.p[i + 1]) || !is_hex_digit(rest.p[i + 2]))
				return false;
		} else if (c == '#') {
			if (in_fragment)
				return false;
			in_fragment = true;
		} else if (!is_letter_or_digit(c) && !str_has(STR("-._~!$&'()*+,;=:@/?"), c)) {
			return false;
		}
	}
	return true;
}

bool site_has_uri(struct str site, struct str uri)
{
	struct origin origin;
	char found[SITE_SIZE];

	if (uri.n > SITE_URI_MAX || read_origin(uri, &origin) != SITE_VALID || !is_path(origin.rest))
		return false;
	write_origin(&origin, found);
	return str_eq(str_of(found), site);
}
