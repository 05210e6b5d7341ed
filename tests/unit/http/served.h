/* A server on a free port of the loopback with answers that can be told apart, and a client that waits for
 * nothing longer than WAIT_MS. For tests of sockets; each program has one at a time. */
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

/* Calls of "/wait" stay inside until the gate is open. */
static struct {
	struct server *server;
	struct lock lock;
	struct cond moved;
	bool open;
	int inside, served;
	atomic_int asked_for_time;
} house;

static int64_t ticks_of_system(void)
{
	struct timespec t;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t house_ticks(void)
{
	atomic_fetch_add(&house.asked_for_time, 1);
	return ticks_of_system();
}

static moment house_now(void)
{
	return (moment){ (int64_t)784111777 * 1000 + 999 };
}

static void wait_at_the_gate(void)
{
	lock_acquire(&house.lock);
	house.inside++;
	cond_broadcast(&house.moved);
	while (!house.open)
		cond_wait(&house.moved, &house.lock);
	house.inside--;
	cond_broadcast(&house.moved);
	lock_release(&house.lock);
}

static void open_the_gate(void)
{
	lock_acquire(&house.lock);
	house.open = true;
	cond_broadcast(&house.moved);
	lock_release(&house.lock);
}

static void until_number(const int *number, int n)
{
	lock_acquire(&house.lock);
	while (*number != n) {
		const bool in_time = cond_wait_for(&house.moved, &house.lock, milliseconds(WAIT_MS));

		assert_true(in_time || *number == n);
	}
	lock_release(&house.lock);
}

static maybe_unused void until_inside(int n)
{
	until_number(&house.inside, n);
}

static maybe_unused void until_served(int n)
{
	until_number(&house.served, n);
}

static void house_serve(void *arg maybe_unused, const struct request *r, struct arena *a, struct reply *reply)
{
	struct buf out;

	reply->status = 200;
	reply->content_type = "text/plain";
	buf_init(&out, a);
	buf_add(&out, method_name(r->method));
	buf_printf(&out, " %.*s?%.*s [%.*s]", STR_ARG(r->path), STR_ARG(r->query), STR_ARG(r->body));
	assert_int_equal(buf_done(&out, &reply->body), OK);
	if (str_eq(r->path, STR("/wait")))
		wait_at_the_gate();
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

static void house_refuse(
	void *arg maybe_unused, enum refusal refusal, struct arena *a maybe_unused, struct reply *reply)
{
	static const int statuses[REFUSAL_COUNT] = { 400, 408, 413, 431, 501, 505, 503 };

	reply->status = statuses[refusal];
	reply->content_type = "text/plain";
	reply->body = STR("refused");
}

static void house_served(void *arg maybe_unused)
{
	lock_acquire(&house.lock);
	house.served++;
	cond_broadcast(&house.moved);
	lock_release(&house.lock);
}

static struct server_conf house_conf(void)
{
	return (struct server_conf){
		.host = STR_INIT("127.0.0.1"),
		.port = STR_INIT("0"),
		.limits = { 16384, 65536, { WAIT_MS }, { WAIT_MS }, { WAIT_MS }, 1024, 1024 },
		.serve = house_serve,
		.refuse = house_refuse,
		.served = house_served,
		.ticks = house_ticks,
		.now = house_now,
	};
}

static void house_open(const struct server_conf *conf)
{
	lock_init(&house.lock);
	cond_init(&house.moved);
	house.open = false;
	house.inside = house.served = 0;
	assert_int_equal(server_open(conf, &house.server), OK);
	assert_int_equal(server_connections(house.server), 0);
}

static void house_start(const struct server_conf *conf)
{
	house_open(conf);
	assert_int_equal(server_start(house.server), OK);
}

static void house_close(void)
{
	open_the_gate();
	server_stop(house.server, milliseconds(WAIT_MS));
	assert_int_equal(server_connections(house.server), 0);
	server_close(house.server);
	cond_finish(&house.moved);
	lock_finish(&house.lock);
}

static maybe_unused void until_connections(size_t n)
{
	const int64_t end = ticks_of_system() + WAIT_MS;

	while (server_connections(house.server) != n && ticks_of_system() < end)
		poll(NULL, 0, 1);
	assert_int_equal(server_connections(house.server), n);
}

static int client_from(const char *address)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)server_port(house.server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in own = { .sin_family = AF_INET };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(inet_pton(AF_INET, address, &own.sin_addr), 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static maybe_unused int client(void)
{
	return client_from("127.0.0.1");
}

/* Ends without waiting in TIME_WAIT: tests open many. */
static void client_close(int fd)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
}

/* What the other end does not take any more is not sent: it has answered before. */
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

static maybe_unused void respond(int fd, const char *text)
{
	send_bytes(fd, text, strlen(text));
}

static bool readable(int fd, int ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	return poll(&wait, 1, ms) == 1;
}

/* Everything up to the end of the connection, or (with `stop` not 0) up to `stop` bytes; with a 0 behind it.
 */
static size_t hear(int fd, char *out, size_t size, size_t stop)
{
	size_t n = 0;

	while (n < size - 1 && (stop == 0 || n < stop)) {
		ssize_t got;

		assert_true(readable(fd, WAIT_MS));
		got = recv(fd, out + n, (stop != 0 ? stop : size - 1) - n, 0);
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	out[n] = '\0';
	return n;
}

/* The next bytes are exactly these. */
static maybe_unused void expect_bytes(int fd, const char *expected)
{
	char got[16384];

	assert_true(strlen(expected) < sizeof(got));
	hear(fd, got, sizeof(got), strlen(expected));
	assert_string_equal(got, expected);
}

static maybe_unused void expect_end(int fd)
{
	char got[1000];

	assert_int_equal(hear(fd, got, sizeof(got), 0), 0);
}
