#include "net/url_check.h"

#include "base/arena.h"
#include "net/https_client.h"

static bool starts_nocase(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq_nocase((struct str){ s.p, prefix.n }, prefix);
}

/* Returns the part between "scheme://" and the path, query or fragment (RFC 3986 section 3.2). `rest` begins
 * after "scheme://". */
static struct str url_authority(struct str rest)
{
	size_t n = 0;

	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#')
		n++;
	return (struct str){ rest.p, n };
}

bool url_is_parsable(struct str url)
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
		return "a URL that begins with https:// or http://";
	if (url.n > URL_TEXT_MAX)
		return "a URL of at most 512 bytes";
	const struct str authority = url_authority(str_from(url, scheme));
	if (str_has(authority, '@'))
		return "a URL without user and password, because it is shown to people";
	if (authority.n == 0 || authority.p[0] == ':')
		return "a URL with a host, such as https://kyc.example.com";
	return url_is_parsable(url)
		       ? NULL
		       : "a URL that a browser accepts: check its host, its port and that it has no spaces";
}

const char *base_url_fault(struct str url)
{
	const char *const fault = url_fault(url);

	if (!fault && (str_has(url, '?') || str_has(url, '#')))
		return "a URL without ? and #, because paths are appended to it";
	return fault;
}
