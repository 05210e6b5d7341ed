/* A letter as bytes (RFC 5322, MIME): text and HTML as alternatives, quoted-printable, headers in UTF-8 as
 * RFC 2047 Q-words, lines of at most 78 characters where the content allows and never above 998. Nothing is
 * added that has six digits in a row: no base64, no numbered boundary; a run of digits is never split by a
 * soft line break. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/mailer.h"

/* `from`, `reply_to`: "addr@example.com" or "Some Name <addr@example.com>"; an empty reply_to is left out.
 * ERR_INPUT when a header value has a control character (so no CR, LF, NUL), an address is none, the message
 * id is not of its form, a text is not UTF-8, or the arena is full. */
enum err mime_write(struct arena *a, const struct mail_message *message, struct str from, struct str reply_to,
	struct str *bytes) must_use;

/* The address alone out of either form; false when it is none. A slice of `mailbox`. */
bool mailbox_address(struct str mailbox, struct str *address) must_use;
/* Printable ASCII of the form a@b, without what could end an SMTP command or a header early. */
bool address_is_safe(struct str address);
