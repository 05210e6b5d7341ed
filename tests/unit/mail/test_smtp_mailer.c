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

/* What the server says to each command; NULL: it hangs up, "": it says nothing until the peer goes. */
struct script {
	const char *greeting, *ehlo, *auth, *mail, *rcpt, *data, *letter, *quit, *starttls;
	struct lock lock;
	char said[16384]; /* all commands, joined */
	char letter_bytes[65536];
	atomic_int letters;
};

static void remember(char *log, size_t size, const char *line)
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
	return tiny_say(c, text);
}

static bool take_letter(struct tiny_connection *c, struct script *s)
{
	char line[1100], bytes[65536] = "";

	while (tiny_line(c, line, sizeof(line))) {
		if (strcmp(line, ".\r\n") == 0) {
			lock_acquire(&s->lock);
			memcpy(s->letter_bytes, bytes, sizeof(bytes));
			lock_release(&s->lock);
			atomic_fetch_add(&s->letters, 1);
			return reply(c, s->letter);
		}
		remember(bytes, sizeof(bytes), line);
	}
	return false;
}

static void serve(struct tiny_connection *c)
{
	struct script *s = c->server->script;
	const struct {
		const char *verb, *answer;
	} answers[] = { { "EHLO", s->ehlo }, { "HELO", s->ehlo }, { "AUTH", "334 \r\n" }, { "MAIL", s->mail },
		{ "RCPT", s->rcpt }, { "DATA", s->data }, { "QUIT", s->quit }, { "STARTTLS", s->starttls } };
	char line[1100];
	bool going = reply(c, s->greeting);

	while (going && tiny_line(c, line, sizeof(line))) {
		const char *answer = s->auth; /* what is no command is a login */

		lock_acquire(&s->lock);
		remember(s->said, sizeof(s->said), line);
		lock_release(&s->lock);
		for (size_t i = 0; i < array_len(answers); i++)
			if (strncmp(line, answers[i].verb, strlen(answers[i].verb)) == 0)
				answer = answers[i].answer;
		going = reply(c, answer);
		if (going && strncmp(line, "DATA", 4) == 0 && answer[0] == '3')
			going = take_letter(c, s);
		if (going && strncmp(line, "STARTTLS", 8) == 0 && answer[0] == '2') {
			char byte;

			going = recv(c->fd, &byte, 1, 0) == 1 && tiny_say(c, "454 no TLS here\r\n");
			tiny_wait_for_end(c);
		}
	}
}

static struct script friendly(void)
{
	return (struct script){ .greeting = "220 test ESMTP\r\n",
		.ehlo = "250-test\r\n250 SIZE 1000000\r\n",
		.auth = "235 in\r\n",
		.mail = "250 ok\r\n",
		.rcpt = "250 ok\r\n",
		.data = "354 go\r\n",
		.letter = "250 queued\r\n",
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

static struct fixture *start(struct script script)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->script = script;
	lock_init(&f->script.lock);
	tiny_start(&f->server, serve, &f->script);
	arena_init(&f->arena, ARENA_CALL_LIMIT);
	return f;
}

static void stop(struct fixture *f)
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

static void a_letter_is_handed_over(void **state)
{
	struct fixture *f = start(friendly());
	const struct mail_message message = sample();
	const char *why;

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_ACCEPTED);
	assert_string_equal(why, "accepted");
	lock_acquire(&f->script.lock);
	assert_non_null(strstr(f->script.said, "MAIL FROM:<no-reply@kycd.example>\r\n"));
	assert_non_null(strstr(f->script.said, "RCPT TO:<ana@example.com>\r\n"));
	assert_null(strstr(f->script.said, "AUTH"));
	assert_non_null(strstr(f->script.letter_bytes, "\r\nMessage-ID: <abc@kycd.example>\r\n"));
	/* RFC 5321 section 4.5.2: a leading dot is doubled on the way */
	assert_non_null(strstr(f->script.letter_bytes, "\r\n271828\r\n..\r\n...dots\r\n"));
	lock_release(&f->script.lock);
	stop(f);
}

static void the_login_is_said(void **state)
{
	struct script script = friendly();
	const struct mail_message message = sample();
	const char *why;
	struct fixture *f;

	(void)state;
	script.ehlo = "250-test\r\n250 AUTH PLAIN\r\n";
	script.auth = "235 in\r\n";
	f = start(script);
	open_mailer(f, "smtp://us%40er:p%3Ass@", STR(""));
	assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_ACCEPTED);
	lock_acquire(&f->script.lock);
	/* base64 of \0us@er\0p:ss */
	assert_non_null(strstr(f->script.said, "AUTH PLAIN\r\nAHVzQGVyAHA6c3M=\r\n"));
	lock_release(&f->script.lock);
	stop(f);
}

static const struct {
	const char *name;
	struct script changes; /* what is set here replaces the friendly answer; "-" hangs up */
	enum delivery_result result;
	const char *why;
} rows[] = {
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
	{ "hangs up at the recipient", { .rcpt = "-" }, DELIVERY_RELAY_DOWN, "broken" },
	{ "DATA 554", { .data = "554 no\r\n" }, DELIVERY_REFUSED, "554" },
	{ "DATA 452", { .data = "452 full\r\n" }, DELIVERY_DEFERRED, "452" },
	{ "letter 550", { .letter = "550 spam\r\n" }, DELIVERY_REFUSED, "550" },
	{ "letter 451", { .letter = "451 later\r\n" }, DELIVERY_DEFERRED, "451" },
	{ "hangs up after the letter", { .letter = "-" }, DELIVERY_RELAY_DOWN, "broken" },
	{ "recipient 550, and QUIT 451", { .rcpt = "550 no\r\n", .quit = "451 what\r\n" }, DELIVERY_REFUSED,
		"550" },
	{ "recipient 550, and silence", { .rcpt = "550 no\r\n", .quit = "" }, DELIVERY_REFUSED, "550" },
};

static void choose(const char **answer, const char *change)
{
	if (change != NULL)
		*answer = strcmp(change, "-") == 0 ? NULL : change;
}

static void every_refusal_has_its_fate(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct script script = friendly();
		const struct mail_message message = sample();
		const char *why = NULL;
		enum delivery_result result;
		struct fixture *f;

		choose(&script.greeting, rows[i].changes.greeting);
		choose(&script.ehlo, rows[i].changes.ehlo);
		choose(&script.mail, rows[i].changes.mail);
		choose(&script.rcpt, rows[i].changes.rcpt);
		choose(&script.data, rows[i].changes.data);
		choose(&script.letter, rows[i].changes.letter);
		choose(&script.quit, rows[i].changes.quit);
		f = start(script);
		open_mailer(f, "smtp://", STR(""));
		result = mailer_send(f->mailer, &message, &f->arena, &why);
		if (result != rows[i].result || strcmp(why, rows[i].why) != 0)
			fail_msg("%s: fate %d, why %s", rows[i].name, (int)result, why);
		stop(f);
	}
}

static void a_refused_login_is_ours(void **state)
{
	static const struct {
		const char *ehlo, *auth, *why;
	} logins[] = {
		{ "250-test\r\n250 AUTH PLAIN\r\n", "535 no\r\n", "535" },
		{ "250-test\r\n250 AUTH PLAIN\r\n", "454 later\r\n", "454" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(logins); i++) {
		struct script script = friendly();
		const struct mail_message message = sample();
		const char *why = NULL;
		struct fixture *f;

		script.ehlo = logins[i].ehlo;
		script.auth = logins[i].auth;
		f = start(script);
		open_mailer(f, "smtp://user:pass@", STR(""));
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_RELAY_DOWN);
		assert_string_equal(why, logins[i].why);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.said, "MAIL"));
		lock_release(&f->script.lock);
		stop(f);
	}
}

static const struct {
	const char *name, *form, *ehlo, *starttls, *why;
} tls[] = {
	{ "STARTTLS not offered", "smtp://", "250 test\r\n", "220 go\r\n", "starttls" },
	{ "STARTTLS refused", "smtp://", "250-test\r\n250 STARTTLS\r\n", "454 no\r\n", "454" },
	{ "STARTTLS and no TLS", "smtp://", "250-test\r\n250 STARTTLS\r\n", "220 go\r\n", "tls" },
	{ "more than was asked for", "smtp://", "250-test\r\n250 STARTTLS\r\n", "220 go\r\n250 in\r\n",
		"broken" },
	{ "smtps and no TLS", "smtps://", "250 test\r\n", "220 go\r\n", "tls" },
};

static void without_the_tls_that_is_demanded_nothing_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(tls); i++) {
		struct script script = friendly();
		const struct mail_message message = sample();
		const char *why = NULL;
		struct fixture *f;

		script.ehlo = tls[i].ehlo;
		script.starttls = tls[i].starttls;
		f = start(script);
		open_mailer(f, tls[i].form, STR("/etc/ssl/certs/ca-certificates.crt"));
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_RELAY_DOWN);
		if (strcmp(why, tls[i].why) != 0)
			fail_msg("%s: %s", tls[i].name, why);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.said, "MAIL"));
		lock_release(&f->script.lock);
		stop(f);
	}
}

static void a_closed_port_is_no_connection(void **state)
{
	struct fixture *f = start(friendly());
	const struct mail_message message = sample();
	const char *why = NULL;

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	shutdown(f->server.fd, SHUT_RDWR); /* keeps the port, takes nobody */
	assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_RELAY_DOWN);
	assert_string_equal(why, "connect");
	stop(f);
}

static void injections_do_not_reach_the_server(void **state)
{
	static const struct str bad[] = {
		STR_INIT("ana@example.com>\r\nRCPT TO:<eve@example.com"),
		STR_INIT("ana@example.com\r\nDATA\r\n"),
		STR_INIT("ana@example.com> NOTIFY=NEVER"),
		STR_INIT("ana@example.com\0"),
		STR_INIT(""),
	};
	struct fixture *f = start(friendly());

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	for (size_t i = 0; i < array_len(bad); i++) {
		struct mail_message message = sample();
		const char *why = NULL;

		message.to = bad[i];
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_RELAY_DOWN);
		assert_string_equal(why, "letter");
	}
	assert_int_equal(atomic_load(&f->server.accepted), 0);
	stop(f);
}

static void a_connection_serves_many_letters(void **state)
{
	struct fixture *f = start(friendly());
	const struct mail_message message = sample();
	const char *why;

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	for (int i = 0; i < 5; i++)
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_ACCEPTED);
	assert_int_equal(atomic_load(&f->script.letters), 5);
	assert_int_equal(atomic_load(&f->server.accepted), 1);
	stop(f);
}

/* Letters of a connection after the first are refused at the sender, as a server does that has had enough. */
static void hangs_up_on_the_second(struct tiny_connection *c)
{
	struct script *s = c->server->script;
	char line[1100];
	bool going = tiny_say(c, s->greeting), served = false;

	while (going && tiny_line(c, line, sizeof(line))) {
		if (strncmp(line, "MAIL", 4) == 0 && served) {
			(void)tiny_say(c, "421 enough\r\n");
			return;
		}
		going = tiny_say(c, strncmp(line, "DATA", 4) == 0 ? s->data : s->ehlo);
		if (going && strncmp(line, "DATA", 4) == 0)
			going = served = take_letter(c, s);
	}
}

static void who_has_had_enough_of_a_connection_gets_a_new_one(void **state)
{
	struct fixture *f = start(friendly());
	const struct mail_message message = sample();
	const char *why;

	(void)state;
	f->server.serve = hangs_up_on_the_second;
	open_mailer(f, "smtp://", STR(""));
	for (int i = 0; i < 3; i++)
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), DELIVERY_ACCEPTED);
	assert_int_equal(atomic_load(&f->script.letters), 3);
	assert_int_equal(atomic_load(&f->server.accepted), 3);
	stop(f);
}

static void it_is_asked_as_far_as_the_sender(void **state)
{
	static const struct {
		const char *name;
		struct script changes;
		bool willing;
		const char *why;
	} asked[] = {
		{ "friendly", { .greeting = NULL }, true, "accepted" },
		{ "greeting 421", { .greeting = "421 busy\r\n" }, false, "421" },
		{ "no greeting", { .greeting = "-" }, false, "broken" },
		{ "sender 550", { .mail = "550 who\r\n" }, false, "550" },
		{ "sender 553", { .mail = "553 who\r\n" }, false, "553" },
		{ "sender 451", { .mail = "451 later\r\n" }, false, "451" },
		{ "recipients are not asked about", { .rcpt = "550 no\r\n" }, true, "accepted" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(asked); i++) {
		struct script script = friendly();
		const char *why = NULL;
		struct fixture *f;

		choose(&script.greeting, asked[i].changes.greeting);
		choose(&script.mail, asked[i].changes.mail);
		choose(&script.rcpt, asked[i].changes.rcpt);
		f = start(script);
		open_mailer(f, "smtp://", STR(""));
		/* Twice: what was begun is not in the way of the next. */
		for (int k = 0; k < 2; k++)
			if (mailer_probe(f->mailer, &f->arena, &why) != asked[i].willing ||
				strcmp(why, asked[i].why) != 0)
				fail_msg("%s: %s", asked[i].name, why);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.said, "RCPT"));
		assert_null(strstr(f->script.said, "DATA"));
		if (asked[i].willing)
			assert_non_null(
				strstr(f->script.said, "MAIL FROM:<no-reply@kycd.example>\r\nQUIT\r\n"));
		lock_release(&f->script.lock);
		stop(f);
	}
}

/* A name that is loopback's, which the rules do not know: weak settings allow it to be spoken to in the
 * clear. */
static void a_password_is_not_said_in_the_clear(void **state)
{
	static const struct {
		const char *login;
		enum delivery_result result;
		const char *why;
	} rows_of_login[] = { { "", DELIVERY_ACCEPTED, "accepted" },
		{ "user:pass@", DELIVERY_RELAY_DOWN, "starttls" } };

	(void)state;
	for (size_t i = 0; i < array_len(rows_of_login); i++) {
		struct script script = friendly();
		const struct mail_message message = sample();
		char url[128];
		const char *why = NULL;
		struct fixture *f;

		script.ehlo = "250-test\r\n250 AUTH PLAIN LOGIN\r\n";
		f = start(script);
		const struct smtp_conf conf = { .from = STR("no-reply@kycd.example"),
			.allow_plain_private = true,
			.url = { url, (size_t)snprintf(url, sizeof(url), "smtp://%srelay.localhost:%d",
					      rows_of_login[i].login, f->server.port) } };
		assert_int_equal(smtp_mailer_open(&conf, &f->mailer), OK);
		assert_int_equal(mailer_send(f->mailer, &message, &f->arena, &why), rows_of_login[i].result);
		assert_string_equal(why, rows_of_login[i].why);
		lock_acquire(&f->script.lock);
		assert_null(strstr(f->script.said, "AUTH"));
		lock_release(&f->script.lock);
		stop(f);
	}
}

static void send_ten(void *arg)
{
	struct fixture *f = arg;
	const struct mail_message message = sample();
	struct arena a;
	const char *why;

	arena_init(&a, ARENA_CALL_LIMIT);
	for (int i = 0; i < 10; i++)
		(void)mailer_send(f->mailer, &message, &a, &why);
	arena_finish(&a);
}

static void many_threads_share_a_few_connections(void **state)
{
	struct fixture *f = start(friendly());
	struct thread threads[12] = { 0 };

	(void)state;
	open_mailer(f, "smtp://", STR(""));
	for (size_t i = 0; i < array_len(threads); i++)
		assert_int_equal(thread_start(&threads[i], send_ten, f), OK);
	for (size_t i = 0; i < array_len(threads); i++)
		thread_join(&threads[i]);
	assert_int_equal(atomic_load(&f->script.letters), 120);
	assert_true(atomic_load(&f->server.accepted) <= SMTP_CONNECTIONS);
	stop(f);
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

static void bad_settings_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(bad_settings); i++) {
		const struct smtp_conf conf = { .url = str_of(bad_settings[i].url),
			.from = str_of(bad_settings[i].from),
			.reply_to = str_of(bad_settings[i].reply_to) };
		struct mailer *mailer = NULL;

		if (smtp_mailer_open(&conf, &mailer) != ERR_INPUT || mailer != NULL)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_handed_over),
		cmocka_unit_test(the_login_is_said),
		cmocka_unit_test(every_refusal_has_its_fate),
		cmocka_unit_test(a_refused_login_is_ours),
		cmocka_unit_test(without_the_tls_that_is_demanded_nothing_is_said),
		cmocka_unit_test(a_closed_port_is_no_connection),
		cmocka_unit_test(injections_do_not_reach_the_server),
		cmocka_unit_test(a_connection_serves_many_letters),
		cmocka_unit_test(who_has_had_enough_of_a_connection_gets_a_new_one),
		cmocka_unit_test(it_is_asked_as_far_as_the_sender),
		cmocka_unit_test(a_password_is_not_said_in_the_clear),
		cmocka_unit_test(many_threads_share_a_few_connections),
		cmocka_unit_test(bad_settings_are_refused),
	};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
