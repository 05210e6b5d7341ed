/* Property tests of session_status_transition(). A simulated session goes through a random history of
 * statuses at the provider. Its events arrive in random order, repeated or not at all, with polls in between.
 * The seed is printed; another one can be given as an argument. */
#include "domain/verification.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "../../kit/session_model.h"
#include "base/attr.h"

#define HISTORIES 20000
#define STEPS_MAX 12
#define EVENTS_MAX (STEPS_MAX * 3) /* events to deliver, including repetitions */
#define START 1767607200000

static uint64_t seed = 20260105;

static unsigned random_below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 16) % n;
}

struct change {
	enum session_status status;
	moment at; /* in milliseconds; the times of events are rounded to seconds */
};

/* The statuses of a session at the provider, in order. */
struct history {
	struct change changes[STEPS_MAX];
	unsigned n;
};

/* What kycd knows about the session, and since when. In this test, kycd and the provider have the same clock.
 */
struct record {
	enum session_status known;
	moment since;
};

static moment whole_second(moment t)
{
	return (moment){ t.ms / 1000 * 1000 };
}

/* `pace` is the largest number of milliseconds between two changes. */
static void make_history(struct history *history, int64_t pace)
{
	moment at = { START };

	history->n = 0;
	for (enum session_status s = STATUS_NOT_STARTED; history->n < STEPS_MAX;) {
		const unsigned n = session_transition_count(s);

		history->changes[history->n++] = (struct change){ s, at };
		if (n == 0)
			return;
		s = session_transitions[s][random_below(n)];
		at = moment_add(at, milliseconds(1 + random_below((unsigned)pace)));
	}
}

/* Fills `events` with the indexes of changes in random order, some of them more than once or not at all. */
static unsigned shuffle_events(const struct history *history, unsigned events[EVENTS_MAX], bool may_be_lost)
{
	unsigned n = 0;

	for (unsigned i = 0; i < history->n; i++) {
		const unsigned copies = random_below(3) + !may_be_lost;

		for (unsigned c = 0; c < copies; c++)
			events[n++] = i;
	}
	for (unsigned i = n; i > 1; i--) {
		const unsigned j = random_below(i), swapped = events[i - 1];

		events[i - 1] = events[j];
		events[j] = swapped;
	}
	return n;
}

static enum transition_verdict apply_report(
	struct record *r, enum session_status reported, moment at, enum status_source source)
{
	const enum transition_verdict v = session_status_transition(r->known, r->since, reported, at, source);

	if (v == TRANSITION_APPLIED)
		r->known = reported;
	if (v == TRANSITION_APPLIED || v == TRANSITION_UNCHANGED)
		r->since = at;
	return v;
}

static void apply_poll(struct record *r, const struct history *history, moment at)
{
	enum session_status truth = STATUS_NOT_STARTED;

	for (unsigned i = 0; i < history->n; i++) {
		if (!moment_is_before(at, history->changes[i].at))
			truth = history->changes[i].status;
	}
	apply_report(r, truth, at, STATUS_FROM_POLL);
}

static moment end_of_history(const struct history *history)
{
	return history->changes[history->n - 1].at;
}

static void deliver(struct record *r, const struct change *change)
{
	const struct record before = *r;
	const moment event_time = whole_second(change->at);
	const bool is_older = !moment_is_unset(before.since) &&
			      moment_is_before(event_time, whole_second(before.since));
	const enum transition_verdict v = apply_report(r, change->status, event_time, STATUS_FROM_EVENT);

	/* An event that is at least a second older is stale and changes nothing. */
	assert_int_equal(is_older, is_older && v == TRANSITION_STALE);
	if (v == TRANSITION_STALE || v == TRANSITION_NEEDS_POLL) {
		assert_int_equal(r->known, before.known);
		assert_int_equal(r->since.ms, before.since.ms);
	}
	if (v == TRANSITION_UNCHANGED)
		assert_int_equal(r->known, before.known);
	/* A repeated event changes nothing, however often it arrives. */
	for (int i = 0; i < 2; i++) {
		const enum session_status now_known = r->known;

		assert_int_not_equal(
			apply_report(r, change->status, event_time, STATUS_FROM_EVENT), TRANSITION_APPLIED);
		assert_int_equal(r->known, now_known);
	}
}

/* After a poll the known status is the provider's, whatever events arrived before, and no event from before
 * the second of the poll changes it. */
static void poll_gives_the_true_status(void **state)
{
	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < HISTORIES; i++) {
		struct record r = { random_below(4) == 0 ? STATUS_CREATING : STATUS_NOT_STARTED, { 0 } };
		unsigned events[EVENTS_MAX];
		struct history history;

		make_history(&history, i % 2 == 0 ? 1500 : 100000);
		const unsigned n = shuffle_events(&history, events, true);
		for (unsigned m = 0; m < n; m++) {
			deliver(&r, &history.changes[events[m]]);
			if (random_below(4) == 0)
				apply_poll(&r, &history,
					moment_add(history.changes[events[m]].at,
						milliseconds(random_below(3000))));
		}
		/* Polls in between may have been up to three seconds after the last change. */
		const moment last = moment_add(end_of_history(&history), seconds(3));

		apply_poll(&r, &history, last);
		assert_int_equal(r.known, history.changes[history.n - 1].status);
		for (unsigned m = 0; m < n; m++) {
			deliver(&r, &history.changes[events[m]]);
			assert_int_equal(r.known, history.changes[history.n - 1].status);
		}
	}
}

/* If no two changes are in the same second, no event needs a poll, and the known status is that of the newest
 * event. */
static void newest_event_wins_without_polls(void **state)
{
	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < HISTORIES; i++) {
		struct record r = { STATUS_NOT_STARTED, { 0 } };
		unsigned events[EVENTS_MAX], newest = 0;
		struct history history;

		make_history(&history, 1);
		for (unsigned f = 0; f < history.n; f++)
			history.changes[f].at = moment_add((moment){ START }, seconds(f));
		const unsigned n = shuffle_events(&history, events, i % 2 == 0);
		for (unsigned m = 0; m < n; m++) {
			const struct change *change = &history.changes[events[m]];
			const enum transition_verdict v = apply_report(
				&r, change->status, change->at, STATUS_FROM_EVENT);

			assert_int_not_equal(v, TRANSITION_NEEDS_POLL);
			assert_int_equal(v == TRANSITION_STALE, events[m] < newest);
			newest = events[m] > newest ? events[m] : newest;
			assert_int_equal(r.known, history.changes[newest].status);
		}
	}
}

/* If several changes are in the same second, an event may need a poll. When kycd then polls, the status that
 * it knows was true in the second of the newest event or later. */
static void polling_when_needed_never_falls_behind(void **state)
{
	unsigned polls = 0;

	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < HISTORIES; i++) {
		struct record r = { STATUS_NOT_STARTED, { 0 } };
		moment newest = { 0 };
		unsigned events[EVENTS_MAX];
		struct history history;

		make_history(&history, 700);
		const unsigned n = shuffle_events(&history, events, true);
		for (unsigned m = 0; m < n; m++) {
			const struct change *change = &history.changes[events[m]];
			const moment event_time = whole_second(change->at);
			bool was_true = false;

			if (moment_is_before(newest, event_time))
				newest = event_time;
			if (apply_report(&r, change->status, event_time, STATUS_FROM_EVENT) ==
				TRANSITION_NEEDS_POLL) {
				polls++;
				apply_poll(&r, &history, end_of_history(&history));
				assert_int_equal(r.known, history.changes[history.n - 1].status);
			}
			for (unsigned f = 0; f < history.n; f++)
				was_true |= history.changes[f].status == r.known &&
					    !moment_is_before(whole_second(history.changes[f].at), newest);
			assert_true(was_true);
		}
	}
	assert_true(polls > HISTORIES / 100); /* otherwise the histories do not test the rule */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(poll_gives_the_true_status),
		cmocka_unit_test(newest_event_wins_without_polls),
		cmocka_unit_test(polling_when_needed_never_falls_behind),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10) | 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
