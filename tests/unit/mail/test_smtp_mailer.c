#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "../net/tiny_server.h"
#include "base/buf.h"
#include "mail/smtp_mailer.h"

/* The server's reply to each command. NULL: the server closes the connection. "": the server does not reply
 * and waits until the client closes the connection. */
struct script {
	const char *greeting, *ehlo, *auth, *mail, *rcpt, *data, *end_of_data, *quit, *starttls;
	struct lock lock;
	char commands[16384]; /* all lines received outside of DATA, concatenated */
	char message_bytes[65536];
	atomic_int messages;
};

static void append_text(char *log, size_t size, const char *line)
{
	const size_t n = strlen(log);

	snprintf(log + n, size - n, "%s", line);
}

static bool reply(struct tiny_connection *c, const char *text)
{
	if (text == NULL)
		return false;
	if (text[0] == '\0') {
		tiny_wait_for_end(c);
		return false;
	}
	return tiny_send_text(c, text);
}

static bool receive_message(struct tiny_connection *c, struct script *s)
{
	char line[1100], bytes[65536] = "";

	while (tiny_line(c, line, sizeof(line))) {
		if (strcmp(line, ".\r\n") == 0) {
			lock_acquire(&s->lock);
			memcpy(s->message_bytes, bytes, sizeof(bytes));
			lock_release(&s->lock);
			atomic_fetch_add(&s->messages, 1);
			return reply(c, s->end_of_data);
		}
		append_text(bytes, sizeof(bytes), line);
	}
	return false;
}

static void serve_script(struct tiny_connection *c)
{
	struct script *s = c->server->script;
	const struct {
		const char *verb, *reply_text;
	} replies[] = { { "EHLO", s->ehlo }, { "HELO", s->ehlo }, { "AUTH", "334 \r\n" }, { "MAIL", s->mail },
		{ "RCPT", s->rcpt }, { "DATA", s->data }, { "QUIT", s->quit }, { "STARTTLS", s->starttls } };
	char line[1100];
	bool open = reply(c, s->greeting);

	while (open && tiny_line(c, line, sizeof(line))) {
		const char *reply_text = s->auth; /* a line that is no command belongs to an AUTH exchange */

		lock_acquire(&s->lock);
		append_text(s->commands, sizeof(s->commands), line);
		lock_release(&s->lock);
		for (size_t i = 0; i < array_len(replies); i++)
			if (strncmp(line, replies[i].verb, strlen(replies[i].verb)) == 0)
				reply_text = replies[i].reply_text;
		open = reply(c, reply_text);
		if (open && strncmp(line, "DATA", 4) == 0 && reply_text[0] == '3')
			open = receive_message(c, s);
		if (open && strncmp(line, "STARTTLS", 8) == 0 && reply_text[0] == '2') {
			char byte;

			open = recv(c->fd, &byte, 1, 0) == 1 && tiny_send_text(c, "454 no TLS here\r\n");
			tiny_wait_for_end(c);
		}
	}
}

static struct script accepting_script(void)
{
	return (struct script){ .greeting = "220 test ESMTP\r\n",
		.ehlo = "250-test\r\n250 SIZE 1000000\r\n",
		.auth = "235 in\r\n",
		.mail = "250 ok\r\n",
		.rcpt = "250 ok\r\n",
		.data = "354 go\r\n",
		.end_of_data = "250 queued\r\n",
		.quit = "221 bye\r\n",
		.starttls = "220 go\r\n" };
}

struct fixture {
	struct tiny_server server;
	struct script script;
	struct mailer *mailer;
	struct arena arena;
};

static void open_mailer(struct fixture *f, const char *form, struct str ca_file)
{
	char url[128];
	const struct smtp_conf conf = { .from = STR("Exemplo <no-reply@kycd.example>"),
		.ca_file = ca_file,
		.url = { url, (size_t)snprintf(url, sizeof(url), "%s127.0.0.1:%d", form, f->server.port) } };

	assert_int_equal(smtp_mailer_open(&conf, &f->mailer), OK);
}

static struct fixture *fixture_start(struct script script)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->script = script;
	lock_init(&f->script.lock);
	tiny_start(&f->server, serve_script, &f->script);
	arena_init(&f->arena, ARENA_CALL_LIMIT);
	return f;
}

static void fixture_stop(struct fixture *f)
{
	if (f->mailer != NULL)
		f->mailer->ops->close(f->mailer);
	tiny_stop(&f->server);
	lock_finish(&f->script.lock);
	arena_finish(&f->arena);
	free(f);
}

static struct mail_message sample(void)
{
	return (struct mail_message){ .to = STR("ana@example.com"),
		.subject = STR("Your code"),
		.text = STR("271828\n.\n..dots\n"),
		.html = STR("<b>271828</b>"),
		.message_id = STR("abc@kycd.example"),
		.date = { 1767607200000 } };
}

static void accepted_message_reaches_the_server(void **state)
{
	struct fixture *f = fixture_start(accepting_script());
	const struct mail_message message = sample();
	struct mail_report report;

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_ACCEPTED);
	assert_string_equal(report.reason, "accepted");
	lock_acquire(&f->script.lock);
	assert_non_null(strstr(f->script.commands, "MAIL FROM:<no-reply@kycd.example>\r\n"));
	assert_non_null(strstr(f->script.commands, "RCPT TO:<ana@example.com>\r\n"));
	assert_null(strstr(f->script.commands, "AUTH"));
	assert_non_null(strstr(f->script.message_bytes, "\r\nMessage-ID: <abc@kycd.example>\r\n"));
	/* RFC 5321 section 4.5.2: the client doubles a leading dot */
	assert_non_null(strstr(f->script.message_bytes, "\r\n271828\r\n..\r\n...dots\r\n"));
	lock_release(&f->script.lock);
	fixture_stop(f);
}

static void user_and_password_are_sent_with_auth_plain(void **state)
{
	struct script script = accepting_script();
	const struct mail_message message = sample();
	struct mail_report report;
	struct fixture *f;

	(void)state;
	script.ehlo = "250-test\r\n250 AUTH PLAIN\r\n";
	script.auth = "235 in\r\n";
	f = fixture_start(script);
	open_mailer(f, "smtp://us%40er:p%3Ass@", STR(""));
	assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_ACCEPTED);
	lock_acquire(&f->script.lock);
	/* base64 of \0us@er\0p:ss */
	assert_non_null(strstr(f->script.commands, "AUTH PLAIN\r\nAHVzQGVyAHA6c3M=\r\n"));
	lock_release(&f->script.lock);
	fixture_stop(f);
}

static const struct {
	const char *name;
	/* Replies that differ from those of accepting_script(); "-": close the connection. */
	struct script changes;
	enum delivery_result result;
	const char *why;
} refusals[] = {
	{ "greeting 421", { .greeting = "421 too busy\r\n" }, DELIVERY_RELAY_DOWN, "421" },
	{ "greeting 554", { .greeting = "554 go away\r\n" }, DELIVERY_RELAY_DOWN, "554" },
	{ "no greeting", { .greeting = "-" }, DELIVERY_RELAY_DOWN, "broken" },
	{ "EHLO refused", { .ehlo = "550 no\r\n" }, DELIVERY_RELAY_DOWN, "550" },
	{ "sender 550", { .mail = "550 who\r\n" }, DELIVERY_RELAY_DOWN, "550" },
	{ "sender 451", { .mail = "451 later\r\n" }, DELIVERY_RELAY_DOWN, "451" },
	{ "recipient 550", { .rcpt = "550 5.1.1 unknown\r\n" }, DELIVERY_REFUSED, "550" },
	{ "recipient 553 in two lines", { .rcpt = "553-no\r\n553 really\r\n" }, DELIVERY_REFUSED, "553" },
	{ "recipient 451", { .rcpt = "451 grey\r\n" }, DELIVERY_DEFERRED, "451" },
	{ "recipient 421", { .rcpt = "421 closing\r\n" }, DELIVERY_DEFERRED, "421" },
	{ "connection closed after RCPT", { .rcpt = "-" }, DELIVERY_RELAY_DOWN, "broken" },
	{ "DATA 554", { .data = "554 no\r\n" }, DELIVERY_REFUSED, "554" },
	{ "DATA 452", { .data = "452 full\r\n" }, DELIVERY_DEFERRED, "452" },
	{ "message 550", { .end_of_data = "550 spam\r\n" }, DELIVERY_REFUSED, "550" },
	{ "message 451", { .end_of_data = "451 later\r\n" }, DELIVERY_DEFERRED, "451" },
	{ "connection closed after the message", { .end_of_data = "-" }, DELIVERY_RELAY_DOWN, "broken" },
	{ "recipient 550, then QUIT 451", { .rcpt = "550 no\r\n", .quit = "451 what\r\n" }, DELIVERY_REFUSED,
		"550" },
	{ "recipient 550, then no reply to QUIT", { .rcpt = "550 no\r\n", .quit = "" }, DELIVERY_REFUSED,
		"550" },
};

static void override_reply(const char **reply_text, const char *change)
{
	if (change != NULL)
		*reply_text = strcmp(change, "-") == 0 ? NULL : change;
}

static void every_refusal_has_the_expected_result(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(refusals); i++) {
		struct script script = accepting_script();
		const struct mail_message message = sample();
		struct mail_report report = { 0 };
		enum delivery_result result;
		struct fixture *f;

		override_reply(&script.greeting, refusals[i].changes.greeting);
		override_reply(&script.ehlo, refusals[i].changes.ehlo);
		override_reply(&script.mail, refusals[i].changes.mail);
		override_reply(&script.rcpt, refusals[i].changes.rcpt);
		override_reply(&script.data, refusals[i].changes.data);
		override_reply(&script.end_of_data, refusals[i].changes.end_of_data);
		override_reply(&script.quit, refusals[i].changes.quit);
		f = fixture_start(script);
		open_mailer(f, "smtp://", STR(""));
		result = mailer_send(f->mailer, &message, &f->arena, &report);
		if (result != refusals[i].result || strcmp(report.reason, refusals[i].why) != 0)
			fail_msg("%s: result %d, reason %s", refusals[i].name, (int)result, report.reason);
		fixture_stop(f);
	}
}

static void rejected_authentication_means_relay_down(void **state)
{
	static const struct {
		const char *ehlo, *auth, *why;
	} logins[] = {
		{ "250-test\r\n250 AUTH PLAIN\r\n", "535 no\r\n", "535" },
		{ "250-test\r\n250 AUTH PLAIN\r\n", "454 later\r\n", "454" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(logins); i++) {
		struct script script = accepting_script();
		const struct mail_message message = sample();
		struct mail_report report = { 0 };
		struct fixture *f;

		script.ehlo = logins[i].ehlo;
		script.auth = logins[i].auth;
		f = fixture_start(script);
		open_mailer(f, "smtp://user:pass@", STR(""));
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_RELAY_DOWN);
		assert_string_equal(report.reason, logins[i].why);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.commands, "MAIL"));
		lock_release(&f->script.lock);
		fixture_stop(f);
	}
}

static const struct {
	const char *name, *form, *ehlo, *starttls, *why;
} tls[] = {
	{ "STARTTLS not offered", "smtp://", "250 test\r\n", "220 go\r\n", "starttls" },
	{ "STARTTLS refused", "smtp://", "250-test\r\n250 STARTTLS\r\n", "454 no\r\n", "454" },
	{ "STARTTLS accepted, then no TLS", "smtp://", "250-test\r\n250 STARTTLS\r\n", "220 go\r\n", "tls" },
	{ "plaintext injected after STARTTLS", "smtp://", "250-test\r\n250 STARTTLS\r\n",
		"220 go\r\n250 in\r\n", "broken" },
	{ "smtps to a server without TLS", "smtps://", "250 test\r\n", "220 go\r\n", "tls" },
};

static void nothing_is_sent_when_required_tls_fails(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(tls); i++) {
		struct script script = accepting_script();
		const struct mail_message message = sample();
		struct mail_report report = { 0 };
		struct fixture *f;

		script.ehlo = tls[i].ehlo;
		script.starttls = tls[i].starttls;
		f = fixture_start(script);
		open_mailer(f, tls[i].form, STR("/etc/ssl/certs/ca-certificates.crt"));
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_RELAY_DOWN);
		if (strcmp(report.reason, tls[i].why) != 0)
			fail_msg("%s: %s", tls[i].name, report.reason);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.commands, "MAIL"));
		lock_release(&f->script.lock);
		fixture_stop(f);
	}
}

static void closed_port_is_reported_as_connect(void **state)
{
	struct fixture *f = fixture_start(accepting_script());
	const struct mail_message message = sample();
	struct mail_report report = { 0 };

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	shutdown(f->server.fd, SHUT_RDWR); /* keeps the port bound, but accepts no connection */
	assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_RELAY_DOWN);
	assert_string_equal(report.reason, "connect");
	fixture_stop(f);
}

static void smtp_command_injection_is_rejected_before_connecting(void **state)
{
	static const struct str bad[] = {
		STR_INIT("ana@example.com>\r\nRCPT TO:<eve@example.com"),
		STR_INIT("ana@example.com\r\nDATA\r\n"),
		STR_INIT("ana@example.com> NOTIFY=NEVER"),
		STR_INIT("ana@example.com\0"),
		STR_INIT(""),
	};
	struct fixture *f = fixture_start(accepting_script());

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	for (size_t i = 0; i < array_len(bad); i++) {
		struct mail_message message = sample();
		struct mail_report report = { 0 };

		message.to = bad[i];
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_RELAY_DOWN);
		assert_string_equal(report.reason, "message");
	}
	assert_int_equal(atomic_load(&f->server.accepted), 0);
	fixture_stop(f);
}

static void one_connection_carries_several_messages(void **state)
{
	struct fixture *f = fixture_start(accepting_script());
	const struct mail_message message = sample();
	struct mail_report report;

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	for (int i = 0; i < 5; i++)
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_ACCEPTED);
	assert_int_equal(atomic_load(&f->script.messages), 5);
	assert_int_equal(atomic_load(&f->server.accepted), 1);
	fixture_stop(f);
}

/* Closes each connection with 421 at the second MAIL, as a server with a limit per connection does. */
static void serve_one_message_per_connection(struct tiny_connection *c)
{
	struct script *s = c->server->script;
	char line[1100];
	bool open = tiny_send_text(c, s->greeting), served = false;

	while (open && tiny_line(c, line, sizeof(line))) {
		if (strncmp(line, "MAIL", 4) == 0 && served) {
			(void)tiny_send_text(c, "421 enough\r\n");
			return;
		}
		open = tiny_send_text(c, strncmp(line, "DATA", 4) == 0 ? s->data : s->ehlo);
		if (open && strncmp(line, "DATA", 4) == 0)
			open = served = receive_message(c, s);
	}
}

static void message_is_sent_again_when_a_reused_connection_is_closed(void **state)
{
	struct fixture *f = fixture_start(accepting_script());
	const struct mail_message message = sample();
	struct mail_report report;

	(void)state;
	f->server.serve = serve_one_message_per_connection;
	open_mailer(f, "smtp://", STR(""));
	for (int i = 0; i < 3; i++)
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), DELIVERY_ACCEPTED);
	assert_int_equal(atomic_load(&f->script.messages), 3);
	assert_int_equal(atomic_load(&f->server.accepted), 3);
	fixture_stop(f);
}

static void probe_ends_after_the_sender(void **state)
{
	static const struct {
		const char *name;
		struct script changes;
		bool accepted;
		const char *why;
	} probes[] = {
		{ "sender accepted", { .greeting = NULL }, true, "accepted" },
		{ "greeting 421", { .greeting = "421 busy\r\n" }, false, "421" },
		{ "no greeting", { .greeting = "-" }, false, "broken" },
		{ "sender 550", { .mail = "550 who\r\n" }, false, "550" },
		{ "sender 553", { .mail = "553 who\r\n" }, false, "553" },
		{ "sender 451", { .mail = "451 later\r\n" }, false, "451" },
		{ "RCPT is not sent", { .rcpt = "550 no\r\n" }, true, "accepted" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(probes); i++) {
		struct script script = accepting_script();
		struct mail_report report = { 0 };
		struct fixture *f;

		override_reply(&script.greeting, probes[i].changes.greeting);
		override_reply(&script.mail, probes[i].changes.mail);
		override_reply(&script.rcpt, probes[i].changes.rcpt);
		f = fixture_start(script);
		open_mailer(f, "smtp://", STR(""));
		/* Probes twice, because the first probe leaves a mail transaction open on its connection. */
		for (int k = 0; k < 2; k++)
			if (mailer_probe(f->mailer, &f->arena, &report) != probes[i].accepted ||
				strcmp(report.reason, probes[i].why) != 0)
				fail_msg("%s: %s", probes[i].name, report.reason);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.commands, "RCPT"));
		assert_null(strstr(f->script.commands, "DATA"));
		if (probes[i].accepted)
			assert_non_null(
				strstr(f->script.commands, "MAIL FROM:<no-reply@kycd.example>\r\nQUIT\r\n"));
		lock_release(&f->script.lock);
		fixture_stop(f);
	}
}

/* The host name resolves to loopback. smtp_tls_policy_for() cannot know that and treats it as a remote host,
 * to which weak settings allow an unencrypted connection. */
static void password_is_not_sent_unencrypted(void **state)
{
	static const struct {
		const char *login;
		enum delivery_result result;
		const char *why;
	} logins[] = { { "", DELIVERY_ACCEPTED, "accepted" },
		{ "user:pass@", DELIVERY_RELAY_DOWN, "starttls" } };

	(void)state;
	for (size_t i = 0; i < array_len(logins); i++) {
		struct script script = accepting_script();
		const struct mail_message message = sample();
		char url[128];
		struct mail_report report = { 0 };
		struct fixture *f;

		script.ehlo = "250-test\r\n250 AUTH PLAIN LOGIN\r\n";
		f = fixture_start(script);
		const struct smtp_conf conf = { .from = STR("no-reply@kycd.example"),
			.allow_plain_private = true,
			.url = { url, (size_t)snprintf(url, sizeof(url), "smtp://%srelay.localhost:%d",
					      logins[i].login, f->server.port) } };
		assert_int_equal(smtp_mailer_open(&conf, &f->mailer), OK);
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &report), logins[i].result);
		assert_string_equal(report.reason, logins[i].why);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.commands, "AUTH"));
		lock_release(&f->script.lock);
		fixture_stop(f);
	}
}

static void send_ten(void *arg)
{
	struct fixture *f = arg;
	const struct mail_message message = sample();
	struct arena a;
	struct mail_report report;

	arena_init(&a, ARENA_CALL_LIMIT);
	for (int i = 0; i < 10; i++)
		(void)mailer_send(f->mailer, &message, &a, &report);
	arena_finish(&a);
}

static void threads_share_at_most_smtp_connections(void **state)
{
	struct fixture *f = fixture_start(accepting_script());
	struct thread threads[12] = { 0 };

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], send_ten, f), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(atomic_load(&f->script.messages), 120);
	assert_true(atomic_load(&f->server.accepted) <= SMTP_CONNECTIONS);
	fixture_stop(f);
}

static const struct {
	const char *url, *from, *reply_to;
} bad_settings[] = {
	{ "", "a@kycd.example", "" },
	{ "http://127.0.0.1:25", "a@kycd.example", "" },
	{ "smtp:", "a@kycd.example", "" },
	{ "127.0.0.1:25", "a@kycd.example", "" },
	{ "smtp://127.0.0.1:99999", "a@kycd.example", "" },
	{ "smtp://127.0.0.1:25/path", "a@kycd.example", "" },
	{ "smtp://127.0.0.1:25\r\n", "a@kycd.example", "" },
	{ "smtp://127.0.0.1:25", "", "" },
	{ "smtp://127.0.0.1:25", "nobody", "" },
	{ "smtp://127.0.0.1:25", "a@kycd.example\r\nX: y", "" },
	{ "smtp://127.0.0.1:25", "a@kycd.example", "nobody" },
};

static void malformed_settings_are_input_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(bad_settings); i++) {
		const struct smtp_conf conf = { .url = str_of(bad_settings[i].url),
			.from = str_of(bad_settings[i].from),
			.reply_to = str_of(bad_settings[i].reply_to) };
		struct mailer *mailer = NULL;

		if (smtp_mailer_open(&conf, &mailer) != ERR_INPUT || mailer != NULL)
			fail_msg("row %zu is not rejected", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted_message_reaches_the_server),
		cmocka_unit_test(user_and_password_are_sent_with_auth_plain),
		cmocka_unit_test(every_refusal_has_the_expected_result),
		cmocka_unit_test(rejected_authentication_means_relay_down),
		cmocka_unit_test(nothing_is_sent_when_required_tls_fails),
		cmocka_unit_test(closed_port_is_reported_as_connect),
		cmocka_unit_test(smtp_command_injection_is_rejected_before_connecting),
		cmocka_unit_test(one_connection_carries_several_messages),
		cmocka_unit_test(message_is_sent_again_when_a_reused_connection_is_closed),
		cmocka_unit_test(probe_ends_after_the_sender),
		cmocka_unit_test(password_is_not_sent_unencrypted),
		cmocka_unit_test(threads_share_at_most_smtp_connections),
		cmocka_unit_test(malformed_settings_are_input_errors),
	};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
