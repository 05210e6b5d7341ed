/* Limits by the end user's address: who shares one, who does not, and what is kept of it. */
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
#define BATCH 256 /* rows that one step of the clean-up takes */

static struct caller at(const struct caller *caller, const char *address)
{
	struct caller there = *caller;

	there.has_end_user = true;
	assert_true(ip_read(str_of(address), &there.end_user));
	return there;
}

/* Somebody new asks for a code from there. */
static struct send_result send(struct app_fixture *fx, const struct caller *caller, const char *address)
{
	static int people;
	const struct caller there = at(caller, address);
	char email[64];

	(void)snprintf(email, sizeof(email), "person.%d@example.com", ++people);
	(void)fixture_prepare(fx, caller, email);
	return fixture_send_otp(fx, &there, email);
}

/* One of each: then ten from one address are the most. */
static void be_strict(struct app_fixture *fx)
{
	fx->rules.send_bucket = (struct bucket_rule){ 1, { 60000 } };
}

static void as_many_as_ten_people_and_no_more(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	be_strict(fx);
	for (int i = 0; i < 10; i++)
		assert_int_equal(send(fx, &shop, "192.0.2.1").verdict, SEND_QUEUED);
	(void)fixture_deliver_outbox(fx);
	struct send_result sent = send(fx, &shop, "192.0.2.1");
	assert_int_equal(sent.verdict, SEND_LIMITED);
	assert_int_equal(sent.wait.ms, 6000);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(send(fx, &shop, "192.0.2.2").verdict, SEND_QUEUED);
	fixture_advance_clock(fx, milliseconds(5999));
	assert_int_equal(send(fx, &shop, "192.0.2.1").wait.ms, 1);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(send(fx, &shop, "::ffff:192.0.2.1").verdict, SEND_QUEUED);
	assert_int_equal(send(fx, &shop, "192.0.2.1").verdict, SEND_LIMITED);
}

static void an_ipv6_address_counts_as_its_64(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char address[64];

	be_strict(fx);
	for (int i = 0; i < 10; i++) {
		(void)snprintf(address, sizeof(address), "2001:db8:1:2:%x::1", i);
		assert_int_equal(send(fx, &shop, address).verdict, SEND_QUEUED);
	}
	assert_int_equal(send(fx, &shop, "2001:db8:1:2:ffff:ffff:ffff:ffff").verdict, SEND_LIMITED);
	assert_int_equal(send(fx, &shop, "2001:db8:1:3::1").verdict, SEND_QUEUED);
}

static void counted_over_the_group_and_apart_between_groups(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "ring", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	be_strict(fx);
	for (int i = 0; i < 10; i++)
		assert_int_equal(send(fx, i % 2 ? &shop : &bank, "192.0.2.1").verdict, SEND_QUEUED);
	assert_int_equal(send(fx, &shop, "192.0.2.1").verdict, SEND_LIMITED);
	assert_int_equal(send(fx, &bank, "192.0.2.1").verdict, SEND_LIMITED);
	assert_int_equal(send(fx, &lone, "192.0.2.1").verdict, SEND_QUEUED);
}

static void who_names_no_address_is_not_counted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct ip_limit probe = { .expires_at = { INT64_MAX } };
	struct ip_limit row;
	char email[64];

	be_strict(fx);
	for (int i = 0; i < 30; i++) {
		(void)snprintf(email, sizeof(email), "nobody.%d@example.com", i);
		(void)fixture_prepare(fx, &shop, email);
		assert_int_equal(fixture_send_otp(fx, &shop, email).verdict, SEND_QUEUED);
	}
	assert_int_equal(fixture_find(fx, QUERY_IP_LIMITS_EXPIRED, &probe, &row, 1), 0);
}

/* What one of the two limits refuses is not taken from the other. */
static void both_or_none(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller there = at(&shop, "192.0.2.1");

	be_strict(fx);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &there, ANA).verdict, SEND_QUEUED);
	for (int i = 0; i < 20; i++)
		assert_int_equal(fixture_send_otp(fx, &there, ANA).verdict, SEND_LIMITED);
	for (int i = 0; i < 9; i++)
		assert_int_equal(send(fx, &shop, "192.0.2.1").verdict, SEND_QUEUED);
	assert_int_equal(send(fx, &shop, "192.0.2.1").verdict, SEND_LIMITED);
	/* Ana's own place comes free; the address is fuller, and leaves it to her. */
	fixture_advance_clock(fx, seconds(60));
	for (int i = 0; i < 10; i++)
		assert_int_equal(send(fx, &shop, "192.0.2.1").verdict, SEND_QUEUED);
	const moment full = fixture_user(fx, &shop, ANA).send_tat;
	assert_int_equal(fixture_send_otp(fx, &there, ANA).verdict, SEND_LIMITED);
	assert_int_equal(fixture_user(fx, &shop, ANA).send_tat.ms, full.ms);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
}

static size_t visitors(struct app_fixture *fx, struct ip_limit *rows, size_t room)
{
	const struct ip_limit probe = { .expires_at = { INT64_MAX } };

	return fixture_find(fx, QUERY_IP_LIMITS_EXPIRED, &probe, rows, room);
}

static void a_keyed_hash_is_kept_and_nothing_else(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	struct ip_limit rows[3];
	unsigned char plain[DIGEST_BYTES];

	(void)send(fx, &shop, "192.0.2.1");
	(void)send(fx, &lone, "192.0.2.1");
	assert_int_equal(visitors(fx, rows, 3), 2);
	assert_memory_not_equal(&rows[0].ip_hash, &rows[1].ip_hash, sizeof(rows[0].ip_hash));
	sha256(STR("192.0.2.1"), plain);
	for (size_t i = 0; i < 2; i++) {
		assert_memory_not_equal(rows[i].ip_hash.bytes, plain, sizeof(plain));
		assert_null(memmem(&rows[i], sizeof(rows[i]), "\xc0\x00\x02\x01", 4));
	}
}

static void after_a_day_it_is_gone(void **state)
{
	static const struct {
		int64_t wait_ms;
		size_t left;
	} rows[] = { { 86399999, 1 }, { 1, 0 }, { 1, 0 } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct ip_limit row;

	(void)send(fx, &shop, "192.0.2.1");
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(fx, milliseconds(rows[i].wait_ms));
		assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
		assert_int_equal(visitors(fx, &row, 1), rows[i].left);
	}
	/* Who has nothing to remove does not ask for the writer. */
	const size_t writes = atomic_load(&fx->store.writes);
	assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(atomic_load(&fx->store.writes), writes);
}

static void many_go_in_steps(void **state)
{
	struct app_fixture *const fx = *state;
	struct ip_limit rows[BATCH + 10] = { { .expires_at = { 0 } } };

	for (size_t i = 0; i < array_len(rows); i++) {
		memcpy(rows[i].ip_hash.bytes, &i, sizeof(i));
		rows[i].expires_at = (moment){ FIXTURE_NOW - (int64_t)i };
		fixture_save(fx, RECORD_IP_LIMIT, &rows[i]);
	}
	assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(visitors(fx, rows, BATCH), 10);
	assert_int_equal(ip_limit_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(visitors(fx, rows, BATCH), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(as_many_as_ten_people_and_no_more),
		TEST(an_ipv6_address_counts_as_its_64),
		TEST(counted_over_the_group_and_apart_between_groups),
		TEST(who_names_no_address_is_not_counted),
		TEST(both_or_none),
		TEST(a_keyed_hash_is_kept_and_nothing_else),
		TEST(after_a_day_it_is_gone),
		TEST(many_go_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
