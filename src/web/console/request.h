/* A request to a page of the console: the operator, the checks that every page needs, and the frame of the
 * pages. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/operator/access.h"
#include "app/operator/session.h"
#include "base/err.h"
#include "base/str.h"
#include "html/page.h"

struct console_request {
	struct call *call;
	struct console_caller caller; /* only of a signed-in operator */
	struct str email;	      /* of the operator */
	char csrf[CSRF_TOKEN_SIZE];
	struct str search; /* the text of a search, to show it in the field again */
};

/* Reads a request of a signed-in operator. Returns false and sets `refused` to the response if the request is
 * refused: the IP address sends too many requests, the host is wrong, nobody is signed in (a redirect to the
 * page for signing in), or a form was sent by another site or without the CSRF token. */
bool console_admit(struct call *call, struct console_request *out, struct reply *refused) must_use;

/* Reads a request of anyone: the page for signing in. The same checks, but nobody needs to be signed in, and
 * no CSRF token is needed. */
bool console_admit_anyone(struct call *call, struct console_request *out, struct reply *refused) must_use;

/* The values of the frame, which every template of the console can use. */
extern const struct template_table console_frame_values;

/* Responds with a page. `values` is the struct that page->values describes; the templates also see the values
 * of the frame (src/web/console/_top.html). */
struct reply console_page(const struct console_request *request, const struct page_template *page,
	const void *values, int status);

enum console_notice {
	CONSOLE_NOTICE_NOT_FOUND,   /* 404 */
	CONSOLE_NOTICE_ROLE,	    /* 403 */
	CONSOLE_NOTICE_FORM,	    /* 403: no CSRF token, or another site's form */
	CONSOLE_NOTICE_BAD_FORM,    /* 400: a field is missing or malformed */
	CONSOLE_NOTICE_CONFLICT,    /* 409: the page is out of date */
	CONSOLE_NOTICE_TOO_MANY,    /* 429 */
	CONSOLE_NOTICE_UNAVAILABLE, /* 503 */
	CONSOLE_NOTICES
};
/* Responds with a page that says why the request was refused. */
struct reply console_notice(const struct console_request *request, enum console_notice notice);
/* Responds to a failure: ERR_NOT_FOUND with 404, ERR_CONFLICT with 409, others with 503 and a log line. */
struct reply console_failed(const struct console_request *request, enum err e);
/* Responds to a verdict other than CONSOLE_PERMITTED: 404, 403, or 403 with a link to the step-up page, which
 * leads back to `back` (a path below /console). */
struct reply console_refused(
	const struct console_request *request, enum console_verdict verdict, struct str back);
/* Redirects with 303 to a path below /console. `done`: word of a message that the page then shows
 * (console_done_texts in frame.c); NULL: none. */
struct reply console_redirect(const struct console_request *request, struct str path, const char *done);

/* Responds to a form: to a failure and to a refused verdict as the functions above, otherwise with a redirect
 * to `path`. */
struct reply console_finish(const struct console_request *request, enum err e, enum console_verdict verdict,
	struct str path, const char *done);

/* Whether the script console.js sends the request by itself, so that nobody has asked for it. */
bool console_is_in_background(const struct console_request *request);

/* Returns the value of a parameter of the query; empty if it is absent or malformed. */
struct str console_query(const struct console_request *request, struct str name);
/* Whether the operator's role may take the action, so that the page shows its button. */
static inline bool console_may(const struct console_request *request, enum console_action action)
{
	return operator_role_may(request->caller.account.role, action);
}
