/* Decides whether a person may be redirected to a session URL: it must be https:// (http:// is allowed to
 * loopback, and to private addresses if so configured), its host must be listed, and it must not contain
 * characters that URL parsers interpret differently. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

#define SESSION_URL_MAX 2048

struct session_hosts {
	const struct str *hosts; /* "host" (any port) or "host:port"; IPv6 in brackets */
	size_t n;
	bool allow_private; /* http:// also to private addresses and to host names (KYCD_ALLOW_WEAK) */
};

/* `a`: for temporary memory. */
bool session_url_is_allowed(struct arena *a, struct str url, const struct session_hosts *allowed) must_use;
