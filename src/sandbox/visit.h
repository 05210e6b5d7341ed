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
#include "sandbox/events.h"
#include "sandbox/faults.h"
#include "sandbox/state.h"

struct didit_version;
struct rates;
struct deliveries;

/* The sandbox's own things, without its lock, which is held while one of these is used. */
struct site {
	struct clock *clock;
	struct random *random;
	struct str base_url, brand;
	struct state *state;
	struct events *events;
	struct rates *rates;
	struct deliveries *deliveries;
	struct faults faults;
	const struct didit_version *versions[SANDBOX_VERSIONS]; /* NULL: not built */
};

/* Of a 400 that names a field: v1's has a sentence beside it, which Didit's own sample reads. */
enum errors_shape { ERRORS_PLAIN, ERRORS_WITH_MESSAGE };

struct visit {
	struct site *site;
	const struct request *request;
	struct str params[ROUTE_PARAMS_MAX]; /* of the path */
	const struct didit_version *version; /* the path's; NULL where it has none */
	enum errors_shape errors;
	struct str language; /* of the page, as its path names it */
	struct arena *arena;
	struct reply *reply;
	moment now;
};

/* What was written so far is the body; 500 when it did not fit. */
void visit_say(struct visit *visit, int status, const char *content_type, struct buf *body);
void visit_say_json(struct visit *visit, int status, struct buf *body);
void visit_say_detail(struct visit *visit, int status, const char *detail);
/* 400 {"callback":["This field is required."]}, in v1 with a `message` beside it */
void visit_say_field(struct visit *visit, const char *field, const char *message);
void visit_say_unknown(struct visit *visit); /* 404 */
/* 429, with Retry-After. */
void visit_say_throttled(struct visit *visit, duration wait);
void visit_say_empty(struct visit *visit, int status);

/* The media type of the body, without parameters; any case. No body counts as any type. */
bool visit_body_is(const struct visit *visit, struct str media_type);
/* The value of a header behind a word like "Bearer"; p == NULL when there is none. */
struct str visit_credentials(const struct visit *visit, struct str scheme);
