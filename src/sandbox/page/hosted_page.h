/* The hosted page that a person sees at a session's link. All values that come from requests are escaped. The
 * templates are src/web/sandbox/choice.html, for a session that waits for its result, and result.html. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "html/page.h"
#include "i18n/messages.h"
#include "sandbox/state/state.h"

struct hosted_page {
	struct str brand;
	struct str base_path;		       /* path of the sandbox's base URL, without the host */
	const struct sandbox_session *session; /* NULL if no session has this link */
	/* Callback URL with its query, for a finished session. Empty if there is no callback. */
	struct str return_url;
	const struct scenario *chosen; /* the preselected scenario; NULL: none */
	/* The submitted scenario does not exist; the page shows an error message. */
	bool has_error;
	enum language language;
	bool by_link; /* the language comes from the link's path; the form sends it on */
};

extern const struct page_template choice_page, result_page;

/* Sets `reply` to the page. Errors as for page_reply (html/page.h). */
enum err hosted_page_reply(
	struct arena *a, const struct hosted_page *content, int status, struct reply *reply) must_use;
