/* Tests of delivering outbox rows with the mailer: results, retries, leases, and mail that is no longer
 * wanted. */
#include "app/mail/outbox.h"
#include "app/mail/outbox_rows.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "domain/lease.h"
#include "kit/app_fixture.h"

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static struct effect load_mail(struct app_fixture *fx, const struct caller *caller, const char *email)
{
	struct effect effect = { .id = fixture_enrolment(fx, caller, email).last_mail_id };

	fixture_load(fx, RECORD_EFFECT, &effect);
	return effect;
}

static struct caller tenant_with_queued_mail(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
	return shop;
}

static void assert_wiped(const struct effect *effect)
{
	assert_true(effect->done);
	assert_int_equal(effect->sealed_payload.n, 0);
	assert_int_equal(effect->lease_expires_at.ms, 0);
	assert_false(moment_is_unset(effect->finished_at));
}

static void finished_mail_is_wiped_and_not_retried(void **state)
{
	static const struct {
		enum delivery_result result;
		enum effect_state state;
		const char *api_name;
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
		const struct effect effect = load_mail(fx, &shop, ANA);
		assert_int_equal(effect.state, rows[i].state);
		assert_wiped(&effect);
		assert_string_equal(fixture_status(fx, &shop, ANA).last_code, rows[i].api_name);
		fixture_advance_clock(fx, hours(1));
		assert_int_equal(fixture_deliver_outbox(fx), 0);
	}
}

static void copy_mail_line(void *arg, struct str line)
{
	char *const out = arg;

	if (memmem(line.p, line.n, "event=mail_", 11) != NULL)
		(void)snprintf(out, 1025, "%.*s", STR_ARG(line));
}

/* The log names the request of the e-mail, also of one that links a wallet, and what the server replied. */
static void delivery_is_logged_with_request_and_reply(void **state)
{
	static const struct {
		enum delivery_result result;
		struct mail_report report;
		const char *line; /* what follows the id of the e-mail */
	} rows[] = {
		{ DELIVERY_ACCEPTED, { "accepted", "", "", "", "" },
			" request_id=order-4711 tries=1 result=accepted reason=accepted\n" },
		{ DELIVERY_REFUSED, { "550", "recipient", "550 5.1.1 No such \"box\"", "5.1.1", "" },
			" request_id=order-4711 tries=1 result=refused reason=550 step=recipient "
			"enhanced_status=5.1.1 reply=\"550 5.1.1 No such \\\"box\\\"\"\n" },
		{ DELIVERY_DEFERRED, { "451", "content", "451 later", "", "" },
			" request_id=order-4711 tries=1 result=deferred reason=451 step=content reply=\"451 later\"\n" },
		{ DELIVERY_RELAY_DOWN, { "login", "connection", "", "", "GSSAPI" },
			" request_id=order-4711 tries=1 result=relay_down reason=login step=connection "
			"login_offer=\"GSSAPI\" action=\"the mail server offers no login" },
	};
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < 2 * array_len(rows); i++) {
		char name[16] = { 's', (char)('a' + i) }, line[1025] = "";
		struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const struct signing_wallet w = signing_wallet_new(WALLET_EVM, (unsigned char)(0x11 + i));
		const size_t k = i / 2;

		(void)snprintf(shop.actor.request_id, sizeof(shop.actor.request_id), "order-4711");
		(void)fixture_prepare(fx, &shop, ANA);
		if (i % 2 == 0) {
			assert_int_equal(fixture_send_otp(fx, &shop, ANA).verdict, SEND_QUEUED);
		} else {
			(void)fixture_claim_email(fx, &shop, &w, ANA);
			assert_int_equal(fixture_send_link_otp(fx, &shop, &w, ANA).verdict, SEND_QUEUED);
		}
		fx->mailer.result = rows[k].result;
		fx->mailer.report = rows[k].report;
		log_level_set(LOG_INFO);
		log_sink_set(copy_mail_line, line);
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		log_sink_set(NULL, NULL);
		const char *const at = strstr(line, " request_id=");
		if (at == NULL || strncmp(at, rows[k].line, strlen(rows[k].line)) != 0)
			fail_msg("row %zu: %s", k, line);
		fx->mailer.result = DELIVERY_ACCEPTED;
		fixture_advance_clock(fx, minutes(1));
		(void)fixture_deliver_outbox(fx);
	}
}

static void deferred_mail_is_retried_with_growing_delays(void **state)
{
	static const enum delivery_result results[] = { DELIVERY_DEFERRED, DELIVERY_RELAY_DOWN };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	int64_t expected_delay = 10000;

	for (int try = 1; try <= 5; try++, expected_delay *= 2) {
		fx->mailer.result = results[try % 2];
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		const struct effect effect = load_mail(fx, &shop, ANA);
		const int64_t delay = effect.due_at.ms - world_now(&fx->world).ms;
		assert_int_equal(effect.state, EFFECT_DEFERRED);
		assert_int_equal(effect.tries, try);
		assert_false(effect.done);
		assert_true(effect.sealed_payload.n > 0);
		assert_in_range(delay, expected_delay * 3 / 4, expected_delay * 5 / 4);
		assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "deferred");
		fixture_advance_clock(fx, milliseconds(delay - 1));
		assert_int_equal(fixture_deliver_outbox(fx), 0);
		fixture_advance_clock(fx, milliseconds(1));
	}
	fx->mailer.result = DELIVERY_ACCEPTED;
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	const struct effect done = load_mail(fx, &shop, ANA);
	assert_int_equal(done.state, EFFECT_ACCEPTED);
	assert_wiped(&done);
}

static void message_id_and_date_are_the_same_for_all_tries(void **state)
{
	struct app_fixture *const fx = *state;
	(void)tenant_with_queued_mail(fx);

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

static void mail_is_retried_until_its_code_expires(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	size_t tries = 0;

	atomic_store(&fx->random.no_jitter, true);
	fx->mailer.result = DELIVERY_RELAY_DOWN;
	while (!load_mail(fx, &shop, ANA).done) {
		tries += fixture_deliver_outbox(fx);
		fixture_advance_clock(fx, seconds(1));
		assert_true(world_now(&fx->world).ms <= FIXTURE_NOW + 600000);
	}
	const struct effect effect = load_mail(fx, &shop, ANA);
	assert_int_equal(effect.state, EFFECT_DROPPED);
	assert_wiped(&effect);
	/* The tries are at 0, 10, 30, 70, 150 and 310 s. Further tries follow after half of the time that is
	 * left until the message expires: at 455 s, 528 s … */
	assert_in_range(tries, 11, 15);
	assert_true(effect.finished_at.ms >= FIXTURE_NOW + 598000);
	assert_string_equal(fixture_status(fx, &shop, ANA).last_code, "dropped");
}

static void expired_code_is_not_sent(void **state)
{
	static const struct {
		int64_t age_ms;
		size_t mails;
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
		assert_int_equal(fx->mailer.n - before, rows[i].mails);
		const struct effect effect = load_mail(fx, &shop, ANA);
		assert_int_equal(effect.state, rows[i].mails ? EFFECT_ACCEPTED : EFFECT_DROPPED);
		assert_wiped(&effect);
	}
}

static void replaced_code_is_not_sent(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	struct effect first = load_mail(fx, &shop, ANA);

	(void)fixture_send_otp(fx, &shop, ANA);
	assert_int_equal(fixture_deliver_outbox(fx), 2);
	assert_int_equal(fx->mailer.n, 1);
	fixture_load(fx, RECORD_EFFECT, &first);
	assert_int_equal(first.state, EFFECT_DROPPED);
	assert_wiped(&first);
	assert_int_equal(load_mail(fx, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void used_or_locked_code_is_not_sent_again(void **state)
{
	struct app_fixture *const fx = *state;

	for (int used = 0; used < 2; used++) {
		char name[16] = { 's', (char)('a' + used) }, code[7], other[7];
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);

		(void)fixture_prepare(fx, &shop, ANA);
		/* The mailer reports this result although the message was delivered. */
		fx->mailer.result = DELIVERY_RELAY_DOWN;
		fixture_get_otp(fx, &shop, ANA, code);
		wrong_otp_for(code, other);
		for (int i = 0; i < 5; i++)
			(void)fixture_verify_otp(fx, &shop, ANA, used ? code : other);
		fixture_advance_clock(fx, seconds(20));
		const size_t mails = fx->mailer.n;
		assert_int_equal(fixture_deliver_outbox(fx), 1);
		assert_int_equal(fx->mailer.n, mails);
		const struct effect effect = load_mail(fx, &shop, ANA);
		assert_int_equal(effect.state, EFFECT_DROPPED);
		assert_wiped(&effect);
	}
}

/* Saves the lease that an instance leaves behind if it crashes while it delivers the row. */
static void lease_to_crashed_instance(struct app_fixture *fx, struct effect *effect)
{
	effect_lease(effect, &(struct instance_id){ "01crashed" }, world_now(&fx->world), LEASE_DURATION);
	fixture_save(fx, RECORD_EFFECT, effect);
}

static void expired_lease_is_taken_over(void **state)
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
		struct effect effect = load_mail(fx, &shop, ANA);
		lease_to_crashed_instance(fx, &effect);
		fixture_advance_clock(fx, milliseconds(rows[i].age_ms));
		assert_int_equal(fixture_deliver_outbox(fx), rows[i].worked);
		effect = load_mail(fx, &shop, ANA);
		assert_int_equal(effect.state == EFFECT_ACCEPTED, rows[i].worked);
		assert_int_equal(effect.tries, rows[i].worked + 1);
		fixture_advance_clock(fx, minutes(10));
		(void)fixture_deliver_outbox(fx);
	}
}

static void leases_of_crashed_instances_are_released_at_start(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	struct effect effect = load_mail(fx, &shop, ANA);

	lease_to_crashed_instance(fx, &effect);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(outbox_take_over(&fx->world, &fx->arena), OK);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_int_equal(fx->mailer.n, 1);
}

static void more_leases_than_one_batch_are_released(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	struct effect effect = load_mail(fx, &shop, ANA);

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

struct delivery {
	struct app_fixture *fx;
	struct thread thread;
	enum err e;
};

static void deliver_one(void *arg)
{
	struct delivery *const c = arg;
	struct arena a;
	bool worked;

	arena_init(&a, ARENA_CALL_LIMIT);
	c->e = outbox_work(&c->fx->world, &a, &worked);
	arena_finish(&a);
}

static void late_result_does_not_overwrite_that_of_the_new_lease_holder(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	struct delivery slow = { .fx = fx };

	fx->mailer.result = DELIVERY_RELAY_DOWN;
	fixture_hold_mail(fx, true);
	assert_int_equal(thread_start(&slow.thread, deliver_one, &slow), OK);
	assert_true(fixture_wait_for_held_mail(fx, 1, seconds(10)));
	/* While the first instance delivers, its lease expires and another instance delivers the message. */
	fixture_advance_clock(fx, minutes(2));
	struct effect effect = load_mail(fx, &shop, ANA);
	effect_lease(&effect, &(struct instance_id){ "01other" }, world_now(&fx->world), minutes(2));
	effect_finish(&effect, EFFECT_ACCEPTED, world_now(&fx->world));
	fixture_save(fx, RECORD_EFFECT, &effect);
	fixture_hold_mail(fx, false);
	thread_join(&slow.thread);
	assert_int_equal(slow.e, OK);
	assert_int_equal(load_mail(fx, &shop, ANA).state, EFFECT_ACCEPTED);
	fixture_advance_clock(fx, minutes(2));
	assert_int_equal(fixture_deliver_outbox(fx), 0);
}

static void unreadable_row_does_not_block_other_rows(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	struct effect corrupt = load_mail(fx, &shop, ANA);

	corrupt.sealed_payload = STR("not encrypted");
	fixture_save(fx, RECORD_EFFECT, &corrupt);
	fixture_advance_clock(fx, seconds(1));
	(void)fixture_prepare(fx, &shop, BOB);
	(void)fixture_send_otp(fx, &shop, BOB);
	assert_int_equal(fixture_deliver_outbox(fx), 2);
	assert_int_equal(fx->mailer.n, 1);
	assert_string_equal(fixture_last_mail(fx)->to, BOB);
	assert_int_equal(load_mail(fx, &shop, ANA).state, EFFECT_DROPPED);
}

static void store_failure_loses_no_mail(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	bool worked;

	/* The first transaction finds the row, the second takes the lease, the third stores the result. */
	for (size_t n_ok = 0; n_ok < 3; n_ok++) {
		atomic_store(&fx->store.transactions_before_fault, n_ok);
		atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
		assert_int_equal(outbox_work(&fx->world, &fx->arena, &worked), ERR_STORAGE);
		atomic_store(&fx->store.fault, STORE_FAULT_NONE);
		assert_false(load_mail(fx, &shop, ANA).done);
		fixture_advance_clock(fx, minutes(2));
	}
	assert_int_equal(fx->mailer.n, 1);
	assert_int_equal(fixture_deliver_outbox(fx), 1);
	assert_int_equal(fx->mailer.n, 2);
	assert_string_equal(fx->mailer.messages[0].message_id, fx->mailer.messages[1].message_id);
	assert_int_equal(load_mail(fx, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void make_due_delivers_all_deferred_mail(void **state)
{
	struct app_fixture *const fx = *state;
	struct caller shop = tenant_with_queued_mail(fx);
	struct effect effect;

	fx->mailer.result = DELIVERY_RELAY_DOWN;
	for (int i = 0; i < 4; i++) {
		fixture_advance_clock(fx, seconds(50));
		assert_int_equal(fixture_deliver_outbox(fx), 1);
	}
	/* Adds 150 rows that are not due, more than one batch. One of them is leased to another instance. */
	effect = load_mail(fx, &shop, ANA);
	for (int i = 0; i < 150; i++) {
		effect.id.text[ID_LENGTH - 1] = (char)('a' + i % 20);
		effect.id.text[ID_LENGTH - 2] = (char)('a' + i / 20);
		fixture_save(fx, RECORD_EFFECT, &effect);
	}
	lease_to_crashed_instance(fx, &effect);
	assert_int_equal(fixture_deliver_outbox(fx), 0);
	assert_int_equal(outbox_make_due(&fx->world, &fx->arena), OK);
	fx->mailer.result = DELIVERY_ACCEPTED;
	assert_int_equal(fixture_deliver_outbox(fx), 150);
	assert_int_equal(load_mail(fx, &shop, ANA).state, EFFECT_ACCEPTED);
}

static void finished_rows_are_deleted_after_thirty_days(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);
	struct effect effect;

	assert_int_equal(fixture_deliver_outbox(fx), 1);
	effect = load_mail(fx, &shop, ANA);
	fixture_advance_clock(fx, days(30));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_true(fixture_try_load(fx, RECORD_EFFECT, &effect));
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_false(fixture_try_load(fx, RECORD_EFFECT, &effect));
	assert_null(fixture_status(fx, &shop, ANA).last_code);
}

static void clean_up_keeps_queued_mail(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_queued_mail(fx);

	fixture_advance_clock(fx, days(31));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(load_mail(fx, &shop, ANA).state, EFFECT_QUEUED);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(finished_mail_is_wiped_and_not_retried),
		TEST(delivery_is_logged_with_request_and_reply),
		TEST(deferred_mail_is_retried_with_growing_delays),
		TEST(message_id_and_date_are_the_same_for_all_tries),
		TEST(mail_is_retried_until_its_code_expires),
		TEST(expired_code_is_not_sent),
		TEST(replaced_code_is_not_sent),
		TEST(used_or_locked_code_is_not_sent_again),
		TEST(expired_lease_is_taken_over),
		TEST(leases_of_crashed_instances_are_released_at_start),
		TEST(more_leases_than_one_batch_are_released),
		TEST(late_result_does_not_overwrite_that_of_the_new_lease_holder),
		TEST(unreadable_row_does_not_block_other_rows),
		TEST(store_failure_loses_no_mail),
		TEST(make_due_delivers_all_deferred_mail),
		TEST(finished_rows_are_deleted_after_thirty_days),
		TEST(clean_up_keeps_queued_mail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
