#include "served.h"

#include <errno.h>
#include <stdio.h>
#include <sys/resource.h>

#include "base/log.h"
#include "http/lingering_close.h"

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HEAD(line, length)                                                                                   \
	"HTTP/1.1 " line "\r\n" DATE_LINE "Content-Type: text/plain\r\nContent-Length: " length "\r\n"
#define OK_(length, body) HEAD("200 OK", length) "\r\n" body
#define LAST(length, body) HEAD("200 OK", length) "Connection: close\r\n\r\n" body
#define FULL HEAD("503 Service Unavailable", "7") "Connection: close\r\n\r\nrefused"

static void stop_on_a_thread(void *arg)
{
	server_stop(house.server, *(const duration *)arg);
}

/* Returns when the server accepts nobody any more. */
static void begin_stop(struct thread *t, duration *limit)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)server_port(house.server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int64_t end = ticks_of_system() + WAIT_MS;
	bool refused = false;

	assert_int_equal(thread_start(t, stop_on_a_thread, limit), OK);
	while (!refused && ticks_of_system() < end) {
		const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		refused = connect(fd, (const struct sockaddr *)&to, sizeof(to)) != 0;
		client_close(fd);
	}
	assert_true(refused);
}

static void opening(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
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
	server_close(first); /* stops it */
	server_close(NULL);
}

static void refused_at_the_door(int fd)
{
	respond(fd, GET("/a"));
	expect_bytes(fd, FULL);
	expect_end(fd);
	client_close(fd);
}

static void welcome(int fd)
{
	respond(fd, GET("/a"));
	expect_bytes(fd, OK_("10", "GET /a? []"));
}

static void limit_in_all(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
	int in[3];

	conf.limits.connections = array_len(in);
	house_start(&conf);
	for (size_t i = 0; i < array_len(in); i++) {
		in[i] = client();
		welcome(in[i]);
	}
	refused_at_the_door(client());
	refused_at_the_door(client_from("127.0.0.2"));
	assert_int_equal(server_connections(house.server), array_len(in));
	client_close(in[1]);
	until_connections(2);
	in[1] = client();
	welcome(in[1]);
	for (size_t i = 0; i < array_len(in); i++)
		client_close(in[i]);
	house_close();
}

static void limit_per_address(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
	int one, two, other;

	conf.limits.connections_per_address = 2;
	house_start(&conf);
	one = client();
	two = client();
	welcome(one);
	welcome(two);
	refused_at_the_door(client());
	other = client_from("127.0.0.2");
	welcome(other);
	client_close(one);
	until_connections(2);
	one = client();
	welcome(one);
	refused_at_the_door(client());
	client_close(one);
	client_close(two);
	client_close(other);
	house_close();
}

#define FOR(path, client) "GET " path " HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: " client "\r\n\r\n"
#define FULL_BUT_KEPT HEAD("503 Service Unavailable", "7") "\r\nrefused"

static void close_all(const int *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		client_close(fds[i]);
}

/* So many calls of one client are under way through a trusted proxy: is there room for one more? */
static void calls_behind_a_proxy_count_for_their_client(void **state maybe_unused)
{
	enum { LIMIT = 3 };
	static const struct {
		const char *name, *under_way, *more;
		bool counts; /* together */
		int most;    /* under way */
	} rows[] = {
		{ "the same client", FOR("/wait", "203.0.113.7"), FOR("/a", "203.0.113.7"), true, LIMIT },
		{ "another one", FOR("/wait", "203.0.113.7"), FOR("/a", "203.0.113.8"), false, LIMIT },
		{ "its /64", FOR("/wait", "2001:db8::7"), FOR("/a", "2001:db8::ffff:8"), true, LIMIT },
		{ "another /64", FOR("/wait", "2001:db8::7"), FOR("/a", "2001:db8:0:1::7"), false, LIMIT },
		{ "what it claims itself", FOR("/wait", "203.0.113.7"), FOR("/a", "1.2.3.4, 203.0.113.7"),
			true, LIMIT },
		{ "nobody", GET("/wait"), GET("/a"), false, LIMIT + 1 },
		{ "the proxy", FOR("/wait", "127.0.0.2"), FOR("/a", "127.0.0.2"), false, LIMIT + 1 },
	};
	struct server_conf conf = house_conf();
	struct ip_nets trusted;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = LIMIT;
	for (size_t i = 0; i < array_len(rows); i++) {
		for (int n = LIMIT - 1; n <= rows[i].most; n++) {
			int fds[LIMIT + 1], one;

			print_message("# %s: %d\n", rows[i].name, n);
			house_start(&conf);
			for (int k = 0; k < n; k++) {
				fds[k] = client_from("127.0.0.2");
				respond(fds[k], rows[i].under_way);
			}
			until_inside(n);
			one = client_from("127.0.0.2");
			respond(one, rows[i].more);
			expect_bytes(
				one, rows[i].counts && n >= LIMIT ? FULL_BUT_KEPT : OK_("10", "GET /a? []"));
			/* The connection stays, and who has an answer may ask again at once. */
			open_the_gate();
			for (int k = 0; k < n; k++)
				expect_bytes(fds[k], OK_("13", "GET /wait? []"));
			respond(one, rows[i].more);
			expect_bytes(one, OK_("10", "GET /a? []"));
			client_close(one);
			close_all(fds, (size_t)n);
			house_close();
		}
	}
}

/* With its own connections, and in both directions. */
static void a_client_is_one_behind_a_proxy_and_without(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
	struct ip_nets trusted;
	int proxy, own;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = 1;
	house_start(&conf);
	proxy = client_from("127.0.0.2");
	respond(proxy, FOR("/wait", "127.0.0.3"));
	until_inside(1);
	refused_at_the_door(client_from("127.0.0.3"));
	open_the_gate();
	expect_bytes(proxy, OK_("13", "GET /wait? []"));
	own = client_from("127.0.0.3");
	welcome(own);
	respond(proxy, FOR("/a", "127.0.0.3"));
	expect_bytes(proxy, FULL_BUT_KEPT);
	respond(proxy, FOR("/a", "127.0.0.4"));
	expect_bytes(proxy, OK_("10", "GET /a? []"));
	client_close(own);
	client_close(proxy);
	house_close();
}

/* What it says of its clients is anybody's claim: it is one client itself. */
static void a_proxy_that_is_not_trusted_is_one_client(void **state maybe_unused)
{
	enum { LIMIT = 3 };
	struct server_conf conf = house_conf();
	struct ip_nets trusted;
	int fds[LIMIT], other;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = LIMIT;
	house_start(&conf);
	for (size_t i = 0; i < LIMIT; i++) {
		fds[i] = client_from("127.0.0.5");
		respond(fds[i], FOR("/wait", "203.0.113.7"));
	}
	until_inside(LIMIT);
	refused_at_the_door(client_from("127.0.0.5"));
	other = client_from("127.0.0.2");
	respond(other, FOR("/a", "203.0.113.7"));
	expect_bytes(other, OK_("10", "GET /a? []"));
	client_close(other);
	open_the_gate();
	for (size_t i = 0; i < LIMIT; i++)
		expect_bytes(fds[i], OK_("13", "GET /wait? []"));
	close_all(fds, LIMIT);
	house_close();
}

/* Many at once: nobody who keeps to the limit is refused, and in the end nobody is counted. */
static void ask_again_and_again(void *arg)
{
	const char *const call = arg;
	const int fd = client_from("127.0.0.2");

	for (int i = 0; i < 200; i++) {
		respond(fd, call);
		expect_bytes(fd, OK_("10", "GET /a? []"));
	}
	client_close(fd);
}

static void clients_take_turns(void **state maybe_unused)
{
	static const char *const calls[] = { FOR("/a", "203.0.113.1"), FOR("/a", "203.0.113.2"),
		FOR("/a", "203.0.113.1"), FOR("/a", "2001:db8::1"), FOR("/a", "203.0.113.2"),
		FOR("/a", "2001:db8::2") };
	struct server_conf conf = house_conf();
	struct ip_nets trusted;
	struct thread threads[array_len(calls)];

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections_per_address = 2;
	house_start(&conf);
	for (size_t i = 0; i < array_len(calls); i++)
		assert_int_equal(
			thread_start(&threads[i], ask_again_and_again, (void *)(uintptr_t)calls[i]), OK);
	for (size_t i = 0; i < array_len(calls); i++)
		thread_join(&threads[i]);
	house_close();
}

/* A proxy speaks for many: its connections are not counted per address, and its word about them is taken. */
static void a_trusted_proxy(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
	struct ip_nets trusted;
	int proxy[4], one;

	assert_true(ip_nets_read(STR("127.0.0.2"), &trusted));
	conf.trusted = &trusted;
	conf.limits.connections = 5;
	conf.limits.connections_per_address = 1;
	house_start(&conf);
	one = client();
	respond(one, "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
	expect_bytes(one, OK_("9", "127.0.0.1"));
	refused_at_the_door(client());
	for (size_t i = 0; i < array_len(proxy); i++) {
		proxy[i] = client_from("127.0.0.2");
		respond(proxy[i], "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.7\r\n\r\n");
		expect_bytes(proxy[i], OK_("11", "203.0.113.7"));
		/* The next on the same connection is somebody else's. */
		respond(proxy[i], "GET /peer HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 2001:db8::7\r\n\r\n");
		expect_bytes(proxy[i], OK_("11", "2001:db8::7"));
		respond(proxy[i], GET("/peer"));
		expect_bytes(proxy[i], OK_("9", "127.0.0.2"));
	}
	refused_at_the_door(client_from("127.0.0.2")); /* the limit of all */
	for (size_t i = 0; i < array_len(proxy); i++)
		client_close(proxy[i]);
	client_close(one);
	house_close();
}

/* More than are seen off at a time; nobody waits, and those inside are served meanwhile. */
static void a_crowd_at_the_door(void **state maybe_unused)
{
	struct server_conf conf = house_conf();
	int in, crowd[LINGERING_CLOSE_MAX * 2];

	conf.limits.connections = 1;
	house_start(&conf);
	in = client();
	welcome(in);
	for (size_t i = 0; i < array_len(crowd); i++)
		crowd[i] = client();
	for (size_t i = 0; i < array_len(crowd); i++) {
		expect_bytes(crowd[i], FULL);
		expect_end(crowd[i]);
		welcome(in);
	}
	for (size_t i = 0; i < array_len(crowd); i++)
		client_close(crowd[i]);
	client_close(in);
	house_close();
}

/* A libmicrohttpd of 2022 stopped answering at multiples of 128. */
static void no_number_of_connections_stalls(void **state maybe_unused)
{
	static const size_t numbers[] = { 1, 64, 127, 128, 129, 256 };
	const struct server_conf conf = house_conf();

	for (size_t n = 0; n < array_len(numbers); n++) {
		int fds[256];

		house_start(&conf);
		for (size_t i = 0; i < numbers[n]; i++)
			fds[i] = client();
		for (int round = 0; round < 3; round++) {
			for (size_t i = 0; i < numbers[n]; i++)
				respond(fds[i], GET("/a"));
			for (size_t i = 0; i < numbers[n]; i++)
				expect_bytes(fds[i], OK_("10", "GET /a? []"));
		}
		assert_int_equal(server_connections(house.server), numbers[n]);
		for (size_t i = 0; i < numbers[n]; i++)
			client_close(fds[i]);
		house_close();
	}
}

static void idle_connections_end_at_once(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int64_t begin;
	int fds[3];

	house_start(&conf);
	for (size_t i = 0; i < array_len(fds); i++)
		fds[i] = client();
	welcome(fds[0]);
	until_connections(array_len(fds));
	begin = ticks_of_system();
	server_stop(house.server, milliseconds(WAIT_MS));
	assert_true(ticks_of_system() - begin < WAIT_MS / 2);
	assert_int_equal(server_connections(house.server), 0);
	for (size_t i = 0; i < array_len(fds); i++) {
		expect_end(fds[i]);
		client_close(fds[i]);
	}
	house_close();
}

static void calls_in_progress_are_answered(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	duration limit = milliseconds(WAIT_MS);
	struct thread stopper;
	int called, half;

	house_start(&conf);
	called = client();
	respond(called, GET("/wait") GET("/b")); /* what was sent behind it is answered too */
	half = client();
	respond(half, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	expect_bytes(half, "HTTP/1.1 100 Continue\r\n\r\n");
	until_inside(1);
	begin_stop(&stopper, &limit);
	respond(half, "xy");
	expect_bytes(half, LAST("12", "POST /? [xy]"));
	expect_end(half);
	client_close(half);
	open_the_gate();
	expect_bytes(called, OK_("13", "GET /wait? []") LAST("10", "GET /b? []"));
	expect_end(called);
	client_close(called);
	thread_join(&stopper);
	assert_int_equal(server_connections(house.server), 0);
	house_close();
}

/* Who waits in the system's queue with a request is not turned away by a stop. */
static void who_came_before_the_stop_is_answered(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int fds[100];

	house_open(&conf);
	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = client();
		respond(fds[i], GET("/a"));
	}
	assert_int_equal(server_start(house.server), OK);
	assert_true(server_stop(house.server, milliseconds(WAIT_MS)));
	for (size_t i = 0; i < array_len(fds); i++) {
		char got[1000];

		hear(fds[i], got, sizeof(got), strlen(LAST("10", "GET /a? []")));
		if (strncmp(got, "HTTP/1.1 200 OK\r\n", 17) != 0)
			fail_msg("%zu: %s", i, got);
		client_close(fds[i]);
	}
	house_close();
}

static void a_stop_has_a_limit(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int64_t begin, took;
	int fd;

	house_start(&conf);
	fd = client();
	respond(fd, GET("/wait"));
	until_inside(1);
	begin = ticks_of_system();
	assert_false(server_stop(house.server, milliseconds(100)));
	took = ticks_of_system() - begin;
	assert_true(took >= 100 && took < WAIT_MS / 2);
	assert_int_equal(server_connections(house.server), 1);
	open_the_gate();
	expect_end(fd);
	until_connections(0);
	client_close(fd);
	house_close();
}

/* The thread that is still inside is the last who holds the server. */
static void closed_before_its_threads_end(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	int fd;

	house_start(&conf);
	fd = client();
	respond(fd, GET("/wait"));
	until_inside(1);
	server_stop(house.server, milliseconds(1));
	server_close(house.server);
	open_the_gate();
	until_served(1);
	expect_end(fd);
	client_close(fd);
}

static atomic_int lines_of_shortage;

static void count_shortage(void *arg maybe_unused, struct str line)
{
	char text[1024];

	if (str_copy_to(line, text, sizeof(text)) && strstr(text, "accept_failed") != NULL)
		atomic_fetch_add(&lines_of_shortage, 1);
}

static void until_shortage(int n)
{
	const int64_t end = ticks_of_system() + WAIT_MS;

	while (atomic_load(&lines_of_shortage) < n && ticks_of_system() < end)
		poll(NULL, 0, 1);
	assert_int_equal(atomic_load(&lines_of_shortage), n);
}

/* Without descriptors nobody can be let in, nor turned away; it is said once and got over. */
static void no_descriptors_left(void **state maybe_unused)
{
	const struct server_conf conf = house_conf();
	struct rlimit before, tight;
	int fds[3];

	log_sink_set(count_shortage, NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	house_open(&conf);
	for (size_t i = 0; i < array_len(fds); i++) {
		fds[i] = client();
		respond(fds[i], GET("/a"));
	}
	tight = before;
	tight.rlim_cur = (rlim_t)fds[array_len(fds) - 1] + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	assert_int_equal(server_start(house.server), OK);
	until_shortage(1);
	assert_false(readable(fds[0], 250)); /* two pauses later it is still said once */
	assert_int_equal(atomic_load(&lines_of_shortage), 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	for (size_t i = 0; i < array_len(fds); i++) {
		expect_bytes(fds[i], OK_("10", "GET /a? []"));
		client_close(fds[i]);
	}
	house_close();
	log_sink_set(NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opening),
		cmocka_unit_test(limit_in_all),
		cmocka_unit_test(limit_per_address),
		cmocka_unit_test(a_trusted_proxy),
		cmocka_unit_test(calls_behind_a_proxy_count_for_their_client),
		cmocka_unit_test(a_client_is_one_behind_a_proxy_and_without),
		cmocka_unit_test(a_proxy_that_is_not_trusted_is_one_client),
		cmocka_unit_test(clients_take_turns),
		cmocka_unit_test(a_crowd_at_the_door),
		cmocka_unit_test(no_number_of_connections_stalls),
		cmocka_unit_test(idle_connections_end_at_once),
		cmocka_unit_test(calls_in_progress_are_answered),
		cmocka_unit_test(who_came_before_the_stop_is_answered),
		cmocka_unit_test(a_stop_has_a_limit),
		cmocka_unit_test(no_descriptors_left),
		/* the last: it ends before its thread has closed all */
		cmocka_unit_test(closed_before_its_threads_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
