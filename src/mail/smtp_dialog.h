/* Classifies why a mail server did not accept an e-mail. Follows the SMTP commands and the three-digit reply
 * codes of one delivery, as libcurl's debug callback reports them. Stores only the stage and one reply code,
 * never the text of a line. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "port/mailer.h"

enum smtp_stage {
	SMTP_START, /* greeting, EHLO, STARTTLS, AUTH: nothing about this e-mail was sent yet */
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA /* DATA and the body of the e-mail */
};

struct smtp_dialog {
	enum smtp_stage stage;
	int refusal; /* 4xx or 5xx reply to the latest command; 0: no such reply */
	bool over;   /* QUIT was sent: later replies do not concern the e-mail */
};

/* Processes one line sent to the server. Each stage accepts only the command that leads to the next stage, so
 * a line of an AUTH exchange that looks like a command changes nothing. */
void smtp_on_command(struct smtp_dialog *dialog, struct str line);
/* Processes one line received from the server. */
void smtp_on_reply(struct smtp_dialog *dialog, struct str line);
/* The result for an e-mail that was not accepted. A reply to RCPT or DATA means DELIVERY_DEFERRED (4xx) or
 * DELIVERY_REFUSED (5xx; RFC 5321 section 4.2.1); any other failure means DELIVERY_RELAY_DOWN. */
enum delivery_result smtp_delivery_result(const struct smtp_dialog *dialog);
