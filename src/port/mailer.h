/* Hands over one letter. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

/* All texts are UTF-8; the mailer codes them for the way. `to` is a normalised address. */
struct letter {
	struct str to;
	struct str subject, text, html;
	struct str message_id; /* without <>: the same over all tries of one letter; holds no six digits in a
				  row */
	struct str language;   /* "en" */
	moment date;	       /* of its making, the same over all tries */
};

enum letter_fate {
	LETTER_ACCEPTED,
	LETTER_REFUSED,	 /* 5xx to RCPT or DATA: this recipient or letter, for good */
	LETTER_DEFERRED, /* 4xx to RCPT or DATA: later, perhaps */
	LETTER_STUCK,	 /* connection, TLS, login, sender refused: our trouble, tried again and told to the
			    operator */
};

/* What the mail server said when it was asked, since letters are stuck. */
enum mailer_answer { MAILER_UNASKED, MAILER_UNWILLING, MAILER_WILLING };

struct mailer {
	const struct mailer_ops *ops;
	/* Kept by app/relay; a mailer begins zeroed. Since when all tries were LETTER_STUCK (wall clock, in
	 * ms: a rule); when a letter was tried, and when the server was asked (ticks). */
	_Atomic int64_t stuck_since, tried, asked;
	_Atomic int answers;  /* enum mailer_answer */
	atomic_bool hopeless; /* the operator was told */
	atomic_bool back;     /* letters go again, and those that wait do not know it yet */
};
#define NOT_STUCK 0

struct mailer_ops {
	/* May take long (at most 30 s); from several threads at once. `why` is "accepted", the number of an
	 * SMTP reply, or what was in the way: "address", "broken", "busy", "certificate", "connect",
	 * "letter", "login", "memory", "resolve", "starttls", "timeout", "tls". */
	enum letter_fate (*send)(
		struct mailer *mailer, const struct letter *letter, struct arena *a, const char **why);
	/* Would a letter be taken? Connection, TLS, login and sender are tried, nothing is sent. The rest as
	 * send. */
	bool (*ask)(struct mailer *mailer, struct arena *a, const char **why);
	void (*close)(struct mailer *mailer);
};

static inline enum letter_fate mailer_send(
	struct mailer *mailer, const struct letter *letter, struct arena *a, const char **why)
{
	return mailer->ops->send(mailer, letter, a, why);
}
static inline bool mailer_ask(struct mailer *mailer, struct arena *a, const char **why)
{
	return mailer->ops->ask(mailer, a, why);
}
