/* Erasing a person empties the person's events, drops open deliveries and tells each tenant. */
#include "app/admin/erase.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "kit/app_fixture.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

#define ANA "ana.exemplo@example.com"
#define BOB "bob.exemplo@example.com"

static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };

static void erase_ana(struct app_fixture *fx, bool really, enum err expected)
{
	struct erasures *const out = arena_new(&fx->arena, struct erasures);

	assert_non_null(out);
	assert_int_equal(app_erase(&fx->world, &fx->arena, &operator_actor, &ana, really, out), expected);
}

static void events_of_an_erased_person_are_empty(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	char expected[128];

	fixture_verify_email(fx, &shop, BOB);
	fixture_advance_clock(fx, seconds(1));
	fixture_verify_email(fx, &shop, ANA);
	fixture_set_reference(fx, &shop, ANA, "customer-4711");
	(void)fixture_create_session(fx, &shop, ANA);
	fixture_poll_status(fx, &shop, ANA, STATUS_APPROVED);
	const struct enrolment enrolment = fixture_enrolment(fx, &shop, ANA);
	const struct fixture_events *const before = fixture_events(fx, &shop);

	erase_ana(fx, false, OK);
	assert_int_equal(fixture_events(fx, &shop)->n, before->n);
	erase_ana(fx, true, OK);
	const struct fixture_events *const after = fixture_events(fx, &shop);

	assert_int_equal(after->n, before->n + 1);
	(void)snprintf(expected, sizeof(expected), "\"data\":{\"user_id\":\"usr_%s\",\"erased\":true}}",
		enrolment.public_user_id.text);
	for (size_t i = 0; i < before->n; i++) {
		const bool is_bob = i < 2;

		assert_string_equal(after->rows[i].id.text, before->rows[i].id.text);
		assert_int_equal(after->rows[i].sequence, before->rows[i].sequence);
		assert_int_equal(after->rows[i].erased, !is_bob);
		assert_int_equal(strstr(after->json[i].p, expected) != NULL, !is_bob);
		assert_true(is_bob || after->rows[i].sealed_data.n == 0);
	}
	/* The last event carries the reference one last time, and can be read without the person's key. */
	const struct event *const last = &after->rows[before->n];

	assert_int_equal(last->type, EVENT_USER_ERASED);
	assert_string_equal(last->user_id.text, "");
	assert_true(last->sequence > before->rows[before->n - 1].sequence);
	fixture_event_contains(fx, &shop, EVENT_USER_ERASED, "\"reference\":\"customer-4711\"}}",
		enrolment.public_user_id.text, NULL);
}

static void each_tenant_that_prepared_the_person_is_told(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "partners", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller club = fixture_add_tenant(fx, "club", "partners", NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	(void)fixture_prepare(fx, &bank, ANA);
	erase_ana(fx, true, OK);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.email_verified user.erased");
	assert_string_equal(fixture_event_types(fx, &bank), "user.prepared user.erased");
	fixture_event_contains(fx, &bank, EVENT_USER_ERASED, "\"reference\":null}}", NULL);
	assert_int_equal(fixture_events(fx, &club)->n, 0);
}

static void linked_person_is_erased_with_one_event(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct signing_wallet a = signing_wallet_new(WALLET_EVM, 0x11);

	(void)fixture_prepare(fx, &shop, ANA);
	fixture_link(fx, &shop, &a, ANA);
	const struct enrolment wallet = fixture_enrolment(fx, &shop, a.wallet.text);
	const size_t before = fixture_events(fx, &shop)->n;

	erase_ana(fx, true, OK);
	const struct fixture_events *const after = fixture_events(fx, &shop);

	assert_int_equal(after->n, before + 1);
	assert_string_equal(after->rows[before].public_user_id.text, wallet.public_user_id.text);
	for (size_t i = 0; i < before; i++)
		assert_true(after->rows[i].erased);
}

static void open_deliveries_are_dropped_and_excerpts_removed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct effect delivery = { .id = { "delivery" },
		.kind = EFFECT_WEBHOOK,
		.tenant_id = shop.tenant.id,
		.state = EFFECT_QUEUED,
		.created_at = { FIXTURE_NOW },
		.endpoint_id = { "endpoint" },
		.event_id = { "event" },
		.sealed_excerpt = STR("sealed") };
	struct effect other = delivery, done = delivery;

	fixture_verify_email(fx, &shop, ANA);
	fixture_verify_email(fx, &shop, BOB);
	other.id = (struct effect_id){ "other" };
	done.id = (struct effect_id){ "done" };
	delivery.user_id = done.user_id = fixture_user(fx, &shop, ANA).id;
	other.user_id = fixture_user(fx, &shop, BOB).id;
	effect_finish(&done, EFFECT_ACCEPTED, (moment){ FIXTURE_NOW });
	fixture_save(fx, RECORD_EFFECT, &delivery);
	fixture_save(fx, RECORD_EFFECT, &other);
	fixture_save(fx, RECORD_EFFECT, &done);
	erase_ana(fx, true, OK);
	fixture_load(fx, RECORD_EFFECT, &delivery);
	fixture_load(fx, RECORD_EFFECT, &other);
	fixture_load(fx, RECORD_EFFECT, &done);
	assert_int_equal(delivery.state, EFFECT_DROPPED);
	assert_int_equal(other.state, EFFECT_QUEUED);
	assert_int_equal(done.state, EFFECT_ACCEPTED);
	assert_int_equal(delivery.sealed_excerpt.n, 0);
	assert_int_equal(done.sealed_excerpt.n, 0);
	assert_int_equal(other.sealed_excerpt.n, strlen("sealed"));
}

static void failed_erasure_changes_no_event(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	const struct fixture_events *const before = fixture_events(fx, &shop);

	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	erase_ana(fx, true, ERR_STORAGE);
	const struct fixture_events *const after = fixture_events(fx, &shop);

	assert_int_equal(after->n, before->n);
	for (size_t i = 0; i < after->n; i++)
		assert_string_equal(after->json[i].p, before->json[i].p);
}

static void person_who_comes_back_has_another_id(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	const struct enrolment before = fixture_enrolment(fx, &shop, ANA);

	erase_ana(fx, true, OK);
	(void)fixture_prepare(fx, &shop, ANA);
	assert_string_not_equal(
		fixture_enrolment(fx, &shop, ANA).public_user_id.text, before.public_user_id.text);
	assert_string_equal(fixture_event_types(fx, &shop), "user.prepared user.prepared user.erased");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			events_of_an_erased_person_are_empty, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			each_tenant_that_prepared_the_person_is_told, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			linked_person_is_erased_with_one_event, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			open_deliveries_are_dropped_and_excerpts_removed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			failed_erasure_changes_no_event, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(
			person_who_comes_back_has_another_id, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
