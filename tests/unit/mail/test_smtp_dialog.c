#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static void every_dialog_has_the_expected_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(dialogs); i++) {
		struct smtp_dialog dialog = { .refusal = 0 };

		for (size_t k = 0; k < array_len(dialogs[i].lines) && dialogs[i].lines[k] != NULL; k++) {
			const struct str line = str_from(str_of(dialogs[i].lines[k]), 2);

			if (dialogs[i].lines[k][0] == '>')
				smtp_on_command(&dialog, line);
			else
				smtp_on_reply(&dialog, line);
		}
		if (smtp_delivery_result(&dialog) != dialogs[i].result ||
			dialog.refusal != dialogs[i].refusal)
			fail_msg("%s: result %d, refusal %d", dialogs[i].name,
				(int)smtp_delivery_result(&dialog), dialog.refusal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_dialog_has_the_expected_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
