/* May a person be sent to this URL? https (or plain http to loopback, and to private places where allowed), a
 * host of the list, and nothing in it that two readers of URLs could take for two things. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/str.h"

#define SESSION_URL_MAX 2048

struct session_hosts {
	const struct str *hosts; /* "host" (any port) or "host:port"; IPv6 in brackets */
	size_t n;
	bool allow_private; /* plain http also to private addresses and to names (KYCD_ALLOW_WEAK) */
};

bool session_url_is_allowed(struct arena *a, struct str url, const struct session_hosts *allowed) must_use;
