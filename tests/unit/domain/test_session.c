#include "domain/session.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include "base/attr.h"

#define NOW 5000000
#define STALE 20000 /* twice the provider's ten seconds */

static const struct tries_rule five = { 5, { INT64_C(30) * 86400000 } };

#define NOBODY STATUS_COUNT

static const struct {
	const char *name;
	enum session_status current; /* NOBODY: no session */
	bool blocklisted, ours;
	int64_t tries, age;
	enum create_verdict want;
} rows[] = {
	{ "the first one", NOBODY, false, false, 0, 0, CREATE_NEW },
	{ "the first one of a blocklisted", NOBODY, true, false, 0, 0, CREATE_REFUSED },
	{ "not started", STATUS_NOT_STARTED, false, false, 0, 0, CREATE_RESUME },
	{ "in progress", STATUS_IN_PROGRESS, false, false, 0, 0, CREATE_RESUME },
	{ "awaiting user", STATUS_AWAITING_USER, false, false, 0, 0, CREATE_RESUME },
	{ "resubmitted", STATUS_RESUBMITTED, false, false, 0, 0, CREATE_RESUME },
	{ "in review", STATUS_IN_REVIEW, false, false, 0, 0, CREATE_RESUME },
	{ "in review, blocklisted, tries used up", STATUS_IN_REVIEW, true, false, 5, 0, CREATE_RESUME },
	{ "an open one, however old", STATUS_IN_PROGRESS, false, false, 0, NOW, CREATE_RESUME },
	{ "approved", STATUS_APPROVED, false, false, 0, 0, CREATE_APPROVED_ALREADY },
	{ "approved, blocklisted", STATUS_APPROVED, true, false, 9, 0, CREATE_APPROVED_ALREADY },
	{ "declined", STATUS_DECLINED, false, false, 0, 0, CREATE_NEW },
	{ "declined, four made: the fifth", STATUS_DECLINED, false, false, 4, 0, CREATE_NEW },
	{ "declined, five made: the sixth", STATUS_DECLINED, false, false, 5, 0, CREATE_REFUSED },
	{ "declined, six made", STATUS_DECLINED, false, false, 6, 0, CREATE_REFUSED },
	{ "declined, blocklisted", STATUS_DECLINED, true, false, 0, 0, CREATE_REFUSED },
	{ "expired", STATUS_EXPIRED, false, false, 0, 0, CREATE_NEW },
	{ "expired, tries used up", STATUS_EXPIRED, false, false, 5, 0, CREATE_NEW },
	{ "expired, blocklisted", STATUS_EXPIRED, true, false, 0, 0, CREATE_REFUSED },
	{ "abandoned", STATUS_ABANDONED, false, false, 0, 0, CREATE_NEW },
	{ "abandoned, tries used up", STATUS_ABANDONED, false, false, 5, 0, CREATE_NEW },
	{ "abandoned, blocklisted", STATUS_ABANDONED, true, false, 0, 0, CREATE_REFUSED },
	{ "kyc expired", STATUS_KYC_EXPIRED, false, false, 0, 0, CREATE_NEW },
	{ "kyc expired, blocklisted", STATUS_KYC_EXPIRED, true, false, 0, 0, CREATE_REFUSED },
	{ "our own note", STATUS_CREATING, false, true, 0, 0, CREATE_WAIT },
	{ "our own note, t+1", STATUS_CREATING, false, true, 0, STALE + 1, CREATE_WAIT },
	{ "a note of another, now", STATUS_CREATING, false, false, 0, 0, CREATE_WAIT },
	{ "a note of a clock before ours", STATUS_CREATING, false, false, 0, -1000, CREATE_WAIT },
	{ "a note of another, t-1", STATUS_CREATING, false, false, 0, STALE - 1, CREATE_WAIT },
	{ "a note of another, t", STATUS_CREATING, false, false, 0, STALE, CREATE_ABANDONED },
	{ "a note of another, t+1", STATUS_CREATING, false, false, 0, STALE + 1, CREATE_ABANDONED },
	{ "a note of another, blocklisted, t-1", STATUS_CREATING, true, false, 0, STALE - 1, CREATE_REFUSED },
	{ "a dead note, blocklisted: the unit comes back", STATUS_CREATING, true, false, 0, STALE,
		CREATE_ABANDONED },
	{ "our own note, blocklisted", STATUS_CREATING, true, true, 0, 0, CREATE_REFUSED },
};

static void every_row_has_its_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct session current = { .status = rows[i].current,
			.next_poll_at = { NOW - rows[i].age + STALE } };
		const struct create_facts facts = {
			.current = rows[i].current == NOBODY ? NULL : &current,
			.blocklisted = rows[i].blocklisted,
			.tries = rows[i].tries,
			.pending_is_own = rows[i].ours,
		};

		print_message("# %s\n", rows[i].name);
		assert_int_equal(create_check(&facts, &five, (moment){ NOW }), rows[i].want);
	}
}

/* No status is forgotten, whatever the facts: a blocklisted person never gets a new one, and an open one is
 * never left behind for another. */
static void no_facts_break_the_rules(void **state)
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

		const enum create_verdict v = create_check(&facts, &five, (moment){ NOW });

		assert_int_equal(v == CREATE_RESUME, session_status_is_open(status));
		assert_int_equal(v == CREATE_APPROVED_ALREADY, status == STATUS_APPROVED);
		assert_false(v == CREATE_NEW && facts.blocklisted);
		assert_false(
			v == CREATE_NEW && (!session_status_is_final(status) || status == STATUS_APPROVED));
		assert_false((v == CREATE_WAIT || v == CREATE_ABANDONED) && status != STATUS_CREATING);
	}
}

/* KYCD_TRIES told as a story: the first session and five after declines; the sixth after declines is refused.
 */
static void six_declines_and_no_more(void **state)
{
	struct session current = { .status = STATUS_DECLINED };
	struct create_facts facts = { .current = NULL };
	int made = 0;

	(void)state;
	while (made < 100 && create_check(&facts, &five, (moment){ NOW }) == CREATE_NEW) {
		facts.tries += facts.current != NULL;
		facts.current = &current;
		made++;
	}
	assert_int_equal(made, 6);
	assert_int_equal(create_check(&facts, &five, (moment){ NOW }), CREATE_REFUSED);
}

static void a_decline_is_not_hidden_by_what_ran_out(void **state)
{
	static const struct {
		enum session_status status;
		int64_t after_declines;
		bool follows;
	} earlier_ones[] = {
		{ STATUS_DECLINED, 0, true }, { STATUS_DECLINED, 1, true }, { STATUS_EXPIRED, 0, false },
		{ STATUS_EXPIRED, 1, true }, { STATUS_ABANDONED, 0, false }, { STATUS_ABANDONED, 1, true },
		{ STATUS_KYC_EXPIRED, 0, false },
		{ STATUS_KYC_EXPIRED, 1, false }, /* it was approved in between */
	};
	(void)state;

	for (size_t i = 0; i < array_len(earlier_ones); i++) {
		const struct session before = { .status = earlier_ones[i].status,
			.after_declines = earlier_ones[i].after_declines };

		assert_int_equal(session_follows_decline(&before), earlier_ones[i].follows);
		for (int64_t tries = 4; tries <= 6; tries++) {
			const struct create_facts facts = { .current = &before, .tries = tries };
			const bool refused = earlier_ones[i].follows && tries >= 5;

			assert_int_equal(create_check(&facts, &five, (moment){ NOW }),
				refused ? CREATE_REFUSED : CREATE_NEW);
		}
	}
}

static void what_was_made_after_a_decline_is_a_try(void **state)
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
		cmocka_unit_test(every_row_has_its_verdict),
		cmocka_unit_test(no_facts_break_the_rules),
		cmocka_unit_test(six_declines_and_no_more),
		cmocka_unit_test(a_decline_is_not_hidden_by_what_ran_out),
		cmocka_unit_test(what_was_made_after_a_decline_is_a_try),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
