/* Requests of the sender to HTTPS servers with valid and invalid certificates (tls_servers.py). */
#include "sender_fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <curl/curl.h>

struct servers {
	char folder[64], ca_file[80];
	pid_t pid;
	FILE *output;
	int input; /* closing it ends the process */
};

static const char *script_path(void)
{
	static char path[1024];
	const char *const slash = strrchr(__FILE__, '/');

	snprintf(path, sizeof(path), "%.*s/tls_servers.py", (int)(slash - __FILE__), __FILE__);
	return path;
}

static int start_servers(void **state)
{
	static struct servers servers;
	int to_servers[2], from_servers[2];

	snprintf(servers.folder, sizeof(servers.folder), "/tmp/kycd-tls-XXXXXX");
	assert_non_null(mkdtemp(servers.folder));
	snprintf(servers.ca_file, sizeof(servers.ca_file), "%s/ca.pem", servers.folder);
	assert_int_equal(pipe(to_servers), 0);
	assert_int_equal(pipe(from_servers), 0);
	servers.pid = fork();
	assert_true(servers.pid >= 0);
	if (servers.pid == 0) {
		dup2(to_servers[0], STDIN_FILENO);
		dup2(from_servers[1], STDOUT_FILENO);
		close(to_servers[1]);
		close(from_servers[0]);
		execlp("python3", "python3", script_path(), servers.folder, (char *)NULL);
		_exit(127);
	}
	close(to_servers[0]);
	close(from_servers[1]);
	servers.input = to_servers[1];
	servers.output = fdopen(from_servers[0], "r");
	assert_non_null(servers.output);
	*state = &servers;
	return 0;
}

static int stop_servers(void **state)
{
	struct servers *const servers = *state;
	char command[128];
	int status;

	close(servers->input);
	fclose(servers->output);
	waitpid(servers->pid, &status, 0);
	snprintf(command, sizeof(command), "rm -r '%s'", servers->folder);
	return system(command); /* NOLINT(cert-env33-c,concurrency-mt-unsafe) the path is from mkdtemp */
}

static void send_to(const struct servers *servers, const char *certificate, int port, bool with_ca)
{
	const bool valid = strcmp(certificate, "good") == 0 && with_ca;
	struct sender_fixture f;
	struct curl_sender_conf conf = fixture_conf(&f, "127.0.0.0/8");

	print_message("# %s%s\n", certificate, with_ca ? "" : " with the system's CA certificates");
	if (with_ca)
		conf.ca_file = str_of(servers->ca_file);
	fixture_open(&f, &conf);
	const struct webhook_result result = fixture_send(
		&f, arena_printf(&f.arena, "https://127.0.0.1:%d/hook", port));

	assert_string_equal(webhook_error_name(result.error), valid ? "" : "tls_failed");
	assert_int_equal(result.http_status, valid ? 204 : 0);
	fixture_close(&f);
}

static void assert_requests(const struct servers *servers, const char *certificate, const char *expected)
{
	char path[128], line[128] = "";
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.requests", servers->folder, certificate);
	file = fopen(path, "r");
	assert_non_null(file);
	(void)fgets(line, sizeof(line), file);
	fclose(file);
	assert_string_equal(line, expected);
}

static void requests_are_sent_only_with_a_valid_certificate(void **state)
{
	struct servers *const servers = *state;
	char line[128], certificate[32];
	int n = 0, port;

	while (fgets(line, sizeof(line), servers->output) != NULL &&
		sscanf(line, "%31s %d", certificate, &port) == 2) { /* NOLINT(cert-err34-c) trusted */
		send_to(servers, certificate, port, false);
		assert_requests(servers, certificate, "");
		send_to(servers, certificate, port, true);
		assert_requests(servers, certificate,
			strcmp(certificate, "good") == 0 ? "POST /hook HTTP/1.1\n" : "");
		n++;
	}
	assert_int_equal(n, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			requests_are_sent_only_with_a_valid_certificate, start_servers, stop_servers),
	};

	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
