#include "domain/idempotency.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW 1000000
#define EXPIRES (NOW + 1000)
#define STORE_NOW 5000000

static const struct {
	const char *name;
	int64_t status, expires_at, lease_expires_at;
	const char *instance;
	bool same_body, is_only_instance;
	enum idempotency_verdict want;
} rows[] = {
	{ "answered", 200, EXPIRES, 0, "other", true, false, IDEMPOTENCY_REPLAY },
	{ "a refusal is an answer", 404, EXPIRES, 0, "me", true, true, IDEMPOTENCY_REPLAY },
	{ "answered, other body", 200, EXPIRES, 0, "other", false, false, IDEMPOTENCY_KEY_REUSED },
	{ "last millisecond", 200, NOW + 1, 0, "me", true, false, IDEMPOTENCY_REPLAY },
	{ "expired exactly now", 200, NOW, 0, "me", true, false, IDEMPOTENCY_FIRST },
	{ "expired, other body", 200, NOW - 1, 0, "me", false, false, IDEMPOTENCY_FIRST },
	{ "stored before the clock was set back", 200, NOW + 24 * 3600 * 1000 + 120001, 0, "me", true, false,
		IDEMPOTENCY_FIRST },
	{ "running here", 0, EXPIRES, STORE_NOW + 1, "me", true, true, IDEMPOTENCY_IN_PROGRESS },
	{ "running here, other body", 0, EXPIRES, STORE_NOW + 1, "me", false, true, IDEMPOTENCY_KEY_REUSED },
	{ "running elsewhere", 0, EXPIRES, STORE_NOW + 1, "other", true, false, IDEMPOTENCY_IN_PROGRESS },
	{ "lease ends now", 0, EXPIRES, STORE_NOW, "other", true, false, IDEMPOTENCY_FIRST },
	{ "lease has ended", 0, EXPIRES, STORE_NOW - 1, "other", true, false, IDEMPOTENCY_FIRST },
	{ "lease has ended, other body", 0, EXPIRES, STORE_NOW - 1, "other", false, false,
		IDEMPOTENCY_FIRST },
	{ "of an earlier process", 0, EXPIRES, STORE_NOW + 1, "other", true, true, IDEMPOTENCY_FIRST },
};

static void verdict_of_each_state(void **state)
{
	const struct digest body = { { 1 } }, other = { { 2 } };
	const struct instance_id me = { "me" };

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct idempotency_entry entry = { .body_digest = rows[i].same_body ? body : other,
			.status = rows[i].status,
			.expires_at = { rows[i].expires_at },
			.lease_expires_at = { rows[i].lease_expires_at } };
		const struct idempotency_facts facts = { &body, { NOW }, { STORE_NOW },
			rows[i].is_only_instance, &me };

		print_message("# %s\n", rows[i].name);
		assert_true(str_copy_to(
			str_of(rows[i].instance), entry.instance_id.text, sizeof(entry.instance_id.text)));
		assert_int_equal(idempotency_check(&entry, &facts), rows[i].want);
	}
}

static void answers_that_are_kept(void **state)
{
	static const int kept[] = { 200, 201, 400, 403, 404, 409, 422, 428, 430, 499 };
	static const int not_kept[] = { 429, 500, 503 };

	(void)state;
	for (size_t i = 0; i < array_len(kept); i++)
		assert_true(idempotency_keeps(kept[i]));
	for (size_t i = 0; i < array_len(not_kept); i++)
		assert_false(idempotency_keeps(not_kept[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_of_each_state),
		cmocka_unit_test(answers_that_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
