#include "http/forwarded.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define PROXY "10.0.0.1"
#define TRUSTED "10.0.0.0/8, 2001:db8:ff::/48"

static void assert_client(const struct request *r, const char *peer, const char *expected, const char *name)
{
	struct ip_nets trusted;
	struct ip from, client;
	char text[IP_TEXT_SIZE];

	assert_true(ip_nets_read(STR(TRUSTED), &trusted));
	assert_true(ip_read(str_of(peer), &from));
	client = forwarded_client(r, &trusted, &from);
	ip_write(&client, text);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s instead of %s", name, text, expected);
}

static void client_is_the_last_untrusted_address(void **state maybe_unused)
{
	static const struct {
		const char *name, *peer, *lists[3], *client;
	} rows[] = {
		{ "no header", PROXY, { NULL }, PROXY },
		{ "one element", PROXY, { "203.0.113.7" }, "203.0.113.7" },
		{ "an IPv6 client", PROXY, { "2001:db8::7" }, "2001:db8::7" },
		{ "an IPv6 proxy", "2001:db8:ff::1", { "203.0.113.7" }, "203.0.113.7" },
		{ "header of an untrusted peer is ignored", "192.0.2.9", { "203.0.113.7" }, "192.0.2.9" },
		{ "elements left of the client are ignored", PROXY, { "198.51.100.1, 203.0.113.7" },
			"203.0.113.7" },
		{ "a chain of proxies", PROXY, { "203.0.113.7, 10.0.0.3,10.0.0.2" }, "203.0.113.7" },
		{ "forged proxy address left of the client", PROXY, { "10.0.0.9, 203.0.113.7, 10.0.0.2" },
			"203.0.113.7" },
		{ "only proxies: the leftmost one", PROXY, { "10.0.0.3, 10.0.0.2" }, "10.0.0.3" },
		{ "several headers are one list", PROXY, { "198.51.100.1", "203.0.113.7", "10.0.0.2" },
			"203.0.113.7" },
		{ "several headers are searched from the last one", PROXY,
			{ "203.0.113.7", "10.0.0.3", "10.0.0.2" }, "203.0.113.7" },
		{ "not an address", PROXY, { "203.0.113.7, unknown" }, PROXY },
		{ "not an address, further left", PROXY, { "203.0.113.7, x, 10.0.0.2" }, "10.0.0.2" },
		{ "an empty element", PROXY, { "203.0.113.7, , 10.0.0.2" }, "10.0.0.2" },
		{ "an empty last element", PROXY, { "203.0.113.7," }, PROXY },
		{ "an empty header", PROXY, { "203.0.113.7", "", "10.0.0.2" }, "10.0.0.2" },
		{ "with a port", PROXY, { "203.0.113.7:1234" }, PROXY },
		{ "spaces and tabs", PROXY, { " \t203.0.113.7 , \t10.0.0.2\t" }, "203.0.113.7" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct request r = { .method = METHOD_GET };

		for (size_t k = 0; k < array_len(rows[i].lists) && rows[i].lists[k] != NULL; k++) {
			r.headers[r.n_headers++] = (struct header){ STR("Host"), STR("10.0.0.2") };
			r.headers[r.n_headers++] = (struct header){ STR("X-ForWarded-For"),
				str_of(rows[i].lists[k]) };
		}
		assert_client(&r, rows[i].peer, rows[i].client, rows[i].name);
	}
}

/* Each list has the client and n proxies. Only the last FORWARDED_MAX elements of a list are examined. */
static void number_of_examined_elements_is_limited(void **state maybe_unused)
{
	for (int n = FORWARDED_MAX - 1; n <= FORWARDED_MAX; n++) {
		char list[1000] = "203.0.113.7";
		size_t at = strlen(list);
		struct request r = { .method = METHOD_GET };

		for (int i = 0; i < n; i++)
			at += (size_t)snprintf(list + at, sizeof(list) - at, ",10.0.0.%d", i + 2);
		r.headers[r.n_headers++] = (struct header){ STR("X-Forwarded-For"), str_of(list) };
		assert_client(&r, PROXY, n < FORWARDED_MAX ? "203.0.113.7" : "10.0.0.2", "long list");
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_is_the_last_untrusted_address),
		cmocka_unit_test(number_of_examined_elements_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
