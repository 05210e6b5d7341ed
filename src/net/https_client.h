/* Outbound HTTP(S) by libcurl: certificates checked, no redirects, a limit on time and size, plain http only
 * to loopback (or private addresses where allowed). Calls may run at the same time from any thread;
 * connections are kept and reused. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

struct https_client;

struct https_conf {
	size_t calls_max;   /* at once; more wait within their own time limit */
	bool allow_private; /* plain http also to private addresses (KYCD_ALLOW_WEAK) */
};

struct https_header {
	struct str name, value;
};

struct https_request {
	const char *method; /* "POST" */
	struct str url;
	const struct https_header *headers;
	size_t n_headers;
	struct str body; /* p == NULL: none */
	duration limit, connect_limit;
	size_t reply_max; /* bytes of body; more is ERR_UPSTREAM */
};

struct https_reply {
	int status;
	struct str body; /* in the arena */
	struct str content_type;
	struct str retry_after; /* as sent; empty when absent */
};

/* What went wrong on the way, for logs and metrics. */
enum https_error {
	HTTPS_OK,
	HTTPS_URL_REFUSED,
	HTTPS_CONNECT_FAILED,
	HTTPS_TLS,
	HTTPS_TIMEOUT,
	HTTPS_TOO_LARGE,
	HTTPS_NOT_HTTP, /* something was said, but not in HTTP */
	HTTPS_BROKEN
};

enum err https_open(const struct https_conf *conf, struct https_client **out) must_use;
void https_close(struct https_client *client);
/* OK when any HTTP answer came whole, whatever its status. ERR_UPSTREAM with `*trouble` set otherwise: then
 * all that `*reply` holds is the status of an answer that began, or 0. ERR_BUSY when calls_max were under way
 * for the whole limit; ERR_INPUT for a URL that may not be called. */
enum err https_call(struct https_client *client, const struct https_request *request, struct arena *a,
	struct https_reply *reply, enum https_error *error) must_use;
/* Scheme, host and port of a URL as libcurl reads it; false when it is not an absolute http(s) URL. Texts in
 * the arena. */
bool url_parts(
	struct arena *a, struct str url, struct str *scheme, struct str *host, struct str *port) must_use;
