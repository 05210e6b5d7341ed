#include "provider/session_url.h"

#include <string.h>

#include "net/host_scope.h"
#include "net/https_client.h"

/* Returns true if the URL is printable ASCII without the characters that browsers and RFC 3986 interpret
 * differently. */
static bool is_unambiguous_url(struct str url)
{
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 127 || memchr("\\\"<>^`{|}", url.p[i], 9) != NULL)
			return false;
	return url.n <= SESSION_URL_MAX;
}

static bool is_listed(struct arena *a, struct str host, struct str port, const struct session_hosts *allowed)
{
	const struct str host_and_port = arena_printf(a, "%.*s:%.*s", STR_ARG(host), STR_ARG(port));

	for (size_t i = 0; i < allowed->n; i++)
		if (str_eq_nocase(host, allowed->hosts[i]) ||
			(host_and_port.p != NULL && str_eq_nocase(host_and_port, allowed->hosts[i])))
			return true;
	return false;
}

bool session_url_is_allowed(struct arena *a, struct str url, const struct session_hosts *allowed)
{
	struct str scheme, host, port;

	if (!is_unambiguous_url(url) || !url_parts(a, url, &scheme, &host, &port))
		return false;
	if (!str_eq(scheme, STR("https")) && !host_allows_plaintext(host, allowed->allow_private))
		return false;
	return is_listed(a, host, port, allowed);
}
