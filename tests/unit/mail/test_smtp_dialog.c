#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/smtp_dialog.h"

/* A conversation as lines: "> " said, "< " heard; ends with NULL. */
static const struct {
	const char *name;
	const char *lines[16];
	enum delivery_result result;
	int refusal;
} talks[] = {
	{ "nothing at all", { NULL }, DELIVERY_RELAY_DOWN, 0 },
	{ "refused greeting", { "< 421 busy\r\n" }, DELIVERY_RELAY_DOWN, 421 },
	{ "EHLO unknown, HELO taken, then silence",
		{ "< 220 hi\r\n", "> EHLO a\r\n", "< 502 what\r\n", "> HELO a\r\n", "< 250 ok\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "login refused",
		{ "< 220 hi\r\n", "> EHLO a\r\n", "< 250 AUTH\r\n", "> AUTH PLAIN abc\r\n", "< 535 no\r\n" },
		DELIVERY_RELAY_DOWN, 535 },
	{ "a login that looks like commands",
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
	{ "letter refused",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 354 go\r\n", "< 554 spam\r\n" },
		DELIVERY_REFUSED, 554 },
	{ "letter deferred at DATA",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 452 full\r\n" },
		DELIVERY_DEFERRED, 452 },
	{ "hung up after the letter",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 250 ok\r\n",
			"> DATA\r\n", "< 354 go\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "hung up after the recipient", { "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "noise instead of a number",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 5\r\n", "< x50 no\r\n",
			"< 699 no\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "a recipient without a sender", { "> RCPT TO:<c@d>\r\n", "< 550 no\r\n" }, DELIVERY_RELAY_DOWN,
		550 },
	{ "lower bounds", { "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 400 x\r\n" },
		DELIVERY_DEFERRED, 400 },
	{ "below the bounds",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 399 x\r\n" },
		DELIVERY_RELAY_DOWN, 0 },
	{ "upper bounds", { "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 599 x\r\n" },
		DELIVERY_REFUSED, 599 },
	{ "between the two",
		{ "> MAIL FROM:<a@b>\r\n", "< 250 ok\r\n", "> RCPT TO:<c@d>\r\n", "< 499 x\r\n" },
		DELIVERY_DEFERRED, 499 },
};

static void talks_end_as_they_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(talks); i++) {
		struct smtp_dialog dialog = { .refusal = 0 };

		for (size_t k = 0; k < array_len(talks[i].lines) && talks[i].lines[k] != NULL; k++) {
			const struct str line = str_from(str_of(talks[i].lines[k]), 2);

			if (talks[i].lines[k][0] == '>')
				smtp_on_command(&dialog, line);
			else
				smtp_on_reply(&dialog, line);
		}
		if (smtp_delivery_result(&dialog) != talks[i].result || dialog.refusal != talks[i].refusal)
			fail_msg("%s: fate %d, refusal %d", talks[i].name, (int)smtp_delivery_result(&dialog),
				dialog.refusal);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(talks_end_as_they_should),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
