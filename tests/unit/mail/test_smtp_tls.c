/* Tests of TLS with valid and invalid server certificates, against the mail servers of tls_relay.py. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>

#include <curl/curl.h>

#include "../tls_servers.h"
#include "base/attr.h"
#include "mail/smtp_mailer.h"

#define PASSWORD "word-of-the-relay"

static int start_relay(void **state)
{
	static struct tls_servers relay;

	tls_servers_start(&relay, __FILE__, "tls_relay.py");
	*state = &relay;
	return 0;
}

static int stop_relay(void **state)
{
	return tls_servers_stop(*state);
}

/* Counts the commands that a server received, other than EHLO, STARTTLS and QUIT, and how many of them came
 * unencrypted. */
static void count_commands(const struct tls_servers *relay, const char *certificate, const char *mode,
	int *commands, int *unencrypted)
{
	char path[256], line[1200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", relay->folder, certificate, mode);
	file = fopen(path, "r");
	assert_non_null(file);
	*commands = *unencrypted = 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strstr(line, " EHLO") || strstr(line, " STARTTLS") || strstr(line, " QUIT"))
			continue;
		++*commands;
		*unencrypted += strncmp(line, "clear ", 6) == 0;
	}
	fclose(file);
}

static void probe_and_send(struct tls_servers *relay, const char *certificate, const char *mode, int port)
{
	const bool valid = strcmp(certificate, "good") == 0;
	char url[128];
	struct mail_report report = { 0 };
	struct mailer *mailer;
	struct arena a;
	int commands, unencrypted;
	const struct mail_message message = { .to = STR("ana@example.com"),
		.subject = STR("Your code"),
		.text = STR("271828\n"),
		.html = STR("<b>271828</b>"),
		.message_id = STR("abc@kycd.example"),
		.date = { 1767607200000 } };
	const struct smtp_conf conf = { .from = STR("no-reply@kycd.example"),
		.ca_file = str_of(relay->ca_file),
		.url = { url, (size_t)snprintf(url, sizeof(url), "%s://kycd:" PASSWORD "@127.0.0.1:%d",
				      strcmp(mode, "smtps") == 0 ? "smtps" : "smtp", port) } };

	print_message("# %s, %s\n", certificate, mode);
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(smtp_mailer_open(&conf, &mailer), OK);
	assert_int_equal(mailer_probe(mailer, &a, &report), valid);
	assert_string_equal(report.reason, valid ? "accepted" : "certificate");
	assert_int_equal(
		mailer_send(mailer, &message, &a, &report), valid ? DELIVERY_ACCEPTED : DELIVERY_RELAY_DOWN);
	assert_string_equal(report.reason, valid ? "accepted" : "certificate");
	mailer->ops->close(mailer);
	arena_finish(&a);
	count_commands(relay, certificate, mode, &commands, &unencrypted);
	assert_int_equal(commands > 0, valid);
	assert_int_equal(unencrypted, 0);
}

static void commands_are_sent_only_with_a_valid_certificate(void **state)
{
	struct tls_servers *const relay = *state;
	char line[128], cert[32], mode[16];
	int n = 0, port;

	while (fgets(line, sizeof(line), relay->output) != NULL &&
		sscanf(line, "%31s %15s %d", cert, mode, &port) == 3) { /* NOLINT(cert-err34-c) trusted */
		probe_and_send(relay, cert, mode, port);
		n++;
	}
	assert_int_equal(n, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			commands_are_sent_only_with_a_valid_certificate, start_relay, stop_relay),
	};

	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
