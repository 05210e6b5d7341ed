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

static enum forwarded_verdict assert_client(
	const struct request *r, const char *peer, const char *expected, const char *name)
{
	struct ip_nets trusted;
	struct forwarded forwarded;
	struct ip from;
	char text[IP_TEXT_SIZE];

	assert_true(ip_nets_read(STR(TRUSTED), &trusted));
	assert_true(ip_read(str_of(peer), &from));
	forwarded = forwarded_client(r, &trusted, &from);
	ip_write(&forwarded.client, text);
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s instead of %s", name, text, expected);
	return forwarded.verdict;
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
		{ "an empty element", PROXY, { "203.0.113.7, , 10.0.0.2" }, "203.0.113.7" },
		{ "an empty last element", PROXY, { "203.0.113.7," }, "203.0.113.7" },
		{ "an empty header", PROXY, { "203.0.113.7", "", "10.0.0.2" }, "203.0.113.7" },
		{ "a client with a port", PROXY, { "203.0.113.7:1234" }, "203.0.113.7" },
		{ "a proxy with a port", PROXY, { "203.0.113.7, 10.0.0.2:80" }, "203.0.113.7" },
		{ "an IPv6 client in brackets", PROXY, { "203.0.113.7, [2001:db8::7]" }, "2001:db8::7" },
		{ "an IPv6 client with a port", PROXY, { "[2001:db8::7]:4711, 10.0.0.2" }, "2001:db8::7" },
		{ "in quotes", PROXY, { "\"[2001:db8::7]:4711\"" }, "2001:db8::7" },
		{ "with a zone", PROXY, { "fe80::7%eth0" }, "fe80::7" },
		{ "spaces and tabs", PROXY, { " \t203.0.113.7 , \t10.0.0.2\t" }, "203.0.113.7" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		struct request r = { .method = METHOD_GET };

		for (size_t k = 0; k < array_len(rows[i].lists) && rows[i].lists[k] != NULL; k++) {
			r.headers[r.n_headers++] = (struct header){ STR("Host"), STR("10.0.0.2") };
			r.headers[r.n_headers++] = (struct header){ STR("X-ForWarded-For"),
				str_of(rows[i].lists[k]) };
		}
		(void)assert_client(&r, rows[i].peer, rows[i].client, rows[i].name);
	}
}

/* The client is then the proxy that is connected, whatever was found before. */
static void element_without_address_ends_the_search(void **state maybe_unused)
{
	static const struct {
		const char *list, *element;
	} rows[] = {
		{ "203.0.113.7, unknown", "unknown" },
		{ "203.0.113.7, _hidden, 10.0.0.2", "_hidden" },
		{ "203.0.113.7, unix:", "unix:" },
		{ "203.0.113.7, [2001:db8::1", "[2001:db8::1" },
		{ "203.0.113.7, 203.0.113.8:port, 10.0.0.2", "203.0.113.8:port" },
		{ "203.0.113.7, \"203.0.113.8, 10.0.0.2", "\"203.0.113.8" },
	};
	const struct ip peer = ip_of_v4((const unsigned char[4]){ 10, 0, 0, 1 });
	struct ip_nets trusted;

	assert_true(ip_nets_read(STR(TRUSTED), &trusted));
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct request r = { .headers = { { STR("X-Forwarded-For"), str_of(rows[i].list) } },
			.n_headers = 1 };
		const struct forwarded forwarded = forwarded_client(&r, &trusted, &peer);

		assert_int_equal(forwarded.verdict, FORWARDED_MALFORMED);
		assert_true(str_eq(forwarded.element, str_of(rows[i].element)));
		assert_memory_equal(&forwarded.client, &peer, sizeof(peer));
	}
}

/* A list of trusted proxies, or none, names no client. */
static void list_without_a_client_is_not_malformed(void **state maybe_unused)
{
	static const char *const lists[] = { "", " , ", "10.0.0.3", "10.0.0.3:80, ,10.0.0.2" };

	for (size_t i = 0; i < array_len(lists); i++) {
		const struct request r = { .headers = { { STR("X-Forwarded-For"), str_of(lists[i]) } },
			.n_headers = 1 };

		assert_int_equal(
			assert_client(&r, PROXY, i < 2 ? PROXY : "10.0.0.3", lists[i]), FORWARDED_NO_CLIENT);
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
		assert_int_equal(
			assert_client(&r, PROXY, n < FORWARDED_MAX ? "203.0.113.7" : PROXY, "long list"),
			n < FORWARDED_MAX ? FORWARDED_CLIENT : FORWARDED_TOO_LONG);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_is_the_last_untrusted_address),
		cmocka_unit_test(element_without_address_ends_the_search),
		cmocka_unit_test(list_without_a_client_is_not_malformed),
		cmocka_unit_test(number_of_examined_elements_is_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
