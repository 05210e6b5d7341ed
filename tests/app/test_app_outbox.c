/* From the row to the mailer and back: what is handed over, when again, and when never. */
#include "app/mail/outbox.h"
#include "app/mail/outbox_rows.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "domain/lease.h"
#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct effect row_of(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct effect effect = { .id = fixture_enrolment(fx, caller, email).last_mail_id };

	fixture_load(fx, RECORD_EFFECT, &effect);
	return effect;
}

static struct caller ask_for_a_code(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	return shop;
}

static void is_wiped(const struct effect *effect)
{
	assert_true(effect->done);
	assert_int_equal(effect->sealed_payload.n, 0);
	assert_int_equal(effect->lease_expires_at.ms, 0);
	assert_false(moment_is_unset(effect->finished_at));
}

static void what_is_final_is_wiped_and_not_tried_again(void **state)
{
	static const struct {
		enum delivery_result result;
		enum effect_state state;
		const char *word;
	} rows[] = {
		{ DELIVERY_ACCEPTED, EFFECT_ACCEPTED, "accepted" },
		{ DELIVERY_REFUSED, EFFECT_REFUSED, "refused" },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		fx->mailer.result = rows[i].result;
		(void)fixture_send_otp(fx, &shop, ANA);
		assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "queued");
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		const struct effect effect = row_of(fx, &shop, ANA);
		assert_int_equal(effect.state, rows[i].state);
		is_wiped(&effect);
		assert_string_equal(fixture_status(fx, &shop, ANA).last_code, rows[i].word);
		fixture_advance_clock(fx, hours(1));
		assert_int_equal(fixture_deliver_outbox(fx), 0);
	}
}

static void what_was_put_off_is_tried_again_with_growing_delays(void **state)
{
	static const enum delivery_result fates[] = { DELIVERY_DEFERRED, DELIVERY_RELAY_DOWN };
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	int64_t plain = 10000;

	for (int try = 1; try <= 5; try++, plain *= 2) {
		fx->mailer.result = fates[try % 2];
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		const struct effect effect = row_of(fx, &shop, ANA);
		const int64_t delay = effect.due_at.ms - world_now(&fx->world).ms;
		assert_int_equal(effect.state, EFFECT_DEFERRED);
		assert_int_equal(effect.tries, try);
		assert_false(effect.done);
		assert_true(effect.sealed_payload.n > 0);
		assert_in_range(delay, plain * 3 / 4, plain * 5 / 4);
		assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "deferred");
		fixture_advance_clock(fx, milliseconds(delay - 1));
		assert_int_equal(fixture_deliver_outbox(fx), 0);
		fixture_advance_clock(fx, milliseconds(1));
	}
	fx->mailer.result = DELIVERY_ACCEPTED;
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	const struct effect done = row_of(fx, &shop, ANA);
	assert_int_equal(done.state, EFFECT_ACCEPTED);
	is_wiped(&done);
}

static void one_message_id_and_one_date_over_all_tries(void **state)
{
	struct app_fixture *const fx = *state;
	(void)ask_for_a_code(fx);

	fx->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		fixture_advance_clock(fx, seconds(100));
	}
	for (size_t i = 1; i < fx->mailer.n; i++) {
		assert_string_equal(fx->mailer.messages[i].message_id, fx->mailer.messages[0].message_id);
		assert_int_equal(fx->mailer.messages[i].date.ms, fx->mailer.messages[0].date.ms);
		assert_string_equal(fx->mailer.messages[i].text, fx->mailer.messages[0].text);
		assert_string_equal(fx->mailer.messages[i].subject, fx->mailer.messages[0].subject);
	}
	assert_int_equal(fx->mailer.messages[0].date.ms, FIXTURE_NOW);
}

static void tried_for_as_long_as_it_is_of_use(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	size_t tries = 0;

	fx->mailer.result = DELIVERY_RELAY_DOWN;
	while (!row_of(fx, &shop, ANA).done) {
		tries += fixture_deliver_outbox(fx);
		fixture_advance_clock(fx, seconds(1));
		assert_true(world_now(&fx->world).ms <= FIXTURE_NOW + 600000);
	}
	const struct effect effect = row_of(fx, &shop, ANA);
	assert_int_equal(effect.state, EFFECT_DROPPED);
	is_wiped(&effect);
	/* 0, 10, 30, 70, 150, 310 s, give or take a quarter; then half of what is left: 455, 528, … */
	assert_in_range(tries, 11, 15);
	assert_true(effect.finished_at.ms >= FIXTURE_NOW + 598000);
	assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "dropped");
}

static void an_expired_code_is_never_sent(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t letters;
	} rows[] = { { 599999, 1 }, { 600000, 0 }, { 600001, 0 } };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const size_t before = fx->mailer.n;

		(void)fixture_prepare(fx, &shop, ANA);
		(void)fixture_send_otp(fx, &shop, ANA);
		fixture_advance_clock(fx, milliseconds(rows[i].age_ms));
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		assert_int_equal(fx->mailer.n - before, rows[i].letters);
		const struct effect effect = row_of(fx, &shop, ANA);
		assert_int_equal(effect.state, rows[i].letters ? EFFECT_ACCEPTED : EFFECT_DROPPED);
		is_wiped(&effect);
	}
}

static void a_replaced_code_is_never_sent(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct effect first = row_of(fx, &shop, ANA);

	(void)fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(fixture_deliver_outbox(fx), 2);
	assert_int_equal(fx->mailer.n, 1);
	fixture_load(fx, RECORD_EFFECT, &first);
	assert_int_equal(first.state, EFFECT_DROPPED);
	is_wiped(&first);
	assert_int_equal(row_of(fx, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void a_used_or_locked_code_is_never_sent_again(void **state)
{
	struct app_fixture *const fx = *state;

	for (int used = 0; used < 2; used++) {
		char name[16] = { 's', (char)('a' + used) }, code[7], other[7];
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		fx->mailer.result = DELIVERY_RELAY_DOWN; /* it got through all the same */
		fixture_get_otp(fx, &shop, ANA, code);
		wrong_otp_for(code, other);
		for (int i = 0; i < 5; i++)
			(void)fixture_verify_otp(fx, &shop, ANA, used ? code : other);
		fixture_advance_clock(fx, seconds(20));
		const size_t letters = fx->mailer.n;
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		assert_int_equal(fx->mailer.n, letters);
		const struct effect effect = row_of(fx, &shop, ANA);
		assert_int_equal(effect.state, EFFECT_DROPPED);
		is_wiped(&effect);
	}
}

/* A process that died between the lease and the row's end: as its lease is all that is left, we write it. */
static void lease_to_a_dead_one(struct app_fixture *fx, struct effect *effect)
{
	effect_lease(effect, &(struct instance_id){ "01dead" }, world_now(&fx->world), LEASE_DURATION);
	fixture_save(fx, RECORD_EFFECT, effect);
}

static void a_lease_that_ran_out_is_taken_over(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t worked;
	} rows[] = { { 29999, 0 }, { 30000, 1 }, { 30001, 1 } };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		(void)fixture_send_otp(fx, &shop, ANA);
		struct effect effect = row_of(fx, &shop, ANA);
		lease_to_a_dead_one(fx, &effect);
		fixture_advance_clock(fx, milliseconds(rows[i].age_ms));
		assert_int_equal(fixture_deliver_outbox(fx), rows[i].worked);
		effect = row_of(fx, &shop, ANA);
		assert_int_equal(effect.state == EFFECT_ACCEPTED, rows[i].worked);
		assert_int_equal(effect.tries, rows[i].worked + 1);
		fixture_advance_clock(fx, minutes(10));
		(void)fixture_deliver_outbox(fx);
	}
}

static void at_a_start_the_leases_of_dead_processes_are_void(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct effect effect = row_of(fx, &shop, ANA);

	lease_to_a_dead_one(fx, &effect);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(outbox_take_over(&fx->world, &fx->arena), OK);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_int_equal(fx->mailer.n, 1);
}

static void more_leases_than_one_batch_are_void(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct effect effect = row_of(fx, &shop, ANA);

	for (int i = 0; i < 150; i++) {
		effect.id.text[ID_LENGTH - 1] = (char)('a' + i % 20);
		effect.id.text[ID_LENGTH - 2] = (char)('a' + i / 20);
		effect.lease_expires_at = moment_add(world_now(&fx->world), minutes(2));
		fixture_save(fx, RECORD_EFFECT, &effect);
	}
	assert_int_equal(outbox_take_over(&fx->world, &fx->arena), OK);
	const struct effect probe = { .done = false };
	assert_int_equal(fixture_find(fx, QUERY_EFFECTS_LEASED, &probe, &effect, 1), 0);
}

struct carrier {
	struct app_fixture *fx;
	struct thread thread;
	enum err e;
};

static void carry_one(void *arg)
{
	struct carrier *const c = arg;
	struct arena a;
	bool worked;

	arena_init(&a, ARENA_CALL_LIMIT);
	c->e = outbox_work(&c->fx->world, &a, &worked);
	arena_finish(&a);
}

static void who_lost_the_lease_does_not_write_over_its_successor(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct carrier slow = { .fx = fx };

	fx->mailer.result = DELIVERY_RELAY_DOWN;
	fixture_hold_mail(fx, true);
	assert_int_equal(thread_start(&slow.thread, carry_one, &slow), OK);
	assert_true(fixture_wait_for_held_mail(fx, 1, seconds(10)));
	/* Meanwhile its lease runs out and another one hands the letter over. */
	fixture_advance_clock(fx, minutes(2));
	struct effect effect = row_of(fx, &shop, ANA);
	effect_lease(&effect, &(struct instance_id){ "01other" }, world_now(&fx->world), minutes(2));
	effect_finish(&effect, EFFECT_ACCEPTED, world_now(&fx->world));
	fixture_save(fx, RECORD_EFFECT, &effect);
	fixture_hold_mail(fx, false);
	thread_join(&slow.thread);
	assert_int_equal(slow.e, OK);
	assert_int_equal(row_of(fx, &shop, ANA).state, EFFECT_ACCEPTED);
	fixture_advance_clock(fx, minutes(2));
	assert_int_equal(fixture_deliver_outbox(fx), 0);
}

static void a_row_that_cannot_be_read_does_not_hold_up_those_behind_it(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct effect spoilt = row_of(fx, &shop, ANA);

	spoilt.sealed_payload = STR("what is this");
	fixture_save(fx, RECORD_EFFECT, &spoilt);
	fixture_advance_clock(fx, seconds(1));
	(void)fixture_prepare(fx, &shop, BOB);
	(void)fixture_send_otp(fx, &shop, BOB);
	assert_int_equal(fixture_deliver_outbox(fx), 2);
	assert_int_equal(fx->mailer.n, 1);
	assert_string_equal(fixture_last_mail(fx)->to, BOB);
	assert_int_equal(row_of(fx, &shop, ANA).state, EFFECT_DROPPED);
}

static void a_failing_store_loses_no_letter(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	bool worked;

	/* The first transaction looks, the second takes the lease, the third writes the end down. */
	for (size_t spared = 0; spared < 3; spared++) {
		atomic_store(&fx->store.transactions_before_fault, spared);
		atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
		assert_int_equal(outbox_work(&fx->world, &fx->arena, &worked), ERR_STORAGE);
		atomic_store(&fx->store.fault, STORE_FAULT_NONE);
		assert_false(row_of(fx, &shop, ANA).done);
		fixture_advance_clock(fx, minutes(2));
	}
	assert_int_equal(fx->mailer.n, 1);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_int_equal(fx->mailer.n, 2);
	assert_string_equal(fx->mailer.messages[0].message_id, fx->mailer.messages[1].message_id);
	assert_int_equal(row_of(fx, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void what_waits_goes_when_it_is_told_to(void **state)
{
	struct app_fixture *const fx = *state;
	struct caller shop = ask_for_a_code(fx);
	struct effect effect;

	fx->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 4; i++) {
		fixture_advance_clock(fx, seconds(50));
		assert_int_equal(fixture_deliver_outbox(fx), 1);
	}
	/* More than one batch of them, and one that somebody has. */
	effect = row_of(fx, &shop, ANA);
	for (int i = 0; i < 150; i++) {
		effect.id.text[ID_LENGTH - 1] = (char)('a' + i % 20);
		effect.id.text[ID_LENGTH - 2] = (char)('a' + i / 20);
		fixture_save(fx, RECORD_EFFECT, &effect);
	}
	lease_to_a_dead_one(fx, &effect);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(outbox_make_due(&fx->world, &fx->arena), OK);
	fx->mailer.result = DELIVERY_ACCEPTED;
	assert_int_equal(fixture_deliver_outbox(fx), 150);
	assert_int_equal(row_of(fx, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void what_was_finished_thirty_days_ago_is_removed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);
	struct effect effect;

	assert_int_equal(fixture_deliver_outbox(fx), 1);
	effect = row_of(fx, &shop, ANA);
	fixture_advance_clock(fx, days(30));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_true(fixture_try_load(fx, RECORD_EFFECT, &effect));
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_false(fixture_try_load(fx, RECORD_EFFECT, &effect));
	assert_null(fixture_status(fx, &shop, ANA).last_code);
}

static void an_open_letter_is_not_cleaned_away(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = ask_for_a_code(fx);

	fixture_advance_clock(fx, days(31));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(row_of(fx, &shop, ANA).state, EFFECT_QUEUED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(what_is_final_is_wiped_and_not_tried_again),
		TEST(what_was_put_off_is_tried_again_with_growing_delays),
		TEST(one_message_id_and_one_date_over_all_tries),
		TEST(tried_for_as_long_as_it_is_of_use),
		TEST(an_expired_code_is_never_sent),
		TEST(a_replaced_code_is_never_sent),
		TEST(a_used_or_locked_code_is_never_sent_again),
		TEST(a_lease_that_ran_out_is_taken_over),
		TEST(at_a_start_the_leases_of_dead_processes_are_void),
		TEST(more_leases_than_one_batch_are_void),
		TEST(who_lost_the_lease_does_not_write_over_its_successor),
		TEST(a_row_that_cannot_be_read_does_not_hold_up_those_behind_it),
		TEST(a_failing_store_loses_no_letter),
		TEST(what_waits_goes_when_it_is_told_to),
		TEST(what_was_finished_thirty_days_ago_is_removed),
		TEST(an_open_letter_is_not_cleaned_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
