#include "domain/provider_event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct {
	enum provider_event_outcome outcome;
	const char *want;
} names[] = {
	{ EVENT_OUTCOME_APPLIED, "applied" },
	{ EVENT_OUTCOME_UNCHANGED, "unchanged" },
	{ EVENT_OUTCOME_STALE, "stale" },
	{ EVENT_OUTCOME_NEEDS_POLL, "needs_poll" },
	{ EVENT_OUTCOME_UNKNOWN_STATUS, "unknown_status" },
	{ EVENT_OUTCOME_ERASED, "erased" },
	{ EVENT_OUTCOME_UNKNOWN_SESSION, "unknown_session" },
	{ EVENT_OUTCOME_NOT_TRACKED, "not_tracked" },
	{ EVENT_OUTCOME_TEST, "test" },
	{ EVENT_OUTCOME_POLLED, "polled" },
};

static void every_outcome_has_its_name(void **state)
{
	(void)state;
	assert_int_equal(array_len(names), EVENT_OUTCOME_COUNT - 1);
	for (size_t i = 0; i < array_len(names); i++)
		assert_string_equal(provider_event_outcome_name(names[i].outcome), names[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
