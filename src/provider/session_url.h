/* Decides whether a person may be redirected to a session URL. Its host must be in the list, and it must not
 * contain characters that URL parsers interpret differently. It must be https://, except that http:// is
 * allowed to loopback addresses and, if so configured, to private addresses. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

#define SESSION_URL_MAX 2048

struct session_hosts {
	const struct str *hosts; /* "host" (with any port) or "host:port"; IPv6 in brackets */
	size_t n;
	bool allow_private; /* also allows http:// to private addresses and host names (KYCD_ALLOW_WEAK) */
};

/* `a`: for temporary memory. */
bool session_url_is_allowed(struct arena *a, struct str url, const struct session_hosts *allowed) must_use;
