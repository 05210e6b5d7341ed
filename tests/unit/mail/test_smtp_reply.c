#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "mail/smtp_reply.h"

static const struct smtp_private parts = {
	.recipient = STR_INIT("ana.silva+kyc@example.com"),
	.user = STR_INIT("relay-user@shop.example"),
	.password = STR_INIT("p:ss-w0rd"),
	.content = STR_INIT("271828 is your code. It links the wallet 0x52908400...cafe7 until 14:05."),
};

/* Replies of Postfix, Exim, Exchange, Gmail, Dovecot and qmail, and what a server may invent. */
static const struct {
	const char *text, *written;
} rows[] = {
	{ "", "" },
	{ "5.1.1 No such mailbox", "5.1.1 No such mailbox" },
	{ "5.1.1 <ana.silva+kyc@example.com>: Recipient address rejected: User unknown in local recipient table",
		"5.1.1 <[removed]>: Recipient address rejected: User unknown in local recipient table" },
	{ "<Ana.Silva+KYC@EXAMPLE.COM> unknown", "<[removed]> unknown" },
	{ "no mailbox ana.silva+kyc here", "no mailbox [removed] here" },
	{ "no mailbox 'ana.silva' here", "no mailbox '[removed]' here" },
	{ "no mailbox at example.com: ana.silvaria", "no mailbox at [removed]: ana.silvaria" },
	{ "ana.silva+kyc @ example.com refused", "[removed] [removed] [removed] refused" },
	{ "to=bob@other.example, from=no-reply@kycd.example", "[removed], [removed]" },
	{ "\"ana silva\"@example.com is full", "[removed] is full" },
	{ "\xc3\xa1na@ex\xc3\xa4mple.com is full", "[removed] is full" },
	{ "sorry @", "sorry [removed]" },
	{ "rfc822;ana.silva+2Bkyc=example.com bounced", "rfc822;[removed]+2Bkyc=[removed] bounced" },
	{ "Client host [203.0.113.7] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/203.0.113.7",
		"Client host [[removed]] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/[removed]" },
	{ "203.0.113.7:25 or 7.113.0.203.bl.example.net", "[removed]:25 or [removed].bl.example.net" },
	{ "from [IPv6:2001:db8::7] and 2001:db8::8: no", "from [IPv[removed]] and [removed] no" },
	{ "at 12:34:56 version 4.96.1, 1.2.3.4567", "at 12:34:56 version 4.96.1, 1.2.3.4567" },
	{ "relay-user@shop.example may not log in", "[removed] may not log in" },
	{ "relay-user may not log in with p:ss-w0rd", "[removed] may not log in with [removed]" },
	{ "5.5.2 cannot decode AHJlbGF5LXVzZXJAc2hvcC5leGFtcGxlAHA6c3MtdzByZA==",
		"5.5.2 cannot decode [removed]==" },
	{ "cannot decode cDpzcy13MHJk", "cannot decode [removed]" },
	{ "5.7.1 spam: \"271828 is your code\"", "5.7.1 spam: \"[removed] is your code\"" },
	{ "subject=271828; 0x52908400 cafe7 314159", "subject=[removed]; [removed] [removed] 314159" },
	{ "4.7.1 Greylisted, try again in 300 seconds", "4.7.1 Greylisted, try again in 300 seconds" },
	{ "2.0.0 x12-20020a05 - gsmtp", "2.0.0 x12-20020a05 - gsmtp" },
};

static void private_parts_are_removed(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str written = smtp_reply_redact(&a, str_of(rows[i].text), &parts);

		if (!str_eq(written, str_of(rows[i].written)))
			fail_msg("%s\n  became %.*s", rows[i].text, STR_ARG(written));
	}
	arena_finish(&a);
}

static void text_without_known_parts_keeps_its_words(void **state)
{
	static const struct smtp_private none = { .recipient = { NULL, 0 } };
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_true(str_eq(smtp_reply_redact(&a, STR("bob@example.com: 5551234 no"), &none),
		STR("[removed]: 5551234 no")));
	arena_finish(&a);
}

static void longest_text_of_addresses_fits(void **state)
{
	char text[SMTP_REPLY_MAX];
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 == 0 ? '@' : ' ';
	const struct str written = smtp_reply_redact(&a, (struct str){ text, sizeof(text) }, &parts);
	assert_int_equal(written.n, SMTP_REPLY_MAX / 2 * 10);
	arena_finish(&a);
}

static const struct {
	const char *text, *status;
} statuses[] = {
	{ "5.1.1 No such mailbox", "5.1.1" },
	{ "4.7.100 wait", "4.7.100" },
	{ "5.123.456", "5.123.456" },
	{ "5.1.1234 no", "" },
	{ "5.1234.1 no", "" },
	{ "55.1.1 no", "" },
	{ "5.1 no", "" },
	{ "5.1. no", "" },
	{ "5.1.1: no", "" },
	{ "5.1.1.1 no", "" },
	{ " 5.1.1 no", "" },
	{ "No such mailbox", "" },
	{ "5", "" },
	{ "", "" },
};

static void enhanced_status_is_read_from_the_beginning(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(statuses); i++)
		if (!str_eq(smtp_reply_status(str_of(statuses[i].text)), str_of(statuses[i].status)))
			fail_msg("%s", statuses[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_parts_are_removed),
		cmocka_unit_test(text_without_known_parts_keeps_its_words),
		cmocka_unit_test(longest_text_of_addresses_fits),
		cmocka_unit_test(enhanced_status_is_read_from_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
