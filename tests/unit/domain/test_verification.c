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
	enum status status;
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
		const enum status s = statuses[i].status;
		enum status read = STATUS_COUNT;

		assert_int_equal(s, i); /* rows of old databases hold the number */
		assert_string_equal(status_text(s), statuses[i].text);
		assert_string_equal(status_word(s), statuses[i].word);
		assert_int_equal(status_is_open(s), statuses[i].kind == 'o');
		assert_int_equal(status_is_final(s), statuses[i].kind == 'f');
		assert_int_equal(status_is_ours(s), statuses[i].kind == 'u');
		assert_int_equal(status_read(str_of(statuses[i].text), &read), statuses[i].kind != 'u');
		assert_int_equal(read, statuses[i].kind != 'u' ? s : STATUS_COUNT);
	}
}

static void only_the_exact_spelling_is_read(void **state)
{
	static const char *const unknown[] = { "", "approved", "APPROVED", "Approved ", " Approved",
		"Approve", "Not started", "In  Progress", "Kyc expired", "KYC EXPIRED", "Creating", "Failed",
		"Deleted" };
	enum status read = STATUS_COUNT;

	(void)state;
	for (size_t i = 0; i < array_len(unknown); i++) {
		print_message("# '%s'\n", unknown[i]);
		assert_false(status_read(str_of(unknown[i]), &read));
		assert_int_equal(read, STATUS_COUNT);
	}
	assert_true(status_read(STR("KYC Expired"), &read));
	assert_int_equal(read, STATUS_KYC_EXPIRED);
	assert_false(status_read((struct str){ "Approved", 9 }, &read));
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
			print_message(
				"# %s, %s\n", status_text((enum status)from), status_text((enum status)to));
			assert_int_equal(status_may_follow((enum status)from, (enum status)to),
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
			print_message(
				"# %s, %s\n", status_text((enum status)from), status_text((enum status)to));
			assert_int_equal(status_may_become((enum status)from, (enum status)to),
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
			ways_in += status_may_follow((enum status)other, (enum status)s);
			ways_out += status_may_follow((enum status)s, (enum status)other);
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

static enum step_verdict expected_step(unsigned known, unsigned heard, enum when when)
{
	if (known == STATUS_CREATING)
		known = STATUS_NOT_STARTED;
	if (when == SECOND_BEFORE)
		return STEP_STALE;
	if (known == heard)
		return STEP_SAME;
	const bool forward = expected_to_follow(known, heard), back = expected_to_follow(heard, known);

	if (when == SAME_SECOND && forward == back)
		return STEP_DOUBTFUL;
	if (when == SAME_SECOND)
		return forward ? STEP_TAKEN : STEP_STALE;
	return forward ? STEP_TAKEN : STEP_DOUBTFUL;
}

static void every_status_meets_every_event(void **state)
{
	(void)state;
	for (unsigned known = 0; known < STATUS_COUNT; known++) {
		for (unsigned heard = STATUS_NOT_STARTED; heard < STATUS_COUNT; heard++) {
			for (unsigned when = 0; when < WHENS; when++) {
				const enum step_verdict got = status_step((enum status)known,
					(moment){ moments[when].since }, (enum status)heard,
					(moment){ moments[when].at }, SOURCE_EVENT);

				print_message("# %s, %s, %u\n", status_text((enum status)known),
					status_text((enum status)heard), when);
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
			const enum step_verdict want = known == heard ? STEP_SAME : STEP_TAKEN;
			const moment since = { SINCE };

			for (int64_t off = -1; off <= 1; off++)
				assert_int_equal(status_step((enum status)known, since, (enum status)heard,
							 moment_add(since, milliseconds(off)), SOURCE_READ),
					off < 0 ? STEP_STALE : want);
			assert_int_equal(status_step((enum status)known, (moment){ 0 }, (enum status)heard,
						 (moment){ 1 }, SOURCE_READ),
				want);
		}
	}
}

/* Told one by one: the cases that the tables above make easy to overlook, and the edges of a second. */
static const struct {
	const char *name;
	enum status known, heard;
	int64_t since, at;
	enum step_verdict want;
} cases[] = {
	{ "events in between were lost", STATUS_NOT_STARTED, STATUS_APPROVED, SINCE, SINCE + 1000,
		STEP_TAKEN },
	{ "a late beginning", STATUS_APPROVED, STATUS_IN_PROGRESS, SINCE, SINCE - 1000, STEP_STALE },
	{ "a late beginning, same second", STATUS_APPROVED, STATUS_NOT_STARTED, SINCE, SINCE, STEP_STALE },
	{ "begun and approved in one second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE,
		STEP_DOUBTFUL },
	{ "opened in the second it was made", STATUS_NOT_STARTED, STATUS_IN_PROGRESS, SINCE, SINCE,
		STEP_TAKEN },
	{ "the same again", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE, STEP_SAME },
	{ "the same, later", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE + 5000, STEP_SAME },
	{ "the same, earlier", STATUS_APPROVED, STATUS_APPROVED, SINCE, SINCE - 1000, STEP_STALE },
	{ "declined by hand", STATUS_APPROVED, STATUS_DECLINED, SINCE, SINCE + 1000, STEP_TAKEN },
	{ "approved by hand", STATUS_DECLINED, STATUS_APPROVED, SINCE, SINCE + 1000, STEP_TAKEN },
	{ "ran out", STATUS_APPROVED, STATUS_KYC_EXPIRED, SINCE, SINCE + 1000, STEP_TAKEN },
	{ "back to the start", STATUS_IN_PROGRESS, STATUS_NOT_STARTED, SINCE, SINCE + 1000, STEP_DOUBTFUL },
	{ "the dead wake", STATUS_EXPIRED, STATUS_APPROVED, SINCE, SINCE + 1000, STEP_DOUBTFUL },
	{ "faster than our own note", STATUS_CREATING, STATUS_IN_PROGRESS, 0, SINCE, STEP_TAKEN },
	{ "just made", STATUS_CREATING, STATUS_NOT_STARTED, 0, SINCE, STEP_SAME },
	{ "t-1 of the second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE - 1, STEP_STALE },
	{ "the second's last millisecond", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 999,
		STEP_DOUBTFUL },
	{ "t of the next second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 1000, STEP_TAKEN },
	{ "t+1 of the next second", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE, SINCE + 1001, STEP_TAKEN },
	{ "known to the millisecond", STATUS_IN_PROGRESS, STATUS_APPROVED, SINCE + 700, SINCE,
		STEP_DOUBTFUL },
};

static void the_cases_that_are_easy_to_overlook(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(cases); i++) {
		print_message("# %s\n", cases[i].name);
		assert_int_equal(status_step(cases[i].known, (moment){ cases[i].since }, cases[i].heard,
					 (moment){ cases[i].at }, SOURCE_EVENT),
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
	status_step(STATUS_NOT_STARTED, (moment){ 0 }, STATUS_CREATING, (moment){ SINCE }, SOURCE_EVENT);
}

static void read_creating(void)
{
	status_step(STATUS_NOT_STARTED, (moment){ 0 }, STATUS_CREATING, (moment){ SINCE }, SOURCE_READ);
}

static void ask_for_no_word(void)
{
	status_word(STATUS_COUNT);
}

static void ask_for_no_text(void)
{
	status_text(STATUS_COUNT);
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
