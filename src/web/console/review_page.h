/* The page of one review, which the forms on it answer with too when they are refused. */
#pragma once

#include "base/str.h"
#include "web/console/request.h"

/* Returns the path of a session's review. On failure `p` is NULL. */
struct str console_review_path(struct arena *a, struct str session_id);
/* Responds with the page. `alert`: why a form was refused; empty: it was not. */
struct reply console_review_show(
	const struct console_request *request, struct str session_id, struct str alert, int status);
