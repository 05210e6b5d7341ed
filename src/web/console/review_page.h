/* The page of one review, which the forms on it answer with too when they are refused. */
#pragma once

#include "base/str.h"
#include "domain/review.h"
#include "web/console/request.h"

/* Returns the path of a session's review. On failure `p` is NULL. */
struct str console_review_path(struct arena *a, struct str session_id);
/* What an operator entered in the form of a decision, to show it again when the form was not accepted. */
struct review_entry {
	enum review_verdict verdict; /* REVIEW_NO_VERDICT: unknown */
	struct str reason, comment;
	bool needs_step_up; /* the passkey must be used first; the form says how */
};
/* Responds with the page. `alert`: why a form was refused; empty: it was not. `entry`: NULL: none. */
struct reply console_review_show(const struct console_request *request, struct str session_id,
	const struct review_entry *entry, struct str alert, int status);
