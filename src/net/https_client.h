/* HTTP(S) client based on libcurl: verifies certificates, does not follow redirects, ignores proxy variables
 * of the environment, limits time and size, and allows http only to loopback (or to private addresses if
 * configured). Connections are kept open and reused. Thread-safe: calls can run in parallel. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

struct https_client;

struct https_conf {
	size_t calls_max;   /* parallel calls; further calls wait, at most their own time limit */
	bool allow_private; /* allow http also to private addresses (KYCD_ALLOW_WEAK) */
};

struct https_header {
	struct str name, value;
};

struct https_request {
	const char *method; /* "POST" */
	struct str url;
	const struct https_header *headers;
	size_t n_headers;
	struct str body; /* p == NULL: no body */
	duration limit, connect_limit;
	size_t reply_max; /* maximum length of the response body in bytes; a longer one is ERR_UPSTREAM */
	/* If n_keep is above 0, the JSON body of a 2xx response is reduced to the members with these keys
	 * while it is received (text/json_prune), so that a large body takes little memory. */
	const struct str *keep;
	size_t n_keep;
};

struct https_reply {
	int status;
	/* After HTTPS_TOO_LARGE, the body's size in bytes by Content-Length. If that header is missing, the
	 * number of bytes received when the call was aborted. */
	int64_t size;
	struct str body; /* in the arena */
	struct str content_type;
	struct str retry_after; /* value of the Retry-After header; empty if absent */
};

/* Reason of a failure, for logs and metrics. */
enum https_error {
	HTTPS_OK,
	HTTPS_URL_REFUSED,
	HTTPS_HOST_NOT_FOUND,
	HTTPS_CONNECT_FAILED,
	HTTPS_TLS,
	HTTPS_TIMEOUT,
	HTTPS_TOO_LARGE,
	HTTPS_NOT_HTTP, /* the server responded, but not with HTTP */
	HTTPS_BROKEN	/* any other failure, e.g. the connection was closed before the end of the response */
};

/* ERR_INPUT: calls_max is 0. */
enum err https_open(const struct https_conf *conf, struct https_client **out) must_use;
/* No call may be running. Accepts NULL. */
void https_close(struct https_client *client);
/* Sends a request and waits for the response. Returns OK if a complete HTTP response was received, with any
 * status. ERR_UPSTREAM: no complete response; `*error` gives the reason, and `reply->status` is the status if
 * it was received, else 0. ERR_BUSY: calls_max other calls were running for the whole time limit. ERR_INPUT:
 * the URL is malformed or not allowed, or the method, a header or the limit is invalid. */
enum err https_call(struct https_client *client, const struct https_request *request, struct arena *a,
	struct https_reply *reply, enum https_error *error) must_use;
/* Splits a URL into scheme, host and port, as libcurl parses it. The texts are in the arena. Returns false
 * and leaves the out-parameters unchanged if the text is not an absolute http(s) URL. */
bool url_parts(
	struct arena *a, struct str url, struct str *scheme, struct str *host, struct str *port) must_use;
