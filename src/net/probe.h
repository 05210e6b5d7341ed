/* Probes a server for `kycd doctor`: whether it responds, which time it reports, and when its certificate
 * expires. Each probe uses a new connection and sends no credentials. Thread-safe. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

struct probe_result {
	int status;	  /* HTTP status */
	moment date;	  /* the server's Date header, in whole seconds; 0: absent or malformed */
	struct str error; /* after a failure: libcurl's error message, in the arena */
};

/* Sends a GET request to an http(s) URL. Verifies the certificate, does not follow redirects, and reads at
 * most 64 KiB. ERR_INPUT: the URL is malformed or not allowed (http is allowed as in net/https_client.h).
 * ERR_UPSTREAM: no response; `out->error` gives the reason. */
enum err probe_http(struct str url, bool allow_private, duration limit, struct arena *a,
	struct probe_result *out) must_use;
/* Returns the expiry date of the server's certificate, even if the certificate is not trusted. The URL's
 * scheme is https or smtps, or smtp with STARTTLS. User and password in the URL are not sent. ERR_INPUT: not
 * such a URL. ERR_UPSTREAM: no TLS connection. ERR_NOT_FOUND: the certificate's dates cannot be read. */
enum err probe_certificate(struct str url, duration limit, moment *ends) must_use;
