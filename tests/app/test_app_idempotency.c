/* app/core/idempotency: the first answer to a call with an Idempotency-Key is kept for a day. */
#include "app/core/idempotency.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "kit/app_fixture.h"

#define ANSWER "{\"statusCode\":201}"

static struct idempotency_call call_with(const struct caller *caller, const char *key, const char *body)
{
	return (struct idempotency_call){
		.caller = caller, .route = STR("/kyc/prepare"), .key = str_of(key), .body = str_of(body)
	};
}

static struct idempotency_result begin(
	struct app_fixture *fx, const struct caller *caller, const char *key, const char *body)
{
	const struct idempotency_call call = call_with(caller, key, body);
	struct idempotency_result result;

	assert_int_equal(idempotency_begin(&fx->world, &fx->arena, &call, &result), OK);
	return result;
}

static void finish(struct app_fixture *fx, const struct idempotency_result *begun, int status)
{
	assert_int_equal(idempotency_finish(&fx->world, &fx->arena, &begun->entry, status, STR(ANSWER)), OK);
}

static void first_answer_is_kept_sealed_for_a_day(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct idempotency_result first = begin(fx, &shop, "k", "body");

	assert_int_equal(first.verdict, IDEMPOTENCY_FIRST);
	assert_int_equal(begin(fx, &shop, "k", "body").verdict, IDEMPOTENCY_IN_PROGRESS);
	finish(fx, &first, 201);
	struct idempotency_entry stored = first.entry;
	fixture_load(fx, RECORD_IDEMPOTENCY_ENTRY, &stored);
	assert_null(memmem(stored.sealed_reply.p, stored.sealed_reply.n, "statusCode", 10));
	fixture_advance_clock(fx, milliseconds(hours(24).ms - 1));
	const struct idempotency_result repeated = begin(fx, &shop, "k", "body");
	assert_int_equal(repeated.verdict, IDEMPOTENCY_REPLAY);
	assert_int_equal(repeated.status, 201);
	assert_true(str_eq(repeated.body, STR(ANSWER)));
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(begin(fx, &shop, "k", "body").verdict, IDEMPOTENCY_FIRST);
}

static void api_key_route_key_and_body_are_told_apart(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct caller other = shop;
	struct idempotency_call call = call_with(&shop, "k", "body");
	struct idempotency_result result;

	(void)begin(fx, &shop, "k", "body");
	assert_int_equal(begin(fx, &shop, "k", "bodY").verdict, IDEMPOTENCY_KEY_REUSED);
	assert_int_equal(begin(fx, &shop, "K", "body").verdict, IDEMPOTENCY_FIRST);
	assert_true(str_copy_to(STR("otherkey"), other.actor.id, sizeof(other.actor.id)));
	assert_int_equal(begin(fx, &other, "k", "body").verdict, IDEMPOTENCY_FIRST);
	call.params[0] = STR("x");
	assert_int_equal(idempotency_begin(&fx->world, &fx->arena, &call, &result), OK);
	assert_int_equal(result.verdict, IDEMPOTENCY_FIRST);
	call.params[0] = STR("");
	call.route = STR("/kyc/prepare-wallet");
	assert_int_equal(idempotency_begin(&fx->world, &fx->arena, &call, &result), OK);
	assert_int_equal(result.verdict, IDEMPOTENCY_FIRST);
}

static void answer_that_is_not_kept_lets_the_call_run_again(void **state)
{
	static const int statuses[] = { 429, 500, 503 };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	for (size_t i = 0; i < array_len(statuses); i++) {
		const struct idempotency_result first = begin(fx, &shop, "k", "body");

		assert_int_equal(first.verdict, IDEMPOTENCY_FIRST);
		finish(fx, &first, statuses[i]);
	}
	char large[IDEMPOTENCY_REPLY_MAX + 1];
	memset(large, 'x', sizeof(large));
	const struct idempotency_result first = begin(fx, &shop, "k", "body");
	assert_int_equal(idempotency_finish(&fx->world, &fx->arena, &first.entry, 200,
				 (struct str){ large, sizeof(large) }),
		OK);
	assert_int_equal(begin(fx, &shop, "k", "body").verdict, IDEMPOTENCY_FIRST);
}

/* A call that took longer than its lease must not overwrite the entry of the call that replaced it. */
static void late_answer_does_not_replace_that_of_a_newer_run(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct idempotency_result first = begin(fx, &shop, "k", "body");
	struct idempotency_entry newer = first.entry;

	newer.lease_expires_at = moment_add(newer.lease_expires_at, milliseconds(1));
	fixture_save(fx, RECORD_IDEMPOTENCY_ENTRY, &newer);
	finish(fx, &first, 200);
	fixture_load(fx, RECORD_IDEMPOTENCY_ENTRY, &newer);
	assert_int_equal(newer.status, 0);
}

static void expired_entries_are_removed_in_bounded_numbers(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct idempotency_result first = begin(fx, &shop, "k", "body");
	struct idempotency_entry row = first.entry;

	for (int i = 0; i < 300; i++) {
		row.entry_key.bytes[0] = (unsigned char)i;
		row.entry_key.bytes[1] = (unsigned char)(i >> 8);
		fixture_save(fx, RECORD_IDEMPOTENCY_ENTRY, &row);
	}
	fixture_advance_clock(fx, milliseconds(hours(24).ms - 1));
	assert_int_equal(idempotency_clean(&fx->world, &fx->arena), OK);
	fixture_load(fx, RECORD_IDEMPOTENCY_ENTRY, &row);
	fixture_advance_clock(fx, milliseconds(1));
	for (size_t left = 301; left > 0; left -= left < 256 ? left : 256) {
		const struct idempotency_entry probe = { .expires_at = world_now(&fx->world) };
		static struct idempotency_entry rows[400];

		assert_int_equal(fixture_find(fx, QUERY_IDEMPOTENCY_EXPIRED, &probe, rows, 400), left);
		assert_int_equal(idempotency_clean(&fx->world, &fx->arena), OK);
	}
	assert_false(fixture_try_load(fx, RECORD_IDEMPOTENCY_ENTRY, &row));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			first_answer_is_kept_sealed_for_a_day, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			api_key_route_key_and_body_are_told_apart, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			answer_that_is_not_kept_lets_the_call_run_again, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			late_answer_does_not_replace_that_of_a_newer_run, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			expired_entries_are_removed_in_bounded_numbers, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
