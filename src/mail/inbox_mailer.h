/* The last 1,000 letters in memory, for development, tests and the sandbox's inbox: every letter is accepted,
 * nothing leaves the process. Threads at the same time. */
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
	struct str id; /* counts up from "letter-1", over the whole run */
	struct str to, subject, text, html;
	struct str message_id;
	moment sent; /* handed over, by the wall clock */
};

/* The clock outlives the inbox. */
enum err inbox_mailer_open(struct clock *clock, struct mailer **out) must_use;
struct inbox_query {
	struct str to;	/* empty: everybody's */
	int64_t before; /* only letters older than this number; 0: all */
	size_t max;
};
/* Newest first. Copies in the arena: ERR_INPUT when they do not fit. */
enum err inbox_list(struct mailer *inbox, const struct inbox_query *query, struct arena *a,
	const struct inbox_message **messages, size_t *n) must_use;
