/* Fixture for tests with real sockets: a server on a free port of 127.0.0.1 whose replies describe the
 * request, and client functions that wait at most WAIT_MS. A test program has one fixture at a time. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/lock.h"
#include "http/server.h"

#define WAIT_MS 10000
#define DATE_LINE "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

/* Requests for "/wait" are not answered until `released` is set. */
static struct {
	struct server *server;
	struct lock lock;
	struct cond changed;
	bool released;
	int pending, served;
	atomic_int ticks_calls;
} fixture;

static int64_t system_ticks(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t fixture_ticks(void)
{
	atomic_fetch_add(&fixture.ticks_calls, 1);
	return system_ticks();
}

static moment fixture_now(void)
{
	return (moment){ (int64_t)784111777 * 1000 + 999 };
}

static void wait_for_release(void)
{
	lock_acquire(&fixture.lock);
	fixture.pending++;
	cond_broadcast(&fixture.changed);
	while (!fixture.released)
		cond_wait(&fixture.changed, &fixture.lock);
	fixture.pending--;
	cond_broadcast(&fixture.changed);
	lock_release(&fixture.lock);
}

static void release_requests(void)
{
	lock_acquire(&fixture.lock);
	fixture.released = true;
	cond_broadcast(&fixture.changed);
	lock_release(&fixture.lock);
}

static void wait_for_number(const int *number, int n)
{
	lock_acquire(&fixture.lock);
	while (*number != n) {
		const bool in_time = cond_wait_for(&fixture.changed, &fixture.lock, milliseconds(WAIT_MS));

		assert_true(in_time || *number == n);
	}
	lock_release(&fixture.lock);
}

static maybe_unused void wait_for_pending_requests(int n)
{
	wait_for_number(&fixture.pending, n);
}

static maybe_unused void wait_for_served(int n)
{
	wait_for_number(&fixture.served, n);
}

static void fixture_serve(
	void *arg maybe_unused, const struct request *r, struct arena *a, struct reply *reply)
{
	struct buf out;

	reply->status = 200;
	reply->content_type = "text/plain";
	buf_init(&out, a);
	buf_add(&out, method_name(r->method));
	buf_printf(&out, " %.*s?%.*s [%.*s]", STR_ARG(r->path), STR_ARG(r->query), STR_ARG(r->body));
	assert_int_equal(buf_done(&out, &reply->body), OK);
	if (str_eq(r->path, STR("/wait")))
		wait_for_release();
	if (str_eq(r->path, STR("/peer")))
		reply->body = r->peer;
	if (str_eq(r->path, STR("/close")))
		reply->close = true;
	if (str_eq(r->path, STR("/none")))
		*reply = (struct reply){ .status = 204 };
	if (str_eq(r->path, STR("/large"))) {
		reply->body = (struct str){ arena_bytes(a, 200000, 1), 200000 };
		assert_non_null(reply->body.p);
	}
	if (str_eq(r->path, STR("/header"))) {
		char *const value = arena_bytes(a, 5000, 1);

		assert_non_null(value);
		memset(value, 'h', 5000);
		reply_header(reply, STR("X-Long"), (struct str){ value, 5000 });
	}
}

static void fixture_refuse(
	void *arg maybe_unused, enum refusal refusal, struct arena *a maybe_unused, struct reply *reply)
{
	static const int statuses[REFUSAL_COUNT] = { 400, 408, 413, 431, 501, 505, 503 };

	reply->status = statuses[refusal];
	reply->content_type = "text/plain";
	reply->body = STR("refused");
}

static void fixture_served(void *arg maybe_unused)
{
	lock_acquire(&fixture.lock);
	fixture.served++;
	cond_broadcast(&fixture.changed);
	lock_release(&fixture.lock);
}

static struct server_conf fixture_conf(void)
{
	return (struct server_conf){
		.host = STR_INIT("127.0.0.1"),
		.port = STR_INIT("0"),
		.limits = { 16384, 65536, { WAIT_MS }, { WAIT_MS }, { WAIT_MS }, 1024, 1024 },
		.serve = fixture_serve,
		.refuse = fixture_refuse,
		.served = fixture_served,
		.ticks = fixture_ticks,
		.now = fixture_now,
	};
}

static void fixture_open(const struct server_conf *conf)
{
	lock_init(&fixture.lock);
	cond_init(&fixture.changed);
	fixture.released = false;
	fixture.pending = fixture.served = 0;
	assert_int_equal(server_open(conf, &fixture.server), OK);
	assert_int_equal(server_connections(fixture.server), 0);
}

static void fixture_start(const struct server_conf *conf)
{
	fixture_open(conf);
	assert_int_equal(server_start(fixture.server), OK);
}

static void fixture_close(void)
{
	release_requests();
	server_stop(fixture.server, milliseconds(WAIT_MS));
	assert_int_equal(server_connections(fixture.server), 0);
	server_close(fixture.server);
	cond_finish(&fixture.changed);
	lock_finish(&fixture.lock);
}

static maybe_unused void wait_for_connections(size_t n)
{
	const int64_t end = system_ticks() + WAIT_MS;

	while (server_connections(fixture.server) != n && system_ticks() < end)
		poll(NULL, 0, 1);
	assert_int_equal(server_connections(fixture.server), n);
}

static int connect_client_from(const char *address)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)server_port(fixture.server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in own = { .sin_family = AF_INET };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, address, &own.sin_addr), 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static maybe_unused int connect_client(void)
{
	return connect_client_from("127.0.0.1");
}

/* Resets the connection, so that it does not stay in TIME_WAIT: the tests open many connections. */
static void close_client(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* Sends the bytes. An error is ignored, because the server may have rejected the request already. */
static void send_bytes(int fd, const char *p, size_t n)
{
	while (n > 0) {
		const ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		p += sent;
		n -= (size_t)sent;
	}
}

static maybe_unused void send_text(int fd, const char *text)
{
	send_bytes(fd, text, strlen(text));
}

static bool is_readable(int fd, int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, ms) == 1;
}

/* Receives up to the end of the connection or, if `stop` is not 0, up to `stop` bytes, and appends a NUL.
 * Returns the number of bytes. */
static size_t receive_bytes(int fd, char *out, size_t size, size_t stop)
{
	size_t n = 0;

	while (n < size - 1 && (stop == 0 || n < stop)) {
		ssize_t got;

		assert_true(is_readable(fd, WAIT_MS));
		got = recv(fd, out + n, (stop != 0 ? stop : size - 1) - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out[n] = '\0';
	return n;
}

/* Asserts that the next bytes received are exactly these. */
static maybe_unused void expect_bytes(int fd, const char *expected)
{
	char got[16384];

	assert_true(strlen(expected) < sizeof(got));
	receive_bytes(fd, got, sizeof(got), strlen(expected));
	assert_string_equal(got, expected);
}

static maybe_unused void expect_end(int fd)
{
	char got[1000];

	assert_int_equal(receive_bytes(fd, got, sizeof(got), 0), 0);
}
