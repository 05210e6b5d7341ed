#include "server_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/log.h"
#include "http/lingering_close.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD(line, length)                                                                                   \
	"HTTP/1.1 " line "\r\n" DATE_LINE "Content-Type: text/plain\r\nContent-Length: " length "\r\n"
#define OK_KEEP(length, body) HEAD("200 OK", length) "\r\n" body
#define OK_CLOSE(length, body) HEAD("200 OK", length) "Connection: close\r\n\r\n" body
#define FULL HEAD("503 Service Unavailable", "7") "Connection: close\r\n\r\nrefused"

static void stop_server(void *arg)
{
	server_stop(fixture.server, *(const duration *)arg);
}

/* Stops the server on another thread. Returns when the server accepts no more connections. */
static void stop_in_background(struct thread *t, duration *limit)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)server_port(fixture.server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int64_t end = system_ticks() + WAIT_MS;
	bool refused = false;

	assert_int_equal(thread_start(t, stop_server, limit), OK);
	while (!refused && system_ticks() < end) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		refused = connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0;
		close_client(fd);
	}
	assert_true(refused);
}

static void server_is_opened_and_closed(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	struct server *first, *second = NULL;
	char port[8];

	conf.host = STR("example");
	assert_int_equal(server_open(&conf, &second), ERR_INPUT);
	conf.host = STR("127.0.0.1");
	assert_int_equal(server_open(&conf, &first), OK);
	assert_true(snprintf(port, sizeof(port), "%d", server_port(first)) > 0);
	conf.port = str_of(port);
	assert_int_equal(server_open(&conf, &second), ERR_CONFLICT);
	assert_null(second);
	server_close(first);
	assert_int_equal(server_open(&conf, &first), OK);
	server_stop(first, milliseconds(10));
	server_close(first);
	assert_int_equal(server_open(&conf, &first), OK);
	assert_int_equal(server_start(first), OK);
	server_close(first); /* also stops the server */
	server_close(NULL);
}

static void assert_refused_and_closed(int fd)
{
	send_text(fd, GET("/a"));
	expect_bytes(fd, FULL);
	expect_end(fd);
	close_client(fd);
}

static void assert_served(int fd)
{
	send_text(fd, GET("/a"));
	expect_bytes(fd, OK_KEEP("10", "GET /a? []"));
}

static void total_number_of_connections_is_limited(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	int connected[3];

	conf.limits.connections = array_len(connected);
	fixture_start(&conf);
	for (size_t i = 0; i < array_len(connected); i++) {
		connected[i] = connect_client();
		assert_served(connected[i]);
	}
	assert_refused_and_closed(connect_client());
	assert_refused_and_closed(connect_client_from("127.0.0.2"));
	assert_int_equal(server_connections(fixture.server), array_len(connected));
	close_client(connected[1]);
	wait_for_connections(2);
	connected[1] = connect_client();
	assert_served(connected[1]);
	for (size_t i = 0; i < array_len(connected); i++)
		close_client(connected[i]);
	fixture_close();
}

static void number_of_connections_per_address_is_limited(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	int one, two, other;

	conf.limits.connections_per_address = 2;
	fixture_start(&conf);
	one = connect_client();
	two = connect_client();
	assert_served(one);
	assert_served(two);
	assert_refused_and_closed(connect_client());
	other = connect_client_from("127.0.0.2");
	assert_served(other);
	close_client(one);
	wait_for_connections(2);
	one = connect_client();
	assert_served(one);
	assert_refused_and_closed(connect_client());
	close_client(one);
	close_client(two);
	close_client(other);
	fixture_close();
}

/* A GET request that a proxy forwards for a client. */
#define FOR(path, client) "GET " path " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " client "\r\n\r\n"
#define FULL_KEEP HEAD("503 Service Unavailable", "7") "\r\nrefused"

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close_client(fds[i]);
}

/* Sends one more request through a trusted proxy while n requests of a client are in progress through it. */
static void requests_through_a_proxy_are_limited_per_client(void **state maybe_unused)
{
	enum { LIMIT = 3 };
	static const struct {
		const char *name, *pending_request, *next_request;
		bool counts; /* both requests count for the same client */
		int most;    /* largest number of requests in progress to test */
	} rows[] = {
		{ "the same client", FOR("/wait", "203.0.113.7"), FOR("/a", "203.0.113.7"), true, LIMIT },
		{ "another client", FOR("/wait", "203.0.113.7"), FOR("/a", "203.0.113.8"), false, LIMIT },
		{ "an address in the same /64", FOR("/wait", "2001:db8::7"), FOR("/a", "2001:db8::ffff:8"),
			true, LIMIT },
		{ "another /64", FOR("/wait", "2001:db8::7"), FOR("/a", "2001:db8:0:1::7"), false, LIMIT },
		{ "forged elements in the header", FOR("/wait", "203.0.113.7"),
			FOR("/a", "1.2.3.4, 203.0.113.7"), true, LIMIT },
		{ "no header", GET("/wait"), GET("/a"), false, LIMIT + 1 },
		{ "the proxy", FOR("/wait", "127.0.0.2"), FOR("/a", "127.0.0.2"), false, LIMIT + 1 },
	};
	struct server_conf conf = fixture_conf();
	struct ip_nets trusted;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = LIMIT;
	for (size_t i = 0; i < array_len(rows); i++) {
		for (int n = LIMIT - 1; n <= rows[i].most; n++) {
			int fds[LIMIT + 1], one;

			print_message("# %s: %d\n", rows[i].name, n);
			fixture_start(&conf);
			for (int k = 0; k < n; k++) {
				fds[k] = connect_client_from("127.0.0.2");
				send_text(fds[k], rows[i].pending_request);
			}
			wait_for_pending_requests(n);
			one = connect_client_from("127.0.0.2");
			send_text(one, rows[i].next_request);
			expect_bytes(
				one, rows[i].counts && n >= LIMIT ? FULL_KEEP : OK_KEEP("10", "GET /a? []"));
			/* The connection stays open, so that a client can send its next request as soon as it
			 * has received a reply. */
			release_requests();
			for (int k = 0; k < n; k++)
				expect_bytes(fds[k], OK_KEEP("13", "GET /wait? []"));
			send_text(one, rows[i].next_request);
			expect_bytes(one, OK_KEEP("10", "GET /a? []"));
			close_client(one);
			close_all(fds, (size_t)n);
			fixture_close();
		}
	}
}

/* The limit counts direct connections and requests through the proxy, whichever came first. */
static void direct_and_proxied_connections_of_a_client_are_counted_together(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	struct ip_nets trusted;
	int proxy, own;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = 1;
	fixture_start(&conf);
	proxy = connect_client_from("127.0.0.2");
	send_text(proxy, FOR("/wait", "127.0.0.3"));
	wait_for_pending_requests(1);
	assert_refused_and_closed(connect_client_from("127.0.0.3"));
	release_requests();
	expect_bytes(proxy, OK_KEEP("13", "GET /wait? []"));
	own = connect_client_from("127.0.0.3");
	assert_served(own);
	send_text(proxy, FOR("/a", "127.0.0.3"));
	expect_bytes(proxy, FULL_KEEP);
	send_text(proxy, FOR("/a", "127.0.0.4"));
	expect_bytes(proxy, OK_KEEP("10", "GET /a? []"));
	close_client(own);
	close_client(proxy);
	fixture_close();
}

static struct {
	char last[1024];
	atomic_int lines;
} malformed_log;

static void store_malformed_line(void *arg, struct str line)
{
	(void)arg;
	if (!memmem(line.p, line.n, " event=forwarded_for_malformed",
		    strlen(" event=forwarded_for_malformed")))
		return;
	(void)!str_copy_to(line, malformed_log.last, sizeof(malformed_log.last));
	atomic_fetch_add(&malformed_log.lines, 1);
}

/* Requests whose client cannot be determined count for the proxy, whose idle connections do not count. */
static void client_that_is_no_address_is_limited_as_the_proxy(void **state maybe_unused)
{
	enum { LIMIT = 2 };
	struct server_conf conf = fixture_conf();
	struct ip_nets trusted;
	int proxy[LIMIT + 2];

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = LIMIT;
	log_sink_set(store_malformed_line, NULL);
	fixture_start(&conf);
	for (size_t i = 0; i < array_len(proxy); i++) {
		proxy[i] = connect_client_from("127.0.0.2");
		send_text(proxy[i], FOR("/peer", "203.0.113.9, 203.0.113.7:port"));
		expect_bytes(proxy[i], OK_KEEP("9", "127.0.0.2"));
	}
	send_text(proxy[0], FOR("/wait", "203.0.113.9, unix:"));
	send_text(proxy[1], FOR("/wait", "unknown"));
	wait_for_pending_requests(LIMIT);
	send_text(proxy[2], FOR("/a", "_hidden"));
	expect_bytes(proxy[2], FULL_KEEP);
	send_text(proxy[2], FOR("/peer", "203.0.113.9, 203.0.113.7:4711"));
	expect_bytes(proxy[2], OK_KEEP("11", "203.0.113.7"));
	send_text(proxy[3], GET("/a"));
	expect_bytes(proxy[3], OK_KEEP("10", "GET /a? []"));
	release_requests();
	expect_bytes(proxy[0], OK_KEEP("13", "GET /wait? []"));
	expect_bytes(proxy[1], OK_KEEP("13", "GET /wait? []"));
	send_text(proxy[2], FOR("/a", "unknown"));
	expect_bytes(proxy[2], OK_KEEP("10", "GET /a? []"));
	close_all(proxy, array_len(proxy));
	fixture_close();
	log_sink_set(NULL, NULL);
	assert_int_equal(atomic_load(&malformed_log.lines), 1);
	assert_non_null(strstr(malformed_log.last, "element_form=\"999.9.999.9:aaaa\""));
}

/* The X-Forwarded-For header of an untrusted proxy is ignored, so all its connections count for one address.
 */
static void untrusted_proxy_counts_as_one_client(void **state maybe_unused)
{
	enum { LIMIT = 3 };
	struct server_conf conf = fixture_conf();
	struct ip_nets trusted;
	int fds[LIMIT], other;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = LIMIT;
	fixture_start(&conf);
	for (size_t i = 0; i < LIMIT; i++) {
		fds[i] = connect_client_from("127.0.0.5");
		send_text(fds[i], FOR("/wait", "203.0.113.7"));
	}
	wait_for_pending_requests(LIMIT);
	assert_refused_and_closed(connect_client_from("127.0.0.5"));
	other = connect_client_from("127.0.0.2");
	send_text(other, FOR("/a", "203.0.113.7"));
	expect_bytes(other, OK_KEEP("10", "GET /a? []"));
	close_client(other);
	release_requests();
	for (size_t i = 0; i < LIMIT; i++)
		expect_bytes(fds[i], OK_KEEP("13", "GET /wait? []"));
	close_all(fds, LIMIT);
	fixture_close();
}

static void send_many_requests(void *arg)
{
	const char *const call = arg;
	const int fd = connect_client_from("127.0.0.2");

	for (int i = 0; i < 200; i++) {
		send_text(fd, call);
		expect_bytes(fd, OK_KEEP("10", "GET /a? []"));
	}
	close_client(fd);
}

/* Sends many requests in parallel. No request is refused while its client keeps to the limit. */
static void clients_within_their_limit_are_never_refused(void **state maybe_unused)
{
	static const char *const calls[] = { FOR("/a", "203.0.113.1"), FOR("/a", "203.0.113.2"),
		FOR("/a", "203.0.113.1"), FOR("/a", "2001:db8::1"), FOR("/a", "203.0.113.2"),
		FOR("/a", "2001:db8::2") };
	struct server_conf conf = fixture_conf();
	struct ip_nets trusted;
	struct thread threads[array_len(calls)];

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = 2;
	fixture_start(&conf);
	for (size_t i = 0; i < array_len(calls); i++)
		assert_int_equal(
			thread_start(&threads[i], send_many_requests, (void *)(uintptr_t)calls[i]), OK);
	for (size_t i = 0; i < array_len(calls); i++)
		thread_join(&threads[i]);
	fixture_close();
}

/* The connections of a trusted proxy are not limited per address, and its X-Forwarded-For header is used. */
static void trusted_proxy_is_not_limited_and_its_header_is_used(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	struct ip_nets trusted;
	int proxy[4], one;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections = 5;
	conf.limits.connections_per_address = 1;
	fixture_start(&conf);
	one = connect_client();
	send_text(one, "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
	expect_bytes(one, OK_KEEP("9", "127.0.0.1"));
	assert_refused_and_closed(connect_client());
	for (size_t i = 0; i < array_len(proxy); i++) {
		proxy[i] = connect_client_from("127.0.0.2");
		send_text(proxy[i], "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
		expect_bytes(proxy[i], OK_KEEP("11", "203.0.113.7"));
		/* The next request on the same connection is from another client. */
		send_text(proxy[i], "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8::7\r\n\r\n");
		expect_bytes(proxy[i], OK_KEEP("11", "2001:db8::7"));
		send_text(proxy[i], GET("/peer"));
		expect_bytes(proxy[i], OK_KEEP("9", "127.0.0.2"));
	}
	assert_refused_and_closed(connect_client_from("127.0.0.2")); /* the total limit */
	for (size_t i = 0; i < array_len(proxy); i++)
		close_client(proxy[i]);
	close_client(one);
	fixture_close();
}

/* Opens more connections over the limit than LINGERING_CLOSE_MAX. All of them receive a response, and the
 * connection within the limit is served meanwhile. */
static void many_refused_connections_do_not_delay_others(void **state maybe_unused)
{
	struct server_conf conf = fixture_conf();
	int connected, refused_fds[LINGERING_CLOSE_MAX * 2];

	conf.limits.connections = 1;
	fixture_start(&conf);
	connected = connect_client();
	assert_served(connected);
	for (size_t i = 0; i < array_len(refused_fds); i++)
		refused_fds[i] = connect_client();
	for (size_t i = 0; i < array_len(refused_fds); i++) {
		expect_bytes(refused_fds[i], FULL);
		expect_end(refused_fds[i]);
		assert_served(connected);
	}
	for (size_t i = 0; i < array_len(refused_fds); i++)
		close_client(refused_fds[i]);
	close_client(connected);
	fixture_close();
}

/* In 2022 a version of libmicrohttpd stopped answering at multiples of 128 connections. This server must not.
 */
static void each_number_of_connections_is_served(void **state maybe_unused)
{
	static const size_t numbers[] = { 1, 64, 127, 128, 129, 256 };
	const struct server_conf conf = fixture_conf();

	for (size_t n = 0; n < array_len(numbers); n++) {
		int fds[256];

		fixture_start(&conf);
		for (size_t i = 0; i < numbers[n]; i++)
			fds[i] = connect_client();
		for (int round = 0; round < 3; round++) {
			for (size_t i = 0; i < numbers[n]; i++)
				send_text(fds[i], GET("/a"));
			for (size_t i = 0; i < numbers[n]; i++)
				expect_bytes(fds[i], OK_KEEP("10", "GET /a? []"));
		}
		assert_int_equal(server_connections(fixture.server), numbers[n]);
		for (size_t i = 0; i < numbers[n]; i++)
			close_client(fds[i]);
		fixture_close();
	}
}

static void stop_closes_idle_connections_at_once(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int64_t started;
	int fds[3];

	fixture_start(&conf);
	for (size_t i = 0; i < array_len(fds); i++)
		fds[i] = connect_client();
	assert_served(fds[0]);
	wait_for_connections(array_len(fds));
	started = system_ticks();
	server_stop(fixture.server, milliseconds(WAIT_MS));
	assert_true(system_ticks() - started < WAIT_MS / 2);
	assert_int_equal(server_connections(fixture.server), 0);
	for (size_t i = 0; i < array_len(fds); i++) {
		expect_end(fds[i]);
		close_client(fds[i]);
	}
	fixture_close();
}

static void stop_waits_for_requests_in_progress(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	duration limit = milliseconds(WAIT_MS);
	struct thread stopper;
	int in_progress, half;

	fixture_start(&conf);
	in_progress = connect_client();
	send_text(in_progress, GET("/wait") GET("/b")); /* the second, pipelined request is answered, too */
	half = connect_client();
	send_text(half, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	expect_bytes(half, "HTTP/1.1 100 Continue\r\n\r\n");
	wait_for_pending_requests(1);
	stop_in_background(&stopper, &limit);
	send_text(half, "xy");
	expect_bytes(half, OK_CLOSE("12", "POST /? [xy]"));
	expect_end(half);
	close_client(half);
	release_requests();
	expect_bytes(in_progress, OK_KEEP("13", "GET /wait? []") OK_CLOSE("10", "GET /b? []"));
	expect_end(in_progress);
	close_client(in_progress);
	thread_join(&stopper);
	assert_int_equal(server_connections(fixture.server), 0);
	fixture_close();
}

/* When the server is stopped, connections that wait in the kernel's queue and have sent a request are still
 * served. */
static void requests_sent_before_the_stop_are_answered(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int fds[100];

	fixture_open(&conf);
	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = connect_client();
		send_text(fds[i], GET("/a"));
	}
	assert_int_equal(server_start(fixture.server), OK);
	assert_true(server_stop(fixture.server, milliseconds(WAIT_MS)));
	for (size_t i = 0; i < array_len(fds); i++) {
		char got[1000];

		receive_bytes(fds[i], got, sizeof(got), strlen(OK_CLOSE("10", "GET /a? []")));
		if (strncmp(got, "HTTP/1.1 200 OK\r\n", 17) != 0)
			fail_msg("%zu: %s", i, got);
		close_client(fds[i]);
	}
	fixture_close();
}

static void stop_returns_at_its_time_limit(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int64_t started, took;
	int fd;

	fixture_start(&conf);
	fd = connect_client();
	send_text(fd, GET("/wait"));
	wait_for_pending_requests(1);
	started = system_ticks();
	assert_false(server_stop(fixture.server, milliseconds(100)));
	took = system_ticks() - started;
	assert_true(took >= 100 && took < WAIT_MS / 2);
	assert_int_equal(server_connections(fixture.server), 1);
	release_requests();
	expect_end(fd);
	wait_for_connections(0);
	close_client(fd);
	fixture_close();
}

/* The thread that still serves a request holds the last reference to the server. */
static void server_can_be_closed_while_a_thread_is_running(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	int fd;

	fixture_start(&conf);
	fd = connect_client();
	send_text(fd, GET("/wait"));
	wait_for_pending_requests(1);
	server_stop(fixture.server, milliseconds(1));
	server_close(fixture.server);
	release_requests();
	wait_for_served(1);
	expect_end(fd);
	close_client(fd);
}

static atomic_int shortage_lines;

static void count_shortage(void *arg maybe_unused, struct str line)
{
	char text[1024];

	if (str_copy_to(line, text, sizeof(text)) && strstr(text, "accept_failed") != NULL)
		atomic_fetch_add(&shortage_lines, 1);
}

static void wait_for_shortage_lines(int n)
{
	const int64_t end = system_ticks() + WAIT_MS;

	while (atomic_load(&shortage_lines) < n && system_ticks() < end)
		poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&shortage_lines), n);
}

/* If there are no file descriptors, no connection can be accepted. The shortage is logged once, and the
 * waiting connections are served as soon as descriptors are available. */
static void shortage_of_descriptors_is_logged_once_and_overcome(void **state maybe_unused)
{
	const struct server_conf conf = fixture_conf();
	struct rlimit before, tight;
	int fds[3];

	log_sink_set(count_shortage, NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	fixture_open(&conf);
	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = connect_client();
		send_text(fds[i], GET("/a"));
	}
	tight = before;
	tight.rlim_cur = (rlim_t)fds[array_len(fds) - 1] + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_int_equal(server_start(fixture.server), OK);
	wait_for_shortage_lines(1);
	assert_false(is_readable(fds[0], 250)); /* after two pauses it is still logged only once */
	assert_int_equal(atomic_load(&shortage_lines), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	for (size_t i = 0; i < array_len(fds); i++) {
		expect_bytes(fds[i], OK_KEEP("10", "GET /a? []"));
		close_client(fds[i]);
	}
	fixture_close();
	log_sink_set(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(server_is_opened_and_closed),
		cmocka_unit_test(total_number_of_connections_is_limited),
		cmocka_unit_test(number_of_connections_per_address_is_limited),
		cmocka_unit_test(trusted_proxy_is_not_limited_and_its_header_is_used),
		cmocka_unit_test(requests_through_a_proxy_are_limited_per_client),
		cmocka_unit_test(direct_and_proxied_connections_of_a_client_are_counted_together),
		cmocka_unit_test(client_that_is_no_address_is_limited_as_the_proxy),
		cmocka_unit_test(untrusted_proxy_counts_as_one_client),
		cmocka_unit_test(clients_within_their_limit_are_never_refused),
		cmocka_unit_test(many_refused_connections_do_not_delay_others),
		cmocka_unit_test(each_number_of_connections_is_served),
		cmocka_unit_test(stop_closes_idle_connections_at_once),
		cmocka_unit_test(stop_waits_for_requests_in_progress),
		cmocka_unit_test(requests_sent_before_the_stop_are_answered),
		cmocka_unit_test(stop_returns_at_its_time_limit),
		cmocka_unit_test(shortage_of_descriptors_is_logged_once_and_overcome),
		/* This test must be the last one, because it returns before the connection's thread has freed
		 * everything. */
		cmocka_unit_test(server_can_be_closed_while_a_thread_is_running),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
