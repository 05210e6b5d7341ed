#include "domain/lease.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW INT64_C(1767607500000)

static const struct instance_id me = { "01me" }, other = { "01other" };

static void lease_is_free_for_others_thirty_seconds_after_it_was_renewed(void **state)
{
	static const struct {
		const struct instance_id *instance;
		int64_t after_ms;
		bool want;
	} rows[] = {
		{ &me, 0, true },
		{ &me, 29999, true },
		{ &me, 30001, true },
		{ &other, 0, false },
		{ &other, 29999, false },
		{ &other, 30000, true },
		{ &other, 30001, true },
		/* the store's clock was set back */
		{ &other, -60000, false },
		{ &other, -60001, true },
		{ &me, -60001, true },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const moment now = { NOW + rows[i].after_ms };
		struct lease lease = { .name = "work" };

		assert_true(lease_acquire(&lease, &me, (moment){ NOW }));
		const struct lease before = lease;
		assert_int_equal(lease_acquire(&lease, rows[i].instance, now), rows[i].want);
		assert_string_equal(
			lease.owner.text, rows[i].want ? rows[i].instance->text : before.owner.text);
		assert_int_equal(lease.expires_at.ms, rows[i].want ? now.ms + 30000 : before.expires_at.ms);
	}
}

/* An instance that stops may have lost its lease to another instance, so only the owner can release it. */
static void lease_is_released_by_its_owner_only(void **state)
{
	struct lease lease = { .name = "work" };

	(void)state;
	assert_false(lease_release(&lease, &me));
	assert_true(lease_acquire(&lease, &other, (moment){ NOW }));
	assert_false(lease_release(&lease, &me));
	assert_string_equal(lease.owner.text, other.text);
	assert_int_equal(lease.expires_at.ms, NOW + 30000);
	assert_true(lease_release(&lease, &other));
	assert_true(lease_acquire(&lease, &me, (moment){ NOW }));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease_is_free_for_others_thirty_seconds_after_it_was_renewed),
		cmocka_unit_test(lease_is_released_by_its_owner_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
