/* Requests of the sender to HTTPS servers with valid and invalid certificates (tls_servers.py). */
#include "sender_fixture.h"

#include <signal.h>

#include <curl/curl.h>

#include "../tls_servers.h"

static int start_servers(void **state)
{
	static struct tls_servers servers;

	tls_servers_start(&servers, __FILE__, "tls_servers.py");
	*state = &servers;
	return 0;
}

static int stop_servers(void **state)
{
	return tls_servers_stop(*state);
}

static void send_to(const struct tls_servers *servers, const char *certificate, int port, bool with_ca)
{
	const bool valid = strcmp(certificate, "good") == 0 && with_ca;
	struct sender_fixture f;
	struct curl_sender_conf conf = fixture_conf(&f, "127.0.0.0/8");

	print_message("# %s%s\n", certificate, with_ca ? "" : " with the system's CA certificates");
	if (with_ca)
		conf.ca_file = str_of(servers->ca_file);
	fixture_open(&f, &conf);
	const struct webhook_transfer_result result = fixture_send(
		&f, arena_printf(&f.arena, "https://127.0.0.1:%d/hook", port));

	assert_string_equal(webhook_error_name(result.error), valid ? "" : "tls_failed");
	assert_int_equal(result.http_status, valid ? 204 : 0);
	fixture_close(&f);
}

static void assert_requests(const struct tls_servers *servers, const char *certificate, const char *expected)
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
	struct tls_servers *const servers = *state;
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
