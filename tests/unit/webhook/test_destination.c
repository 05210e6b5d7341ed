#include "webhook/destination.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "base/attr.h"

static struct ip ip_of(const char *text)
{
	struct ip ip;

	if (!ip_read(str_of(text), &ip))
		fail_msg("%s is no address", text);
	return ip;
}

static void only_global_and_listed_addresses_are_allowed(void **state maybe_unused)
{
	static const struct {
		const char *ip;
		bool https, http; /* http: if it is allowed to listed networks */
	} rows[] = {
		{ "8.8.8.8", true, false },
		{ "2606:4700::1111", true, false },
		{ "10.0.0.1", true, true },
		{ "10.0.1.0", false, false },
		{ "::ffff:10.0.0.1", true, true },
		{ "127.0.0.1", false, false },
		{ "169.254.169.254", false, false },
		{ "0.0.0.0", false, false },
		{ "::", false, false },
		{ "::1", false, false },
		{ "64:ff9b::7f00:1", false, false },
		{ "64:ff9b::a00:1", true, true },
	};
	struct destination_rules rules = { .allow_plain = false };

	assert_true(ip_nets_read(STR("10.0.0.0/24"), &rules.listed));
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct ip ip = ip_of(rows[i].ip);

		print_message("# %s\n", rows[i].ip);
		rules.allow_plain = false;
		assert_int_equal(destination_is_allowed(&rules, &ip, 443, false), rows[i].https);
		assert_false(destination_is_allowed(&rules, &ip, 80, true));
		rules.allow_plain = true;
		assert_int_equal(destination_is_allowed(&rules, &ip, 443, false), rows[i].https);
		assert_int_equal(destination_is_allowed(&rules, &ip, 80, true), rows[i].http);
	}
}

static void own_listeners_are_refused_even_if_their_network_is_listed(void **state maybe_unused)
{
	static const struct {
		const char *listener, *ip;
		int port;
		bool allowed;
	} rows[] = {
		{ "127.0.0.1", "127.0.0.1", 8080, false },
		{ "127.0.0.1", "::ffff:127.0.0.1", 8080, false },
		{ "127.0.0.1", "127.0.0.1", 8079, true },
		{ "127.0.0.1", "127.0.0.1", 8081, true },
		{ "127.0.0.1", "127.0.0.2", 8080, true },
		{ "127.0.0.1", "::1", 8080, true },
		{ "127.0.0.1", "0.0.0.0", 8080, false },
		{ "127.0.0.1", "64:ff9b::7f00:1", 8080, false },
		{ "::1", "::1", 8080, false },
		{ "::1", "::", 8080, false },
		{ "0.0.0.0", "127.0.0.1", 8080, false },
		{ "0.0.0.0", "127.3.2.1", 8080, false },
		{ "0.0.0.0", "127.0.0.1", 8081, true },
		{ "0.0.0.0", "8.8.8.8", 8080, true },
		{ "::", "::1", 8080, false },
		{ "::", "127.0.0.1", 8080, false },
		{ "::", "2606:4700::1111", 8080, true },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct ip ip = ip_of(rows[i].ip);
		struct destination_rules rules = { .own = { { ip_of(rows[i].listener), 8080 } }, .n_own = 1 };

		print_message("# %s, %s port %d\n", rows[i].listener, rows[i].ip, rows[i].port);
		assert_true(ip_nets_read(STR("0.0.0.0/0,::/0"), &rules.listed));
		assert_int_equal(destination_is_allowed(&rules, &ip, rows[i].port, false), rows[i].allowed);
	}
}

static void socket_address_is_judged_like_its_ip_address(void **state maybe_unused)
{
	const struct destination_rules rules = { .n_own = 0 };
	const struct ip google = ip_of("8.8.8.8");
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = htons(443) };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(443) };
	const struct sockaddr other = { .sa_family = AF_UNIX };

	memcpy(&v4.sin_addr, google.bytes + 12, 4);
	assert_true(destination_sockaddr_is_allowed(&rules, (const struct sockaddr *)&v4, false));
	assert_false(destination_sockaddr_is_allowed(&rules, (const struct sockaddr *)&v4, true));
	v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_false(destination_sockaddr_is_allowed(&rules, (const struct sockaddr *)&v4, false));

	memcpy(&v6.sin6_addr, google.bytes, 16);
	assert_true(destination_sockaddr_is_allowed(&rules, (const struct sockaddr *)&v6, false));
	v6.sin6_addr = in6addr_loopback;
	assert_false(destination_sockaddr_is_allowed(&rules, (const struct sockaddr *)&v6, false));

	assert_false(destination_sockaddr_is_allowed(&rules, &other, false));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_global_and_listed_addresses_are_allowed),
		cmocka_unit_test(own_listeners_are_refused_even_if_their_network_is_listed),
		cmocka_unit_test(socket_address_is_judged_like_its_ip_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
