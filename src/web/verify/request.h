/* A request to a page of a verification link: the person, the language of the page, and the redirect that
 * answers a form. Every handler of this folder begins with verify_admit() of notice.h. */
#pragma once

#include <stdbool.h>

#include "api/core/route.h"
#include "app/verification/view.h"
#include "app/verification/visit.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "domain/branding.h"
#include "html/page.h"
#include "i18n/messages.h"
#include "web/verify/errors.h"

struct verify_request {
	struct call *call;
	struct verification_visit visit;
	/* Path of KYCD_PUBLIC_URL, below which the browser sees all paths; usually empty. */
	struct str base;
	struct str path; /* of the link's page: base, "/verify/" and the token */
	enum language language;
};

void verify_request_read(struct call *call, struct verify_request *out);

/* Chooses the language of a page: the one in the query, the link's, the browser's, the tenant's, the one in
 * the settings. */
void verify_request_choose_language(struct verify_request *request, const struct verification_view *view);
/* Returns the value of a parameter of the query; empty if it is absent or malformed. */
struct str verify_request_query(const struct verify_request *request, struct str name);

/* Where a redirect leads. */
struct verify_target {
	const char *step;	 /* page that the person asks for, e.g. "address"; NULL: the link's step */
	enum verify_error error; /* VERIFY_ERROR_NONE: none */
	moment at;		 /* when to try again; 0: unknown */
	bool is_sent;		 /* the page says that a new code was sent */
};
/* Returns the URL of the link's page, in the language of the request. On failure `p` is NULL. */
struct str verify_request_url(const struct verify_request *request, const struct verify_target *target);
/* Redirects to the link's page with 303. */
struct reply verify_redirect(const struct verify_request *request, const struct verify_target *target);
/* Redirects to the link's current step, or to its error VERIFY_ERROR_UNAVAILABLE if `e` is a failure. */
struct reply verify_redirect_after(const struct verify_request *request, enum err e);
/* Redirects to another URL. Text in it is not encoded. */
struct reply verify_redirect_to(const struct verify_request *request, struct str location);
