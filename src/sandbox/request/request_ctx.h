/* One request on its way through the sandbox: what it may touch, and the ways to answer. Errors look as
 * Didit's do (didit-api.md 2.2, 2.4): {"detail": …}, or field → list of messages. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"
#include "http/router.h"
#include "port/world.h"
#include "sandbox/state/faults.h"
#include "sandbox/state/state.h"
#include "sandbox/webhooks/event_queue.h"

struct sandbox_api_version;
struct rates;
struct deliveries;

/* The sandbox's own things, without its lock, which is held while one of these is used. */
struct sandbox_ctx {
	struct clock *clock;
	struct random *random;
	struct str base_url, brand;
	struct state *state;
	struct event_queue *event_queue;
	struct rates *rates;
	struct deliveries *deliveries;
	struct faults faults;
	const struct sandbox_api_version *versions[SANDBOX_VERSIONS]; /* NULL: not built */
};

/* Of a 400 that names a field: v1's has a sentence beside it, which Didit's own sample reads. */
enum error_style { ERRORS_PLAIN, ERRORS_WITH_MESSAGE };

struct request_ctx {
	struct sandbox_ctx *sandbox;
	const struct request *request;
	struct str params[ROUTE_PARAMS_MAX];	   /* of the path */
	const struct sandbox_api_version *version; /* the path's; NULL where it has none */
	enum error_style errors;
	struct str language; /* of the page, as its path names it */
	struct arena *arena;
	struct reply *reply;
	moment now;
};

/* What was written so far is the body; 500 when it did not fit. */
void respond_body(struct request_ctx *ctx, int status, const char *content_type, struct buf *body);
void respond_json(struct request_ctx *ctx, int status, struct buf *body);
void respond_detail(struct request_ctx *ctx, int status, const char *detail);
/* 400 {"callback":["This field is required."]}, in v1 with a `message` beside it */
void respond_field_error(struct request_ctx *ctx, const char *field, const char *message);
void respond_not_found(struct request_ctx *ctx); /* 404 */
/* 429, with Retry-After. */
void respond_throttled(struct request_ctx *ctx, duration wait);
void respond_empty(struct request_ctx *ctx, int status);

/* The media type of the body, without parameters; any case. No body counts as any type. */
bool request_body_is(const struct request_ctx *ctx, struct str media_type);
/* The value of a header behind a word like "Bearer"; p == NULL when there is none. */
struct str request_credentials(const struct request_ctx *ctx, struct str scheme);
