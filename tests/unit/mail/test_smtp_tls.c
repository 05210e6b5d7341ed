/* TLS with certificates that are right and wrong, against a server in Python (tls_relay.py). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

#include "base/attr.h"
#include "mail/smtp_mailer.h"

#define PASSWORD "word-of-the-relay"

struct relay {
	char folder[64], ca_file[80];
	pid_t pid;
	FILE *says;
	int ends; /* closed: it ends */
};

static const char *script(void)
{
	static char path[1024];
	const char *const slash = strrchr(__FILE__, '/');

	snprintf(path, sizeof(path), "%.*s/tls_relay.py", (int)(slash - __FILE__), __FILE__);
	return path;
}

static int start(void **state)
{
	static struct relay relay;
	int in[2], out[2];

	snprintf(relay.folder, sizeof(relay.folder), "/tmp/kycd-tls-XXXXXX");
	assert_non_null(mkdtemp(relay.folder));
	snprintf(relay.ca_file, sizeof(relay.ca_file), "%s/ca.pem", relay.folder);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	relay.pid = fork();
	assert_true(relay.pid >= 0);
	if (relay.pid == 0) {
		dup2(in[0], STDIN_FILENO);
		dup2(out[1], STDOUT_FILENO);
		close(in[1]);
		close(out[0]);
		execlp("python3", "python3", script(), relay.folder, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	relay.ends = in[1];
	relay.says = fdopen(out[0], "r");
	assert_non_null(relay.says);
	*state = &relay;
	return 0;
}

static int stop(void **state)
{
	struct relay *const relay = *state;
	char command[128];
	int status;

	close(relay->ends);
	fclose(relay->says);
	waitpid(relay->pid, &status, 0);
	snprintf(command, sizeof(command), "rm -r '%s'", relay->folder);
	return system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) a folder of our own */
}

/* What the server heard: commands that carry something, and which of them came in the clear. */
static void count_said(const struct relay *relay, const char *name, const char *way, int *carried, int *clear)
{
	char path[256], line[1200];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", relay->folder, name, way);
	file = fopen(path, "r");
	assert_non_null(file);
	*carried = *clear = 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strstr(line, " EHLO") || strstr(line, " STARTTLS") || strstr(line, " QUIT"))
			continue;
		++*carried;
		*clear += strncmp(line, "clear ", 6) == 0;
	}
	fclose(file);
}

static void send_one(struct relay *relay, const char *name, const char *way, int port)
{
	const bool good = strcmp(name, "good") == 0;
	char url[128];
	const char *why = NULL;
	struct mailer *mailer;
	struct arena a;
	int carried, clear;
	const struct mail_message message = { .to = STR("ana@example.com"),
		.subject = STR("Your code"),
		.text = STR("271828\n"),
		.html = STR("<b>271828</b>"),
		.message_id = STR("abc@kycd.example"),
		.date = { 1767607200000 } };
	const struct smtp_conf conf = { .from = STR("no-reply@kycd.example"),
		.ca_file = str_of(relay->ca_file),
		.url = { url, (size_t)snprintf(url, sizeof(url), "%s://kycd:" PASSWORD "@127.0.0.1:%d",
				      strcmp(way, "smtps") == 0 ? "smtps" : "smtp", port) } };

	print_message("# %s, %s\n", name, way);
	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(smtp_mailer_open(&conf, &mailer), OK);
	assert_int_equal(mailer_probe(mailer, &a, &why), good);
	assert_string_equal(why, good ? "accepted" : "certificate");
	assert_int_equal(
		mailer_send(mailer, &message, &a, &why), good ? DELIVERY_ACCEPTED : DELIVERY_RELAY_DOWN);
	assert_string_equal(why, good ? "accepted" : "certificate");
	mailer->ops->close(mailer);
	arena_finish(&a);
	count_said(relay, name, way, &carried, &clear);
	assert_int_equal(carried > 0, good);
	assert_int_equal(clear, 0);
}

static void only_a_certificate_that_is_right_hears_anything(void **state)
{
	struct relay *const relay = *state;
	char line[128], name[32], way[16];
	int n = 0, port;

	while (fgets(line, sizeof(line), relay->says) != NULL &&
		sscanf(line, "%31s %15s %d", name, way, &port) == 3) { /* NOLINT(cert-err34-c) ours */
		send_one(relay, name, way, port);
		n++;
	}
	assert_int_equal(n, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_a_certificate_that_is_right_hears_anything, start, stop),
	};

	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
