#include "domain/event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

static const struct {
	enum event_outcome outcome;
	const char *want;
} words[] = {
	{ EVENT_APPLIED, "applied" },
	{ EVENT_SAME, "same" },
	{ EVENT_STALE, "stale" },
	{ EVENT_DOUBTFUL, "doubtful" },
	{ EVENT_UNKNOWN_STATUS, "unknown_status" },
	{ EVENT_ERASED, "erased" },
	{ EVENT_UNKNOWN_SESSION, "unknown_session" },
	{ EVENT_NOT_FOLLOWED, "not_followed" },
	{ EVENT_TEST, "test" },
	{ EVENT_ASKED, "asked" },
};

static void every_outcome_has_its_word(void **state)
{
	(void)state;
	assert_int_equal(array_len(words), EVENT_OUTCOMES - 1);
	for (size_t i = 0; i < array_len(words); i++)
		assert_string_equal(event_outcome_word(words[i].outcome), words[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_outcome_has_its_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
