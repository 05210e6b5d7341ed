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
	{ "first try, least jitter", 10000, 1, 0, 7500 },
	{ "first try, most jitter", 10000, 1, 255, 12500 },
	{ "first try, medium jitter", 10000, 1, 127, 7500 + 2490 },
	{ "second try", 10000, 2, 0, 15000 },
	{ "third try", 10000, 3, 255, 50000 },
	{ "ninth try", 10000, 9, 0, 1920000 },
	{ "tenth try, cut to one hour", 10000, 10, 0, 2700000 },
	{ "jitter does not exceed one hour", 10000, 10, 255, 3600000 },
	{ "thousandth try", 10000, 1000, 255, 3600000 },
	{ "largest number of tries", 10000, INT64_MAX, 0, 2700000 },
	{ "no try counted yet", 10000, 0, 0, 7500 },
	{ "first delay longer than one hour", INT64_C(2147483647) * 86400000, 1, 255, 3600000 },
	{ "first delay of one second", 1000, 1, 0, 750 },
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

static struct effect queued_mail(void)
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

static const struct instance_id instance = { "01arz3ndektsv4rrffq69g5fav" };

static void assert_not_leased(const struct effect *e)
{
	assert_true(moment_is_unset(e->lease_expires_at));
	assert_string_equal(e->lease_owner.text, "");
}

static void leasing_counts_the_try(void **state)
{
	struct effect e = queued_mail();

	(void)state;
	effect_lease(&e, &instance, (moment){ NOW + 5 }, seconds(60));
	assert_string_equal(e.lease_owner.text, instance.text);
	assert_int_equal(e.lease_expires_at.ms, NOW + 5 + 60000);
	assert_int_equal(e.tries, 1);
	assert_int_equal(e.state, EFFECT_QUEUED);
	assert_int_equal(e.due_at.ms, NOW);
	assert_false(e.done);
	/* The lease has expired, so another instance can take it. */
	effect_lease(&e, &(struct instance_id){ "other" }, (moment){ NOW + 90000 }, seconds(60));
	assert_string_equal(e.lease_owner.text, "other");
	assert_int_equal(e.tries, 2);
}

/* While a delivery was running, its lease expired and the row was leased again, by another instance or by the
 * same one. The result of that first delivery must not be stored. */
static void result_is_stored_only_by_the_newest_lease(void **state)
{
	static const struct instance_id other = { "other" };
	static const struct {
		const char *name;
		/* The instances that lease the row, one after the other; second NULL: only one does. */
		const struct instance_id *first, *second;
		int64_t tries; /* number of the try whose result `instance` reports */
		bool want;
	} rows[] = {
		{ "leased once", &instance, NULL, 1, true },
		{ "leased by another instance", &other, NULL, 1, false },
		{ "leased again by the same instance, first delivery", &instance, &instance, 1, false },
		{ "leased again by the same instance, second delivery", &instance, &instance, 2, true },
		{ "leased again by another instance", &instance, &other, 1, false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct effect e = queued_mail();

		print_message("# %s\n", rows[i].name);
		effect_lease(&e, rows[i].first, (moment){ NOW }, seconds(30));
		if (rows[i].second)
			effect_lease(&e, rows[i].second, (moment){ NOW + 30000 }, seconds(30));
		assert_int_equal(effect_is_leased_by(&e, &instance, rows[i].tries), rows[i].want);
		effect_finish(&e, EFFECT_ACCEPTED, (moment){ NOW + 60000 });
		assert_false(effect_is_leased_by(&e, &instance, rows[i].tries));
	}
}

static void finishing_removes_the_sealed_payload(void **state)
{
	static const enum effect_state final_states[] = { EFFECT_ACCEPTED, EFFECT_REFUSED, EFFECT_DROPPED };

	(void)state;
	for (size_t i = 0; i < array_len(final_states); i++) {
		struct effect e = queued_mail();

		effect_lease(&e, &instance, (moment){ NOW }, seconds(60));
		effect_finish(&e, final_states[i], (moment){ NOW + 7 });
		assert_int_equal(e.state, final_states[i]);
		assert_true(e.done);
		assert_int_equal(e.sealed_payload.n, 0);
		assert_int_equal(e.finished_at.ms, NOW + 7);
		assert_int_equal(e.tries, 1);
		assert_not_leased(&e);
	}
}

/* The e-mail expires after 600 s; `at` is how many ms have passed when the try fails. */
static const struct {
	const char *name;
	int64_t at, delay;
	enum effect_state want;
	int64_t due;
} defer_rows[] = {
	{ "next try long before expiry", 0, 7500, EFFECT_DEFERRED, 7500 },
	{ "next try 1 ms before expiry", 0, 599999, EFFECT_DEFERRED, 599999 },
	{ "next try at expiry", 0, 600000, EFFECT_DEFERRED, 300000 },
	{ "next try 1 ms after expiry", 0, 600001, EFFECT_DEFERRED, 300000 },
	{ "delay of an hour, half expired", 310000, 3600000, EFFECT_DEFERRED, 310000 + 145000 },
	{ "exactly two seconds left", 598000, 3000, EFFECT_DEFERRED, 599000 },
	{ "less than two seconds left", 598001, 3000, EFFECT_DROPPED, 0 },
	{ "1 ms left", 599999, 1, EFFECT_DROPPED, 0 },
	{ "just expired", 600000, 1, EFFECT_DROPPED, 0 },
	{ "expired long ago", 700000, 1, EFFECT_DROPPED, 0 },
};

static void try_after_expiry_is_moved_forward_then_dropped(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_len(defer_rows); i++) {
		const bool dropped = defer_rows[i].want == EFFECT_DROPPED;
		const moment now = { NOW + defer_rows[i].at };
		struct effect e = queued_mail();

		effect_lease(&e, &instance, now, seconds(60));
		effect_defer(&e, now, milliseconds(defer_rows[i].delay));
		print_message("# %s\n", defer_rows[i].name);
		assert_int_equal(e.state, defer_rows[i].want);
		assert_int_equal(e.done, dropped);
		assert_int_equal(e.sealed_payload.n, dropped ? 0 : 6);
		assert_int_equal(e.due_at.ms, NOW + defer_rows[i].due);
		assert_int_equal(e.finished_at.ms, dropped ? now.ms : 0);
		assert_int_equal(e.tries, 1);
		assert_not_leased(&e);
	}
}

static void waiting_effect_can_be_made_due_at_once(void **state)
{
	struct effect waiting = queued_mail(), leased = queued_mail(), done = queued_mail();

	(void)state;
	effect_defer(&waiting, (moment){ NOW }, seconds(60));
	assert_false(effect_make_due(&waiting, (moment){ NOW + 60000 }));
	assert_true(effect_make_due(&waiting, (moment){ NOW + 59999 }));
	assert_int_equal(waiting.due_at.ms, NOW + 59999);
	assert_int_equal(waiting.state, EFFECT_DEFERRED);
	leased.due_at = (moment){ NOW + 60000 };
	effect_lease(&leased, &instance, (moment){ NOW }, seconds(60));
	assert_false(effect_make_due(&leased, (moment){ NOW + 1 }));
	assert_int_equal(leased.due_at.ms, NOW + 60000);
	effect_finish(&done, EFFECT_DROPPED, (moment){ NOW });
	done.due_at = (moment){ NOW + 60000 };
	assert_false(effect_make_due(&done, (moment){ NOW + 1 }));
}

/* Asserts that a caller's bug aborts the process. It runs in a child with standard error closed. */
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

static void finish_as_queued(void)
{
	struct effect e = queued_mail();

	effect_finish(&e, EFFECT_QUEUED, (moment){ NOW });
}

static void finish_as_deferred(void)
{
	struct effect e = queued_mail();

	effect_finish(&e, EFFECT_DEFERRED, (moment){ NOW });
}

static void finish_twice(void)
{
	struct effect e = queued_mail();

	effect_finish(&e, EFFECT_ACCEPTED, (moment){ NOW });
	effect_finish(&e, EFFECT_ACCEPTED, (moment){ NOW });
}

static void name_of_state_zero(void)
{
	effect_state_name((enum effect_state)0);
}

static void name_of_state_past_the_end(void)
{
	effect_state_name((enum effect_state)(EFFECT_DROPPED + 1));
}

static void misuse_aborts(void **state)
{
	(void)state;
	assert_aborts(finish_as_queued);
	assert_aborts(finish_as_deferred);
	assert_aborts(finish_twice);
	assert_aborts(name_of_state_zero);
	assert_aborts(name_of_state_past_the_end);
}

/* The names of the states are the values of `last_code.state` in the API (interface.md, section 3). */
static void states_have_the_names_of_last_code(void **state)
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
		cmocka_unit_test(leasing_counts_the_try),
		cmocka_unit_test(result_is_stored_only_by_the_newest_lease),
		cmocka_unit_test(finishing_removes_the_sealed_payload),
		cmocka_unit_test(try_after_expiry_is_moved_forward_then_dropped),
		cmocka_unit_test(waiting_effect_can_be_made_due_at_once),
		cmocka_unit_test(misuse_aborts),
		cmocka_unit_test(states_have_the_names_of_last_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
