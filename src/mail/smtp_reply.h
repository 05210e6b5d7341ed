/* Prepares the text of a mail server's reply for logs. Mail servers repeat private data in their replies, so
 * this removes e-mail addresses, IP addresses, the one-time code and the credentials. Thread-safe. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#define SMTP_REPLY_MAX 384 /* maximum bytes of a reply's text that are stored; the rest is ignored */

/* Private data that a reply may repeat. Each member may be empty. */
struct smtp_private {
	/* Parts of the address are removed too, such as "ana" in "no mailbox ana here". */
	struct str recipient;
	struct str user, password;
	/* The plain text of the e-mail. Its numbers and its words with digits (code, wallet) are removed from
	 * the reply. */
	struct str content;
};

/* Returns the text with `[removed]` in place of each private part, or an empty text if the arena is full.
 * `text` has at most SMTP_REPLY_MAX bytes. */
struct str smtp_reply_redact(struct arena *a, struct str text, const struct smtp_private *parts) must_use;
/* Returns the enhanced status code (RFC 3463) at the start of the text, such as "5.1.1", or an empty
 * string. */
struct str smtp_reply_status(struct str text);
