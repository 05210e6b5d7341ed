/* Refuses requests to the routes of development mode that a foreign web page has caused: by DNS rebinding (a
 * `Host` that is not this machine) or from another origin. Used by --dev and by `kycd sandbox`. Thread-safe.
 */
#pragma once

#include <stdbool.h>

#include "http/message.h"

struct local_hosts {
	struct str own_url; /* http(s) URL whose host is accepted besides loopback hosts */
	bool any_host;	    /* KYCD_DEV_OPEN=1: the operator lets other machines use development mode */
};

/* Returns false and sets `reply` if the request is refused: its Host is neither loopback nor that of own_url,
 * or it changes something and its Origin is another one than its Host. `Origin: null` is accepted, because
 * browsers send it with the forms of the sandbox's own pages, whose URLs have an unguessable token. */
bool local_request_check(
	const struct local_hosts *hosts, const struct request *request, struct arena *a, struct reply *reply);
/* Like local_request_check, for a route that takes JSON and has no form: also refuses `Origin: null` and any
 * Content-Type except application/json, which a foreign page cannot send without a preflight request. */
bool local_json_check(const struct request *request, struct arena *a, struct reply *reply);
