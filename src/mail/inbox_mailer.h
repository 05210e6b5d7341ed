/* A mailer that keeps the newest INBOX_MESSAGES e-mails in memory, for development mode, tests and the
 * sandbox. Every e-mail is accepted and nothing leaves the process. All functions are thread-safe. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"
#include "port/mailer.h"

struct clock;

#define INBOX_MESSAGES 1000

struct inbox_message {
	struct str id; /* "mail-1", "mail-2" and so on, numbered from the start of the process */
	struct str to, subject, text, html;
	struct str message_id;
	struct str content_id; /* the HTML shows its picture as "cid:" and this id; empty: no picture */
	moment sent;	       /* wall-clock time of the mailer_send() call */
};

/* Opens the mailer. `clock` must outlive it. Returns ERR_INTERNAL when memory runs out. */
enum err inbox_mailer_open(struct clock *clock, struct mailer **out) must_use;
struct inbox_query {
	struct str to; /* lists only e-mails to this address; if empty, to any address */
	/* Lists only e-mails with a smaller number (see inbox_message.id); 0 means no limit. */
	int64_t before;
	size_t max; /* at most this many e-mails */
};
/* Lists the matching e-mails, newest first, copied into `a`. Returns ERR_INPUT when they do not fit. `inbox`
 * must come from inbox_mailer_open(). */
enum err inbox_list(struct mailer *inbox, const struct inbox_query *query, struct arena *a,
	const struct inbox_message **messages, size_t *n) must_use;
/* Copies the picture of an e-mail (a PNG file) into `a`, by the number in its id. Returns ERR_NOT_FOUND if
 * the inbox has no such e-mail, or the e-mail has no picture; ERR_INPUT if it does not fit. */
enum err inbox_picture(struct mailer *inbox, int64_t number, struct arena *a, struct str *out) must_use;
