#include "domain/effect.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"

#define NOW 5000000

static const struct {
	const char *name;
	int64_t first, tries;
	unsigned char jitter;
	int64_t want;
} delays[] = {
	{ "the first, least", 10000, 1, 0, 7500 },
	{ "the first, most", 10000, 1, 255, 12500 },
	{ "the first, middle", 10000, 1, 127, 7500 + 2490 },
	{ "the second", 10000, 2, 0, 15000 },
	{ "the third", 10000, 3, 255, 50000 },
	{ "the ninth", 10000, 9, 0, 1920000 },
	{ "the tenth is cut to an hour", 10000, 10, 0, 2700000 },
	{ "jitter does not pass the hour", 10000, 10, 255, 3600000 },
	{ "the thousandth", 10000, 1000, 255, 3600000 },
	{ "as many as fit", 10000, INT64_MAX, 0, 2700000 },
	{ "none counted yet", 10000, 0, 0, 7500 },
	{ "longer than an hour from the start", INT64_C(2147483647) * 86400000, 1, 255, 3600000 },
	{ "a second", 1000, 1, 0, 750 },
};

static void delays_double_up_to_an_hour(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(delays); i++) {
		const duration delay = effect_delay(
			milliseconds(delays[i].first), delays[i].tries, delays[i].jitter);

		print_message("# %s\n", delays[i].name);
		assert_int_equal(delay.ms, delays[i].want);
	}
}

static void jitter_stays_within_a_quarter(void **state)
{
	(void)state;
	for (int64_t tries = 1; tries < 8; tries++) {
		const int64_t plain = (int64_t)10000 << (tries - 1);
		int64_t last = 0;

		for (unsigned jitter = 0; jitter < 256; jitter++) {
			const duration delay = effect_delay(seconds(10), tries, (unsigned char)jitter);

			assert_in_range(delay.ms, plain * 3 / 4, plain * 5 / 4);
			assert_true(delay.ms > last);
			last = delay.ms;
		}
	}
}

static struct effect letter(void)
{
	return (struct effect){
		.kind = EFFECT_MAIL_CODE,
		.state = EFFECT_QUEUED,
		.sealed_payload = STR("sealed"),
		.created_at = { NOW },
		.due_at = { NOW },
		.expires_at = { NOW + 600000 },
	};
}

static const struct instance_id me = { "01arz3ndektsv4rrffq69g5fav" };

static void assert_nobody_has_it(const struct effect *e)
{
	assert_true(moment_is_unset(e->lease_expires_at));
	assert_string_equal(e->lease_owner.text, "");
}

static void a_lease_counts_the_try(void **state)
{
	struct effect e = letter();

	(void)state;
	effect_lease(&e, &me, (moment){ NOW + 5 }, seconds(60));
	assert_string_equal(e.lease_owner.text, me.text);
	assert_int_equal(e.lease_expires_at.ms, NOW + 5 + 60000);
	assert_int_equal(e.tries, 1);
	assert_int_equal(e.state, EFFECT_QUEUED);
	assert_int_equal(e.due_at.ms, NOW);
	assert_false(e.done);
	/* Its time ran out: somebody else may take it. */
	effect_lease(&e, &(struct instance_id){ "other" }, (moment){ NOW + 90000 }, seconds(60));
	assert_string_equal(e.lease_owner.text, "other");
	assert_int_equal(e.tries, 2);
}

static void the_end_wipes_what_was_sealed(void **state)
{
	static const enum effect_state ends[] = { EFFECT_ACCEPTED, EFFECT_REFUSED, EFFECT_DROPPED };

	(void)state;
	for (size_t i = 0; i < array_len(ends); i++) {
		struct effect e = letter();

		effect_lease(&e, &me, (moment){ NOW }, seconds(60));
		effect_finish(&e, ends[i], (moment){ NOW + 7 });
		assert_int_equal(e.state, ends[i]);
		assert_true(e.done);
		assert_int_equal(e.sealed_payload.n, 0);
		assert_int_equal(e.finished_at.ms, NOW + 7);
		assert_int_equal(e.tries, 1);
		assert_nobody_has_it(&e);
	}
}

/* Of use for 600 s; `at`: how much of that is over. */
static const struct {
	const char *name;
	int64_t at, delay;
	enum effect_state want;
	int64_t due;
} later[] = {
	{ "soon", 0, 7500, EFFECT_DEFERRED, 7500 },
	{ "t-1 of its use", 0, 599999, EFFECT_DEFERRED, 599999 },
	{ "t of its use", 0, 600000, EFFECT_DEFERRED, 300000 },
	{ "t+1 of its use", 0, 600001, EFFECT_DEFERRED, 300000 },
	{ "late, an hour", 310000, 3600000, EFFECT_DEFERRED, 310000 + 145000 },
	{ "the last but two seconds", 598000, 3000, EFFECT_DEFERRED, 599000 },
	{ "the last two seconds", 598001, 3000, EFFECT_DROPPED, 0 },
	{ "the last moment", 599999, 1, EFFECT_DROPPED, 0 },
	{ "over", 600000, 1, EFFECT_DROPPED, 0 },
	{ "long over", 700000, 1, EFFECT_DROPPED, 0 },
};

static void what_comes_too_late_is_tried_sooner_and_then_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(later); i++) {
		const bool dropped = later[i].want == EFFECT_DROPPED;
		const moment now = { NOW + later[i].at };
		struct effect e = letter();

		effect_lease(&e, &me, now, seconds(60));
		effect_defer(&e, now, milliseconds(later[i].delay));
		print_message("# %s\n", later[i].name);
		assert_int_equal(e.state, later[i].want);
		assert_int_equal(e.done, dropped);
		assert_int_equal(e.sealed_payload.n, dropped ? 0 : 6);
		assert_int_equal(e.due_at.ms, NOW + later[i].due);
		assert_int_equal(e.finished_at.ms, dropped ? now.ms : 0);
		assert_int_equal(e.tries, 1);
		assert_nobody_has_it(&e);
	}
}

static void what_waits_is_hastened(void **state)
{
	struct effect waits = letter(), leased = letter(), done = letter();

	(void)state;
	effect_defer(&waits, (moment){ NOW }, seconds(60));
	assert_false(effect_make_due(&waits, (moment){ NOW + 60000 }));
	assert_true(effect_make_due(&waits, (moment){ NOW + 59999 }));
	assert_int_equal(waits.due_at.ms, NOW + 59999);
	assert_int_equal(waits.state, EFFECT_DEFERRED);
	leased.due_at = (moment){ NOW + 60000 };
	effect_lease(&leased, &me, (moment){ NOW }, seconds(60));
	assert_false(effect_make_due(&leased, (moment){ NOW + 1 }));
	assert_int_equal(leased.due_at.ms, NOW + 60000);
	effect_finish(&done, EFFECT_DROPPED, (moment){ NOW });
	done.due_at = (moment){ NOW + 60000 };
	assert_false(effect_make_due(&done, (moment){ NOW + 1 }));
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

static void finish_as_queued(void)
{
	struct effect e = letter();

	effect_finish(&e, EFFECT_QUEUED, (moment){ NOW });
}

static void finish_as_deferred(void)
{
	struct effect e = letter();

	effect_finish(&e, EFFECT_DEFERRED, (moment){ NOW });
}

static void finish_twice(void)
{
	struct effect e = letter();

	effect_finish(&e, EFFECT_ACCEPTED, (moment){ NOW });
	effect_finish(&e, EFFECT_ACCEPTED, (moment){ NOW });
}

static void ask_for_no_word(void)
{
	effect_state_name((enum effect_state)0);
}

static void ask_for_a_word_too_far(void)
{
	effect_state_name((enum effect_state)(EFFECT_DROPPED + 1));
}

static void misuse_is_a_bug(void **state)
{
	(void)state;
	assert_dies(finish_as_queued);
	assert_dies(finish_as_deferred);
	assert_dies(finish_twice);
	assert_dies(ask_for_no_word);
	assert_dies(ask_for_a_word_too_far);
}

/* interface.md 3: the words of `last_code`. */
static void states_have_the_words_of_last_code(void **state)
{
	(void)state;
	assert_string_equal(effect_state_name(EFFECT_QUEUED), "queued");
	assert_string_equal(effect_state_name(EFFECT_DEFERRED), "deferred");
	assert_string_equal(effect_state_name(EFFECT_ACCEPTED), "accepted");
	assert_string_equal(effect_state_name(EFFECT_REFUSED), "refused");
	assert_string_equal(effect_state_name(EFFECT_DROPPED), "dropped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delays_double_up_to_an_hour),
		cmocka_unit_test(jitter_stays_within_a_quarter),
		cmocka_unit_test(a_lease_counts_the_try),
		cmocka_unit_test(the_end_wipes_what_was_sealed),
		cmocka_unit_test(what_comes_too_late_is_tried_sooner_and_then_dropped),
		cmocka_unit_test(what_waits_is_hastened),
		cmocka_unit_test(misuse_is_a_bug),
		cmocka_unit_test(states_have_the_words_of_last_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
