#include "domain/session.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW 5000000
#define PENDING_MAX_AGE 20000 /* twice the provider's time-out of 10 s */

static const struct tries_rule five_tries = { 5, { INT64_C(30) * 86400000 } };

#define NO_SESSION STATUS_COUNT

static const struct {
	const char *name;
	enum session_status current;
	bool blocklisted, is_own;
	int64_t tries, age;
	enum create_verdict want;
} rows[] = {
	{ "no session yet", NO_SESSION, false, false, 0, 0, CREATE_NEW },
	{ "no session yet, blocklisted", NO_SESSION, true, false, 0, 0, CREATE_REFUSED },
	{ "not started", STATUS_NOT_STARTED, false, false, 0, 0, CREATE_RESUME },
	{ "in progress", STATUS_IN_PROGRESS, false, false, 0, 0, CREATE_RESUME },
	{ "awaiting user", STATUS_AWAITING_USER, false, false, 0, 0, CREATE_RESUME },
	{ "resubmitted", STATUS_RESUBMITTED, false, false, 0, 0, CREATE_RESUME },
	{ "in review", STATUS_IN_REVIEW, false, false, 0, 0, CREATE_RESUME },
	{ "in review, blocklisted, no tries left", STATUS_IN_REVIEW, true, false, 5, 0, CREATE_RESUME },
	{ "open and very old", STATUS_IN_PROGRESS, false, false, 0, NOW, CREATE_RESUME },
	{ "approved", STATUS_APPROVED, false, false, 0, 0, CREATE_APPROVED_ALREADY },
	{ "approved, blocklisted", STATUS_APPROVED, true, false, 9, 0, CREATE_APPROVED_ALREADY },
	{ "declined", STATUS_DECLINED, false, false, 0, 0, CREATE_NEW },
	{ "declined, four tries made: fifth is allowed", STATUS_DECLINED, false, false, 4, 0, CREATE_NEW },
	{ "declined, five tries made: sixth is refused", STATUS_DECLINED, false, false, 5, 0,
		CREATE_REFUSED },
	{ "declined, six tries made", STATUS_DECLINED, false, false, 6, 0, CREATE_REFUSED },
	{ "declined, blocklisted", STATUS_DECLINED, true, false, 0, 0, CREATE_REFUSED },
	{ "expired", STATUS_EXPIRED, false, false, 0, 0, CREATE_NEW },
	{ "expired, no tries left", STATUS_EXPIRED, false, false, 5, 0, CREATE_NEW },
	{ "expired, blocklisted", STATUS_EXPIRED, true, false, 0, 0, CREATE_REFUSED },
	{ "abandoned", STATUS_ABANDONED, false, false, 0, 0, CREATE_NEW },
	{ "abandoned, no tries left", STATUS_ABANDONED, false, false, 5, 0, CREATE_NEW },
	{ "abandoned, blocklisted", STATUS_ABANDONED, true, false, 0, 0, CREATE_REFUSED },
	{ "kyc expired", STATUS_KYC_EXPIRED, false, false, 0, 0, CREATE_NEW },
	{ "kyc expired, blocklisted", STATUS_KYC_EXPIRED, true, false, 0, 0, CREATE_REFUSED },
	{ "own pending session", STATUS_CREATING, false, true, 0, 0, CREATE_WAIT },
	{ "own pending session, 1 ms over the maximum age", STATUS_CREATING, false, true, 0,
		PENDING_MAX_AGE + 1, CREATE_WAIT },
	{ "another instance's pending session, new", STATUS_CREATING, false, false, 0, 0, CREATE_WAIT },
	{ "another instance's pending session, its clock is ahead", STATUS_CREATING, false, false, 0, -1000,
		CREATE_WAIT },
	{ "another instance's pending session, 1 ms before the maximum age", STATUS_CREATING, false, false, 0,
		PENDING_MAX_AGE - 1, CREATE_WAIT },
	{ "another instance's pending session, at the maximum age", STATUS_CREATING, false, false, 0,
		PENDING_MAX_AGE, CREATE_ABANDONED },
	{ "another instance's pending session, 1 ms over the maximum age", STATUS_CREATING, false, false, 0,
		PENDING_MAX_AGE + 1, CREATE_ABANDONED },
	{ "another instance's pending session, blocklisted, 1 ms before the maximum age", STATUS_CREATING,
		true, false, 0, PENDING_MAX_AGE - 1, CREATE_REFUSED },
	{ "abandoned pending session, blocklisted: its quota unit is released", STATUS_CREATING, true, false,
		0, PENDING_MAX_AGE, CREATE_ABANDONED },
	{ "own pending session, blocklisted", STATUS_CREATING, true, true, 0, 0, CREATE_REFUSED },
};

static void facts_give_the_expected_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct session current = { .status = rows[i].current,
			.next_poll_at = { NOW - rows[i].age + PENDING_MAX_AGE } };
		const struct create_facts facts = {
			.current = rows[i].current == NO_SESSION ? NULL : &current,
			.blocklisted = rows[i].blocklisted,
			.tries = rows[i].tries,
			.pending_is_own = rows[i].is_own,
		};

		print_message("# %s\n", rows[i].name);
		assert_int_equal(create_check(&facts, &five_tries, (moment){ NOW }), rows[i].want);
	}
}

/* For every combination of facts: a blocklisted person never gets a new session, and an open or approved
 * session is never replaced by another one. */
static void no_combination_of_facts_breaks_the_rules(void **state)
{
	(void)state;
	for (unsigned bits = 0; bits < STATUS_COUNT * 2 * 2 * 7 * 3; bits++) {
		const enum session_status status = (enum session_status)(bits % STATUS_COUNT);
		const unsigned rest = bits / STATUS_COUNT;
		const struct session current = { .status = status, .next_poll_at = { NOW + 1 - rest / 28 } };
		const struct create_facts facts = {
			.current = &current,
			.blocklisted = rest % 2 != 0,
			.pending_is_own = rest / 2 % 2 != 0,
			.tries = rest / 4 % 7,
		};

		const enum create_verdict v = create_check(&facts, &five_tries, (moment){ NOW });

		assert_int_equal(v == CREATE_RESUME, session_status_is_open(status));
		assert_int_equal(v == CREATE_APPROVED_ALREADY, status == STATUS_APPROVED);
		assert_false(v == CREATE_NEW && facts.blocklisted);
		assert_false(
			v == CREATE_NEW && (!session_status_is_final(status) || status == STATUS_APPROVED));
		assert_false((v == CREATE_WAIT || v == CREATE_ABANDONED) && status != STATUS_CREATING);
	}
}

/* With KYCD_TRIES=5 a person can have the first session and five more after declines. The sixth further
 * session is refused. */
static void sixth_session_after_declines_is_refused(void **state)
{
	struct session current = { .status = STATUS_DECLINED };
	struct create_facts facts = { .current = NULL };
	int created = 0;

	(void)state;
	while (created < 100 && create_check(&facts, &five_tries, (moment){ NOW }) == CREATE_NEW) {
		facts.tries += facts.current != NULL;
		facts.current = &current;
		created++;
	}
	assert_int_equal(created, 6);
	assert_int_equal(create_check(&facts, &five_tries, (moment){ NOW }), CREATE_REFUSED);
}

static void expired_session_does_not_hide_a_decline(void **state)
{
	static const struct {
		enum session_status status;
		int64_t after_declines;
		bool follows;
	} previous[] = {
		{ STATUS_DECLINED, 0, true }, { STATUS_DECLINED, 1, true }, { STATUS_EXPIRED, 0, false },
		{ STATUS_EXPIRED, 1, true }, { STATUS_ABANDONED, 0, false }, { STATUS_ABANDONED, 1, true },
		{ STATUS_KYC_EXPIRED, 0, false }, { STATUS_KYC_EXPIRED, 1, false }, /* it had been approved */
	};
	(void)state;

	for (size_t i = 0; i < array_len(previous); i++) {
		const struct session before = { .status = previous[i].status,
			.after_declines = previous[i].after_declines };

		assert_int_equal(session_follows_decline(&before), previous[i].follows);
		for (int64_t tries = 4; tries <= 6; tries++) {
			const struct create_facts facts = { .current = &before, .tries = tries };
			const bool refused = previous[i].follows && tries >= 5;

			assert_int_equal(create_check(&facts, &five_tries, (moment){ NOW }),
				refused ? CREATE_REFUSED : CREATE_NEW);
		}
	}
}

static void session_created_after_a_decline_is_a_try(void **state)
{
	(void)state;
	for (unsigned s = 0; s < STATUS_COUNT; s++)
		for (int64_t after_declines = 0; after_declines <= 1; after_declines++) {
			const struct session session = { .status = (enum session_status)s,
				.after_declines = after_declines };

			assert_int_equal(session_is_try(&session),
				after_declines == 1 && session.status != STATUS_CREATING);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_give_the_expected_verdict),
		cmocka_unit_test(no_combination_of_facts_breaks_the_rules),
		cmocka_unit_test(sixth_session_after_declines_is_refused),
		cmocka_unit_test(expired_session_does_not_hide_a_decline),
		cmocka_unit_test(session_created_after_a_decline_is_a_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
