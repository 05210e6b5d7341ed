#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mail/smtp_dialog.h"

/* Each dialog is a list of lines that ends with NULL: "> " is sent by the client, "< " received from the
 * server. */
static const struct {
	const char *name;
	const char *lines[16];
	enum delivery_result result;
	int refusal;
} dialogs[] = {
	{ "no line at all", { NULL }, DELIVERY_RELAY_DOWN, 0 },
	{ "refused greeting", { "< 421 busy\r\n" }, DELIVERY_RELAY_DOWN, 421 },
	{ "EHLO rejected, HELO accepted, then no reply",
		{ "< 220 hi\r\n", "> EHLO a\r\n", "< 502 what\r\n", "> HELO a\r\n", "< 250 ok\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "login refused",
		{ "< 220 hi\r\n", "> EHLO a\r\n", "< 250 AUTH\r\n", "> AUTH PLAIN abc\r\n", "< 535 no\r\n" },
		DELIVERY_RELAY_DOWN, 535 },
	{ "AUTH exchange with lines that look like commands",
		{ "> AUTH LOGIN\r\n", "< 334 VXNl\r\n", "> RCPT TO:\r\n", "< 334 UGFz\r\n", "> DATA\r\n",
			"< 535 no\r\n" },
		DELIVERY_RELAY_DOWN, 535 },
	{ "sender refused", { "> MAIL FROM:<a@b>\r\n", "< 550 who\r\n", "> QUIT\r\n", "< 221 bye\r\n" },
		DELIVERY_RELAY_DOWN, 550 },
	{ "recipient refused",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 550 no\r\n",
			"> QUIT\r\n", "< 421 x\r\n" },
		DELIVERY_REFUSED, 550 },
	{ "recipient refused in two lines",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 553-no\r\n",
			"< 553 really\r\n" },
		DELIVERY_REFUSED, 553 },
	{ "recipient deferred",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 451 later\r\n",
			"> QUIT\r\n" },
		DELIVERY_DEFERRED, 451 },
	{ "message refused",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 354 go\r\n", "< 554 spam\r\n" },
		DELIVERY_REFUSED, 554 },
	{ "message deferred at DATA",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 452 full\r\n" },
		DELIVERY_DEFERRED, 452 },
	{ "connection closed after the message",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 354 go\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "connection closed after RCPT", { "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "lines without a valid reply code",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 5\r\n", "< x50 no\r\n",
			"< 699 no\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "RCPT without MAIL", { "> RCPT TO:<c@d>\r\n", "< 550 no\r\n" }, DELIVERY_RELAY_DOWN, 550 },
	{ "lowest 4xx code",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 400 x\r\n" },
		DELIVERY_DEFERRED, 400 },
	{ "code below 400", { "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 399 x\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "highest 5xx code",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 599 x\r\n" },
		DELIVERY_REFUSED, 599 },
	{ "highest 4xx code",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 499 x\r\n" },
		DELIVERY_DEFERRED, 499 },
};

static void run_lines(struct smtp_dialog *dialog, const char *const lines[], size_t n)
{
	for (size_t i = 0; i < n && lines[i] != NULL; i++) {
		const struct str line = str_from(str_of(lines[i]), 2);

		if (lines[i][0] == '>')
			smtp_on_command(dialog, line);
		else
			smtp_on_reply(dialog, line);
	}
}

static void every_dialog_has_the_expected_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(dialogs); i++) {
		struct smtp_dialog dialog = { .refusal = 0 };

		run_lines(&dialog, dialogs[i].lines, array_len(dialogs[i].lines));
		if (smtp_delivery_result(&dialog) != dialogs[i].result ||
			dialog.refusal != dialogs[i].refusal)
			fail_msg("%s: result %d, refusal %d", dialogs[i].name,
				(int)smtp_delivery_result(&dialog), dialog.refusal);
	}
}

static const struct {
	const char *name;
	const char *lines[12];
	const char *step, *text, *offer;
} texts[] = {
	{ "reply of several lines",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n",
			"< 550-5.1.1 The account\r\n", "< 550-5.1.1 does not\r\n", "< 550 5.1.1 exist\r\n" },
		"recipient", "5.1.1 The account does not exist", "" },
	{ "lines without a text",
		{ "> MAIL FROM:<a@b>\r\n", "< 451-\r\n", "< 451-4.3.0\r\n", "< 451 later\r\n" }, "sender",
		"4.3.0 later", "" },
	{ "code without a text", { "< 554\r\n" }, "connection", "", "" },
	{ "the latest code", { "< 450-no\r\n", "< 550 never\r\n" }, "connection", "never", "" },
	{ "only of the latest command", { "> EHLO a\r\n", "< 502 what\r\n", "> HELO a\r\n", "< 250 ok\r\n" },
		"connection", "", "" },
	{ "nothing after QUIT", { "> MAIL FROM:<a@b>\r\n", "< 550 who\r\n", "> QUIT\r\n", "< 421 bye\r\n" },
		"sender", "who", "" },
	{ "offer", { "> EHLO a\r\n", "< 250-relay\r\n", "< 250-AUTH GSSAPI PLAIN\r\n", "< 250 SIZE 1\r\n" },
		"connection", "", "GSSAPI PLAIN" },
	{ "the offer of the latest EHLO",
		{ "> EHLO a\r\n", "< 250 AUTH CRAM-MD5\r\n", "> STARTTLS\r\n", "< 220 go\r\n", "> EHLO a\r\n",
			"< 250 AUTH PLAIN\r\n", "> AUTH PLAIN\r\n", "< 535-5.7.8 no\r\n",
			"< 535 5.7.8 really\r\n" },
		"login", "5.7.8 no really", "PLAIN" },
	{ "no offer after EHLO",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 AUTH PLAIN\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 554 no\r\n" },
		"content", "no", "" },
};

static void text_of_the_refusal_and_offer_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(texts); i++) {
		struct smtp_dialog dialog = { .refusal = 0 };

		run_lines(&dialog, texts[i].lines, array_len(texts[i].lines));
		if (strcmp(dialog.text, texts[i].text) != 0 || strcmp(dialog.offer, texts[i].offer) != 0 ||
			strcmp(smtp_stage_name(dialog.stage), texts[i].step) != 0)
			fail_msg("%s: %s, %s, %s", texts[i].name, dialog.text, dialog.offer,
				smtp_stage_name(dialog.stage));
	}
}

/* However long the server's lines are, and however many. */
static void text_and_offer_are_bounded(void **state)
{
	char line[2000];
	struct smtp_dialog dialog = { .refusal = 0 };

	(void)state;
	memset(line, 'x', sizeof(line));
	memcpy(line, "550-", 4);
	line[10] = '\0';
	for (int i = 0; i < 100; i++)
		smtp_on_reply(&dialog, (struct str){ line, sizeof(line) });
	assert_int_equal(strlen(dialog.text), SMTP_REPLY_MAX - 1);
	assert_int_equal(dialog.text[6], ' ');
	memcpy(line, "250-AUTH ", 9);
	smtp_on_reply(&dialog, (struct str){ line, sizeof(line) });
	assert_int_equal(strlen(dialog.offer), SMTP_OFFER_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialog_has_the_expected_result),
		cmocka_unit_test(text_of_the_refusal_and_offer_are_kept),
		cmocka_unit_test(text_and_offer_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
