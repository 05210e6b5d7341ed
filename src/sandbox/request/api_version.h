/* The differences between Didit's API versions: how a create request is read and answered, and the format of
 * decisions and events. api/didit_v1.c and api/didit_v3.c (v2 and v3) implement struct sandbox_api_version. A
 * new version needs such a struct, its rows in server/routes.c and its entry in struct sandbox_ctx. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"
#include "sandbox/state/state.h"
#include "text/json.h"

/* The contents of an event, which reports a new status of a session or a correction of its data. */
struct event_payload {
	enum event_kind kind;
	const struct sandbox_session *session;
	const char *event_id; /* the same for all destinations and all attempts */
	moment now;
};

struct sandbox_api_version {
	enum sandbox_version id;
	struct str name; /* "v1" */
	enum error_style errors;
	/* If true, a create request returns the unfinished session with the same vendor_data and workflow, if
	 * there is one. */
	bool reuses;
	/* Copies the fields of a create request into the draft, whose texts may point into `body`. If a field
	 * is invalid, writes the error response and returns false. */
	bool (*read_create)(
		struct request_ctx *ctx, const struct json_value *body, struct sandbox_session *draft);
	/* Writes the body of the 201 response to a create request, as a JSON object. */
	void (*write_created)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct sandbox_session *session);
	/* Writes a decision as a JSON object. */
	void (*write_decision)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct sandbox_session *session);
	/* Writes a decision for a query with include=events. NULL if the version does not know this. */
	void (*write_decision_with_events)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct sandbox_session *session);
	/* Writes an event as a JSON object, whose keys may be in any order. */
	void (*write_event)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct event_payload *payload);
	/* Adds the signature headers to the event. The event's body must be final. */
	enum err (*sign)(struct arena *a, struct str secret, struct webhook_event *event);
};
