/* Which addresses the sender connects to: names are resolved by a fake, and connections to global addresses
 * are led to a server on loopback. */
#include "sender_fixture.h"

#include <arpa/inet.h>
#include <stdatomic.h>

#include <curl/curl.h>

#include "../net/tiny_server.h"

struct fixture {
	struct sender_fixture s;
	struct tiny_server server;
	atomic_int look_ups, connects;
	atomic_bool look_up_may_end;
};

/* Names and the addresses that they resolve to. The name changing.test has another address at each look-up.
 */
static const struct {
	const char *name, *addresses;
} names[] = {
	{ "global.test", "8.8.8.8" },
	{ "several.test", "8.8.8.8,9.9.9.9,2606:4700::1111" },
	{ "private.test", "10.0.0.1" },
	{ "mixed.test", "8.8.8.8,10.0.0.1" },
	{ "mixed-v6.test", "8.8.8.8,fd00::1" },
	{ "mapped.test", "::ffff:127.0.0.1" },
	{ "listed.test", "127.0.0.1" },
	{ "partly-listed.test", "8.8.8.8,127.0.0.1" },
	{ "localhost", "127.0.0.1,::1" },
	{ "metadata.test", "169.254.169.254" },
};

static void add_addresses(struct resolved *out, const char *addresses)
{
	struct str rest = str_of(addresses), item;
	bool more = true;

	while (more) {
		more = str_cut(&rest, ',', &item);
		assert(ip_read(item, &out->ips[out->n]));
		out->n++;
	}
}

static void look_up(void *arg, const char *host, struct resolved *out)
{
	struct fixture *const f = arg;
	const int n = atomic_fetch_add(&f->look_ups, 1);

	out->n = 0;
	if (strcmp(host, "slow.test") == 0)
		while (!atomic_load(&f->look_up_may_end))
			nanosleep(&(const struct timespec){ .tv_nsec = 1000000 }, NULL);
	if (strcmp(host, "changing.test") == 0)
		add_addresses(out, n == 0 ? "8.8.8.8" : "127.0.0.1");
	for (size_t i = 0; i < array_len(names); i++)
		if (strcmp(names[i].name, host) == 0)
			add_addresses(out, names[i].addresses);
}

static void lead_to_server(void *arg, struct sockaddr *address)
{
	struct fixture *const f = arg;

	atomic_fetch_add(&f->connects, 1);
	/* An IPv6 socket cannot connect to 127.0.0.1, so it fails, and libcurl tries the next address. */
	if (address->sa_family == AF_INET)
		((struct sockaddr_in *)(void *)address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)(void *)address)->sin6_addr = in6addr_any;
}

static void serve(struct tiny_connection *c)
{
	char *const request = malloc(TINY_REQUEST_MAX);

	while (request != NULL && tiny_request(c, request, TINY_REQUEST_MAX))
		if (!tiny_reply(
			    c, strstr(request, " /500 ") != NULL ? 500 : 200, "text/plain", "answer \xff"))
			break;
	free(request);
}

static int setup_with(void **state, const char *listed, bool own_listener)
{
	static struct fixture f;
	struct curl_sender_conf conf;

	memset(&f, 0, sizeof(f));
	tiny_start(&f.server, serve, &f);
	conf = fixture_conf(&f.s, listed);
	conf.look_up = look_up;
	conf.look_up_arg = &f;
	conf.reroute = lead_to_server;
	conf.reroute_arg = &f;
	conf.connect_limit = milliseconds(400);
	if (own_listener) {
		conf.rules.own[0] = (struct webhook_listener){ .port = f.server.port };
		conf.rules.n_own = 1;
	}
	fixture_open(&f.s, &conf);
	*state = &f;
	return 0;
}

/* The addresses are listed because tests use http, which is allowed to listed networks only. */
static int setup_listed(void **state)
{
	return setup_with(state, "8.8.8.8,9.9.9.9,127.0.0.1,2606:4700::/32", false);
}

static int setup_changing(void **state)
{
	return setup_with(state, "8.8.8.8", false);
}

static int setup_own(void **state)
{
	return setup_with(state, "8.8.8.8,127.0.0.0/8", true);
}

static int teardown(void **state)
{
	struct fixture *const f = *state;

	atomic_store(&f->look_up_may_end, true);
	fixture_close(&f->s);
	tiny_stop(&f->server);
	return 0;
}

static struct webhook_transfer_result send_to(struct fixture *f, const char *host)
{
	return fixture_send(&f->s, arena_printf(&f->s.arena, "http://%s:%d/", host, f->server.port));
}

static void each_address_of_a_name_is_judged(void **state)
{
	static const struct {
		const char *host, *error;
	} rows[] = {
		{ "global.test", "" },
		{ "several.test", "" },
		{ "listed.test", "" },
		{ "partly-listed.test", "" },
		{ "mapped.test", "" },
		{ "private.test", "address_refused" },
		{ "mixed.test", "address_refused" },
		{ "mixed-v6.test", "address_refused" },
		{ "localhost", "address_refused" },
		{ "metadata.test", "address_refused" },
		{ "unknown.test", "name_not_resolved" },
		{ "8.8.8.8", "" },
		{ "10.0.0.1", "address_refused" },
		{ "[::1]", "address_refused" },
		{ "[::ffff:10.0.0.1]", "address_refused" },
		{ "[64:ff9b::a00:1]", "address_refused" },
	};
	struct fixture *const f = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const int connects = atomic_load(&f->connects);

		print_message("# %s\n", rows[i].host);
		const struct webhook_transfer_result result = send_to(f, rows[i].host);

		assert_string_equal(webhook_error_name(result.error), rows[i].error);
		assert_int_equal(result.http_status, rows[i].error[0] == '\0' ? 200 : 0);
		if (rows[i].error[0] != '\0')
			assert_int_equal(atomic_load(&f->connects), connects);
	}
}

/* The second look-up gives an address that is not listed in this fixture. A connection that is still open to
 * the first address is not used. */
static void name_is_judged_again_at_each_request(void **state)
{
	struct fixture *const f = *state;

	assert_int_equal(send_to(f, "changing.test").http_status, 200);
	assert_string_equal(webhook_error_name(send_to(f, "changing.test").error), "address_refused");
	assert_int_equal(atomic_load(&f->look_ups), 2);
}

static void look_up_that_takes_too_long_ends_at_the_connect_limit(void **state)
{
	struct fixture *const f = *state;
	const struct webhook_transfer_result result = send_to(f, "slow.test");

	assert_string_equal(webhook_error_name(result.error), "name_not_resolved");
	assert_in_range(result.took.ms, 390, 10000);
	/* The late result of the look-up changes nothing. */
	atomic_store(&f->look_up_may_end, true);
	assert_int_equal(send_to(f, "global.test").http_status, 200);
}

static void sender_closes_during_a_look_up(void **state)
{
	struct fixture *const f = *state;

	fixture_start(&f->s, STR("http://slow.test/"), NULL);
	f->s.sender->ops->abort_all(f->s.sender);
	fixture_start(&f->s, STR("http://slow.test/"), NULL);
}

static void own_listeners_are_not_called(void **state)
{
	struct fixture *const f = *state;

	assert_string_equal(webhook_error_name(send_to(f, "127.0.0.1").error), "address_refused");
	assert_string_equal(webhook_error_name(send_to(f, "127.0.0.9").error), "address_refused");
	assert_string_equal(webhook_error_name(send_to(f, "listed.test").error), "address_refused");
	assert_int_equal(send_to(f, "8.8.8.8").http_status, 200);
}

static void excerpt_is_kept_only_of_servers_outside_listed_networks(void **state)
{
	struct fixture *const f = *state;
	struct webhook_transfer_result result = send_to(f, "listed.test");

	assert_int_equal(result.http_status, 200);
	assert_int_equal(result.excerpt.n, 0);
	/* In this fixture, 127.0.0.1, where the connection ends, is not listed. */
	fixture_close(&f->s);
	struct curl_sender_conf conf = fixture_conf(&f->s, "8.8.8.8");

	conf.look_up = look_up;
	conf.look_up_arg = f;
	conf.reroute = lead_to_server;
	conf.reroute_arg = f;
	fixture_open(&f->s, &conf);
	result = send_to(f, "global.test");
	assert_int_equal(result.http_status, 200);
	assert_true(str_eq(result.excerpt, STR("answer ?")));
	result = fixture_send(&f->s, arena_printf(&f->s.arena, "http://global.test:%d/500", f->server.port));
	assert_int_equal(result.http_status, 500);
	assert_true(str_eq(result.excerpt, STR("answer ?")));
}

static void http_is_refused_to_networks_that_are_not_listed(void **state)
{
	struct fixture *const f = *state;

	assert_string_equal(
		webhook_error_name(fixture_send(&f->s, STR("http://1.1.1.1/")).error), "address_refused");
	fixture_close(&f->s);
	struct curl_sender_conf conf = fixture_conf(&f->s, "127.0.0.0/8");

	conf.rules.allow_plain = false;
	fixture_open(&f->s, &conf);
	assert_string_equal(webhook_error_name(send_to(f, "127.0.0.1").error), "address_refused");
}

#define SENDER_TEST(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SENDER_TEST(each_address_of_a_name_is_judged, setup_listed),
		SENDER_TEST(name_is_judged_again_at_each_request, setup_changing),
		SENDER_TEST(look_up_that_takes_too_long_ends_at_the_connect_limit, setup_listed),
		SENDER_TEST(sender_closes_during_a_look_up, setup_listed),
		SENDER_TEST(own_listeners_are_not_called, setup_own),
		SENDER_TEST(excerpt_is_kept_only_of_servers_outside_listed_networks, setup_listed),
		SENDER_TEST(http_is_refused_to_networks_that_are_not_listed, setup_listed),
	};

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
