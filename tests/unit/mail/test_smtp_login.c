/* Logging in to mail servers that offer mechanisms and refuse some of them: with libcurl, against a server on
 * loopback. */
#include "mail/smtp_login.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "../net/tiny_server.h"
#include "mail/smtp_mailer.h"

#define MECHANISMS_MAX 8

/* A mechanism of the server. */
struct offered {
	const char *name;
	const char *refusal; /* NULL: this login succeeds; "": the server closes the connection */
	bool late;	     /* refuses after the password, not at the AUTH command */
};

/* A mail server that offers some mechanisms. It takes no e-mail from a client that has not logged in. */
struct relay {
	struct offered mechanisms[MECHANISMS_MAX];
	bool optional;		    /* e-mails are accepted without a login as well */
	const char *sender_refusal; /* reply to MAIL without a login; NULL: 530 */
	struct lock lock;
	char used[512]; /* names of the mechanisms that clients tried, each followed by a space */
	atomic_int messages;
};

static const struct offered *find_mechanism(const struct relay *relay, const char *line)
{
	char name[32] = "";

	(void)sscanf(line, "AUTH %31s", name);
	for (size_t i = 0; i < MECHANISMS_MAX && relay->mechanisms[i].name != NULL; i++)
		if (strcmp(relay->mechanisms[i].name, name) == 0)
			return &relay->mechanisms[i];
	return NULL;
}

/* One challenge for each line that the client of this mechanism sends after AUTH. */
static bool exchange(struct tiny_connection *c, const char *name)
{
	static const struct {
		const char *name, *challenges[2];
	} exchanges[] = {
		{ "PLAIN", { "334 \r\n", NULL } },
		{ "LOGIN", { "334 VXNlcm5hbWU6\r\n", "334 UGFzc3dvcmQ6\r\n" } },
		/* <1@relay> */
		{ "CRAM-MD5", { "334 PDFAcmVsYXk+\r\n", NULL } },
		/* libcurl sends the token at once */
		{ "XOAUTH2", { "334 \r\n", NULL } },
	};
	char line[1100];

	for (size_t i = 0; i < array_len(exchanges); i++)
		for (size_t k = 0; strcmp(exchanges[i].name, name) == 0 && k < 2; k++)
			if (exchanges[i].challenges[k] != NULL &&
				(!tiny_send_text(c, exchanges[i].challenges[k]) ||
					!tiny_line(c, line, sizeof(line))))
				return false;
	return true;
}

static bool log_in(struct tiny_connection *c, struct relay *relay, const char *line, bool *logged_in)
{
	const struct offered *const mechanism = find_mechanism(relay, line);

	if (mechanism == NULL)
		return tiny_send_text(c, "504 5.5.4 unknown mechanism\r\n");
	lock_acquire(&relay->lock);
	const size_t n = strlen(relay->used);
	snprintf(relay->used + n, sizeof(relay->used) - n, "%s ", mechanism->name);
	lock_release(&relay->lock);
	if ((mechanism->refusal == NULL || mechanism->late) && !exchange(c, mechanism->name))
		return false;
	*logged_in = mechanism->refusal == NULL;
	return *logged_in ? tiny_send_text(c, "235 2.7.0 in\r\n")
			  : mechanism->refusal[0] != '\0' && tiny_send_text(c, mechanism->refusal);
}

static bool greet(struct tiny_connection *c, const struct relay *relay)
{
	char offer[256] = "250-AUTH";

	for (size_t i = 0; i < MECHANISMS_MAX && relay->mechanisms[i].name != NULL; i++) {
		const size_t n = strlen(offer);

		snprintf(offer + n, sizeof(offer) - n, " %s", relay->mechanisms[i].name);
	}
	return tiny_send_text(c, "250-relay\r\n") &&
	       (relay->mechanisms[0].name == NULL ||
		       (tiny_send_text(c, offer) && tiny_send_text(c, "\r\n"))) &&
	       tiny_send_text(c, "250 8BITMIME\r\n");
}

static bool receive_message(struct tiny_connection *c, struct relay *relay)
{
	char line[1100];

	while (tiny_line(c, line, sizeof(line)))
		if (strcmp(line, ".\r\n") == 0) {
			atomic_fetch_add(&relay->messages, 1);
			return tiny_send_text(c, "250 queued\r\n");
		}
	return false;
}

static void serve_relay(struct tiny_connection *c)
{
	struct relay *const relay = c->server->script;
	char line[1100];
	bool open = tiny_send_text(c, "220 relay ESMTP\r\n"), logged_in = relay->optional;

	while (open && tiny_line(c, line, sizeof(line))) {
		if (strncmp(line, "EHLO", 4) == 0)
			open = greet(c, relay);
		else if (strncmp(line, "AUTH", 4) == 0)
			open = log_in(c, relay, line, &logged_in);
		else if (strncmp(line, "DATA", 4) == 0)
			open = tiny_send_text(c, "354 go\r\n") && receive_message(c, relay);
		else if (strncmp(line, "MAIL", 4) == 0 && !logged_in)
			open = tiny_send_text(
				c, relay->sender_refusal != NULL
					   ? relay->sender_refusal
					   : "530 5.7.0 log in first, no-reply@kycd.example\r\n");
		else
			open = tiny_send_text(c, "250 ok\r\n");
	}
}

struct fixture {
	struct tiny_server server;
	struct relay relay;
	struct mailer *mailer;
	struct arena arena;
	struct mail_report report;
};

static struct fixture *fixture_start(const struct relay *relay, const char *login)
{
	struct fixture *const f = calloc(1, sizeof(*f));
	char url[128];

	assert_non_null(f);
	f->relay = *relay;
	lock_init(&f->relay.lock);
	tiny_start(&f->server, serve_relay, &f->relay);
	arena_init(&f->arena, ARENA_CALL_LIMIT);
	const struct smtp_conf conf = { .from = STR("no-reply@kycd.example"),
		.url = { url, (size_t)snprintf(
				      url, sizeof(url), "smtp://%s@127.0.0.1:%d", login, f->server.port) } };
	assert_int_equal(smtp_mailer_open(&conf, &f->mailer), OK);
	return f;
}

static void fixture_stop(struct fixture *f)
{
	f->mailer->ops->close(f->mailer);
	tiny_stop(&f->server);
	lock_finish(&f->relay.lock);
	arena_finish(&f->arena);
	free(f);
}

static enum delivery_result send_one(struct fixture *f)
{
	const struct mail_message message = { .to = STR("ana@example.com"),
		.subject = STR("Your code"),
		.text = STR("271828"),
		.html = STR("<b>271828</b>"),
		.message_id = STR("abc@kycd.example"),
		.date = { 1767607200000 } };

	return mailer_send(f->mailer, &message, &f->arena, &f->report);
}

static void assert_used(struct fixture *f, const char *name, const char *used)
{
	lock_acquire(&f->relay.lock);
	if (strcmp(f->relay.used, used) != 0)
		fail_msg("%s: tried %s", name, f->relay.used);
	f->relay.used[0] = '\0';
	lock_release(&f->relay.lock);
}

#define BAD "535 5.7.8 Error: authentication failed: generic failure\r\n"

static const struct login_case {
	const char *name, *login;
	struct relay relay;
	enum delivery_result result;
	const char *reason, *used;
	const char *used_later; /* by the second e-mail, in a new connection */
} cases[] = {
	{ "all mechanisms that libcurl prefers are offered and refused", "user%40shop.example:pass",
		{ .mechanisms = { { "GSSAPI", BAD, false }, { "DIGEST-MD5", BAD, false },
			  { "CRAM-MD5", BAD, false }, { "NTLM", BAD, false }, { "XOAUTH2", BAD, false },
			  { "PLAIN", NULL, false }, { "LOGIN", NULL, false } } },
		DELIVERY_ACCEPTED, "accepted", "PLAIN ", "PLAIN " },
	{ "SCRAM is offered first", "user:pass",
		{ .mechanisms = { { "SCRAM-SHA-256", BAD, false }, { "LOGIN", NULL, false } } },
		DELIVERY_ACCEPTED, "accepted", "LOGIN ", "LOGIN " },
	{ "EXTERNAL without a password", "user",
		{ .mechanisms = { { "EXTERNAL", BAD, false }, { "PLAIN", NULL, false } } }, DELIVERY_ACCEPTED,
		"accepted", "PLAIN ", "PLAIN " },
	{ "PLAIN is refused at once, LOGIN works", "user:pass",
		{ .mechanisms = { { "PLAIN", "504 5.5.4 not for you\r\n", false },
			  { "LOGIN", NULL, false } } },
		DELIVERY_ACCEPTED, "accepted", "PLAIN LOGIN ", "LOGIN " },
	{ "PLAIN is refused after the password, LOGIN works", "user:pass",
		{ .mechanisms = { { "LOGIN", NULL, false }, { "PLAIN", BAD, true } } }, DELIVERY_ACCEPTED,
		"accepted", "PLAIN LOGIN ", "LOGIN " },
	{ "PLAIN fails at present, LOGIN works", "user:pass",
		{ .mechanisms = { { "PLAIN", "454 4.7.0 later\r\n", true }, { "LOGIN", NULL, false } } },
		DELIVERY_ACCEPTED, "accepted", "PLAIN LOGIN ", "LOGIN " },
	{ "the connection is closed at PLAIN, LOGIN works", "user:pass",
		{ .mechanisms = { { "PLAIN", "", false }, { "LOGIN", NULL, false } } }, DELIVERY_ACCEPTED,
		"accepted", "PLAIN LOGIN ", "LOGIN " },
	{ "the server closes with 421", "user:pass",
		{ .mechanisms = { { "PLAIN", "421 4.7.0 too many\r\n", false }, { "LOGIN", NULL, false } } },
		DELIVERY_RELAY_DOWN, "421", "PLAIN ", "PLAIN " },
	{ "the password is wrong", "user:pass",
		{ .mechanisms = { { "PLAIN", BAD, true }, { "LOGIN", BAD, true } } }, DELIVERY_RELAY_DOWN,
		"535", "PLAIN LOGIN ", "PLAIN LOGIN " },
	{ "only PLAIN is offered and refused", "user:pass", { .mechanisms = { { "PLAIN", BAD, true } } },
		DELIVERY_RELAY_DOWN, "535", "PLAIN ", "PLAIN " },
	{ "nothing that may be used is offered", "user:pass",
		{ .mechanisms = { { "GSSAPI", NULL, false }, { "CRAM-MD5", NULL, false } } },
		DELIVERY_RELAY_DOWN, "login", "", "" },
	{ "no login is offered, but one is wanted", "user:pass", { .optional = false }, DELIVERY_RELAY_DOWN,
		"login", "", "" },
	{ "no login is offered, and that is why the sender is refused", "user:pass",
		{ .sender_refusal = "550 5.7.1 relaying denied\r\n" }, DELIVERY_RELAY_DOWN, "login", "", "" },
	{ "no login is offered, but something else is wrong with the sender", "user:pass",
		{ .sender_refusal = "550 5.1.8 no such domain\r\n" }, DELIVERY_RELAY_DOWN, "550", "", "" },
	{ "no login is offered, and the server is busy", "user:pass",
		{ .sender_refusal = "451 4.7.1 later\r\n" }, DELIVERY_RELAY_DOWN, "451", "", "" },
	{ "no login is offered, and none is wanted", "user:pass", { .optional = true }, DELIVERY_ACCEPTED,
		"accepted", "", "" },
	{ "the URL names CRAM-MD5", "user;AUTH=CRAM-MD5:pass",
		{ .mechanisms = { { "PLAIN", BAD, false }, { "CRAM-MD5", NULL, false } } }, DELIVERY_ACCEPTED,
		"accepted", "CRAM-MD5 ", "CRAM-MD5 " },
	{ "the URL names two mechanisms, one is refused", "user;AUTH=CRAM-MD5;AUTH=LOGIN:pass",
		{ .mechanisms = { { "PLAIN", NULL, false }, { "CRAM-MD5", BAD, true },
			  { "LOGIN", NULL, false } } },
		DELIVERY_ACCEPTED, "accepted", "CRAM-MD5 LOGIN ", "LOGIN " },
	{ "the URL names XOAUTH2", "user;AUTH=XOAUTH2:token",
		{ .mechanisms = { { "PLAIN", BAD, false }, { "XOAUTH2", NULL, false } } }, DELIVERY_ACCEPTED,
		"accepted", "XOAUTH2 ", "XOAUTH2 " },
};

static void next_mechanism_is_tried_when_one_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		const struct login_case *const row = &cases[i];
		struct fixture *const f = fixture_start(&row->relay, row->login);

		if (send_one(f) != row->result || strcmp(f->report.reason, row->reason) != 0)
			fail_msg("%s: %s, %s", row->name, f->report.reason, f->report.reply);
		assert_used(f, row->name, row->used);
		/* A probe has a connection of its own, so it logs in again. */
		if (mailer_probe(f->mailer, &f->arena, &f->report) != (row->result == DELIVERY_ACCEPTED))
			fail_msg("%s: probe: %s, %s", row->name, f->report.reason, f->report.reply);
		assert_used(f, row->name, row->used_later);
		assert_int_equal(atomic_load(&f->relay.messages), row->result == DELIVERY_ACCEPTED);
		fixture_stop(f);
	}
}

static void refused_mechanism_is_tried_again_when_the_other_one_fails(void **state)
{
	const struct relay relay = { .mechanisms = { { "PLAIN", BAD, true }, { "LOGIN", NULL, false } } };
	struct fixture *const f = fixture_start(&relay, "user:pass");

	(void)state;
	assert_int_equal(send_one(f), DELIVERY_ACCEPTED);
	assert_used(f, "at first", "PLAIN LOGIN ");
	f->relay.mechanisms[0].refusal = NULL;
	f->relay.mechanisms[1].refusal = BAD;
	assert_true(mailer_probe(f->mailer, &f->arena, &f->report));
	assert_used(f, "after the change", "LOGIN PLAIN ");
	f->relay.mechanisms[1].name = NULL;
	assert_true(mailer_probe(f->mailer, &f->arena, &f->report));
	assert_used(f, "without LOGIN", "PLAIN ");
	fixture_stop(f);
}

static void failed_login_reports_reply_and_offer(void **state)
{
	const struct relay refusing = { .mechanisms = {
						{ "CRAM-MD5", NULL, false }, { "PLAIN", BAD, true } } };
	const struct relay other = { .mechanisms = { { "GSSAPI", NULL, false }, { "NTLM", NULL, false } } };
	const struct relay none = { .optional = false };
	const struct {
		const struct relay *relay;
		const char *reason, *step, *status, *reply, *offer;
	} reports[] = {
		{ &refusing, "535", "login", "5.7.8",
			"535 5.7.8 Error: authentication failed: generic failure", "CRAM-MD5 PLAIN" },
		{ &other, "login", "connection", "", "", "GSSAPI NTLM" },
		{ &none, "login", "sender", "5.7.0", "530 5.7.0 log in first, [removed]", "none" },
	};

	(void)state;
	for (size_t i = 0; i < array_len(reports); i++) {
		struct fixture *const f = fixture_start(reports[i].relay, "user:pass");

		assert_int_equal(send_one(f), DELIVERY_RELAY_DOWN);
		assert_string_equal(f->report.reason, reports[i].reason);
		assert_string_equal(f->report.step, reports[i].step);
		assert_string_equal(f->report.enhanced_status, reports[i].status);
		assert_string_equal(f->report.reply, reports[i].reply);
		assert_string_equal(f->report.login_offer, reports[i].offer);
		fixture_stop(f);
	}
}

/* Of the mechanisms that the URL names. `;` in a password begins options, too. */
static void urls_with_unknown_login_options_are_refused(void **state)
{
	static const struct {
		const char *login;
		enum err result;
	} urls[] = {
		{ "user;AUTH=PLAIN:pass", OK },
		{ "user;auth=login;AUTH=Digest-MD5:pass", OK },
		{ "user;AUTH=NTLM:pass", OK },
		{ "user:pa%3Bss", OK },
		{ "user:pa;ss", ERR_INPUT },
		{ "user;AUTH=*:pass", ERR_INPUT },
		{ "user;AUTH=GSSAPI:pass", ERR_INPUT },
		{ "user;AUTH=:pass", ERR_INPUT },
		{ "user;AUTH:pass", ERR_INPUT },
		{ "user;TLS=no:pass", ERR_INPUT },
		{ "user;AUTH=PLAIN;x:pass", ERR_INPUT },
	};
	const bool has_gsasl = (curl_version_info(CURLVERSION_NOW)->features & CURL_VERSION_GSASL) != 0;

	(void)state;
	for (size_t i = 0; i <= array_len(urls); i++) {
		const char *const login = i < array_len(urls) ? urls[i].login
							      : "user;AUTH=SCRAM-SHA-256:pass";
		const enum err expected = i < array_len(urls) ? urls[i].result : has_gsasl ? OK : ERR_INPUT;
		struct mailer *mailer = NULL;
		char url[128];
		const struct smtp_conf conf = { .from = STR("no-reply@kycd.example"),
			.url = { url,
				(size_t)snprintf(url, sizeof(url), "smtps://%s@mail.example:465", login) } };

		if (smtp_mailer_open(&conf, &mailer) != expected)
			fail_msg("%s", login);
		if (mailer != NULL)
			mailer->ops->close(mailer);
	}
}

static void sets_are_written_as_options_and_read_back(void **state)
{
	char text[SMTP_LOGINS_SIZE];
	smtp_logins all, again;

	(void)state;
	smtp_logins_write(smtp_logins_default(), text);
	assert_string_equal(text, "AUTH=PLAIN;AUTH=LOGIN");
	all = smtp_logins_named(
		STR("PLAIN LOGIN CRAM-MD5 DIGEST-MD5 NTLM SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2 GSSAPI"));
	smtp_logins_write(all, text);
	assert_non_null(strstr(text, "AUTH=NTLM;AUTH=SCRAM-SHA-1;AUTH=SCRAM-SHA-256;AUTH=XOAUTH2"));
	assert_true(smtp_logins_read(str_of(text), &again));
	assert_int_equal(again, all);
	assert_int_equal(smtp_logins_named(STR("  plain GSSAPI plainer")), smtp_logins_named(STR("PLAIN")));
	assert_false(smtp_logins_read(STR(""), &again));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(next_mechanism_is_tried_when_one_is_refused),
		cmocka_unit_test(refused_mechanism_is_tried_again_when_the_other_one_fails),
		cmocka_unit_test(failed_login_reports_reply_and_offer),
		cmocka_unit_test(urls_with_unknown_login_options_are_refused),
		cmocka_unit_test(sets_are_written_as_options_and_read_back),
	};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
