#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "net/host_scope.h"

static const struct {
	const char *host;
	enum host_scope scope;
	bool plain, plain_when_private;
} rows[] = {
	{ "localhost", HOST_SCOPE_LOOPBACK, true, true },
	{ "LocalHost", HOST_SCOPE_LOOPBACK, true, true },
	{ "127.0.0.1", HOST_SCOPE_LOOPBACK, true, true },
	{ "127.255.255.255", HOST_SCOPE_LOOPBACK, true, true },
	{ "126.255.255.255", HOST_SCOPE_PUBLIC, false, false },
	{ "128.0.0.0", HOST_SCOPE_PUBLIC, false, false },
	{ "[::1]", HOST_SCOPE_LOOPBACK, true, true },
	{ "::1", HOST_SCOPE_LOOPBACK, true, true },
	{ "::2", HOST_SCOPE_PUBLIC, false, false },
	{ "[::ffff:127.0.0.1]", HOST_SCOPE_LOOPBACK, true, true },
	{ "[::ffff:8.8.8.8]", HOST_SCOPE_PUBLIC, false, false },
	{ "9.255.255.255", HOST_SCOPE_PUBLIC, false, false },
	{ "10.0.0.0", HOST_SCOPE_PRIVATE, false, true },
	{ "10.255.255.255", HOST_SCOPE_PRIVATE, false, true },
	{ "11.0.0.0", HOST_SCOPE_PUBLIC, false, false },
	{ "172.15.255.255", HOST_SCOPE_PUBLIC, false, false },
	{ "172.16.0.0", HOST_SCOPE_PRIVATE, false, true },
	{ "172.31.255.255", HOST_SCOPE_PRIVATE, false, true },
	{ "172.32.0.0", HOST_SCOPE_PUBLIC, false, false },
	{ "192.167.255.255", HOST_SCOPE_PUBLIC, false, false },
	{ "192.168.0.0", HOST_SCOPE_PRIVATE, false, true },
	{ "192.169.0.0", HOST_SCOPE_PUBLIC, false, false },
	{ "169.254.169.254", HOST_SCOPE_PUBLIC, false, false },
	{ "0.0.0.0", HOST_SCOPE_PUBLIC, false, false },
	{ "[fc00::1]", HOST_SCOPE_PRIVATE, false, true },
	{ "[fdff::1]", HOST_SCOPE_PRIVATE, false, true },
	{ "[fe80::1]", HOST_SCOPE_PUBLIC, false, false },
	{ "[fbff::1]", HOST_SCOPE_PUBLIC, false, false },
	{ "localhost.example.com", HOST_SCOPE_NAME, false, true },
	{ "127.0.0.1.example.com", HOST_SCOPE_NAME, false, true },
	{ "mail", HOST_SCOPE_NAME, false, true },
	{ "", HOST_SCOPE_NAME, false, true },
};

static void hosts_are_classified(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str host = str_of(rows[i].host);

		if (host_scope_of(host) != rows[i].scope)
			fail_msg("%s", rows[i].host);
		if (host_allows_plaintext(host, false) != rows[i].plain ||
			host_allows_plaintext(host, true) != rows[i].plain_when_private)
			fail_msg("unencrypted traffic to %s", rows[i].host);
	}
}

static void socket_addresses_are_classified_like_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct sockaddr_storage storage = { 0 };
		struct sockaddr_in v4 = { .sin_family = AF_INET };
		struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
		char text[64];
		const size_t n = strlen(rows[i].host);

		snprintf(text, sizeof(text), "%s", rows[i].host);
		if (text[0] == '[') {
			memmove(text, text + 1, n);
			text[n - 2] = '\0';
		}
		if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
			memcpy(&storage, &v4, sizeof(v4));
		else if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
			memcpy(&storage, &v6, sizeof(v6));
		else
			continue;
		assert_int_equal(host_scope_of_sockaddr((const struct sockaddr *)&storage), rows[i].scope);
		assert_int_equal(sockaddr_allows_plaintext((const struct sockaddr *)&storage, true),
			rows[i].plain_when_private);
		assert_int_equal(
			sockaddr_allows_plaintext((const struct sockaddr *)&storage, false), rows[i].plain);
	}
}

static void address_of_another_family_is_public(void **state)
{
	const struct sockaddr address = { .sa_family = AF_UNIX };

	(void)state;
	assert_int_equal(host_scope_of_sockaddr(&address), HOST_SCOPE_PUBLIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_are_classified),
		cmocka_unit_test(socket_addresses_are_classified_like_hosts),
		cmocka_unit_test(address_of_another_family_is_public),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
