/* The page of the inbox of development mode, src/web/inbox/inbox.html. */
#pragma once

#include "base/arena.h"
#include "domain/rules.h"
#include "html/page.h"
#include "http/message.h"
#include "mail/inbox_mailer.h"

#define INBOX_PATH "/sandbox/inbox"

extern const struct page_template inbox_page;

struct inbox_view {
	const struct rules *rules;
	struct str public_url;
	/* Of the query: shows only e-mails to `to`, or older than `before`; the page's language, if it was
	 * chosen. Empty: not given. */
	struct str to, before, lang;
	/* Newest first. The page shows at most `max`; one more means that there are older ones. */
	const struct inbox_message *messages;
	size_t n, max;
};

/* Sets `reply` to the page. `accepted`: the browser's languages (Accept-Language). Errors as for page_reply
 * (html/page.h). */
enum err inbox_page_reply(
	struct arena *a, const struct inbox_view *view, struct str accepted, struct reply *reply) must_use;
