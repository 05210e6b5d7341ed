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
struct mail_message {
	struct str to;
	struct str subject, text, html;
	struct str message_id; /* without <>: the same over all tries of one letter; holds no six digits in a
				  row */
	struct str language;   /* "en" */
	moment date;	       /* of its making, the same over all tries */
};

enum delivery_result {
	DELIVERY_ACCEPTED,
	DELIVERY_REFUSED,    /* 5xx to RCPT or DATA: this recipient or letter, for good */
	DELIVERY_DEFERRED,   /* 4xx to RCPT or DATA: later, perhaps */
	DELIVERY_RELAY_DOWN, /* connection, TLS, login, sender refused: our trouble, tried again and told to
			the operator */
};

/* What the mail server said when it was asked, since letters are stuck. */
enum mailer_probe_result { MAILER_NOT_PROBED, MAILER_PROBE_FAILED, MAILER_PROBE_OK };

struct mailer {
	const struct mailer_ops *ops;
	/* Kept by app/mail/health; a mailer begins zeroed. Since when all tries were DELIVERY_RELAY_DOWN
	 * (wall clock, in ms: a rule); when a letter was tried, and when the server was asked (ticks). */
	_Atomic int64_t down_since, last_try, last_probe;
	_Atomic int probe_result;  /* enum mailer_probe_result */
	atomic_bool reported_down; /* the operator was told */
	atomic_bool recovered;	   /* letters go again, and those that wait do not know it yet */
};
#define NOT_DOWN 0

struct mailer_ops {
	/* May take long (at most 30 s); from several threads at once. `why` is "accepted", the number of an
	 * SMTP reply, or what was in the way: "address", "broken", "busy", "certificate", "connect",
	 * "login", "memory", "message", "resolve", "starttls", "timeout", "tls". */
	enum delivery_result (*send)(
		struct mailer *mailer, const struct mail_message *message, struct arena *a, const char **why);
	/* Would a letter be taken? Connection, TLS, login and sender are tried, nothing is sent. The rest as
	 * send. */
	bool (*probe)(struct mailer *mailer, struct arena *a, const char **why);
	void (*close)(struct mailer *mailer);
};

static inline enum delivery_result mailer_send(
	struct mailer *mailer, const struct mail_message *message, struct arena *a, const char **why)
{
	return mailer->ops->send(mailer, message, a, why);
}
static inline bool mailer_probe(struct mailer *mailer, struct arena *a, const char **why)
{
	return mailer->ops->probe(mailer, a, why);
}
