#include "main/config/url_check.h"

#include "base/arena.h"
#include "domain/tenant.h"
#include "net/https_client.h"

static bool starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq_nocase((struct str){ s.p, prefix.n }, prefix);
}

/* What stands between the scheme and the path. */
static struct str authority(struct str rest)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
		n++;
	return (struct str){ rest.p, n };
}

static bool is_read_by_libcurl(struct str url)
{
	struct str scheme, host, port;
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	const bool is = url_parts(&a, url, &scheme, &host, &port);
	arena_finish(&a);
	return is;
}

const char *url_fault(struct str url)
{
	const size_t scheme = starts_nocase(url, STR("https://"))  ? 8
			      : starts_nocase(url, STR("http://")) ? 7
								   : 0;

	if (scheme == 0)
		return "an address that begins with https:// or http://";
	if (url.n >= URL_SIZE)
		return "an address of at most 512 bytes";
	const struct str place = authority(str_from(url, scheme));
	if (str_has(place, '@'))
		return "an address without user and password: it is shown to people";
	if (place.n == 0 || place.p[0] == ':')
		return "an address with a host, such as https://kyc.example.com";
	return is_read_by_libcurl(url)
		       ? NULL
		       : "an address that a browser can read: look at its host, its port and for spaces";
}

const char *base_url_fault(struct str url)
{
	const char *const fault = url_fault(url);

	if (!fault && (str_has(url, '?') || str_has(url, '#')))
		return "an address without ? and #: paths are put behind it";
	return fault;
}
