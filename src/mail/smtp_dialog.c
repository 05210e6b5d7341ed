#include "mail/smtp_dialog.h"

#include <string.h>

/* clang-format off */
static const struct {
	struct str command;
	enum smtp_stage from, to;
} transitions[] = {
	{ STR_INIT("AUTH "),      SMTP_START, SMTP_AUTH },
	{ STR_INIT("AUTH "),      SMTP_AUTH,  SMTP_AUTH },
	{ STR_INIT("MAIL FROM:"), SMTP_START, SMTP_MAIL },
	{ STR_INIT("MAIL FROM:"), SMTP_AUTH,  SMTP_MAIL },
	{ STR_INIT("RCPT TO:"),   SMTP_MAIL,  SMTP_RCPT },
	{ STR_INIT("DATA\r\n"),   SMTP_RCPT,  SMTP_DATA },
};
/* clang-format on */

static const char *const stage_names[] = {
	[SMTP_START] = "connection",
	[SMTP_AUTH] = "login",
	[SMTP_MAIL] = "sender",
	[SMTP_RCPT] = "recipient",
	[SMTP_DATA] = "content",
};

const char *smtp_stage_name(enum smtp_stage stage)
{
	return stage_names[stage];
}

static void record_mechanism(struct smtp_dialog *dialog, struct str line)
{
	struct str name;

	line = str_trim(str_from(line, 5));
	(void)str_cut(&line, ' ', &name);
	dialog->tried |= smtp_logins_named(name);
}

void smtp_on_command(struct smtp_dialog *dialog, struct str line)
{
	dialog->over = dialog->over || str_eq(line, STR("QUIT\r\n"));
	if (dialog->over)
		return;
	/* The server refused EHLO or one AUTH method, but the client continued, so that refusal is
	 * forgotten. */
	dialog->refusal = 0;
	dialog->text[0] = '\0';
	if (str_starts(line, STR("EHLO ")))
		dialog->offer[0] = '\0';
	for (size_t i = 0; i < array_len(transitions); i++) {
		if (dialog->stage != transitions[i].from || !str_starts(line, transitions[i].command))
			continue;
		dialog->stage = transitions[i].to;
		if (dialog->stage == SMTP_AUTH)
			record_mechanism(dialog, line);
		return;
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Appends `s` to the NUL-terminated `text`, a buffer of `size` bytes, as far as it fits. A space separates it
 * from existing text. A NUL byte from the server becomes a space. */
static void append_text(char *text, size_t size, struct str s)
{
	size_t n = strlen(text);

	if (n > 0 && s.n > 0 && n < size - 1)
		text[n++] = ' ';
	for (size_t i = 0; i < s.n && n < size - 1; i++)
		text[n++] = s.p[i] != '\0' ? s.p[i] : ' ';
	text[n] = '\0';
}

static void record_refusal(struct smtp_dialog *dialog, int code, struct str text)
{
	const struct str status = smtp_reply_status(text);

	if (dialog->refusal != code)
		dialog->text[0] = '\0';
	else if (status.n > 0 && str_starts(str_of(dialog->text), status))
		/* Each line of a reply repeats the status (RFC 2034 section 4). */
		text = str_trim(str_from(text, status.n));
	dialog->refusal = code;
	append_text(dialog->text, sizeof(dialog->text), text);
}

void smtp_on_reply(struct smtp_dialog *dialog, struct str line)
{
	int code;

	if (dialog->over || line.n < 3 || !is_digit(line.p[0]) || !is_digit(line.p[1]) ||
		!is_digit(line.p[2]))
		return;
	code = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');

	const struct str text = str_trim(str_from(line, 4));
	if (code >= 400 && code <= 599)
		record_refusal(dialog, code, text);
	else if (code == 250 && dialog->stage == SMTP_START && str_starts(text, STR("AUTH ")))
		append_text(dialog->offer, sizeof(dialog->offer), str_trim(str_from(text, 5)));
}

enum delivery_result smtp_delivery_result(const struct smtp_dialog *dialog)
{
	if (dialog->stage < SMTP_RCPT || dialog->refusal == 0)
		return DELIVERY_RELAY_DOWN;
	return dialog->refusal >= 500 ? DELIVERY_REFUSED : DELIVERY_DEFERRED;
}
