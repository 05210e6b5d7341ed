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

/* The expected number, names and kind of each status, copied from starkfi-kyc-api.md 8.1 and interface.md 3.
 */
static const struct {
	enum session_status status;
	const char *provider_name, *api_name;
	char kind; /* 'o' open, 'f' final, 'i' internal */
} statuses[] = {
	{ STATUS_CREATING, "Creating", "pending", 'i' },
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

static void every_status_has_its_names_and_kind(void **state)
{
	(void)state;
	assert_int_equal(array_len(statuses), STATUS_COUNT);
	for (size_t i = 0; i < array_len(statuses); i++) {
		const enum session_status s = statuses[i].status;
		enum session_status read = STATUS_COUNT;

		assert_int_equal(s, i); /* databases store the number */
		assert_string_equal(session_status_provider_name(s), statuses[i].provider_name);
		assert_string_equal(session_status_api_name(s), statuses[i].api_name);
		assert_int_equal(session_status_is_open(s), statuses[i].kind == 'o');
		assert_int_equal(session_status_is_final(s), statuses[i].kind == 'f');
		assert_int_equal(session_status_is_internal(s), statuses[i].kind == 'i');
		assert_int_equal(session_status_parse(str_of(statuses[i].provider_name), &read),
			statuses[i].kind != 'i');
		assert_int_equal(read, statuses[i].kind != 'i' ? s : STATUS_COUNT);
	}
}

static void case_and_separators_of_a_status_do_not_matter(void **state)
{
	static const struct {
		const char *text;
		enum session_status status;
	} rows[] = {
		{ "APPROVED", STATUS_APPROVED },
		{ "approved", STATUS_APPROVED },
		{ " Approved\t", STATUS_APPROVED },
		{ "in review", STATUS_IN_REVIEW },
		{ "IN_REVIEW", STATUS_IN_REVIEW },
		{ "in-review", STATUS_IN_REVIEW },
		{ "InReview", STATUS_IN_REVIEW },
		{ "Not started", STATUS_NOT_STARTED },
		{ "In  Progress", STATUS_IN_PROGRESS },
		{ "AWAITING USER", STATUS_AWAITING_USER },
		{ "resubmitted", STATUS_RESUBMITTED },
		{ "DECLINED", STATUS_DECLINED },
		{ "eXPIRED", STATUS_EXPIRED },
		{ "ABANDONED", STATUS_ABANDONED },
		{ "KYC Expired", STATUS_KYC_EXPIRED },
		{ "kyc_expired", STATUS_KYC_EXPIRED },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		enum session_status read = STATUS_COUNT;

		print_message("# '%s'\n", rows[i].text);
		assert_true(session_status_parse(str_of(rows[i].text), &read));
		assert_int_equal(read, rows[i].status);
	}
}

static void other_texts_are_unknown_statuses(void **state)
{
	static const char *const unknown[] = { "", " ", "_", "Approve", "Approvedd", "Approved!", "Not",
		"Re-Approved", "Creating", "CREATING", "Failed", "Deleted" };
	enum session_status read = STATUS_COUNT;

	(void)state;
	for (size_t i = 0; i < array_len(unknown); i++) {
		print_message("# '%s'\n", unknown[i]);
		assert_false(session_status_parse(str_of(unknown[i]), &read));
		assert_int_equal(read, STATUS_COUNT);
	}
	assert_false(session_status_parse((struct str){ "Approved", 9 }, &read));
}

/* The reachable statuses: '+' if the status of the column can follow that of the row in one or more
 * transitions (didit-api.md 5). Every status except Expired can lead back to the others, some by manual
 * decisions, so there are only three different rows. */
/* clang-format off */
static const char *const reachable[STATUS_COUNT] = {
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

static bool is_reachable(unsigned from, unsigned to)
{
	return reachable[from][(size_t)2 * to] == '+';
}

static void reachability_matches_the_documented_table(void **state)
{
	(void)state;
	for (unsigned from = 0; from < STATUS_COUNT; from++) {
		for (unsigned to = 0; to < STATUS_COUNT; to++) {
			print_message("# %s, %s\n", session_status_provider_name((enum session_status)from),
				session_status_provider_name((enum session_status)to));
			assert_int_equal(
				session_status_can_reach((enum session_status)from, (enum session_status)to),
				is_reachable(from, to));
		}
	}
}

/* The known transitions: '+' if the status of the column can follow that of the row directly (didit-api.md
 * 5). */
/* clang-format off */
static const char *const one_transition[STATUS_COUNT] = {
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

static void transitions_match_the_documented_table(void **state)
{
	(void)state;
	for (unsigned from = 0; from < STATUS_COUNT; from++) {
		for (unsigned to = 0; to < STATUS_COUNT; to++) {
			print_message("# %s, %s\n", session_status_provider_name((enum session_status)from),
				session_status_provider_name((enum session_status)to));
			assert_int_equal(session_status_can_change_to(
						 (enum session_status)from, (enum session_status)to),
				one_transition[from][(size_t)2 * to] == '+');
		}
	}
}

/* Every status except Not Started can be reached from another one, and every status except Expired can be
 * left. */
static void every_status_has_transitions_in_and_out(void **state)
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

#define SINCE 1767607200000 /* a whole second, because events have only this resolution */

enum when { NOTHING_KNOWN, SECOND_BEFORE, SAME_SECOND, SECOND_AFTER, WHENS };

static const struct {
	int64_t since, at;
} moments[WHENS] = {
	[NOTHING_KNOWN] = { 0, SINCE },
	[SECOND_BEFORE] = { SINCE, SINCE - 1000 },
	[SAME_SECOND] = { SINCE, SINCE },
	[SECOND_AFTER] = { SINCE, SINCE + 1000 },
};

static enum transition_verdict expected_verdict(unsigned known, unsigned reported, enum when when)
{
	if (known == STATUS_CREATING)
		known = STATUS_NOT_STARTED;
	if (when == SECOND_BEFORE)
		return TRANSITION_STALE;
	if (known == reported)
		return TRANSITION_UNCHANGED;
	const bool forward = is_reachable(known, reported), back = is_reachable(reported, known);

	if (when == SAME_SECOND && forward == back)
		return TRANSITION_NEEDS_POLL;
	if (when == SAME_SECOND)
		return forward ? TRANSITION_APPLIED : TRANSITION_STALE;
	return forward ? TRANSITION_APPLIED : TRANSITION_NEEDS_POLL;
}

static void every_status_with_every_event_gives_the_expected_verdict(void **state)
{
	(void)state;
	for (unsigned known = 0; known < STATUS_COUNT; known++) {
		for (unsigned reported = STATUS_NOT_STARTED; reported < STATUS_COUNT; reported++) {
			for (unsigned when = 0; when < WHENS; when++) {
				const enum transition_verdict got = session_status_transition(
					(enum session_status)known, (moment){ moments[when].since },
					(enum session_status)reported, (moment){ moments[when].at },
					STATUS_FROM_EVENT);

				print_message("# %s, %s, %u\n",
					session_status_provider_name((enum session_status)known),
					session_status_provider_name((enum session_status)reported), when);
				assert_int_equal(got, expected_verdict(known, reported, (enum when)when));
			}
		}
	}
}

static void every_status_with_every_poll_gives_the_expected_verdict(void **state)
{
	(void)state;
	for (unsigned known = 0; known < STATUS_COUNT; known++) {
		for (unsigned reported = STATUS_NOT_STARTED; reported < STATUS_COUNT; reported++) {
			const enum transition_verdict want = known == reported ? TRANSITION_UNCHANGED
									       : TRANSITION_APPLIED;
			const moment since = { SINCE };

			for (int64_t off = -1; off <= 1; off++)
				assert_int_equal(
					session_status_transition((enum session_status)known, since,
						(enum session_status)reported,
						moment_add(since, milliseconds(off)), STATUS_FROM_POLL),
					off < 0 ? TRANSITION_STALE : want);
			assert_int_equal(
				session_status_transition((enum session_status)known, (moment){ 0 },
					(enum session_status)reported, (moment){ 1 }, STATUS_FROM_POLL),
				want);
		}
	}
}

/* Single cases that are easy to overlook in the tables above, and the boundaries of a second. */
static const struct {
	const char *name;
	enum session_status known, reported;
	int64_t since, at;
	enum transition_verdict want;
} cases[] = {
	{ "events in between were lost", STATUS_NOT_STARTED, STATUS_APPROVED, SINCE, SINCE + 1000,
		TRANSITION_APPLIED },
	{ "late event of the start", STATUS_APPROVED, STATUS_IN_PROGRESS, SINCE, SINCE - 1000,
		TRANSITION_STALE },
	{ "late event of the start, same second", STATUS_APPROVED, STATUS_NOT_STARTED, SINCE, SINCE,
		TRANSITION_STALE },
	{ "started and approved in one second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE,
		TRANSITION_NEEDS_POLL },
	{ "started in the second of its creation", STATUS_NOT_STARTED, STATUS_IN_PROGRESS, SINCE, SINCE,
		TRANSITION_APPLIED },
	{ "same status, same time", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE, TRANSITION_UNCHANGED },
	{ "same status, later", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE + 5000, TRANSITION_UNCHANGED },
	{ "same status, earlier", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE - 1000, TRANSITION_STALE },
	{ "declined manually", STATUS_APPROVED, STATUS_DECLINED, SINCE, SINCE + 1000, TRANSITION_APPLIED },
	{ "approved manually", STATUS_DECLINED, STATUS_APPROVED, SINCE, SINCE + 1000, TRANSITION_APPLIED },
	{ "approval expired", STATUS_APPROVED, STATUS_KYC_EXPIRED, SINCE, SINCE + 1000, TRANSITION_APPLIED },
	{ "impossible transition back to the start", STATUS_IN_PROGRESS, STATUS_NOT_STARTED, SINCE,
		SINCE + 1000, TRANSITION_NEEDS_POLL },
	{ "impossible transition from Expired", STATUS_EXPIRED, STATUS_APPROVED, SINCE, SINCE + 1000,
		TRANSITION_NEEDS_POLL },
	{ "event before the session's creation was recorded", STATUS_CREATING, STATUS_IN_PROGRESS, 0, SINCE,
		TRANSITION_APPLIED },
	{ "just created", STATUS_CREATING, STATUS_NOT_STARTED, 0, SINCE, TRANSITION_UNCHANGED },
	{ "1 ms before the second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE - 1, TRANSITION_STALE },
	{ "last millisecond of the second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 999,
		TRANSITION_NEEDS_POLL },
	{ "start of the next second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 1000,
		TRANSITION_APPLIED },
	{ "1 ms into the next second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 1001,
		TRANSITION_APPLIED },
	{ "known with milliseconds, same second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE + 700, SINCE,
		TRANSITION_NEEDS_POLL },
};

static void boundary_cases_give_the_expected_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		print_message("# %s\n", cases[i].name);
		assert_int_equal(session_status_transition(cases[i].known, (moment){ cases[i].since },
					 cases[i].reported, (moment){ cases[i].at }, STATUS_FROM_EVENT),
			cases[i].want);
	}
}

/* Asserts that a bug of the caller aborts the process. The function runs in a child process with standard
 * error closed. */
static void assert_aborts(void (*bug)(void))
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

static void event_with_internal_status(void)
{
	session_status_transition(
		STATUS_NOT_STARTED, (moment){ 0 }, STATUS_CREATING, (moment){ SINCE }, STATUS_FROM_EVENT);
}

static void poll_with_internal_status(void)
{
	session_status_transition(
		STATUS_NOT_STARTED, (moment){ 0 }, STATUS_CREATING, (moment){ SINCE }, STATUS_FROM_POLL);
}

static void api_name_of_invalid_status(void)
{
	session_status_api_name(STATUS_COUNT);
}

static void provider_name_of_invalid_status(void)
{
	session_status_provider_name(STATUS_COUNT);
}

static void internal_or_invalid_status_aborts(void **state)
{
	(void)state;
	assert_aborts(event_with_internal_status);
	assert_aborts(poll_with_internal_status);
	assert_aborts(api_name_of_invalid_status);
	assert_aborts(provider_name_of_invalid_status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_status_has_its_names_and_kind),
		cmocka_unit_test(case_and_separators_of_a_status_do_not_matter),
		cmocka_unit_test(other_texts_are_unknown_statuses),
		cmocka_unit_test(reachability_matches_the_documented_table),
		cmocka_unit_test(transitions_match_the_documented_table),
		cmocka_unit_test(every_status_has_transitions_in_and_out),
		cmocka_unit_test(every_status_with_every_event_gives_the_expected_verdict),
		cmocka_unit_test(every_status_with_every_poll_gives_the_expected_verdict),
		cmocka_unit_test(boundary_cases_give_the_expected_verdict),
		cmocka_unit_test(internal_or_invalid_status_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
