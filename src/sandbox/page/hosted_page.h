/* Writes the hosted page that a person sees at a session's link: one HTML document with inline styles,
 * without scripts or external resources. All values that come from requests are escaped. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "i18n/messages.h"
#include "sandbox/state/state.h"

struct hosted_page {
	struct str brand;
	struct str base_path;		       /* path of the sandbox's base URL, without the host */
	const struct sandbox_session *session; /* NULL: no session has this link */
	struct str return_url; /* callback URL with its query, for a finished session; empty: no callback */
	const struct scenario *chosen; /* the preselected scenario; NULL: none */
	bool has_error;		       /* the submitted scenario does not exist: shows an error message */
	enum language language;
	bool by_link; /* the language comes from the link's path: the form passes it on */
};

enum err hosted_page_write(struct arena *a, const struct hosted_page *content, struct str *out) must_use;
