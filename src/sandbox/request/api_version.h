/* What differs between Didit's API versions, one implementation a file: how a create is read and answered,
 * how a decision and an event look. A new version is one such struct, its rows in the table of calls and its
 * place in struct sandbox_ctx. */
#pragma once

#include <stdbool.h>

#include "sandbox/request/request_ctx.h"
#include "sandbox/state/state.h"
#include "text/json.h"

/* One status or correction, told to somebody. */
struct event_payload {
	enum event_kind kind;
	const struct sandbox_session *session;
	const char *event_id; /* the same for all destinations and retries */
	moment now;
};

struct sandbox_api_version {
	enum sandbox_version id;
	struct str name; /* "v1" */
	enum error_style errors;
	/* A create may find an unfinished session of the same vendor_data and workflow. */
	bool reuses;
	/* Fills what the caller asked for into the draft, or answers the refusal itself and gives false.
	 * Texts may point into `body`. */
	bool (*read_create)(
		struct request_ctx *ctx, const struct json_value *body, struct sandbox_session *draft);
	/* Whole values: the 201 of a create, a decision, an event (its keys in any order). */
	void (*write_created)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct sandbox_session *session);
	void (*write_decision)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct sandbox_session *session);
	void (*write_event)(struct json_writer *w, const struct sandbox_ctx *sandbox,
		const struct event_payload *payload);
	/* Of an event whose body is as it will be sent. */
	enum err (*sign)(struct arena *a, struct str secret, struct webhook_event *event);
};
