#include "domain/provider_token.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW INT64_C(1767607500000)
#define HOUR INT64_C(3600000)
#define FETCH_LIMIT seconds(15)

static const struct instance_id me = { "01me" }, other = { "01other" };

/* Returns a token that was fetched at NOW and is valid for `life`. */
static struct provider_token fetched(duration life)
{
	struct provider_token t = { .lease_owner = other, .lease_expires_at = { NOW + 15000 } };

	provider_token_store(&t, life, (moment){ NOW });
	t.sealed_token = STR("sealed");
	return t;
}

static enum token_action acquire(
	struct provider_token *t, const struct instance_id *instance, int64_t refused, int64_t after_ms)
{
	return provider_token_acquire(t, instance, refused, FETCH_LIMIT, (moment){ NOW + after_ms });
}

static void token_is_renewed_five_minutes_before_it_expires(void **state)
{
	static const struct {
		const char *name;
		int64_t life_ms, expires_ms, renew_ms;
	} rows[] = {
		{ "an hour", HOUR, HOUR, HOUR - 300000 },
		{ "a little more than ten minutes", 600002, 600002, 300002 },
		{ "ten minutes", 600000, 600000, 300000 },
		{ "less than ten minutes: renewed after half of it", 60000, 60000, 30000 },
		{ "one day", 24 * HOUR, 24 * HOUR, 24 * HOUR - 300000 },
		{ "more than one day: used for one day", 48 * HOUR, 24 * HOUR, 24 * HOUR - 300000 },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_token t = fetched(milliseconds(rows[i].life_ms));

		print_message("# %s\n", rows[i].name);
		assert_int_equal(t.serial, 1);
		assert_int_equal(t.expires_at.ms, NOW + rows[i].expires_ms);
		assert_int_equal(t.renew_at.ms, NOW + rows[i].renew_ms);
		/* Storing the token ends the lease of the instance that fetched it. */
		assert_string_equal(t.lease_owner.text, "");
		assert_true(moment_is_unset(t.lease_expires_at));
	}
}

static void first_token_is_fetched_by_one_instance(void **state)
{
	struct provider_token t = { .serial = 0 };

	(void)state;
	assert_int_equal(acquire(&t, &me, 0, 0), TOKEN_FETCH);
	assert_string_equal(t.lease_owner.text, me.text);
	assert_int_equal(t.lease_expires_at.ms, NOW + 15000);
	assert_int_equal(acquire(&t, &other, 0, 0), TOKEN_WAIT);
	/* The same instance may fetch again, because its first fetch may have failed. */
	assert_int_equal(acquire(&t, &me, 0, 1000), TOKEN_FETCH);
	assert_int_equal(t.lease_expires_at.ms, NOW + 16000);
}

static void fetch_by_a_crashed_instance_blocks_others_until_its_limit(void **state)
{
	static const struct {
		int64_t after_ms;
		enum token_action want;
	} rows[] = { { 14999, TOKEN_WAIT }, { 15000, TOKEN_FETCH }, { 15001, TOKEN_FETCH } };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_token t = { .serial = 0 };

		assert_int_equal(acquire(&t, &other, 0, 0), TOKEN_FETCH);
		assert_int_equal(acquire(&t, &me, 0, rows[i].after_ms), rows[i].want);
	}
}

static void token_is_used_until_it_must_be_renewed(void **state)
{
	struct provider_token t = fetched(hours(1));

	(void)state;
	assert_int_equal(acquire(&t, &me, 0, HOUR - 300001), TOKEN_USABLE);
	assert_string_equal(t.lease_owner.text, "");
	assert_int_equal(acquire(&t, &me, 0, HOUR - 300000), TOKEN_FETCH);
	assert_string_equal(t.lease_owner.text, me.text);
}

static void old_token_is_used_while_another_instance_renews_it(void **state)
{
	struct provider_token t = fetched(hours(1));

	(void)state;
	assert_int_equal(acquire(&t, &other, 0, HOUR - 10000), TOKEN_FETCH);
	assert_int_equal(acquire(&t, &me, 0, HOUR - 1), TOKEN_USABLE);
	assert_int_equal(acquire(&t, &me, 0, HOUR), TOKEN_WAIT);
	assert_int_equal(acquire(&t, &me, 0, HOUR + 1), TOKEN_WAIT);
}

static void refused_token_is_not_used_again(void **state)
{
	struct provider_token t = fetched(hours(1));

	(void)state;
	/* The provider refused only the token with that serial. A newer token may be valid. */
	t.serial = 2;
	assert_int_equal(acquire(&t, &me, 1, 0), TOKEN_USABLE);
	assert_int_equal(acquire(&t, &me, 2, 0), TOKEN_FETCH);
	assert_int_equal(acquire(&t, &other, 2, 1), TOKEN_WAIT);
	provider_token_store(&t, hours(1), (moment){ NOW + 2 });
	assert_int_equal(acquire(&t, &other, 2, 3), TOKEN_USABLE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(token_is_renewed_five_minutes_before_it_expires),
		cmocka_unit_test(first_token_is_fetched_by_one_instance),
		cmocka_unit_test(fetch_by_a_crashed_instance_blocks_others_until_its_limit),
		cmocka_unit_test(token_is_used_until_it_must_be_renewed),
		cmocka_unit_test(old_token_is_used_while_another_instance_renews_it),
		cmocka_unit_test(refused_token_is_not_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
