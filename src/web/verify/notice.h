/* Pages of /verify without a step: there is no such link, it has ended, or it cannot be shown at the moment.
 */
#pragma once

#include "web/verify/request.h"

enum verify_notice {
	VERIFY_NOTICE_UNKNOWN,	   /* 404 */
	VERIFY_NOTICE_EXPIRED,	   /* 410 */
	VERIFY_NOTICE_REVOKED,	   /* 410 */
	VERIFY_NOTICE_TOO_MANY,	   /* 429 */
	VERIFY_NOTICE_UNAVAILABLE, /* 503 */
	VERIFY_NOTICES
};

extern const struct page_template verify_notice_page;

/* What the frame of the pages of a tenant shows; NULL: the page belongs to no tenant. */
struct verify_branding {
	struct tenant tenant;
	struct branding branding;
	struct str consent_text; /* empty: the tenant asks for no consent */
};

/* Loads the branding of the view's tenant. */
enum err verify_branding_load(const struct verify_request *request, const struct tenant *tenant,
	struct verify_branding *out) must_use;
/* Fills the frame of a page. `branding`: NULL for a page without a tenant. */
enum err verify_frame(const struct verify_request *request, const struct verify_branding *branding,
	struct page_frame *out) must_use;
/* Responds with the notice. */
struct reply verify_notice(const struct verify_request *request, const struct verify_branding *branding,
	enum verify_notice notice);
/* Responds with 503, the notice VERIFY_NOTICE_UNAVAILABLE, and logs the failure. */
struct reply verify_failed(const struct verify_request *request, enum err e);
/* Reads a request. Returns false and sets `refused` to VERIFY_NOTICE_TOO_MANY if its IP address has requested
 * too many pages, and to a redirect to the link's page if a page of another site sent the form: a person's
 * browser then does nothing that the person did not do on the link's own page. */
bool verify_admit(struct call *call, struct verify_request *out, struct reply *refused) must_use;
