/* What a person sees at a session's link: HTML with its style inside, no script, nothing from elsewhere.
 * Everything that is not ours is escaped. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "i18n/messages.h"
#include "sandbox/state/state.h"

struct hosted_page {
	struct str brand;
	struct str base_path; /* of the sandbox, without host, so that every name of the server fits */
	const struct sandbox_session *session; /* NULL: no such link */
	struct str return_url; /* of a finished session: the callback with its query; empty: it has none */
	const struct scenario *chosen; /* chosen beforehand; NULL: none */
	bool has_error;		       /* what was chosen last is no outcome */
	enum language language;
	bool by_link; /* the link names the language: so does what follows from this page */
};

enum err hosted_page_write(struct arena *a, const struct hosted_page *page, struct str *out) must_use;
