/* Writes an e-mail as bytes (RFC 5322, MIME): text and HTML as alternatives in quoted-printable, the picture
 * of the HTML in base64, header values with UTF-8 as RFC 2047 encoded words (Q encoding). Lines have at most
 * 78 characters where the content allows and never more than 998.
 *
 * Phones recognise a one-time code by its six digits in a row. So nothing that this module adds contains six
 * digits in a row: there is no numbered boundary, base64 is only used for the picture, whose lines end before
 * a sixth digit, and no soft line break splits a run of digits. */
#pragma once

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "port/mailer.h"

/* Writes the e-mail into `a`. `from` and `reply_to` are "addr@example.com" or "Some Name <addr@example.com>";
 * with an empty `reply_to` there is no Reply-To header. Returns ERR_INPUT when a header value contains a
 * control character (CR, LF and NUL included), an address or the message id is malformed, a text is not
 * UTF-8, or the arena is full. */
enum err mime_write(struct arena *a, const struct mail_message *message, struct str from, struct str reply_to,
	struct str *bytes) must_use;

/* Extracts the address from "addr@example.com" or "Some Name <addr@example.com>". The result points into
 * `mailbox`. Returns false when `mailbox` is malformed. */
bool mailbox_address(struct str mailbox, struct str *address) must_use;
/* Returns whether `address` is printable ASCII of the form a@b without characters that could end an SMTP
 * command or a header early. */
bool address_is_safe(struct str address);
