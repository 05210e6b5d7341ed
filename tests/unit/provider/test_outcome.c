#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/meter.h"
#include "provider/outcome.h"

static const struct {
	enum err e;
	int status;
	const char *body;
	enum provider_cause cause;
} rows[] = {
	{ ERR_UPSTREAM, 200, "", PROVIDER_UNREACHABLE },
	{ ERR_BUSY, 200, "", PROVIDER_PAUSED },
	{ ERR_INTERNAL, 200, "", PROVIDER_UNREACHABLE },
	{ ERR_INPUT, 200, "", PROVIDER_REFUSED },
	{ OK, 199, "", PROVIDER_UNREACHABLE },
	{ OK, 200, "", PROVIDER_FINE },
	{ OK, 201, "", PROVIDER_FINE },
	{ OK, 299, "", PROVIDER_FINE },
	{ OK, 300, "", PROVIDER_REFUSED },
	{ OK, 302, "<html>", PROVIDER_REFUSED },
	{ OK, 400, "{\"message\":\"no\"}", PROVIDER_REFUSED },
	{ OK, 400, "{\"detail\":\"Not enough Credits.\"}", PROVIDER_CREDITS },
	{ OK, 401, "{\"detail\":\"credits\"}", PROVIDER_REFUSED },
	{ OK, 402, "", PROVIDER_CREDITS },
	{ OK, 403, "{\"detail\":\"You do not have permission to perform this action.\"}", PROVIDER_REFUSED },
	{ OK, 403, "{\"detail\":\"no credits left\"}", PROVIDER_CREDITS },
	{ OK, 403, "credi", PROVIDER_REFUSED },
	{ OK, 404, "", PROVIDER_REFUSED },
	{ OK, 429, "", PROVIDER_LIMIT },
	{ OK, 499, "", PROVIDER_REFUSED },
	{ OK, 500, "credits", PROVIDER_UNREACHABLE },
	{ OK, 503, "", PROVIDER_UNREACHABLE },
};

static void answers_have_their_cause(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct https_reply reply = { .status = rows[i].status, .body = str_of(rows[i].body) };

		if (outcome_of(rows[i].e, &reply) != rows[i].cause)
			fail_msg("row %zu: %s %d %s", i, err_name(rows[i].e), rows[i].status, rows[i].body);
	}
}

static void calls_are_counted_by_name(void **state)
{
	struct arena a;
	struct buf out;
	struct str text;

	(void)state;
	meter_reset();
	outcome_labels();
	outcome_count(CALL_CREATE, PROVIDER_FINE);
	outcome_count(CALL_CREATE, PROVIDER_CREDITS);
	outcome_count(CALL_CREATE, PROVIDER_REFUSED);
	outcome_count(CALL_READ, PROVIDER_UNREACHABLE);
	outcome_count(CALL_TOKEN, PROVIDER_LIMIT);
	arena_init(&a, ARENA_CALL_LIMIT);
	buf_init(&out, &a);
	meter_print(&out);
	assert_int_equal(buf_done(&out, &text), OK);
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"create\",outcome=\"ok\"} 1\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"create\",outcome=\"refused\"} 2\n"));
	assert_non_null(
		strstr(text.p, "kycd_provider_calls_total{call=\"read\",outcome=\"unreachable\"} 1\n"));
	assert_non_null(strstr(text.p, "kycd_provider_calls_total{call=\"token\",outcome=\"limit\"} 1\n"));
	arena_finish(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_have_their_cause),
		cmocka_unit_test(calls_are_counted_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
