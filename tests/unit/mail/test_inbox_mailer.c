#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lock.h"
#include "mail/inbox_mailer.h"
#include "port/world.h"

static moment fake_time;

static moment fake_now(struct clock *clock)
{
	(void)clock;
	return fake_time;
}

static const struct clock_ops clock_ops = { .now = fake_now };
static struct clock fake_clock = { .ops = &clock_ops };

static void send_message(struct mailer *inbox, struct str to, struct str subject)
{
	const struct mail_message message = { .to = to,
		.subject = subject,
		.text = STR("text"),
		.html = STR("<p>html</p>"),
		.message_id = STR("id@kycd") };
	struct arena a;
	struct mail_report report = { 0 };

	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(mailer_send(inbox, &message, &a, &report), DELIVERY_ACCEPTED);
	assert_string_equal(report.reason, "accepted");
	arena_finish(&a);
}

static int set_up(void **state)
{
	struct mailer *inbox;

	fake_time = (moment){ 1000 };
	if (inbox_mailer_open(&fake_clock, &inbox) != OK)
		return -1;
	*state = inbox;
	return 0;
}

static int tear_down(void **state)
{
	struct mailer *inbox = *state;

	inbox->ops->close(inbox);
	return 0;
}

static void messages_are_listed_newest_first(void **state)
{
	struct mailer *inbox = *state;
	const struct inbox_message *messages;
	struct arena a;
	size_t n = 77;

	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR(""), .max = 10 }, &a, &messages, &n), OK);
	assert_int_equal(n, 0);
	send_message(inbox, STR("ana@example.com"), STR("one"));
	fake_time = (moment){ 2000 };
	send_message(inbox, STR("bob@example.com"), STR("two"));
	fake_time = (moment){ 3000 };
	send_message(inbox, STR("ana@example.com"), STR("three"));

	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR(""), .max = 10 }, &a, &messages, &n), OK);
	assert_int_equal(n, 3);
	assert_string_equal(messages[0].subject.p, "three");
	assert_string_equal(messages[0].id.p, "mail-3");
	assert_string_equal(messages[0].text.p, "text");
	assert_string_equal(messages[0].html.p, "<p>html</p>");
	assert_string_equal(messages[0].message_id.p, "id@kycd");
	assert_int_equal(messages[0].sent.ms, 3000);
	assert_string_equal(messages[1].to.p, "bob@example.com");
	assert_string_equal(messages[2].id.p, "mail-1");

	assert_int_equal(inbox_list(inbox, &(struct inbox_query){ .to = STR("ana@example.com"), .max = 10 },
				 &a, &messages, &n),
		OK);
	assert_int_equal(n, 2);
	assert_string_equal(messages[1].subject.p, "one");
	assert_int_equal(inbox_list(inbox, &(struct inbox_query){ .to = STR("ana@example.com"), .max = 1 },
				 &a, &messages, &n),
		OK);
	assert_int_equal(n, 1);
	assert_string_equal(messages[0].subject.p, "three");
	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR("nobody@example.com"), .max = 10 }, &a,
			&messages, &n),
		OK);
	assert_int_equal(n, 0);
	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR(""), .max = 0 }, &a, &messages, &n), OK);
	assert_int_equal(n, 0);
	arena_finish(&a);
}

static void before_limits_the_list_to_older_messages(void **state)
{
	struct mailer *inbox = *state;
	const struct inbox_message *messages;
	struct arena a;
	size_t n = 77;

	arena_init(&a, ARENA_CALL_LIMIT);
	send_message(inbox, STR("ana@example.com"), STR("one"));
	send_message(inbox, STR("bob@example.com"), STR("two"));
	send_message(inbox, STR("ana@example.com"), STR("three"));
	for (int64_t before = 1; before <= 4; before++) {
		assert_int_equal(inbox_list(inbox, &(struct inbox_query){ .before = before, .max = 10 }, &a,
					 &messages, &n),
			OK);
		assert_int_equal(n, before - 1);
	}
	assert_int_equal(
		inbox_list(inbox,
			&(struct inbox_query){ .to = STR("ana@example.com"), .before = 3, .max = 10 }, &a,
			&messages, &n),
		OK);
	assert_int_equal(n, 1);
	assert_string_equal(messages[0].id.p, "mail-1");
	arena_finish(&a);
}

static void oldest_message_is_dropped_when_the_inbox_is_full(void **state)
{
	struct mailer *inbox = *state;
	const struct inbox_message *messages;
	struct arena a;
	size_t n;

	arena_init(&a, (size_t)4 * 1024 * 1024);
	send_message(inbox, STR("first@example.com"), STR("first"));
	for (int i = 1; i < INBOX_MESSAGES; i++)
		send_message(inbox, STR("ana@example.com"), STR("more"));
	assert_int_equal(
		inbox_list(inbox,
			&(struct inbox_query){ .to = STR("first@example.com"), .max = INBOX_MESSAGES }, &a,
			&messages, &n),
		OK);
	assert_int_equal(n, 1);
	send_message(inbox, STR("ana@example.com"), STR("one too many"));
	assert_int_equal(
		inbox_list(inbox,
			&(struct inbox_query){ .to = STR("first@example.com"), .max = INBOX_MESSAGES }, &a,
			&messages, &n),
		OK);
	assert_int_equal(n, 0);
	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR(""), .max = 5000 }, &a, &messages, &n),
		OK);
	assert_int_equal(n, INBOX_MESSAGES);
	assert_string_equal(messages[0].id.p, "mail-1001");
	assert_string_equal(messages[INBOX_MESSAGES - 1].id.p, "mail-2");
	arena_finish(&a);
}

static void picture_is_read_by_the_number_of_its_message(void **state)
{
	struct mailer *inbox = *state;
	const struct inbox_message *messages;
	struct mail_message message = { .to = STR("ana@example.com"), .message_id = STR("id@kycd") };
	struct mail_report report;
	struct arena a;
	struct str picture = STR("unchanged");
	size_t n;

	arena_init(&a, ARENA_CALL_LIMIT);
	send_message(inbox, STR("ana@example.com"), STR("one"));
	message.picture = (struct mail_picture){ { "a\0b", 3 }, STR("logo.id@kycd") };
	assert_int_equal(mailer_send(inbox, &message, &a, &report), DELIVERY_ACCEPTED);
	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR(""), .max = 10 }, &a, &messages, &n), OK);
	assert_string_equal(messages[0].content_id.p, "logo.id@kycd");
	assert_int_equal(messages[1].content_id.n, 0);
	assert_int_equal(inbox_picture(inbox, 2, &a, &picture), OK);
	assert_true(str_eq(picture, ((struct str){ "a\0b", 3 })));
	static const int64_t others[] = { 0, 1, 3, -1, INT64_MAX, INT64_MIN };
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(inbox_picture(inbox, others[i], &a, &picture), ERR_NOT_FOUND);
	for (size_t i = 0; i < INBOX_MESSAGES; i++)
		send_message(inbox, STR("ana@example.com"), STR("later"));
	assert_int_equal(inbox_picture(inbox, 2, &a, &picture), ERR_NOT_FOUND);
	arena_finish(&a);
}

static void list_that_does_not_fit_the_arena_is_an_input_error(void **state)
{
	struct mailer *inbox = *state;
	const struct inbox_message *messages;
	struct arena a;
	size_t n = 77;

	send_message(inbox, STR("ana@example.com"), STR("one"));
	arena_init(&a, 64);
	assert_int_equal(
		inbox_list(inbox, &(struct inbox_query){ .to = STR(""), .max = 10 }, &a, &messages, &n),
		ERR_INPUT);
	assert_int_equal(n, 77);
	arena_finish(&a);
}

static void send_100_messages(void *arg)
{
	for (int i = 0; i < 100; i++)
		send_message(arg, STR("ana@example.com"), STR("parallel"));
}

static void several_threads_can_send_at_the_same_time(void **state)
{
	struct mailer *inbox = *state;
	const struct inbox_message *messages;
	struct thread threads[4] = { 0 };
	struct arena a;
	size_t n;

	arena_init(&a, (size_t)1024 * 1024);
	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], send_100_messages, inbox), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(inbox_list(inbox,
				 &(struct inbox_query){ .to = STR("ana@example.com"), .max = INBOX_MESSAGES },
				 &a, &messages, &n),
		OK);
	assert_int_equal(n, 400);
	assert_string_equal(messages[0].id.p, "mail-400");
	arena_finish(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_listed_newest_first),
		TEST(before_limits_the_list_to_older_messages),
		TEST(oldest_message_is_dropped_when_the_inbox_is_full),
		TEST(picture_is_read_by_the_number_of_its_message),
		TEST(list_that_does_not_fit_the_arena_is_an_input_error),
		TEST(several_threads_can_send_at_the_same_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
