/* The context of one request to the sandbox, and functions that write the response. Error responses have
 * Didit's format (didit-api.md 2.2, 2.4): {"detail": …}, or a map from a field to a list of messages. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/moment.h"
#include "base/str.h"
#include "http/message.h"
#include "http/router.h"
#include "port/world.h"
#include "sandbox/state/deletion_jobs.h"
#include "sandbox/state/faults.h"
#include "sandbox/state/state.h"
#include "sandbox/state/workflows.h"
#include "sandbox/webhooks/event_queue.h"

struct sandbox_api_version;
struct rates;
struct deliveries;

/* The sandbox's modules. A request holds the sandbox's lock (server/sandbox.c) while it uses them. */
struct sandbox_ctx {
	struct clock *clock;
	struct random *random;
	struct str base_url, brand;
	struct state *state;
	struct event_queue *event_queue;
	struct rates *rates;
	struct deliveries *deliveries;
	struct faults faults;
	struct deletion_jobs deletion_jobs;
	struct workflows workflows;
	const struct sandbox_api_version *versions[SANDBOX_VERSIONS]; /* NULL: not available */
};

/* Format of a 400 response for an invalid field. In v1 it also has a `message`, which Didit's sample code
 * reads. */
enum error_style { ERRORS_PLAIN, ERRORS_WITH_MESSAGE };

struct request_ctx {
	struct sandbox_ctx *sandbox;
	const struct request *request;
	struct str params[ROUTE_PARAMS_MAX];	   /* parameters of the path, such as the session id */
	const struct sandbox_api_version *version; /* API version of the route; NULL if it has none */
	enum error_style errors;
	/* Language of the hosted page, from the path or the form. Empty if neither has one. */
	struct str language;
	struct arena *arena;
	struct reply *reply;
	moment now;
};

/* Responds with the contents of `body`, or with 500 if it did not fit into the arena. */
void respond_body(struct request_ctx *ctx, int status, const char *content_type, struct buf *body);
void respond_json(struct request_ctx *ctx, int status, struct buf *body);
void respond_detail(struct request_ctx *ctx, int status, const char *detail);
/* Responds with 400 and a body such as {"callback":["This field is required."]}. In v1 the body also has a
 * `message`. */
void respond_field_error(struct request_ctx *ctx, const char *field, const char *message);
void respond_not_found(struct request_ctx *ctx); /* 404 */
/* 429 with Retry-After. */
void respond_throttled(struct request_ctx *ctx, duration wait);
void respond_empty(struct request_ctx *ctx, int status);

/* Returns true if the body has this media type or there is no body. Ignores case and the parameters of the
 * media type. */
bool request_body_is(const struct request_ctx *ctx, struct str media_type);
/* Returns the credentials after a scheme such as "Bearer" in the Authorization header. `p` is NULL if there
 * are none. */
struct str request_credentials(const struct request_ctx *ctx, struct str scheme);
