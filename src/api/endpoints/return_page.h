/* The pages that a person sees after the provider's check: if the tenant has no return URL, and if a
 * verification link handed the person over to the provider. */
#pragma once

#include "api/core/route.h"
#include "app/session/return_redirect.h"
#include "html/page.h"

/* src/web/return/thanks.html, which has no values of its own, and src/web/return/link.html. */
extern const struct page_template thanks_page, return_link_page;

/* Fills the frame of both pages. `redirect` may be empty. */
struct page_frame return_page_frame(struct call *call, const struct return_redirect *redirect);
/* Responds with the page of a session that a verification link started: where the check stands, without
 * anything personal and without the link. `ref` is the provider's id of the session. */
struct reply respond_returned_to_link(
	struct call *call, const struct return_redirect *redirect, struct str ref);
