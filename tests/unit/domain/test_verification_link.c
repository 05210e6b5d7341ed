#include "domain/verification_link.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW ((int64_t)1000000000000)
#define LIFE_MAX ((int64_t)30 * 24 * 3600 * 1000)
#define JUMP 60000

static const struct {
	const char *name;
	int64_t expires_at, completed_at, revoked_at;
	enum verification_link_state want;
} states[] = {
	{ "before the expiry", NOW + 1, 0, 0, VERIFICATION_LINK_OPEN },
	{ "expires exactly now", NOW, 0, 0, VERIFICATION_LINK_EXPIRED },
	{ "after the expiry", NOW - 1, 0, 0, VERIFICATION_LINK_EXPIRED },
	{ "the longest life", NOW + LIFE_MAX, 0, 0, VERIFICATION_LINK_OPEN },
	{ "clock set back a little", NOW + LIFE_MAX + JUMP, 0, 0, VERIFICATION_LINK_OPEN },
	{ "clock set back", NOW + LIFE_MAX + JUMP + 1, 0, 0, VERIFICATION_LINK_EXPIRED },
	{ "completed", NOW + 1, NOW - 5, 0, VERIFICATION_LINK_COMPLETED },
	{ "completed, then expired", NOW, NOW - 5, 0, VERIFICATION_LINK_COMPLETED },
	{ "revoked", NOW + 1, 0, NOW - 5, VERIFICATION_LINK_REVOKED },
	{ "completed, then revoked", NOW + 1, NOW - 6, NOW - 5, VERIFICATION_LINK_REVOKED },
	{ "revoked, then expired", NOW - 1, 0, NOW - 5, VERIFICATION_LINK_REVOKED },
};

static void state_at_each_moment(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(states); i++) {
		const struct verification_link link = { .expires_at = { states[i].expires_at },
			.completed_at = { states[i].completed_at },
			.revoked_at = { states[i].revoked_at } };

		print_message("# %s\n", states[i].name);
		assert_int_equal(verification_link_state_at(&link, (moment){ NOW }), states[i].want);
	}
}

static const struct {
	bool has_session;
	enum create_verdict verdict;
	bool want;
} completions[] = {
	{ true, CREATE_APPROVED_ALREADY, true },
	{ true, CREATE_REFUSED, true },
	{ false, CREATE_REFUSED, false },
	{ true, CREATE_NEW, false },
	{ true, CREATE_RESUME, false },
	{ true, CREATE_WAIT, false },
	{ true, CREATE_ABANDONED, false },
	{ false, CREATE_NEW, false },
};

static void completed_by_approval_or_when_no_try_is_left(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(completions); i++)
		assert_int_equal(
			verification_link_is_complete(completions[i].has_session, completions[i].verdict),
			completions[i].want);
}

static const struct {
	const char *name;
	bool started;
	enum verification_link_attempt attempt;
	const char *user;
	bool has_session;
	enum session_status status;
	enum verification_step want;
} steps[] = {
	{ "new", false, VERIFICATION_ATTEMPT_NONE, "", false, 0, VERIFICATION_STEP_WELCOME },
	{ "started", true, VERIFICATION_ATTEMPT_NONE, "", false, 0, VERIFICATION_STEP_ADDRESS },
	{ "code sent", true, VERIFICATION_ATTEMPT_CODE, "", false, 0, VERIFICATION_STEP_CODE },
	{ "challenge issued", true, VERIFICATION_ATTEMPT_SIGNATURE, "", false, 0, VERIFICATION_STEP_WALLET },
	{ "verified", true, VERIFICATION_ATTEMPT_CODE, "u", false, STATUS_NOT_STARTED,
		VERIFICATION_STEP_CHECK },
	{ "session not started", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_NOT_STARTED,
		VERIFICATION_STEP_CHECK },
	{ "session in progress", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_IN_PROGRESS,
		VERIFICATION_STEP_CHECK },
	{ "to be submitted again", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_RESUBMITTED,
		VERIFICATION_STEP_CHECK },
	{ "in review", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_IN_REVIEW,
		VERIFICATION_STEP_RESULT },
	{ "approved", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_APPROVED, VERIFICATION_STEP_RESULT },
	{ "declined", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_DECLINED, VERIFICATION_STEP_RESULT },
	{ "expired", true, VERIFICATION_ATTEMPT_CODE, "u", true, STATUS_EXPIRED, VERIFICATION_STEP_RESULT },
};

static void step_follows_from_the_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(steps); i++) {
		struct verification_link link = { .started_at = { steps[i].started ? NOW : 0 },
			.attempt = steps[i].attempt };

		print_message("# %s\n", steps[i].name);
		assert_true(str_copy_to(str_of(steps[i].user), link.user_id.text, sizeof(link.user_id.text)));
		assert_int_equal(
			verification_link_step(&link, steps[i].has_session, steps[i].status), steps[i].want);
	}
}

static void life_is_between_a_minute_and_thirty_days(void **state)
{
	(void)state;
	assert_false(verification_link_life_is_valid(milliseconds(59999)));
	assert_true(verification_link_life_is_valid(milliseconds(60000)));
	assert_true(verification_link_life_is_valid(milliseconds(LIFE_MAX)));
	assert_false(verification_link_life_is_valid(milliseconds(LIFE_MAX + 1)));
}

static void result_token_lives_ten_minutes(void **state)
{
	const struct verification_result result = { .expires_at = { NOW + 600000 } };

	(void)state;
	assert_true(verification_result_is_open(&result, (moment){ NOW }));
	assert_true(verification_result_is_open(&result, (moment){ NOW + 599999 }));
	assert_false(verification_result_is_open(&result, (moment){ NOW + 600000 }));
	assert_false(verification_result_is_open(&result, (moment){ NOW - JUMP - 1 }));
}

static void each_state_has_a_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < VERIFICATION_LINK_STATES; i++)
		assert_non_null(verification_link_state_name(i));
	assert_null(verification_link_state_name(VERIFICATION_LINK_STATES));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_at_each_moment),
		cmocka_unit_test(completed_by_approval_or_when_no_try_is_left),
		cmocka_unit_test(step_follows_from_the_row),
		cmocka_unit_test(life_is_between_a_minute_and_thirty_days),
		cmocka_unit_test(result_token_lives_ten_minutes),
		cmocka_unit_test(each_state_has_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
