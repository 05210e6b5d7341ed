/* Tests of the rate limits per IP address of the end user: which addresses share a limit, and what is stored
 * of an address. */
#include "app/core/ip_limit.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BATCH 256 /* rows that one run of the clean-up deletes at most */

static struct caller with_end_user(const struct caller *caller, const char *address)
{
	struct caller caller_with_ip = *caller;

	caller_with_ip.has_end_user = true;
	assert_true(ip_read(str_of(address), &caller_with_ip.end_user));
	return caller_with_ip;
}

/* Requests a code for a new person, whose end user has that IP address. */
static struct send_result send_from(struct app_fixture *fx, const struct caller *caller, const char *address)
{
	static int n_people;
	const struct caller caller_with_ip = with_end_user(caller, address);
	char email[64];

	(void)snprintf(email, sizeof(email), "person.%d@example.com", ++n_people);
	(void)fixture_prepare(fx, caller, email);
	return fixture_send_otp(fx, &caller_with_ip, email);
}

/* Allows one code per person and minute. The limit of an IP address is ten times that of a person. */
static void allow_one_code_per_minute(struct app_fixture *fx)
{
	fx->rules.send_bucket = (struct bucket_rule){ 1, { 60000 } };
}

static void ip_limit_is_ten_times_the_limit_of_a_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	allow_one_code_per_minute(fx);
	for (int i = 0; i < 10; i++)
		assert_int_equal(send_from(fx, &shop, "192.0.2.1").verdict, SEND_QUEUED);
	(void)fixture_deliver_outbox(fx);
	struct send_result sent = send_from(fx, &shop, "192.0.2.1");
	assert_int_equal(sent.verdict, SEND_LIMITED);
	assert_int_equal(sent.wait.ms, 6000);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(send_from(fx, &shop, "192.0.2.2").verdict, SEND_QUEUED);
	fixture_advance_clock(fx, milliseconds(5999));
	assert_int_equal(send_from(fx, &shop, "192.0.2.1").wait.ms, 1);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(send_from(fx, &shop, "::ffff:192.0.2.1").verdict, SEND_QUEUED);
	assert_int_equal(send_from(fx, &shop, "192.0.2.1").verdict, SEND_LIMITED);
}

static void ipv6_addresses_of_one_64_prefix_share_a_limit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char address[64];

	allow_one_code_per_minute(fx);
	for (int i = 0; i < 10; i++) {
		(void)snprintf(address, sizeof(address), "2001:db8:1:2:%x::1", i);
		assert_int_equal(send_from(fx, &shop, address).verdict, SEND_QUEUED);
	}
	assert_int_equal(send_from(fx, &shop, "2001:db8:1:2:ffff:ffff:ffff:ffff").verdict, SEND_LIMITED);
	assert_int_equal(send_from(fx, &shop, "2001:db8:1:3::1").verdict, SEND_QUEUED);
}

static void limit_is_shared_within_a_group_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	allow_one_code_per_minute(fx);
	for (int i = 0; i < 10; i++)
		assert_int_equal(send_from(fx, i % 2 ? &shop : &bank, "192.0.2.1").verdict, SEND_QUEUED);
	assert_int_equal(send_from(fx, &shop, "192.0.2.1").verdict, SEND_LIMITED);
	assert_int_equal(send_from(fx, &bank, "192.0.2.1").verdict, SEND_LIMITED);
	assert_int_equal(send_from(fx, &other_group, "192.0.2.1").verdict, SEND_QUEUED);
}

static void request_without_end_user_address_is_not_limited(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct ip_limit probe = { .expires_at = { INT64_MAX } };
	struct ip_limit row;
	char email[64];

	allow_one_code_per_minute(fx);
	for (int i = 0; i < 30; i++) {
		(void)snprintf(email, sizeof(email), "nobody.%d@example.com", i);
		(void)fixture_prepare(fx, &shop, email);
		assert_int_equal(fixture_send_otp(fx, &shop, email).verdict, SEND_QUEUED);
	}
	assert_int_equal(fixture_find(fx, QUERY_IP_LIMITS_EXPIRED, &probe, &row, 1), 0);
}

/* Two limits apply to a request: per person and per IP address. If one of them refuses the request, the other
 * does not count it. */
static void request_refused_by_one_limit_does_not_count_for_the_other(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller caller_with_ip = with_end_user(&shop, "192.0.2.1");

	allow_one_code_per_minute(fx);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &caller_with_ip, ANA).verdict, SEND_QUEUED);
	for (int i = 0; i < 20; i++)
		assert_int_equal(fixture_send_otp(fx, &caller_with_ip, ANA).verdict, SEND_LIMITED);
	for (int i = 0; i < 9; i++)
		assert_int_equal(send_from(fx, &shop, "192.0.2.1").verdict, SEND_QUEUED);
	assert_int_equal(send_from(fx, &shop, "192.0.2.1").verdict, SEND_LIMITED);
	/* After a minute ANA may request a code again, but the limit of the IP address is reached. The
	 * refused request does not count against ANA. */
	fixture_advance_clock(fx, seconds(60));
	for (int i = 0; i < 10; i++)
		assert_int_equal(send_from(fx, &shop, "192.0.2.1").verdict, SEND_QUEUED);
	const moment send_tat = fixture_user(fx, &shop, ANA).send_tat;
	assert_int_equal(fixture_send_otp(fx, &caller_with_ip, ANA).verdict, SEND_LIMITED);
	assert_int_equal(fixture_user(fx, &shop, ANA).send_tat.ms, send_tat.ms);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
}

static size_t find_ip_limits(struct app_fixture *fx, struct ip_limit *rows, size_t capacity)
{
	const struct ip_limit probe = { .expires_at = { INT64_MAX } };

	return fixture_find(fx, QUERY_IP_LIMITS_EXPIRED, &probe, rows, capacity);
}

static void only_a_keyed_hash_of_the_address_is_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	struct ip_limit rows[3];
	unsigned char unkeyed[DIGEST_BYTES];

	(void)send_from(fx, &shop, "192.0.2.1");
	(void)send_from(fx, &other_group, "192.0.2.1");
	assert_int_equal(find_ip_limits(fx, rows, 3), 2);
	assert_memory_not_equal(&rows[0].ip_hash, &rows[1].ip_hash, sizeof(rows[0].ip_hash));
	sha256(STR("192.0.2.1"), unkeyed);
	for (size_t i = 0; i < 2; i++) {
		assert_memory_not_equal(rows[i].ip_hash.bytes, unkeyed, sizeof(unkeyed));
		assert_null(memmem(&rows[i], sizeof(rows[i]), "\xc0\x00\x02\x01", 4));
	}
}

static void clean_up_deletes_rows_after_a_day(void **state)
{
	static const struct {
		int64_t wait_ms;
		size_t remaining;
	} rows[] = { { 86399999, 1 }, { 1, 0 }, { 1, 0 } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct ip_limit row;

	(void)send_from(fx, &shop, "192.0.2.1");
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(fx, milliseconds(rows[i].wait_ms));
		assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
		assert_int_equal(find_ip_limits(fx, &row, 1), rows[i].remaining);
	}
	/* Without expired rows the clean-up starts no write transaction. */
	const size_t writes = atomic_load(&fx->store.writes);
	assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(atomic_load(&fx->store.writes), writes);
}

static void clean_up_deletes_a_bounded_number_per_run(void **state)
{
	struct app_fixture *const fx = *state;
	struct ip_limit rows[BATCH + 10] = { { .expires_at = { 0 } } };

	for (size_t i = 0; i < array_len(rows); i++) {
		memcpy(rows[i].ip_hash.bytes, &i, sizeof(i));
		rows[i].expires_at = (moment){ FIXTURE_NOW - (int64_t)i };
		fixture_save(fx, RECORD_IP_LIMIT, &rows[i]);
	}
	assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(find_ip_limits(fx, rows, BATCH), 10);
	assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(find_ip_limits(fx, rows, BATCH), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(ip_limit_is_ten_times_the_limit_of_a_person),
		TEST(ipv6_addresses_of_one_64_prefix_share_a_limit),
		TEST(limit_is_shared_within_a_group_only),
		TEST(request_without_end_user_address_is_not_limited),
		TEST(request_refused_by_one_limit_does_not_count_for_the_other),
		TEST(only_a_keyed_hash_of_the_address_is_stored),
		TEST(clean_up_deletes_rows_after_a_day),
		TEST(clean_up_deletes_a_bounded_number_per_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
