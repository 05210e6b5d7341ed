/* Prepares the text of a mail server's reply for logs: removes e-mail addresses, IP addresses, the code and
 * what the client used to log in. Mail servers repeat these in their replies. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#define SMTP_REPLY_MAX 384 /* bytes of the text of a reply; the rest is not read */

/* What a reply may repeat. Each may be empty. */
struct smtp_private {
	struct str recipient; /* its parts are removed too: "no mailbox ana here" */
	struct str user, password;
	struct str content; /* the plain text of the e-mail; its words with digits are removed: code and
			       wallet */
};

/* Returns the text with `[removed]` in place of each private part, or an empty text if the arena is full.
 * `text` has at most SMTP_REPLY_MAX bytes. */
struct str smtp_reply_redact(struct arena *a, struct str text, const struct smtp_private *parts) must_use;
/* Returns the enhanced status code (RFC 3463) with which the text begins, e.g. "5.1.1"; empty if there is
 * none. */
struct str smtp_reply_status(struct str text);
