#include "mail/smtp_dialog.h"

/* clang-format off */
static const struct {
	struct str command;
	enum smtp_stage from, to;
} transitions[] = {
	{ STR_INIT("MAIL FROM:"), SMTP_START, SMTP_MAIL },
	{ STR_INIT("RCPT TO:"),   SMTP_MAIL,  SMTP_RCPT },
	{ STR_INIT("DATA\r\n"),   SMTP_RCPT,  SMTP_DATA },
};
/* clang-format on */

void smtp_on_command(struct smtp_dialog *dialog, struct str line)
{
	dialog->over = dialog->over || str_eq(line, STR("QUIT\r\n"));
	if (dialog->over)
		return;
	/* The dialog went on after the last refusal (of EHLO or of one AUTH method), so that one is
	 * forgotten. */
	dialog->refusal = 0;
	for (size_t i = 0; i < array_len(transitions); i++) {
		if (dialog->stage == transitions[i].from && str_starts(line, transitions[i].command)) {
			dialog->stage = transitions[i].to;
			return;
		}
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void smtp_on_reply(struct smtp_dialog *dialog, struct str line)
{
	int code;

	if (line.n < 3 || !is_digit(line.p[0]) || !is_digit(line.p[1]) || !is_digit(line.p[2]))
		return;
	code = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
	if (!dialog->over && code >= 400 && code <= 599)
		dialog->refusal = code;
}

enum delivery_result smtp_delivery_result(const struct smtp_dialog *dialog)
{
	if (dialog->stage < SMTP_RCPT || dialog->refusal == 0)
		return DELIVERY_RELAY_DOWN;
	return dialog->refusal >= 500 ? DELIVERY_REFUSED : DELIVERY_DEFERRED;
}
