/* Classifies why a mail server did not accept an e-mail. Follows the SMTP commands and the replies of one
 * delivery, as libcurl's debug callback reports them. Of what the client sends, only the stage and the login
 * mechanism are stored; of what the server sends, the mechanisms that it offers and the latest refusal. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "mail/smtp_login.h"
#include "mail/smtp_reply.h"
#include "port/mailer.h"

#define SMTP_OFFER_MAX 128

enum smtp_stage {
	SMTP_START, /* greeting, EHLO or STARTTLS; nothing about the e-mail was sent yet */
	SMTP_AUTH,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA /* DATA and the body of the e-mail */
};

struct smtp_dialog {
	enum smtp_stage stage;
	int refusal; /* code of the 4xx or 5xx reply to the latest command; 0 if there was none */
	bool over;   /* QUIT was sent; later replies do not concern the e-mail */
	/* The text of the refusal without its code, as received, with its lines separated by spaces.
	 * NUL-terminated; truncated if it is too long. */
	char text[SMTP_REPLY_MAX];
	/* The login mechanisms in the latest EHLO reply, as received; NUL-terminated, truncated if too
	 * long. */
	char offer[SMTP_OFFER_MAX];
	smtp_logins tried; /* the login mechanisms of all AUTH commands that were sent */
};

/* Processes one line sent to the server. Each stage accepts only commands that lead to a later stage, so
 * a line of an AUTH exchange that looks like a command changes nothing. */
void smtp_on_command(struct smtp_dialog *dialog, struct str line);
/* Processes one line received from the server. */
void smtp_on_reply(struct smtp_dialog *dialog, struct str line);
/* Returns the result for an e-mail that was not accepted. A reply to RCPT or DATA means DELIVERY_DEFERRED
 * (4xx) or DELIVERY_REFUSED (5xx; RFC 5321 section 4.2.1); any other failure means DELIVERY_RELAY_DOWN. */
enum delivery_result smtp_delivery_result(const struct smtp_dialog *dialog);
/* Returns the name of the stage in one word, for logs. */
const char *smtp_stage_name(enum smtp_stage stage);
