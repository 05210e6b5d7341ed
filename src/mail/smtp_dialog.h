/* What an SMTP conversation says about a letter that was not taken. Follows the commands and the first three
 * digits of the replies, as libcurl shows them; keeps the stage and one number, never what a line carries. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "port/mailer.h"

enum smtp_stage {
	SMTP_START, /* greeting, EHLO, STARTTLS, AUTH: nothing of this letter was said yet */
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA /* and the letter's body */
};

struct smtp_dialog {
	enum smtp_stage stage;
	int refusal; /* 4xx or 5xx to the last command of this stage; 0: none */
	bool over;   /* QUIT was said: what follows says nothing about the letter */
};

/* One command as it is sent. Stages only go forward, one by one, so that a line of a login that looks like a
 * command is not taken for one. */
void smtp_on_command(struct smtp_dialog *dialog, struct str line);
/* One line of a reply. */
void smtp_on_reply(struct smtp_dialog *dialog, struct str line);
/* The fate of a letter that was not accepted: RFC 5321 section 4.2.1 for 4 and 5 at RCPT and DATA; all else
 * is ours. */
enum delivery_result smtp_delivery_result(const struct smtp_dialog *dialog);
