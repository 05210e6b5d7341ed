#include "domain/verification.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"

/* starkfi-kyc-api.md 8.1 and interface.md 3, written down a second time. */
static const struct {
	enum session_status status;
	const char *text, *word;
	char kind; /* open, final or of ours */
} statuses[] = {
	{ STATUS_CREATING, "Creating", "pending", 'u' },
	{ STATUS_NOT_STARTED, "Not Started", "pending", 'o' },
	{ STATUS_IN_PROGRESS, "In Progress", "pending", 'o' },
	{ STATUS_AWAITING_USER, "Awaiting User", "pending", 'o' },
	{ STATUS_RESUBMITTED, "Resubmitted", "pending", 'o' },
	{ STATUS_IN_REVIEW, "In Review", "in_review", 'o' },
	{ STATUS_APPROVED, "Approved", "approved", 'f' },
	{ STATUS_DECLINED, "Declined", "declined", 'f' },
	{ STATUS_EXPIRED, "Expired", "expired", 'f' },
	{ STATUS_ABANDONED, "Abandoned", "expired", 'f' },
	{ STATUS_KYC_EXPIRED, "Kyc Expired", "expired", 'f' },
};

static void every_status_means_what_it_should(void **state)
{
	(void)state;
	assert_int_equal(array_len(statuses), STATUS_COUNT);
	for (size_t i = 0; i < array_len(statuses); i++) {
		const enum session_status s = statuses[i].status;
		enum session_status read = STATUS_COUNT;

		assert_int_equal(s, i); /* rows of old databases hold the number */
		assert_string_equal(session_status_provider_name(s), statuses[i].text);
		assert_string_equal(session_status_api_name(s), statuses[i].word);
		assert_int_equal(session_status_is_open(s), statuses[i].kind == 'o');
		assert_int_equal(session_status_is_final(s), statuses[i].kind == 'f');
		assert_int_equal(session_status_is_internal(s), statuses[i].kind == 'u');
		assert_int_equal(
			session_status_parse(str_of(statuses[i].text), &read), statuses[i].kind != 'u');
		assert_int_equal(read, statuses[i].kind != 'u' ? s : STATUS_COUNT);
	}
}

static void only_the_exact_spelling_is_read(void **state)
{
	static const char *const unknown[] = { "", "approved", "APPROVED", "Approved ", " Approved",
		"Approve", "Not started", "In  Progress", "Kyc expired", "KYC EXPIRED", "Creating", "Failed",
		"Deleted" };
	enum session_status read = STATUS_COUNT;

	(void)state;
	for (size_t i = 0; i < array_len(unknown); i++) {
		print_message("# '%s'\n", unknown[i]);
		assert_false(session_status_parse(str_of(unknown[i]), &read));
		assert_int_equal(read, STATUS_COUNT);
	}
	assert_true(session_status_parse(STR("KYC Expired"), &read));
	assert_int_equal(read, STATUS_KYC_EXPIRED);
	assert_false(session_status_parse((struct str){ "Approved", 9 }, &read));
}

/* What may follow what, from didit-api.md 5: '+' it may. All but the link that was never opened can come back
 * by hand, so there are three kinds of rows only. */
/* clang-format off */
static const char *const may_follow[STATUS_COUNT] = {
	/*                          C N P U S R A D E B K */
	[STATUS_CREATING]      = "- - - - - - - - - - -",
	[STATUS_NOT_STARTED]   = "- - + + + + + + + + +",
	[STATUS_IN_PROGRESS]   = "- - + + + + + + - + +",
	[STATUS_AWAITING_USER] = "- - + + + + + + - + +",
	[STATUS_RESUBMITTED]   = "- - + + + + + + - + +",
	[STATUS_IN_REVIEW]     = "- - + + + + + + - + +",
	[STATUS_APPROVED]      = "- - + + + + + + - + +",
	[STATUS_DECLINED]      = "- - + + + + + + - + +",
	[STATUS_EXPIRED]       = "- - - - - - - - - - -",
	[STATUS_ABANDONED]     = "- - + + + + + + - + +",
	[STATUS_KYC_EXPIRED]   = "- - + + + + + + - + +",
};
/* clang-format on */

static bool expected_to_follow(unsigned from, unsigned to)
{
	return may_follow[from][(size_t)2 * to] == '+';
}

static void every_pair_is_as_the_provider_says(void **state)
{
	(void)state;
	for (unsigned from = 0; from < STATUS_COUNT; from++) {
		for (unsigned to = 0; to < STATUS_COUNT; to++) {
			print_message("# %s, %s\n", session_status_provider_name((enum session_status)from),
				session_status_provider_name((enum session_status)to));
			assert_int_equal(
				session_status_can_reach((enum session_status)from, (enum session_status)to),
				expected_to_follow(from, to));
		}
	}
}

/* didit-api.md 5, step by step. */
/* clang-format off */
static const char *const may_become[STATUS_COUNT] = {
	/*                          C N P U S R A D E B K */
	[STATUS_CREATING]      = "- + - - - - - - - - -",
	[STATUS_NOT_STARTED]   = "- - + - - - - - + - -",
	[STATUS_IN_PROGRESS]   = "- - - + - + + + - + -",
	[STATUS_AWAITING_USER] = "- - + - - - - - - - -",
	[STATUS_RESUBMITTED]   = "- - + - - - - - - - -",
	[STATUS_IN_REVIEW]     = "- - - - + - + + - - -",
	[STATUS_APPROVED]      = "- - - - + - - + - - +",
	[STATUS_DECLINED]      = "- - - - + - + - - - -",
	[STATUS_EXPIRED]       = "- - - - - - - - - - -",
	[STATUS_ABANDONED]     = "- - - - + - + + - - -",
	[STATUS_KYC_EXPIRED]   = "- - - - + - + + - - -",
};
/* clang-format on */

static void every_step_is_as_the_provider_says(void **state)
{
	(void)state;
	for (unsigned from = 0; from < STATUS_COUNT; from++) {
		for (unsigned to = 0; to < STATUS_COUNT; to++) {
			print_message("# %s, %s\n", session_status_provider_name((enum session_status)from),
				session_status_provider_name((enum session_status)to));
			assert_int_equal(session_status_can_change_to(
						 (enum session_status)from, (enum session_status)to),
				may_become[from][(size_t)2 * to] == '+');
		}
	}
}

/* Every status of the provider comes from somewhere but the first, and goes somewhere but the dead link. */
static void no_status_stands_alone(void **state)
{
	(void)state;
	for (unsigned s = STATUS_NOT_STARTED; s < STATUS_COUNT; s++) {
		unsigned ways_in = 0, ways_out = 0;

		for (unsigned other = 0; other < STATUS_COUNT; other++) {
			ways_in += session_status_can_reach(
				(enum session_status)other, (enum session_status)s);
			ways_out += session_status_can_reach(
				(enum session_status)s, (enum session_status)other);
		}
		assert_int_equal(ways_in > 0, s != STATUS_NOT_STARTED);
		assert_int_equal(ways_out > 0, s != STATUS_EXPIRED);
	}
}

#define SINCE 1767607200000 /* a whole second, as events tell them */

enum when { NEVER_HEARD, SECOND_BEFORE, SAME_SECOND, SECOND_AFTER, WHENS };

static const struct {
	int64_t since, at;
} moments[WHENS] = {
	[NEVER_HEARD] = { 0, SINCE },
	[SECOND_BEFORE] = { SINCE, SINCE - 1000 },
	[SAME_SECOND] = { SINCE, SINCE },
	[SECOND_AFTER] = { SINCE, SINCE + 1000 },
};

static enum transition_verdict expected_step(unsigned known, unsigned heard, enum when when)
{
	if (known == STATUS_CREATING)
		known = STATUS_NOT_STARTED;
	if (when == SECOND_BEFORE)
		return TRANSITION_STALE;
	if (known == heard)
		return TRANSITION_UNCHANGED;
	const bool forward = expected_to_follow(known, heard), back = expected_to_follow(heard, known);

	if (when == SAME_SECOND && forward == back)
		return TRANSITION_NEEDS_POLL;
	if (when == SAME_SECOND)
		return forward ? TRANSITION_APPLIED : TRANSITION_STALE;
	return forward ? TRANSITION_APPLIED : TRANSITION_NEEDS_POLL;
}

static void every_status_meets_every_event(void **state)
{
	(void)state;
	for (unsigned known = 0; known < STATUS_COUNT; known++) {
		for (unsigned heard = STATUS_NOT_STARTED; heard < STATUS_COUNT; heard++) {
			for (unsigned when = 0; when < WHENS; when++) {
				const enum transition_verdict got = session_status_transition(
					(enum session_status)known, (moment){ moments[when].since },
					(enum session_status)heard, (moment){ moments[when].at },
					STATUS_FROM_EVENT);

				print_message("# %s, %s, %u\n",
					session_status_provider_name((enum session_status)known),
					session_status_provider_name((enum session_status)heard), when);
				assert_int_equal(got, expected_step(known, heard, (enum when)when));
			}
		}
	}
}

static void every_status_meets_every_reading(void **state)
{
	(void)state;
	for (unsigned known = 0; known < STATUS_COUNT; known++) {
		for (unsigned heard = STATUS_NOT_STARTED; heard < STATUS_COUNT; heard++) {
			const enum transition_verdict want = known == heard ? TRANSITION_UNCHANGED
									    : TRANSITION_APPLIED;
			const moment since = { SINCE };

			for (int64_t off = -1; off <= 1; off++)
				assert_int_equal(
					session_status_transition((enum session_status)known, since,
						(enum session_status)heard,
						moment_add(since, milliseconds(off)), STATUS_FROM_POLL),
					off < 0 ? TRANSITION_STALE : want);
			assert_int_equal(session_status_transition((enum session_status)known, (moment){ 0 },
						 (enum session_status)heard, (moment){ 1 }, STATUS_FROM_POLL),
				want);
		}
	}
}

/* Told one by one: the cases that the tables above make easy to overlook, and the edges of a second. */
static const struct {
	const char *name;
	enum session_status known, heard;
	int64_t since, at;
	enum transition_verdict want;
} cases[] = {
	{ "events in between were lost", STATUS_NOT_STARTED, STATUS_APPROVED, SINCE, SINCE + 1000,
		TRANSITION_APPLIED },
	{ "a late beginning", STATUS_APPROVED, STATUS_IN_PROGRESS, SINCE, SINCE - 1000, TRANSITION_STALE },
	{ "a late beginning, same second", STATUS_APPROVED, STATUS_NOT_STARTED, SINCE, SINCE,
		TRANSITION_STALE },
	{ "begun and approved in one second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE,
		TRANSITION_NEEDS_POLL },
	{ "opened in the second it was made", STATUS_NOT_STARTED, STATUS_IN_PROGRESS, SINCE, SINCE,
		TRANSITION_APPLIED },
	{ "the same again", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE, TRANSITION_UNCHANGED },
	{ "the same, later", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE + 5000, TRANSITION_UNCHANGED },
	{ "the same, earlier", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE - 1000, TRANSITION_STALE },
	{ "declined by hand", STATUS_APPROVED, STATUS_DECLINED, SINCE, SINCE + 1000, TRANSITION_APPLIED },
	{ "approved by hand", STATUS_DECLINED, STATUS_APPROVED, SINCE, SINCE + 1000, TRANSITION_APPLIED },
	{ "ran out", STATUS_APPROVED, STATUS_KYC_EXPIRED, SINCE, SINCE + 1000, TRANSITION_APPLIED },
	{ "back to the start", STATUS_IN_PROGRESS, STATUS_NOT_STARTED, SINCE, SINCE + 1000,
		TRANSITION_NEEDS_POLL },
	{ "the dead wake", STATUS_EXPIRED, STATUS_APPROVED, SINCE, SINCE + 1000, TRANSITION_NEEDS_POLL },
	{ "faster than our own note", STATUS_CREATING, STATUS_IN_PROGRESS, 0, SINCE, TRANSITION_APPLIED },
	{ "just made", STATUS_CREATING, STATUS_NOT_STARTED, 0, SINCE, TRANSITION_UNCHANGED },
	{ "t-1 of the second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE - 1, TRANSITION_STALE },
	{ "the second's last millisecond", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 999,
		TRANSITION_NEEDS_POLL },
	{ "t of the next second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 1000,
		TRANSITION_APPLIED },
	{ "t+1 of the next second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 1001,
		TRANSITION_APPLIED },
	{ "known to the millisecond", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE + 700, SINCE,
		TRANSITION_NEEDS_POLL },
};

static void the_cases_that_are_easy_to_overlook(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		print_message("# %s\n", cases[i].name);
		assert_int_equal(session_status_transition(cases[i].known, (moment){ cases[i].since },
					 cases[i].heard, (moment){ cases[i].at }, STATUS_FROM_EVENT),
			cases[i].want);
	}
}

/* A bug of the caller ends the process: seen from a child, whose last words are nobody's business. */
static void assert_dies(void (*bug)(void))
{
	int status = 0;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		close(STDERR_FILENO);
		signal(SIGABRT, SIG_DFL);
		bug();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void hear_creating(void)
{
	session_status_transition(
		STATUS_NOT_STARTED, (moment){ 0 }, STATUS_CREATING, (moment){ SINCE }, STATUS_FROM_EVENT);
}

static void read_creating(void)
{
	session_status_transition(
		STATUS_NOT_STARTED, (moment){ 0 }, STATUS_CREATING, (moment){ SINCE }, STATUS_FROM_POLL);
}

static void ask_for_no_word(void)
{
	session_status_api_name(STATUS_COUNT);
}

static void ask_for_no_text(void)
{
	session_status_provider_name(STATUS_COUNT);
}

static void ours_are_never_heard(void **state)
{
	(void)state;
	assert_dies(hear_creating);
	assert_dies(read_creating);
	assert_dies(ask_for_no_word);
	assert_dies(ask_for_no_text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_means_what_it_should),
		cmocka_unit_test(only_the_exact_spelling_is_read),
		cmocka_unit_test(every_pair_is_as_the_provider_says),
		cmocka_unit_test(every_step_is_as_the_provider_says),
		cmocka_unit_test(no_status_stands_alone),
		cmocka_unit_test(every_status_meets_every_event),
		cmocka_unit_test(every_status_meets_every_reading),
		cmocka_unit_test(the_cases_that_are_easy_to_overlook),
		cmocka_unit_test(ours_are_never_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
