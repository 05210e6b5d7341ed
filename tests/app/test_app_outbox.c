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
#include "kit/world.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct effect row_of(struct kit *kit, const struct caller *caller, const char *email)
{
	struct effect effect = { .id = kit_enrolment(kit, caller, email).last_mail_id };

	kit_load(kit, RECORD_EFFECT, &effect);
	return effect;
}

static struct caller ask_for_a_code(struct kit *kit)
{
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	(void)kit_prepare(kit, &shop, ANA);
	assert_int_equal(kit_send(kit, &shop, ANA).verdict, SEND_QUEUED);
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
	struct kit *const kit = *state;
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	(void)kit_prepare(kit, &shop, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		kit->mailer.result = rows[i].result;
		(void)kit_send(kit, &shop, ANA);
		assert_string_equal(kit_status(kit, &shop, ANA).last_code, "queued");
		assert_int_equal(kit_carry(kit), 1);
		const struct effect effect = row_of(kit, &shop, ANA);
		assert_int_equal(effect.state, rows[i].state);
		is_wiped(&effect);
		assert_string_equal(kit_status(kit, &shop, ANA).last_code, rows[i].word);
		kit_wait(kit, hours(1));
		assert_int_equal(kit_carry(kit), 0);
	}
}

static void what_was_put_off_is_tried_again_with_growing_delays(void **state)
{
	static const enum delivery_result fates[] = { DELIVERY_DEFERRED, DELIVERY_RELAY_DOWN };
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	int64_t plain = 10000;

	for (int try = 1; try <= 5; try++, plain *= 2) {
		kit->mailer.result = fates[try % 2];
		assert_int_equal(kit_carry(kit), 1);
		const struct effect effect = row_of(kit, &shop, ANA);
		const int64_t delay = effect.due_at.ms - world_now(&kit->world).ms;
		assert_int_equal(effect.state, EFFECT_DEFERRED);
		assert_int_equal(effect.tries, try);
		assert_false(effect.done);
		assert_true(effect.sealed_payload.n > 0);
		assert_in_range(delay, plain * 3 / 4, plain * 5 / 4);
		assert_string_equal(kit_status(kit, &shop, ANA).last_code, "deferred");
		kit_wait(kit, milliseconds(delay - 1));
		assert_int_equal(kit_carry(kit), 0);
		kit_wait(kit, milliseconds(1));
	}
	kit->mailer.result = DELIVERY_ACCEPTED;
	assert_int_equal(kit_carry(kit), 1);
	const struct effect done = row_of(kit, &shop, ANA);
	assert_int_equal(done.state, EFFECT_ACCEPTED);
	is_wiped(&done);
}

static void one_message_id_and_one_date_over_all_tries(void **state)
{
	struct kit *const kit = *state;
	(void)ask_for_a_code(kit);

	kit->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(kit_carry(kit), 1);
		kit_wait(kit, seconds(100));
	}
	for (size_t i = 1; i < kit->mailer.n; i++) {
		assert_string_equal(kit->mailer.letters[i].message_id, kit->mailer.letters[0].message_id);
		assert_int_equal(kit->mailer.letters[i].date.ms, kit->mailer.letters[0].date.ms);
		assert_string_equal(kit->mailer.letters[i].text, kit->mailer.letters[0].text);
		assert_string_equal(kit->mailer.letters[i].subject, kit->mailer.letters[0].subject);
	}
	assert_int_equal(kit->mailer.letters[0].date.ms, KIT_NOW);
}

static void tried_for_as_long_as_it_is_of_use(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	size_t tries = 0;

	kit->mailer.result = DELIVERY_RELAY_DOWN;
	while (!row_of(kit, &shop, ANA).done) {
		tries += kit_carry(kit);
		kit_wait(kit, seconds(1));
		assert_true(world_now(&kit->world).ms <= KIT_NOW + 600000);
	}
	const struct effect effect = row_of(kit, &shop, ANA);
	assert_int_equal(effect.state, EFFECT_DROPPED);
	is_wiped(&effect);
	/* 0, 10, 30, 70, 150, 310 s, give or take a quarter; then half of what is left: 455, 528, … */
	assert_in_range(tries, 11, 15);
	assert_true(effect.finished_at.ms >= KIT_NOW + 598000);
	assert_string_equal(kit_status(kit, &shop, ANA).last_code, "dropped");
}

static void an_expired_code_is_never_sent(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t letters;
	} rows[] = { { 599999, 1 }, { 600000, 0 }, { 600001, 0 } };
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);
		const size_t before = kit->mailer.n;

		(void)kit_prepare(kit, &shop, ANA);
		(void)kit_send(kit, &shop, ANA);
		kit_wait(kit, milliseconds(rows[i].age_ms));
		assert_int_equal(kit_carry(kit), 1);
		assert_int_equal(kit->mailer.n - before, rows[i].letters);
		const struct effect effect = row_of(kit, &shop, ANA);
		assert_int_equal(effect.state, rows[i].letters ? EFFECT_ACCEPTED : EFFECT_DROPPED);
		is_wiped(&effect);
	}
}

static void a_replaced_code_is_never_sent(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct effect first = row_of(kit, &shop, ANA);

	(void)kit_send(kit, &shop, ANA);
	assert_int_equal(kit_carry(kit), 2);
	assert_int_equal(kit->mailer.n, 1);
	kit_load(kit, RECORD_EFFECT, &first);
	assert_int_equal(first.state, EFFECT_DROPPED);
	is_wiped(&first);
	assert_int_equal(row_of(kit, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void a_used_or_locked_code_is_never_sent_again(void **state)
{
	struct kit *const kit = *state;

	for (int used = 0; used < 2; used++) {
		char name[16] = { 's', (char)('a' + used) }, code[7], other[7];
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);

		(void)kit_prepare(kit, &shop, ANA);
		kit->mailer.result = DELIVERY_RELAY_DOWN; /* it got through all the same */
		kit_new_code(kit, &shop, ANA, code);
		kit_other_code(code, other);
		for (int i = 0; i < 5; i++)
			(void)kit_verify(kit, &shop, ANA, used ? code : other);
		kit_wait(kit, seconds(20));
		const size_t letters = kit->mailer.n;
		assert_int_equal(kit_carry(kit), 1);
		assert_int_equal(kit->mailer.n, letters);
		const struct effect effect = row_of(kit, &shop, ANA);
		assert_int_equal(effect.state, EFFECT_DROPPED);
		is_wiped(&effect);
	}
}

/* A process that died between the lease and the row's end: as its lease is all that is left, we write it. */
static void lease_to_a_dead_one(struct kit *kit, struct effect *effect)
{
	effect_lease(effect, &(struct instance_id){ "01dead" }, world_now(&kit->world), LEASE_DURATION);
	kit_save(kit, RECORD_EFFECT, effect);
}

static void a_lease_that_ran_out_is_taken_over(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t worked;
	} rows[] = { { 29999, 0 }, { 30000, 1 }, { 30001, 1 } };
	struct kit *const kit = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) };
		const struct caller shop = kit_tenant(kit, name, NULL, NO_QUOTA);

		(void)kit_prepare(kit, &shop, ANA);
		(void)kit_send(kit, &shop, ANA);
		struct effect effect = row_of(kit, &shop, ANA);
		lease_to_a_dead_one(kit, &effect);
		kit_wait(kit, milliseconds(rows[i].age_ms));
		assert_int_equal(kit_carry(kit), rows[i].worked);
		effect = row_of(kit, &shop, ANA);
		assert_int_equal(effect.state == EFFECT_ACCEPTED, rows[i].worked);
		assert_int_equal(effect.tries, rows[i].worked + 1);
		kit_wait(kit, minutes(10));
		(void)kit_carry(kit);
	}
}

static void at_a_start_the_leases_of_dead_processes_are_void(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct effect effect = row_of(kit, &shop, ANA);

	lease_to_a_dead_one(kit, &effect);
	assert_int_equal(kit_carry(kit), 0);
	assert_int_equal(outbox_take_over(&kit->world, &kit->arena), OK);
	assert_int_equal(kit_carry(kit), 1);
	assert_int_equal(kit->mailer.n, 1);
}

static void more_leases_than_one_batch_are_void(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct effect effect = row_of(kit, &shop, ANA);

	for (int i = 0; i < 150; i++) {
		effect.id.text[ID_LENGTH - 1] = (char)('a' + i % 20);
		effect.id.text[ID_LENGTH - 2] = (char)('a' + i / 20);
		effect.lease_expires_at = moment_add(world_now(&kit->world), minutes(2));
		kit_save(kit, RECORD_EFFECT, &effect);
	}
	assert_int_equal(outbox_take_over(&kit->world, &kit->arena), OK);
	const struct effect probe = { .done = false };
	assert_int_equal(kit_find(kit, QUERY_EFFECTS_LEASED, &probe, &effect, 1), 0);
}

struct carrier {
	struct kit *kit;
	struct thread thread;
	enum err e;
};

static void carry_one(void *arg)
{
	struct carrier *const c = arg;
	struct arena a;
	bool worked;

	arena_init(&a, ARENA_CALL_LIMIT);
	c->e = outbox_work(&c->kit->world, &a, &worked);
	arena_finish(&a);
}

static void who_lost_the_lease_does_not_write_over_its_successor(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct carrier slow = { .kit = kit };

	kit->mailer.result = DELIVERY_RELAY_DOWN;
	kit_hold_letters(kit, true);
	assert_int_equal(thread_start(&slow.thread, carry_one, &slow), OK);
	assert_true(kit_await_letters(kit, 1, seconds(10)));
	/* Meanwhile its lease runs out and another one hands the letter over. */
	kit_wait(kit, minutes(2));
	struct effect effect = row_of(kit, &shop, ANA);
	effect_lease(&effect, &(struct instance_id){ "01other" }, world_now(&kit->world), minutes(2));
	effect_finish(&effect, EFFECT_ACCEPTED, world_now(&kit->world));
	kit_save(kit, RECORD_EFFECT, &effect);
	kit_hold_letters(kit, false);
	thread_join(&slow.thread);
	assert_int_equal(slow.e, OK);
	assert_int_equal(row_of(kit, &shop, ANA).state, EFFECT_ACCEPTED);
	kit_wait(kit, minutes(2));
	assert_int_equal(kit_carry(kit), 0);
}

static void a_row_that_cannot_be_read_does_not_hold_up_those_behind_it(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct effect spoilt = row_of(kit, &shop, ANA);

	spoilt.sealed_payload = STR("what is this");
	kit_save(kit, RECORD_EFFECT, &spoilt);
	kit_wait(kit, seconds(1));
	(void)kit_prepare(kit, &shop, BOB);
	(void)kit_send(kit, &shop, BOB);
	assert_int_equal(kit_carry(kit), 2);
	assert_int_equal(kit->mailer.n, 1);
	assert_string_equal(kit_last_letter(kit)->to, BOB);
	assert_int_equal(row_of(kit, &shop, ANA).state, EFFECT_DROPPED);
}

static void a_failing_store_loses_no_letter(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	bool worked;

	/* The first transaction looks, the second takes the lease, the third writes the end down. */
	for (size_t spared = 0; spared < 3; spared++) {
		atomic_store(&kit->store.spared, spared);
		atomic_store(&kit->store.fault, KIT_AFTER_WORK);
		assert_int_equal(outbox_work(&kit->world, &kit->arena, &worked), ERR_STORAGE);
		atomic_store(&kit->store.fault, KIT_NO_FAULT);
		assert_false(row_of(kit, &shop, ANA).done);
		kit_wait(kit, minutes(2));
	}
	assert_int_equal(kit->mailer.n, 1);
	assert_int_equal(kit_carry(kit), 1);
	assert_int_equal(kit->mailer.n, 2);
	assert_string_equal(kit->mailer.letters[0].message_id, kit->mailer.letters[1].message_id);
	assert_int_equal(row_of(kit, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void what_waits_goes_when_it_is_told_to(void **state)
{
	struct kit *const kit = *state;
	struct caller shop = ask_for_a_code(kit);
	struct effect effect;

	kit->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 4; i++) {
		kit_wait(kit, seconds(50));
		assert_int_equal(kit_carry(kit), 1);
	}
	/* More than one batch of them, and one that somebody has. */
	effect = row_of(kit, &shop, ANA);
	for (int i = 0; i < 150; i++) {
		effect.id.text[ID_LENGTH - 1] = (char)('a' + i % 20);
		effect.id.text[ID_LENGTH - 2] = (char)('a' + i / 20);
		kit_save(kit, RECORD_EFFECT, &effect);
	}
	lease_to_a_dead_one(kit, &effect);
	assert_int_equal(kit_carry(kit), 0);
	assert_int_equal(outbox_make_due(&kit->world, &kit->arena), OK);
	kit->mailer.result = DELIVERY_ACCEPTED;
	assert_int_equal(kit_carry(kit), 150);
	assert_int_equal(row_of(kit, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void what_was_finished_thirty_days_ago_is_removed(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);
	struct effect effect;

	assert_int_equal(kit_carry(kit), 1);
	effect = row_of(kit, &shop, ANA);
	kit_wait(kit, days(30));
	assert_int_equal(outbox_clean(&kit->world, &kit->arena), OK);
	assert_true(kit_has(kit, RECORD_EFFECT, &effect));
	kit_wait(kit, milliseconds(1));
	assert_int_equal(outbox_clean(&kit->world, &kit->arena), OK);
	assert_false(kit_has(kit, RECORD_EFFECT, &effect));
	assert_null(kit_status(kit, &shop, ANA).last_code);
}

static void an_open_letter_is_not_cleaned_away(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = ask_for_a_code(kit);

	kit_wait(kit, days(31));
	assert_int_equal(outbox_clean(&kit->world, &kit->arena), OK);
	assert_int_equal(row_of(kit, &shop, ANA).state, EFFECT_QUEUED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
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
