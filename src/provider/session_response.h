/* Reads a new session from Didit's response to a create request, or from a decision. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "port/provider.h"
#include "provider/didit_version.h"
#include "provider/session_url.h"
#include "text/json.h"

struct session_response {
	const struct didit_version *version;
	const struct session_hosts *hosts;
	struct str vendor_data; /* a response that names another person's vendor_data is rejected */
	const char *url_key;	/* key of the session's URL: "url", or "session_url" in a decision */
};

/* Returns PROVIDER_REASON_NONE, or the reason why the response cannot be used. A missing or unknown status is
 * read as "not started", so that the session is not lost. created->url points into `answer`. `own` is used
 * for intermediate values. */
enum provider_reason session_response_read(const struct session_response *expected,
	const struct json_value *answer, struct arena *own, struct provider_session *created) must_use;
