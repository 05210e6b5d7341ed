/* The provider's truth against what we make of it: a made-up session lives through a random life, its events
 * come lost, repeated and in any order, with readings in between. The seed is printed; another one may be
 * given as an argument. */
#include "domain/verification.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "../../kit/session_model.h"
#include "base/attr.h"

#define LIVES 20000
#define STEPS_MAX 12
#define MAIL_MAX (STEPS_MAX * 3) /* events under way, repetitions included */
#define START 1767607200000

static uint64_t seed = 20260105;

static unsigned up_to(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 16) % n;
}

struct fact {
	enum session_status status;
	moment at; /* to the millisecond; events tell the second */
};

struct life {
	struct fact facts[STEPS_MAX];
	unsigned n;
};

/* One clock: what is known, and since when. */
struct record {
	enum session_status known;
	moment since;
};

static moment whole_second(moment t)
{
	return (moment){ t.ms / 1000 * 1000 };
}

/* `pace`: milliseconds between two facts, at most. */
static void live(struct life *life, int64_t pace)
{
	moment at = { START };

	life->n = 0;
	for (enum session_status s = STATUS_NOT_STARTED; life->n < STEPS_MAX;) {
		const unsigned n = session_transition_count(s);

		life->facts[life->n++] = (struct fact){ s, at };
		if (n == 0)
			return;
		s = session_transitions[s][up_to(n)];
		at = moment_add(at, milliseconds(1 + up_to((unsigned)pace)));
	}
}

/* Shuffles `n` indexes of facts, some of them twice or more. */
static unsigned post(const struct life *life, unsigned mail[MAIL_MAX], bool may_be_lost)
{
	unsigned n = 0;

	for (unsigned i = 0; i < life->n; i++) {
		const unsigned copies = up_to(3) + !may_be_lost;

		for (unsigned c = 0; c < copies; c++)
			mail[n++] = i;
	}
	for (unsigned i = n; i > 1; i--) {
		const unsigned j = up_to(i), kept = mail[i - 1];

		mail[i - 1] = mail[j];
		mail[j] = kept;
	}
	return n;
}

static enum transition_verdict hear(
	struct record *r, enum session_status heard, moment at, enum status_source source)
{
	const enum transition_verdict v = session_status_transition(r->known, r->since, heard, at, source);

	if (v == TRANSITION_APPLIED)
		r->known = heard;
	if (v == TRANSITION_APPLIED || v == TRANSITION_UNCHANGED)
		r->since = at;
	return v;
}

static void read_at(struct record *r, const struct life *life, moment at)
{
	enum session_status truth = STATUS_NOT_STARTED;

	for (unsigned i = 0; i < life->n; i++) {
		if (!moment_is_before(at, life->facts[i].at))
			truth = life->facts[i].status;
	}
	hear(r, truth, at, STATUS_FROM_POLL);
}

static moment end_of(const struct life *life)
{
	return life->facts[life->n - 1].at;
}

static void deliver(struct record *r, const struct fact *fact)
{
	const struct record was = *r;
	const moment told = whole_second(fact->at);
	const bool is_older = !moment_is_unset(was.since) && moment_is_before(told, whole_second(was.since));
	const enum transition_verdict v = hear(r, fact->status, told, STATUS_FROM_EVENT);

	/* What is older by a second or more is known for stale, and changes nothing. */
	assert_int_equal(is_older, is_older && v == TRANSITION_STALE);
	if (v == TRANSITION_STALE || v == TRANSITION_NEEDS_POLL) {
		assert_int_equal(r->known, was.known);
		assert_int_equal(r->since.ms, was.since.ms);
	}
	if (v == TRANSITION_UNCHANGED)
		assert_int_equal(r->known, was.known);
	/* The same once more never moves anything, however often it comes. */
	for (int i = 0; i < 2; i++) {
		const enum session_status now_known = r->known;

		assert_int_not_equal(hear(r, fact->status, told, STATUS_FROM_EVENT), TRANSITION_APPLIED);
		assert_int_equal(r->known, now_known);
	}
}

/* Whatever came before, in whatever order: after a reading we know what the provider knows, and nothing that
 * it said before the reading's second takes that away again. */
static void a_reading_is_the_truth(void **state)
{
	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < LIVES; i++) {
		struct record r = { up_to(4) == 0 ? STATUS_CREATING : STATUS_NOT_STARTED, { 0 } };
		unsigned mail[MAIL_MAX];
		struct life life;

		live(&life, i % 2 == 0 ? 1500 : 100000);
		const unsigned n = post(&life, mail, true);
		for (unsigned m = 0; m < n; m++) {
			deliver(&r, &life.facts[mail[m]]);
			if (up_to(4) == 0)
				read_at(&r, &life,
					moment_add(life.facts[mail[m]].at, milliseconds(up_to(3000))));
		}
		/* Readings in between may have been made up to three seconds after the last fact. */
		const moment last = moment_add(end_of(&life), seconds(3));

		read_at(&r, &life, last);
		assert_int_equal(r.known, life.facts[life.n - 1].status);
		for (unsigned m = 0; m < n; m++) {
			deliver(&r, &life.facts[mail[m]]);
			assert_int_equal(r.known, life.facts[life.n - 1].status);
		}
	}
}

/* Without a single reading: where no two facts share a second, nothing is ever in doubt and the newest event
 * that came is what we know. */
static void the_newest_event_wins(void **state)
{
	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < LIVES; i++) {
		struct record r = { STATUS_NOT_STARTED, { 0 } };
		unsigned mail[MAIL_MAX], newest = 0;
		struct life life;

		live(&life, 1);
		for (unsigned f = 0; f < life.n; f++)
			life.facts[f].at = moment_add((moment){ START }, seconds(f));
		const unsigned n = post(&life, mail, i % 2 == 0);
		for (unsigned m = 0; m < n; m++) {
			const struct fact *fact = &life.facts[mail[m]];
			const enum transition_verdict v = hear(&r, fact->status, fact->at, STATUS_FROM_EVENT);

			assert_int_not_equal(v, TRANSITION_NEEDS_POLL);
			assert_int_equal(v == TRANSITION_STALE, mail[m] < newest);
			newest = mail[m] > newest ? mail[m] : newest;
			assert_int_equal(r.known, life.facts[newest].status);
		}
	}
}

/* Where facts crowd into one second we may be in doubt, and ask: then what we know was true in the newest
 * second that we heard of, or later. */
static void who_asks_in_doubt_never_falls_behind(void **state)
{
	unsigned doubts = 0;

	(void)state;
	print_message("# seed %llu\n", (unsigned long long)seed);
	for (int i = 0; i < LIVES; i++) {
		struct record r = { STATUS_NOT_STARTED, { 0 } };
		moment newest = { 0 };
		unsigned mail[MAIL_MAX];
		struct life life;

		live(&life, 700);
		const unsigned n = post(&life, mail, true);
		for (unsigned m = 0; m < n; m++) {
			const struct fact *fact = &life.facts[mail[m]];
			const moment told = whole_second(fact->at);
			bool was_true = false;

			if (moment_is_before(newest, told))
				newest = told;
			if (hear(&r, fact->status, told, STATUS_FROM_EVENT) == TRANSITION_NEEDS_POLL) {
				doubts++;
				read_at(&r, &life, end_of(&life));
				assert_int_equal(r.known, life.facts[life.n - 1].status);
			}
			for (unsigned f = 0; f < life.n; f++)
				was_true |= life.facts[f].status == r.known &&
					    !moment_is_before(whole_second(life.facts[f].at), newest);
			assert_true(was_true);
		}
	}
	assert_true(doubts > LIVES / 100); /* or the lives were too calm to show anything */
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_reading_is_the_truth),
		cmocka_unit_test(the_newest_event_wins),
		cmocka_unit_test(who_asks_in_doubt_never_falls_behind),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10) | 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
