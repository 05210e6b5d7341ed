/* What a person sees at a session's link: HTML with its style inside, no script, nothing from elsewhere.
 * Everything that is not ours is escaped. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "sandbox/state.h"

struct hosted_page {
	struct str brand;
	struct str base_path; /* of the sandbox, without host, so that every name of the server fits */
	const struct sandbox_session *session; /* NULL: no such link */
	struct str way_back; /* of a finished session: the callback with its query; empty: none was
		given */
	const char *trouble; /* a sentence above the form; NULL: none */
};

void hosted_page_write(struct buf *out, const struct hosted_page *page);
/* The value of Content-Security-Policy that lets this page be as it is, and nothing more. */
enum err hosted_page_policy(struct arena *a, struct str *out) must_use;
