/* The site of a tenant: the origin (RFC 6454: scheme, host and port) of the pages on which people sign wallet
 * challenges. A challenge names the site, so that people and wallets can notice a foreign site. Pure. */
#pragma once

#include <stdbool.h>

#include "base/attr.h"
#include "base/str.h"

#define SITE_SIZE 272 /* size of "https://", a host of 253 characters, ":", a port and the final NUL */
#define SITE_URI_MAX 512

/* The result of site_read(): SITE_VALID, or what is wrong with the URL. */
enum site_form {
	SITE_VALID,
	SITE_SCHEME, /* the scheme is neither https nor, for a host name of this machine, http */
	SITE_USER,   /* contains user information */
	SITE_HOST,   /* the host is not a host name or IP address in ASCII */
	SITE_PORT,   /* the port is not a number from 1 to 65535 */
	SITE_PATH,   /* the URL has a path, a query or a fragment */
};

/* Converts the URL of a site to its normal form: scheme and host in lower case, no default port, no slash at
 * the end. Writes `out` only if it returns SITE_VALID. */
enum site_form site_read(struct str url, char out[SITE_SIZE]) must_use;
/* Returns what a URL with this fault must be instead, as static text that follows "must be ". */
const char *site_form_message(enum site_form form);

/* Returns the host and port of a site in its normal form, such as "shop.example" or "localhost:3000". */
struct str site_domain(struct str site);
/* Returns whether `uri` belongs to the site: it has the same scheme, host and port, then any path, query and
 * fragment (RFC 3986), and at most SITE_URI_MAX bytes. `site` must be in its normal form. */
bool site_has_uri(struct str site, struct str uri);
