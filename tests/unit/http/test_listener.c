#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/listener.h"

static void addresses_are_accepted_or_rejected(void **state maybe_unused)
{
	static const struct {
		const char *host, *port;
		enum err expected;
	} rows[] = {
		{ "127.0.0.1", "0", OK }, { "0.0.0.0", "0", OK }, { "localhost", "0", ERR_INPUT },
		{ "", "0", ERR_INPUT }, { "127.0.0.256", "0", ERR_INPUT }, { "[::1]", "0", ERR_INPUT },
		{ "127.0.0.1", "65536", ERR_INPUT }, { "127.0.0.1", "", ERR_INPUT },
		{ "127.0.0.1", "http", ERR_INPUT }, { "127.0.0.1", "-1", ERR_INPUT },
		{ "192.0.2.1", "0", ERR_INPUT }, /* TEST-NET-1 is no address of this machine */
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		int fd = -7, port = -7;
		const enum err e = listener_open(str_of(rows[i].host), str_of(rows[i].port), &fd, &port);

		if (e != rows[i].expected || (e == OK && port <= 0) || (e != OK && (fd != -7 || port != -7)))
			fail_msg("%s %s: %s", rows[i].host, rows[i].port, err_name(e));
		if (e == OK)
			close(fd);
	}
}

static void address_in_use_is_a_conflict(void **state maybe_unused)
{
	int fd, port, second;
	char text[8];

	assert_int_equal(listener_open(STR("127.0.0.1"), STR("0"), &fd, &port), OK);
	assert_true(snprintf(text, sizeof(text), "%d", port) > 0);
	assert_int_equal(listener_open(STR("127.0.0.1"), str_of(text), &second, &port), ERR_CONFLICT);
	close(fd);
	assert_int_equal(listener_open(STR("127.0.0.1"), str_of(text), &fd, &port), OK);
	close(fd);
}

static struct accepted_conn accept_one(int fd)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct accepted_conn conn;
	int error;

	assert_int_equal(poll(&wait, 1, 5000), 1);
	assert_int_equal(listener_accept(fd, &conn, &error), ACCEPT_OK);
	return conn;
}

static void assert_ip(const struct accepted_conn *conn, const char *expected)
{
	char text[IP_TEXT_SIZE];

	ip_write(&conn->ip, text);
	assert_string_equal(text, expected);
}

static int connect_ipv4(int port, const char *from)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_in own = { .sin_family = AF_INET };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, from, &own.sin_addr), 1);
	assert_int_equal(bind(fd, (const struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

static void accepted_connection_has_the_client_address(void **state maybe_unused)
{
	struct accepted_conn one, two, again;
	int fd, port, error, clients[3];

	assert_int_equal(listener_open(STR("127.0.0.1"), STR("0"), &fd, &port), OK);
	assert_int_equal(listener_accept(fd, &one, &error), ACCEPT_NONE);
	clients[0] = connect_ipv4(port, "127.0.0.1");
	one = accept_one(fd);
	clients[1] = connect_ipv4(port, "127.0.0.2");
	two = accept_one(fd);
	clients[2] = connect_ipv4(port, "127.0.0.1");
	again = accept_one(fd);
	assert_ip(&one, "127.0.0.1");
	assert_ip(&two, "127.0.0.2");
	assert_memory_equal(&one.ip, &again.ip, sizeof(one.ip));
	close(one.fd);
	close(two.fd);
	close(again.fd);
	for (size_t i = 0; i < array_len(clients); i++)
		close(clients[i]);
	close(fd);
}

static void ipv6_listener_accepts_ipv6_and_ipv4(void **state maybe_unused)
{
	const struct sockaddr_in6 loopback = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	struct accepted_conn six, four, plain;
	int fd, port, plain_fd, plain_port, clients[3];
	struct sockaddr_in6 to = loopback;

	if (listener_open(STR("::"), STR("0"), &fd, &port) != OK) {
		print_message("# this machine has no IPv6\n");
		return;
	}
	to.sin6_port = htons((uint16_t)port);
	clients[0] = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(clients[0], (const struct sockaddr *)&to, sizeof(to)), 0);
	six = accept_one(fd);
	assert_ip(&six, "::1");
	clients[1] = connect_ipv4(port, "127.0.0.1");
	four = accept_one(fd);
	assert_ip(&four, "127.0.0.1");
	assert_int_equal(listener_open(STR("127.0.0.1"), STR("0"), &plain_fd, &plain_port), OK);
	clients[2] = connect_ipv4(plain_port, "127.0.0.1");
	plain = accept_one(plain_fd);
	assert_memory_equal(&four.ip, &plain.ip, sizeof(four.ip));
	close(six.fd);
	close(four.fd);
	close(plain.fd);
	for (size_t i = 0; i < array_len(clients); i++)
		close(clients[i]);
	close(fd);
	close(plain_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_accepted_or_rejected),
		cmocka_unit_test(address_in_use_is_a_conflict),
		cmocka_unit_test(accepted_connection_has_the_client_address),
		cmocka_unit_test(ipv6_listener_accepts_ipv6_and_ipv4),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
