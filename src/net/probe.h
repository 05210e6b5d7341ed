/* A look at a server from outside, for the self-check: does it answer, what time does it have, when does its
 * certificate run out? Each look is a connection of its own and says nothing that anybody could not say. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

struct probe_result {
	int status;	  /* of HTTP */
	moment date;	  /* as the server has it, in whole seconds; 0: it does not say */
	struct str error; /* when it failed: libcurl's sentence */
};

/* GET of an http(s) URL, certificates checked, nothing followed; at most 64 KiB are read. ERR_INPUT: no URL
 * that may be called (net/https_client.h); ERR_UPSTREAM with `why`: no answer. */
enum err probe_http(struct str url, bool allow_private, duration limit, struct arena *a,
	struct probe_result *out) must_use;
/* The end of the certificate that is shown, be it believed or not: by https and smtps at once, by smtp after
 * STARTTLS. User and password of the URL stay here. ERR_INPUT: no such URL; ERR_UPSTREAM: no TLS there;
 * ERR_NOT_FOUND: the certificate's dates cannot be read. */
enum err probe_certificate(struct str url, duration limit, moment *ends) must_use;
