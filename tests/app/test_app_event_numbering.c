/* Numbering of events: each event gets a position once, in the order of sequence and id, and its deliveries
 * to the endpoints of its tenant. */
#include "app/event/numbering.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/event/number_worker.h"
#include "app/mail/outbox_rows.h"
#include "kit/app_fixture.h"

/* Stores an event without a position. */
static struct event add_event(struct app_fixture *fx, const struct caller *caller, const char *id,
	int64_t sequence, enum event_type type)
{
	struct event event = { .tenant_id = caller->tenant.id,
		.type = type,
		.sequence = sequence,
		.created_at = world_now(&fx->world) };

	snprintf(event.id.text, sizeof(event.id.text), "%s", id);
	fixture_save(fx, RECORD_EVENT, &event);
	return event;
}

static int64_t position_of(struct app_fixture *fx, const char *id)
{
	struct event event = { .id = { "" } };

	snprintf(event.id.text, sizeof(event.id.text), "%s", id);
	fixture_load(fx, RECORD_EVENT, &event);
	return event.position;
}

static void add_endpoint(struct app_fixture *fx, const struct caller *caller, const char *id,
	const char *types, enum webhook_endpoint_state state)
{
	struct webhook_endpoint endpoint = { .tenant_id = caller->tenant.id, .state = state };

	snprintf(endpoint.id.text, sizeof(endpoint.id.text), "%s", id);
	snprintf(endpoint.types, sizeof(endpoint.types), "%s", types);
	fixture_save(fx, RECORD_WEBHOOK_ENDPOINT, &endpoint);
}

/* Returns the number of the endpoint's deliveries, which are in `out` in the order of the events. */
static size_t deliveries_of(struct app_fixture *fx, const char *endpoint, struct effect *out, size_t max)
{
	struct effect probe = { .state = EFFECT_QUEUED };

	snprintf(probe.endpoint_id.text, sizeof(probe.endpoint_id.text), "%s", endpoint);
	return fixture_find(fx, QUERY_DELIVERIES_BY_STATE, &probe, out, max);
}

static void events_are_numbered_in_the_order_of_sequence_and_id(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	bool more;

	(void)add_event(fx, &shop, "c", 10, EVENT_USER_PREPARED);
	(void)add_event(fx, &shop, "b", 10, EVENT_USER_PREPARED);
	(void)add_event(fx, &shop, "a", 11, EVENT_USER_PREPARED);
	assert_int_equal(event_number(&fx->world, &more), OK);
	assert_false(more);
	assert_int_equal(position_of(fx, "b"), 1);
	assert_int_equal(position_of(fx, "c"), 2);
	assert_int_equal(position_of(fx, "a"), 3);
	/* An event that becomes visible later is later in the feed, whatever its sequence. */
	(void)add_event(fx, &shop, "d", 1, EVENT_USER_PREPARED);
	assert_int_equal(event_number(&fx->world, &more), OK);
	assert_int_equal(position_of(fx, "d"), 4);
	assert_int_equal(position_of(fx, "b"), 1);
}

static void each_transaction_numbers_a_bounded_batch(void **state)
{
	static const struct {
		size_t events, first, batches;
	} rows[] = { { EVENT_NUMBER_BATCH - 1, EVENT_NUMBER_BATCH - 1, 1 },
		{ EVENT_NUMBER_BATCH, EVENT_NUMBER_BATCH, 2 },
		{ EVENT_NUMBER_BATCH + 1, EVENT_NUMBER_BATCH, 2 },
		{ (size_t)2 * EVENT_NUMBER_BATCH, EVENT_NUMBER_BATCH, 3 } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct counter counter = { .name = COUNTER_EVENTS };
	int64_t before = 0;
	char id[ID_SIZE];
	bool more;

	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		printf("# %zu events\n", rows[r].events);
		for (size_t i = 0; i < rows[r].events; i++) {
			snprintf(id, sizeof(id), "%zu.%04zu", r, i);
			(void)add_event(fx, &shop, id, (int64_t)i, EVENT_KYC_UPDATED);
		}
		assert_int_equal(event_number(&fx->world, &more), OK);
		fixture_load(fx, RECORD_COUNTER, &counter);
		assert_int_equal(counter.value - before, rows[r].first);
		assert_int_equal(more, rows[r].batches > 1);
		for (size_t batch = 1; batch < rows[r].batches; batch++)
			assert_int_equal(event_number(&fx->world, &more), OK);
		assert_false(more);
		fixture_load(fx, RECORD_COUNTER, &counter);
		assert_int_equal(counter.value - before, rows[r].events);
		before = counter.value;
	}
}

static void no_write_transaction_is_used_without_events(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const size_t writes = atomic_load(&fx->store.writes);

	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(atomic_load(&fx->store.writes), writes);
	(void)add_event(fx, &shop, "a", 1, EVENT_USER_PREPARED);
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(atomic_load(&fx->store.writes), writes + 1);
	assert_int_equal(position_of(fx, "a"), 1);
}

static void matching_enabled_endpoints_get_a_delivery(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA),
			    bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	struct effect rows[4];

	add_endpoint(fx, &shop, "all", "*", WEBHOOK_ENABLED);
	add_endpoint(fx, &shop, "kyc", "kyc.*,user.linked", WEBHOOK_ENABLED);
	add_endpoint(fx, &shop, "disabled", "*", WEBHOOK_DISABLED);
	add_endpoint(fx, &shop, "gone", "*", WEBHOOK_GONE);
	add_endpoint(fx, &shop, "failing", "*", WEBHOOK_FAILING);
	add_endpoint(fx, &bank, "other", "*", WEBHOOK_ENABLED);
	(void)add_event(fx, &shop, "prepared", 1, EVENT_USER_PREPARED);
	const struct event approved = add_event(fx, &shop, "approved", 2, EVENT_KYC_APPROVED);
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(event_number_all(&fx->world), OK);

	assert_int_equal(deliveries_of(fx, "all", rows, 4), 2);
	assert_string_equal(rows[0].event_id.text, "prepared");
	assert_string_equal(rows[1].event_id.text, "approved");
	assert_int_equal(rows[1].kind, EFFECT_WEBHOOK);
	assert_int_equal(rows[1].event_position, 2);
	assert_false(rows[1].done);
	assert_int_equal(rows[1].due_at.ms, approved.created_at.ms);
	assert_int_equal(rows[1].created_at.ms, approved.created_at.ms);
	assert_string_equal(rows[1].tenant_id.text, shop.tenant.id.text);
	assert_int_equal(deliveries_of(fx, "kyc", rows, 4), 1);
	assert_string_equal(rows[0].event_id.text, "approved");
	assert_int_equal(deliveries_of(fx, "disabled", rows, 4), 0);
	assert_int_equal(deliveries_of(fx, "gone", rows, 4), 0);
	assert_int_equal(deliveries_of(fx, "failing", rows, 4), 0);
	assert_int_equal(deliveries_of(fx, "other", rows, 4), 0);
}

static void a_failed_transaction_numbers_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct effect rows[1];
	bool more;

	add_endpoint(fx, &shop, "all", "*", WEBHOOK_ENABLED);
	(void)add_event(fx, &shop, "a", 1, EVENT_USER_PREPARED);
	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(event_number(&fx->world, &more), OK);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_int_equal(position_of(fx, "a"), 0);
	assert_int_equal(deliveries_of(fx, "all", rows, 1), 0);
	assert_int_equal(event_number(&fx->world, &more), OK);
	assert_int_equal(position_of(fx, "a"), 1);
	assert_int_equal(deliveries_of(fx, "all", rows, 1), 1);
}

static bool is_numbered(struct app_fixture *fx)
{
	const struct event probe = { .position = 0 };
	struct event row;

	return fixture_find(fx, QUERY_EVENTS_UNNUMBERED, &probe, &row, 1) == 0;
}

static void single_writer_numbers_in_the_transaction_that_adds(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct counter counter = { .name = COUNTER_EVENTS };
	struct effect rows[4];

	fx->store.base.single_writer = true;
	add_endpoint(fx, &shop, "all", "*", WEBHOOK_ENABLED);
	add_endpoint(fx, &shop, "kyc", "kyc.*", WEBHOOK_ENABLED);
	(void)fixture_prepare(fx, &shop, "ana@example.com");
	(void)fixture_prepare(fx, &shop, "ana@example.com");
	fixture_verify_email(fx, &shop, "bea@example.com");
	fixture_load(fx, RECORD_COUNTER, &counter);
	assert_int_equal(counter.value, 3);
	assert_true(is_numbered(fx));
	assert_int_equal(deliveries_of(fx, "all", rows, 4), 3);
	for (int64_t i = 0; i < 3; i++)
		assert_int_equal(rows[i].event_position, i + 1);
	assert_int_equal(deliveries_of(fx, "kyc", rows, 4), 0);
}

/* Rows without a position come from a copy of a database of an engine with several writers. */
static void single_writer_numbers_what_has_no_position(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fx->store.base.single_writer = true;
	(void)add_event(fx, &shop, "a", 1, EVENT_USER_PREPARED);
	(void)fixture_prepare(fx, &shop, "ana@example.com");
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(position_of(fx, "a"), 2);
}

static void finished_deliveries_are_removed_after_30_days(void **state)
{
	struct app_fixture *const fx = *state;
	const struct effect finished = { .id = { "f" },
		.kind = EFFECT_WEBHOOK,
		.state = EFFECT_ACCEPTED,
		.done = true,
		.endpoint_id = { "e" },
		.created_at = world_now(&fx->world) };
	struct effect open = finished, row = finished;

	open.done = false;
	open.state = EFFECT_QUEUED;
	memcpy(open.id.text, "o", 2);
	fixture_save(fx, RECORD_EFFECT, &finished);
	fixture_save(fx, RECORD_EFFECT, &open);
	fixture_advance_clock(fx, days(30));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_true(fixture_try_load(fx, RECORD_EFFECT, &row));
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(outbox_clean(&fx->world, &fx->arena), OK);
	assert_false(fixture_try_load(fx, RECORD_EFFECT, &row));
	assert_true(fixture_try_load(fx, RECORD_EFFECT, &open));
}

static void notify(void *worker, unsigned added)
{
	if ((added & ADDED_EVENT) != 0)
		number_worker_notify(worker);
}

/* Waits until the worker has numbered all events; returns the milliseconds that it took. */
static int wait_until_numbered(struct app_fixture *fx)
{
	int ms = 0;

	for (; ms < 10000 && !is_numbered(fx); ms += 10)
		single_flight_wait(fx->single_flights, milliseconds(10));
	assert_true(is_numbered(fx));
	return ms;
}

static void the_worker_numbers_after_a_commit_and_after_a_failure(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	struct number_worker *worker;

	assert_int_equal(number_worker_start(&fx->world, &worker), OK);
	fx->world.store->ops->on_commit(fx->world.store, notify, worker);
	(void)fixture_prepare(fx, &shop, "ana@example.com");
	(void)wait_until_numbered(fx);
	/* Nothing notifies the worker of this one. */
	(void)add_event(fx, &shop, "a", 1, EVENT_USER_PREPARED);
	(void)wait_until_numbered(fx);
	atomic_store(&fx->store.fault, STORE_FAULT_BEFORE_WORK);
	(void)add_event(fx, &shop, "b", 1, EVENT_USER_PREPARED);
	number_worker_notify(worker);
	single_flight_wait(fx->single_flights, milliseconds(200));
	assert_int_equal(position_of(fx, "b"), 0);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	(void)wait_until_numbered(fx);
	fx->world.store->ops->on_commit(fx->world.store, NULL, NULL);
	number_worker_stop(worker);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(events_are_numbered_in_the_order_of_sequence_and_id),
		TEST(each_transaction_numbers_a_bounded_batch),
		TEST(no_write_transaction_is_used_without_events),
		TEST(matching_enabled_endpoints_get_a_delivery),
		TEST(a_failed_transaction_numbers_nothing),
		TEST(single_writer_numbers_in_the_transaction_that_adds),
		TEST(single_writer_numbers_what_has_no_position),
		TEST(finished_deliveries_are_removed_after_30_days),
		TEST(the_worker_numbers_after_a_commit_and_after_a_failure),
	};

	return cmocka_run_group_tests_name("app_event_numbering", tests, NULL, NULL);
}
