/* web/console/person_situation: a sentence for each state in which a person can be. */
#include "web/console/person_situation.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

#define NEXT_TRY INT64_C(1767607500000) /* 2026-01-05 10:05 UTC */

static const struct row {
	const char *name;
	bool is_verified, has_session, blocklisted;
	enum session_status status;
	enum create_verdict verdict;
	int64_t tries; /* used, of 5 */
	const char *part;
	bool can_be_reset;
} rows[] = {
	{ "unproved", false, false, false, 0, CREATE_NEW, 0, "no code was requested", false },
	{ "verified", true, false, false, 0, CREATE_NEW, 0, "has not started a check.", false },
	{ "declined", true, true, false, STATUS_DECLINED, CREATE_NEW, 0,
		"declined: face mismatch. The person may start another check now. Tries after a decline within 30 days: 0 of 5 used.",
		false },
	{ "declined again", true, true, false, STATUS_DECLINED, CREATE_NEW, 2, "2 of 5 used.", true },
	{ "expired", true, true, false, STATUS_EXPIRED, CREATE_NEW, 0, "ended without a result", false },
	{ "no try left", true, true, false, STATUS_DECLINED, CREATE_REFUSED, 5,
		"5 of 5 used. Another check is refused until 2026-01-05 10:05 UTC, or until an operator allows",
		true },
	{ "blocklisted", true, true, true, STATUS_DECLINED, CREATE_REFUSED, 0,
		"match with its blocklist. Another check is refused until an operator allows", true },
	{ "not opened", true, true, false, STATUS_NOT_STARTED, CREATE_RESUME, 0, "has not opened it", false },
	{ "in progress", true, true, false, STATUS_IN_PROGRESS, CREATE_RESUME, 0,
		"open at the provider (In Progress)", false },
	{ "in review", true, true, false, STATUS_IN_REVIEW, CREATE_RESUME, 0, "in review", false },
	{ "approved", true, true, false, STATUS_APPROVED, CREATE_APPROVED_ALREADY, 0, "is approved", false },
	{ "being created", true, false, false, 0, CREATE_WAIT, 0, "at this moment", false },
	{ "interrupted", true, false, false, 0, CREATE_ABANDONED, 0, "was interrupted", false },
};

static struct console_person person_of(const struct row *row)
{
	struct console_person person = { .is_verified = row->is_verified, .tries_left = 5 - row->tries };

	person.kyc_status.has_session = row->has_session;
	person.kyc_status.session.status = row->status;
	person.check.verdict = row->verdict;
	person.check.facts.tries = row->tries;
	person.check.facts.blocklisted = row->blocklisted;
	person.check.next_try_at = (moment){ row->tries > 0 ? NEXT_TRY : 0 };
	if (row->status == STATUS_DECLINED)
		reasons_add(&person.details.summary.next_step.reasons, REASON_FACE_MISMATCH);
	return person;
}

static void every_state_has_a_sentence(void **state)
{
	const struct rules rules = { .tries = { 5, days(30) } };
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct console_person person = person_of(&rows[i]);
		const struct str text = person_situation_text(&a, &person, &rules, (moment){ NEXT_TRY });

		printf("# %s\n", rows[i].name);
		assert_non_null(text.p);
		if (!strstr(text.p, rows[i].part))
			fail_msg("%s", text.p);
		assert_int_equal(person_can_be_reset(&person), rows[i].can_be_reset);
	}
	arena_finish(&a);
}

static void state_of_the_code_has_a_sentence(void **state)
{
	static const struct {
		struct person_code code;
		const char *text;
	} codes[] = {
		{ { PERSON_CODE_LIVE, { NEXT_TRY }, { NEXT_TRY + 600000 }, 2, { NEXT_TRY + 60000 } },
			"The person has not verified the e-mail address. The last code was requested at 2026-01-05 10:05 UTC"
			" and is valid until 2026-01-05 10:15 UTC. Wrong entries: 2 of 5." },
		{ { PERSON_CODE_LOCKED, { NEXT_TRY }, { NEXT_TRY + 600000 }, 5, { NEXT_TRY + 60000 } },
			"The person has not verified the e-mail address. The last code was requested at 2026-01-05 10:05 UTC."
			" Wrong entries: 5 of 5. The code is locked. The person must request a new code, which is possible"
			" from 2026-01-05 10:06 UTC on." },
		{ { PERSON_CODE_EXPIRED, { NEXT_TRY }, { NEXT_TRY }, 0, { NEXT_TRY } },
			"The person has not verified the e-mail address. The last code was requested at 2026-01-05 10:05 UTC."
			" Wrong entries: 0 of 5. The code has expired or was used. The person must request a new code, which"
			" is possible now." },
	};
	const struct rules rules = { .otp_tries = 5 };
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (size_t i = 0; i < array_len(codes); i++) {
		const struct console_person person = { .code = codes[i].code };

		assert_string_equal(
			person_situation_text(&a, &person, &rules, (moment){ NEXT_TRY }).p, codes[i].text);
	}
	arena_finish(&a);
}

static void what_people_must_not_learn_is_not_told(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, ARENA_CALL_LIMIT);
	for (enum reason r = 0; r < REASON_COUNT; r++) {
		struct console_person person = { .is_verified = true };
		struct str text;

		reasons_add(&person.details.summary.next_step.reasons, r);
		text = person_told_text(&a, &person);
		assert_true(text.n > 0);
		assert_int_equal(str_eq(text, STR("The check was not successful.")),
			reason_for_people(r) == REASON_OTHER);
	}
	const struct console_person nothing = { .is_verified = true };

	assert_int_equal(person_told_text(&a, &nothing).n, 0);
	arena_finish(&a);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_has_a_sentence),
		cmocka_unit_test(state_of_the_code_has_a_sentence),
		cmocka_unit_test(what_people_must_not_learn_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
