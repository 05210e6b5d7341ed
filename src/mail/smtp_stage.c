#include "mail/smtp_stage.h"

/* clang-format off */
static const struct {
	struct str command;
	enum smtp_stage from, to;
} moves[] = {
	{ STR_INIT("MAIL FROM:"), SMTP_START, SMTP_MAIL },
	{ STR_INIT("RCPT TO:"),   SMTP_MAIL,  SMTP_RCPT },
	{ STR_INIT("DATA\r\n"),   SMTP_RCPT,  SMTP_DATA },
};
/* clang-format on */

void smtp_said(struct smtp_talk *talk, struct str line)
{
	talk->over = talk->over || str_eq(line, STR("QUIT\r\n"));
	if (talk->over)
		return;
	/* A refusal that the conversation survived (EHLO, one login among several) is none. */
	talk->refusal = 0;
	for (size_t i = 0; i < array_len(moves); i++) {
		if (talk->stage == moves[i].from && str_starts(line, moves[i].command)) {
			talk->stage = moves[i].to;
			return;
		}
	}
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void smtp_heard(struct smtp_talk *talk, struct str line)
{
	int number;

	if (line.n < 3 || !is_digit(line.p[0]) || !is_digit(line.p[1]) || !is_digit(line.p[2]))
		return;
	number = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + (line.p[2] - '0');
	if (!talk->over && number >= 400 && number <= 599)
		talk->refusal = number;
}

enum letter_fate smtp_fate(const struct smtp_talk *talk)
{
	if (talk->stage < SMTP_RCPT || talk->refusal == 0)
		return LETTER_STUCK;
	return talk->refusal >= 500 ? LETTER_REFUSED : LETTER_DEFERRED;
}
