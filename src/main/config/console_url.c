#include "main/config/console_url.h"

#include "domain/site.h"

/* clang-format off */
static const char *const faults[] = {
	[SITE_VALID]  = NULL,
	[SITE_SCHEME] = "a URL that begins with https://, because passkeys need it",
	[SITE_USER]   = "a URL without user and password",
	[SITE_HOST]   = "a URL with a host name in ASCII, such as https://console.example.com",
	[SITE_PORT]   = "a URL whose port is a number from 1 to 65535",
	[SITE_PATH]   = "a URL without path, query and fragment, such as https://console.example.com",
};
/* clang-format on */

static bool is_number(struct str label)
{
	size_t digits = 0;

	for (size_t i = 0; i < label.n; i++)
		digits += label.p[i] >= '0' && label.p[i] <= '9';
	return digits == label.n || str_starts(label, STR("0x"));
}

/* Browsers also take a host for an IPv4 address if its last label is a decimal or hexadecimal number (WHATWG
 * URL, "ends in a number"). */
static bool is_ip_address(struct str host)
{
	size_t dot = host.n;

	while (dot > 0 && host.p[dot - 1] != '.')
		dot--;
	return str_starts(host, STR("[")) || is_number(str_from(host, dot));
}

struct str console_host(struct str origin)
{
	const struct str domain = site_domain(origin);
	struct str rest = domain, host;

	if (str_starts(domain, STR("[")))
		return domain;
	(void)str_cut(&rest, ':', &host);
	return host;
}

const char *console_url_fault(struct str url)
{
	char origin[SITE_SIZE];
	const enum site_form form = site_read(url, origin);

	if (form != SITE_VALID)
		return faults[form];
	if (!str_starts(str_of(origin), STR("https://")))
		return faults[SITE_SCHEME];
	return is_ip_address(console_host(str_of(origin)))
		       ? "a URL with a host name instead of an IP address, because passkeys belong to a host name"
		       : NULL;
}
