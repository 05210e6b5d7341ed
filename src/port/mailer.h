/* Interface to e-mail delivery: hands one e-mail to the mail server. mail/ implements it. In development
 * mode, another implementation captures e-mails instead. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/moment.h"
#include "base/str.h"

/* A PNG picture that the HTML shows as `cid:` and its Content-ID. */
struct mail_picture {
	struct str bytes;      /* the file; empty: no picture */
	struct str content_id; /* without <>; it has the form of an address and no six digits in a row */
};

/* All texts are UTF-8; the mailer encodes them for transport. `to` is an address in canonical form. */
struct mail_message {
	struct str to;
	struct str subject, text, html;
	/* The Message-ID without <>. It is the same for all tries of one e-mail and never contains six
	 * consecutive digits, which a person or a program could take for the code. */
	struct str message_id;
	struct str language; /* e.g. "en" */
	struct mail_picture picture;
	moment date; /* when the e-mail was created; the same for all tries */
};

enum delivery_result {
	DELIVERY_ACCEPTED,
	DELIVERY_REFUSED,    /* 5xx to RCPT or DATA: this recipient or e-mail is refused permanently */
	DELIVERY_DEFERRED,   /* 4xx to RCPT or DATA: a later try may succeed */
	DELIVERY_RELAY_DOWN, /* no e-mail can be sent: connection, TLS or login failed, or the sender was
				refused; the outage is logged, and the e-mail is tried again */
};

/* Result of the last probe of the mail server. It is MAILER_NOT_PROBED again once e-mails can be sent. */
enum mailer_probe_result { MAILER_NOT_PROBED, MAILER_PROBE_FAILED, MAILER_PROBE_OK };

struct mailer {
	const struct mailer_ops *ops;
	/* The following fields are managed by app/mail/health and start as zero. */
	_Atomic int64_t down_since; /* since when (ms of the wall clock) all tries were DELIVERY_RELAY_DOWN;
				       NOT_DOWN: the last try was not */
	_Atomic int64_t last_try;   /* ticks of the last attempt to send an e-mail */
	_Atomic int64_t last_probe; /* ticks of the last probe */
	_Atomic int probe_result;   /* enum mailer_probe_result */
	atomic_bool reported_down;  /* the outage was logged */
	atomic_bool
		recovered; /* sending works again, but the waiting e-mails have not yet been rescheduled */
};
#define NOT_DOWN 0

/* The result of one delivery or of one probe, for logs and messages to operators. No text contains an
 * address, a code or a secret. The texts are static or in the arena of the call; "" stands for none. */
struct mail_report {
	/* "accepted", the number of an SMTP reply, or the problem: "address", "broken", "busy",
	 * "certificate", "connect", "login" (the server offers no mechanism that may be used), "memory",
	 * "message" (the e-mail cannot be encoded), "resolve", "starttls", "timeout", "tls". */
	const char *reason;
	/* The step that failed: "connection", "login", "sender", "recipient" or "content". */
	const char *step;
	const char *reply;	     /* the server's refusal, e.g. "550 5.1.1 No such mailbox" */
	const char *enhanced_status; /* the status code of the refusal (RFC 3463), e.g. "5.1.1" */
	const char *login_offer;     /* the mechanisms that the server offers, if the login failed */
};

static inline struct mail_report mail_report_of(const char *reason)
{
	return (struct mail_report){ reason, "", "", "", "" };
}

struct mailer_ops {
	/* Sends one e-mail and sets `report`. Thread-safe; waits for the network, at most 30 s. */
	enum delivery_result (*send)(struct mailer *mailer, const struct mail_message *message,
		struct arena *a, struct mail_report *report);
	/* Returns whether the server would accept e-mails. Tries connection, TLS, login and sender, but sends
	 * no e-mail. Sets `report` like send, takes as long and is thread-safe too. */
	bool (*probe)(struct mailer *mailer, struct arena *a, struct mail_report *report);
	void (*close)(struct mailer *mailer);
};

static inline enum delivery_result mailer_send(struct mailer *mailer, const struct mail_message *message,
	struct arena *a, struct mail_report *report)
{
	return mailer->ops->send(mailer, message, a, report);
}
static inline bool mailer_probe(struct mailer *mailer, struct arena *a, struct mail_report *report)
{
	return mailer->ops->probe(mailer, a, report);
}
