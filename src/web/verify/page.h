/* The page of a verification link: the step that is shown, and its values. */
#pragma once

#include "app/verification/view.h"
#include "web/verify/notice.h"
#include "web/verify/request.h"

/* Responds with the page of the link's step, or of the earlier step that the query asks for, where the rules
 * allow it. The link is open or completed. */
struct reply verify_page(struct verify_request *request, const struct verification_view *view,
	const struct verify_branding *branding);
