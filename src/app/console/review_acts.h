/* What operators do with a review in the console: claim and release it, decide, and, at a tenant with four
 * eyes, confirm or reject another operator's decision, or withdraw one's own. `session_id` is kycd's own id
 * of the session. Each function sets `verdict`, and `out` only if that is CONSOLE_PERMITTED; each returns
 * ERR_NOT_FOUND if there is no such session.
 *
 * A decision goes to the provider. No transaction is open meanwhile. The decision counts as soon as the
 * provider has accepted it; the event that the provider sends afterwards changes nothing. If the provider
 * does not accept it, nothing changes, and the operator keeps the claim. */
#pragma once

#include <stdbool.h>

#include "app/operator/access.h"
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "domain/review.h"
#include "port/provider_failure.h"
#include "port/world.h"

struct review_result {
	enum review_check check; /* if it is not REVIEW_PERMITTED, nothing was changed */
	bool is_proposed;	 /* a second operator must confirm the decision */
	/* PROVIDER_OK, or why the provider has not accepted the decision. */
	enum provider_cause cause;
};

enum err console_review_claim(const struct world *world, struct arena *a, const struct console_caller *caller,
	struct str session_id, struct review_result *out, enum console_verdict *verdict) must_use;
enum err console_review_release(const struct world *world, struct arena *a,
	const struct console_caller *caller, struct str session_id, struct review_result *out,
	enum console_verdict *verdict) must_use;

struct review_input {
	struct str session_id;
	enum review_verdict verdict; /* for a confirmation: the verdict that the operator has read */
	struct str reason;	     /* valid for the verdict */
	struct str comment;	     /* at most REVIEW_COMMENT_MAX bytes; empty: none */
};

/* Decides, or at a tenant with four eyes proposes a decision. */
enum err console_review_decide(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict) must_use;
/* Confirms the decision that another operator has proposed. Of `input`, it uses session and verdict. */
enum err console_review_confirm(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict) must_use;
/* Rejects it, so that the review is open again. `input` as for console_review_confirm(). */
enum err console_review_reject(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict) must_use;
/* Withdraws the caller's own decision, which nobody has confirmed, so that the review is open again. It needs
 * no step-up, because nothing counts yet. `input` as for console_review_confirm(). */
enum err console_review_withdraw(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict) must_use;
