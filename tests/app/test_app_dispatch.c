/* app/webhook/dispatch: first attempts, retries, limits, marks, and endpoints to which kycd stops delivering.
 */
#include "app/webhook/dispatch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/webhook/endpoint_seal.h"
#include "base/metrics.h"
#include "domain/lease.h"
#include "domain/webhook_retry.h"
#include "kit/webhook_fixture.h"

#define URL "https://shop.example.com/hook"
#define OTHER_URL "https://bank.example.com/hook"

struct delivery_test {
	struct app_fixture fx;
	struct fake_sender sender;
	struct dispatch *dispatch;
	struct caller shop;
	struct webhook_endpoint endpoint;
};

static int setup(void **state)
{
	struct delivery_test *const t = calloc(1, sizeof(*t));

	fixture_open(&t->fx);
	fake_sender_init(&t->sender);
	t->shop = fixture_add_tenant(&t->fx, "shop", NULL, NO_QUOTA);
	t->endpoint = webhook_fixture_endpoint(&t->fx, &t->shop, URL);
	assert_int_equal(dispatch_open(&t->fx.world, &t->sender.base, &t->dispatch), OK);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct delivery_test *const t = *state;

	dispatch_close(t->dispatch);
	fake_sender_finish(&t->sender);
	fixture_close(&t->fx);
	free(t);
	return 0;
}

static void answer(struct delivery_test *t, int status)
{
	struct held_request *const request = fake_sender_find(&t->sender, URL, 0);

	assert_non_null(request);
	fake_sender_answer(request, status);
	webhook_fixture_run(t->dispatch);
}

/* Moves the clock to the next attempt of the row, and runs. */
static void run_when_due(struct delivery_test *t, const struct effect *delivery)
{
	const struct effect row = webhook_fixture_row(&t->fx, delivery);
	const duration wait = moment_diff(world_now(&t->fx.world), row.due_at);

	if (wait.ms > 0)
		fixture_advance_clock(&t->fx, wait);
	webhook_fixture_run(t->dispatch);
}

static void an_event_is_delivered_once_with_its_signature(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	struct webhook_secrets secrets;
	char signature[WEBHOOK_SIGNATURE_SIZE];

	webhook_fixture_run(t->dispatch);
	struct held_request *const request = fake_sender_find(&t->sender, URL, 0);
	assert_non_null(request);
	assert_string_equal(request->id + 4, delivery.event_id.text);
	assert_non_null(strstr(request->body, "\"type\":\"user.prepared\""));
	assert_int_equal(request->timestamp, FIXTURE_NOW / 1000);
	assert_int_equal(webhook_endpoint_secrets(&t->fx.world, &t->endpoint, &secrets), OK);
	webhook_signature_write(&(const struct webhook_message){ str_of(request->id), request->timestamp,
					str_of(request->body) },
		&(const struct str){ (const char *)secrets.keys[0].bytes, 32 }, 1, signature);
	assert_string_equal(request->signature, signature);
	assert_false(webhook_fixture_row(&t->fx, &delivery).done);
	(void)snprintf(request->excerpt, sizeof(request->excerpt), "thanks");
	answer(t, 204);
	struct effect row = webhook_fixture_row(&t->fx, &delivery);
	struct str excerpt;
	assert_int_equal(row.state, EFFECT_ACCEPTED);
	assert_int_equal(row.http_status, 204);
	assert_int_equal(row.duration_ms, 7);
	assert_int_equal(row.tries, 1);
	assert_string_equal(row.error, "");
	assert_int_equal(webhook_excerpt(&t->fx.world, &t->fx.arena, &row, &excerpt), OK);
	assert_true(str_eq(excerpt, STR("thanks")));
	const struct webhook_endpoint endpoint = webhook_fixture_reload(&t->fx, &t->endpoint);
	assert_int_equal(endpoint.last_success_at.ms, FIXTURE_NOW);
	assert_int_equal(t->sender.started, 1);
}

static void one_first_attempt_per_person_is_made_in_order(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect a1 = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	const struct effect a2 = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	const struct effect b1 = webhook_fixture_delivery(&t->fx, &t->endpoint, "bert");
	const struct effect a3 = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	webhook_fixture_run(t->dispatch);
	assert_int_equal(fake_sender_count(&t->sender, URL), 2);
	assert_string_equal(fake_sender_find(&t->sender, URL, 0)->id + 4, a1.event_id.text);
	assert_string_equal(fake_sender_find(&t->sender, URL, 1)->id + 4, b1.event_id.text);
	answer(t, 200);
	assert_int_equal(fake_sender_count(&t->sender, URL), 2);
	assert_string_equal(fake_sender_find(&t->sender, URL, 1)->id + 4, a2.event_id.text);
	/* The first attempt of a2 fails; its retry does not hold up a3. */
	fake_sender_answer(fake_sender_find(&t->sender, URL, 0), 200);
	fake_sender_answer(fake_sender_find(&t->sender, URL, 0), 500);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(webhook_fixture_row(&t->fx, &a2).state, EFFECT_DEFERRED);
	assert_int_equal(fake_sender_count(&t->sender, URL), 1);
	assert_string_equal(fake_sender_find(&t->sender, URL, 0)->id + 4, a3.event_id.text);
}

/* The dispatcher looks at the first deliveries of the queue before it looks at more. */
static void many_events_of_one_person_do_not_hold_up_the_next_one(void **state)
{
	struct delivery_test *const t = *state;

	for (int i = 0; i < 40; i++)
		(void)webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	const struct effect other = webhook_fixture_delivery(&t->fx, &t->endpoint, "bert");
	webhook_fixture_run(t->dispatch);
	assert_int_equal(fake_sender_count(&t->sender, URL), 2);
	assert_string_equal(fake_sender_find(&t->sender, URL, 1)->id + 4, other.event_id.text);
}

static void events_about_nobody_do_not_wait_for_each_other(void **state)
{
	struct delivery_test *const t = *state;

	for (int i = 0; i < 3; i++)
		(void)webhook_fixture_delivery(&t->fx, &t->endpoint, NULL);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(fake_sender_count(&t->sender, URL), 3);
}

static void eight_are_in_flight_and_one_after_a_failure(void **state)
{
	struct delivery_test *const t = *state;

	for (int i = 0; i < 30; i++)
		(void)webhook_fixture_delivery(&t->fx, &t->endpoint, NULL);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(fake_sender_count(&t->sender, URL), WEBHOOK_IN_FLIGHT_MAX);
	answer(t, 200);
	assert_int_equal(fake_sender_count(&t->sender, URL), WEBHOOK_IN_FLIGHT_MAX);
	for (int left = WEBHOOK_IN_FLIGHT_MAX - 1; left > 0; left--) {
		answer(t, 500);
		assert_int_equal(fake_sender_count(&t->sender, URL), left);
	}
	answer(t, 500);
	assert_int_equal(fake_sender_count(&t->sender, URL), 1);
	answer(t, 200);
	assert_int_equal(fake_sender_count(&t->sender, URL), WEBHOOK_IN_FLIGHT_MAX);
}

static void transfers_of_one_instance_are_limited(void **state)
{
	static const char *const urls[] = { "https://e0.test/", "https://e1.test/", "https://e2.test/",
		"https://e3.test/", "https://e4.test/", "https://e5.test/", "https://e6.test/",
		"https://e7.test/", "https://e8.test/", "https://e9.test/", "https://ea.test/",
		"https://eb.test/", "https://ec.test/", "https://ed.test/", "https://ee.test/",
		"https://ef.test/", "https://eg.test/" };
	struct delivery_test *const t = *state;

	for (size_t e = 0; e < array_len(urls); e++) {
		const struct webhook_endpoint endpoint = webhook_fixture_endpoint(&t->fx, &t->shop, urls[e]);

		for (int i = 0; i < 10; i++)
			(void)webhook_fixture_delivery(&t->fx, &endpoint, NULL);
	}
	webhook_fixture_run(t->dispatch);
	assert_int_equal(t->sender.n, WEBHOOK_TRANSFERS_MAX);
	/* The endpoint that had no turn has the next one, although another endpoint's request has ended. */
	size_t waiting = 0;
	while (fake_sender_count(&t->sender, urls[waiting]) > 0)
		waiting++;
	fake_sender_answer(fake_sender_find(&t->sender, urls[waiting == 0 ? 1 : 0], 0), 200);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(t->sender.n, WEBHOOK_TRANSFERS_MAX);
	assert_int_equal(t->sender.most, WEBHOOK_TRANSFERS_MAX);
	assert_int_equal(fake_sender_count(&t->sender, urls[waiting]), 1);
}

static void ten_endpoints_that_never_answer_do_not_delay_another_one(void **state)
{
	static const char *const urls[] = { "https://d0.test/", "https://d1.test/", "https://d2.test/",
		"https://d3.test/", "https://d4.test/", "https://d5.test/", "https://d6.test/",
		"https://d7.test/", "https://d8.test/", "https://d9.test/" };
	struct delivery_test *const t = *state;

	for (size_t e = 0; e < array_len(urls); e++) {
		const struct webhook_endpoint endpoint = webhook_fixture_endpoint(&t->fx, &t->shop, urls[e]);

		for (int i = 0; i < 20; i++)
			(void)webhook_fixture_delivery(&t->fx, &endpoint, NULL);
	}
	webhook_fixture_run(t->dispatch);
	assert_int_equal(t->sender.n, array_len(urls) * WEBHOOK_IN_FLIGHT_MAX);
	(void)webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	/* Without a notification, as from another instance. */
	assert_int_equal(dispatch_round(t->dispatch, seconds(0)), OK);
	fixture_advance_clock(&t->fx, seconds(2));
	assert_int_equal(dispatch_round(t->dispatch, seconds(0)), OK);
	assert_int_equal(fake_sender_count(&t->sender, URL), 1);
}

static void retries_follow_the_schedule_until_the_tenth_attempt(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	for (int64_t attempt = 1; attempt <= WEBHOOK_ATTEMPTS_MAX; attempt++) {
		/* Not one millisecond earlier. */
		const struct effect before = webhook_fixture_row(&t->fx, &delivery);
		const duration wait = moment_diff(world_now(&t->fx.world), before.due_at);

		if (wait.ms > 1) {
			fixture_advance_clock(&t->fx, milliseconds(wait.ms - 1));
			webhook_fixture_run(t->dispatch);
			assert_int_equal(fake_sender_count(&t->sender, URL), 0);
		}
		run_when_due(t, &delivery);
		assert_int_equal(fake_sender_count(&t->sender, URL), 1);
		answer(t, 503);
		const struct effect row = webhook_fixture_row(&t->fx, &delivery);
		assert_int_equal(row.tries, attempt);
		assert_int_equal(row.http_status, 503);
		if (attempt == WEBHOOK_ATTEMPTS_MAX)
			break;
		const int64_t delay = moment_diff(world_now(&t->fx.world), row.due_at).ms;
		assert_int_equal(row.state, EFFECT_DEFERRED);
		assert_true(delay >= webhook_retry_delay(attempt, 0).ms);
		assert_true(delay <= webhook_retry_delay(attempt, 255).ms);
	}
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).state, EFFECT_REFUSED);
	fixture_advance_clock(&t->fx, days(2));
	webhook_fixture_run(t->dispatch);
	assert_int_equal(t->sender.n, 0);
}

static void retry_after_pauses_the_whole_endpoint(void **state)
{
	struct delivery_test *const t = *state;
	const struct webhook_endpoint other = webhook_fixture_endpoint(&t->fx, &t->shop, OTHER_URL);

	(void)webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	webhook_fixture_run(t->dispatch);
	fake_sender_find(&t->sender, URL, 0)->result.retry_after = minutes(10);
	answer(t, 429);
	(void)webhook_fixture_delivery(&t->fx, &t->endpoint, "bert");
	(void)webhook_fixture_delivery(&t->fx, &other, "bert");
	fixture_advance_clock(&t->fx, milliseconds(minutes(10).ms - 1));
	webhook_fixture_run(t->dispatch);
	assert_int_equal(fake_sender_count(&t->sender, URL), 0);
	assert_int_equal(fake_sender_count(&t->sender, OTHER_URL), 1);
	fixture_advance_clock(&t->fx, milliseconds(1));
	webhook_fixture_run(t->dispatch);
	assert_int_equal(fake_sender_count(&t->sender, URL), 1);
}

/* Returns the only event that the tenant has been told of, or fails. */
static struct event disabled_event(struct delivery_test *t)
{
	const struct event probe = { .position = 0 };
	struct event rows[4];

	assert_int_equal(fixture_find(&t->fx, QUERY_EVENTS_UNNUMBERED, &probe, rows, 4), 1);
	assert_int_equal(rows[0].type, EVENT_WEBHOOK_ENDPOINT_DISABLED);
	assert_string_equal(rows[0].tenant_id.text, t->endpoint.tenant_id.text);
	return rows[0];
}

static void gone_disables_at_once_and_ends_what_is_open(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect first = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	const struct effect second = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	webhook_fixture_run(t->dispatch);
	answer(t, 410);
	assert_int_equal(webhook_fixture_reload(&t->fx, &t->endpoint).state, WEBHOOK_GONE);
	assert_int_equal(fixture_count_audit(&t->fx, AUDIT_WEBHOOK_ENDPOINT_DISABLED), 1);
	assert_int_equal(webhook_fixture_row(&t->fx, &first).state, EFFECT_REFUSED);
	assert_int_equal(webhook_fixture_row(&t->fx, &first).http_status, 410);
	assert_int_equal(webhook_fixture_row(&t->fx, &second).state, EFFECT_REFUSED);
	assert_string_equal(webhook_fixture_row(&t->fx, &second).error, "endpoint_disabled");
	(void)disabled_event(t);
	assert_int_equal(t->sender.started, 1);
}

static void five_days_of_failures_disable(void **state)
{
	static const struct {
		int64_t more_ms;
		enum webhook_endpoint_state state;
	} rows[] = { { -1, WEBHOOK_ENABLED }, { 0, WEBHOOK_FAILING }, { 1, WEBHOOK_FAILING } };
	struct delivery_test *const t = *state;

	for (size_t r = 0; r < array_len(rows); r++) {
		const struct webhook_endpoint endpoint = webhook_fixture_endpoint(
			&t->fx, &t->shop, OTHER_URL);

		printf("# 5 days and %d ms\n", (int)rows[r].more_ms);
		(void)webhook_fixture_delivery(&t->fx, &endpoint, "anna");
		webhook_fixture_run(t->dispatch);
		fake_sender_answer(fake_sender_find(&t->sender, OTHER_URL, 0), 500);
		webhook_fixture_run(t->dispatch);
		fixture_advance_clock(&t->fx, milliseconds(days(5).ms + rows[r].more_ms));
		webhook_fixture_run(t->dispatch);
		fake_sender_answer(fake_sender_find(&t->sender, OTHER_URL, 0), 500);
		webhook_fixture_run(t->dispatch);
		assert_int_equal(webhook_fixture_reload(&t->fx, &endpoint).state, rows[r].state);
		assert_int_equal(fixture_count_audit(&t->fx, AUDIT_WEBHOOK_ENDPOINT_DISABLED), r);
		/* What is left of an enabled endpoint must not be found by the next row. */
		struct webhook_endpoint row = webhook_fixture_reload(&t->fx, &endpoint);
		row.state = WEBHOOK_DISABLED;
		fixture_save(&t->fx, RECORD_WEBHOOK_ENDPOINT, &row);
	}
}

static void a_success_ends_the_failures(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	webhook_fixture_run(t->dispatch);
	answer(t, 500);
	assert_int_equal(webhook_fixture_reload(&t->fx, &t->endpoint).failing_since.ms, FIXTURE_NOW);
	run_when_due(t, &delivery);
	answer(t, 200);
	assert_int_equal(webhook_fixture_reload(&t->fx, &t->endpoint).failing_since.ms, 0);
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).state, EFFECT_ACCEPTED);
}

static void a_delivery_of_an_erased_person_is_dropped(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	struct event event = { .id = delivery.event_id };

	fixture_load(&t->fx, RECORD_EVENT, &event);
	event.erased = true;
	fixture_save(&t->fx, RECORD_EVENT, &event);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(t->sender.started, 0);
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).state, EFFECT_DROPPED);
}

static void a_row_that_was_done_meanwhile_is_not_marked(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	struct effect row;

	webhook_fixture_run(t->dispatch);
	row = webhook_fixture_row(&t->fx, &delivery);
	effect_finish(&row, EFFECT_DROPPED, world_now(&t->fx.world));
	fixture_save(&t->fx, RECORD_EFFECT, &row);
	answer(t, 200);
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).state, EFFECT_DROPPED);
	assert_int_equal(dispatch_in_flight(t->dispatch), 0);
}

static void nothing_is_leased_until_what_ended_is_marked(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect first = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");
	const struct effect second = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	webhook_fixture_run(t->dispatch);
	fake_sender_answer(fake_sender_find(&t->sender, URL, 0), 200);
	atomic_store(&t->fx.store.fault, STORE_FAULT_AFTER_WORK);
	for (int i = 0; i < 3; i++) {
		dispatch_check(t->dispatch);
		assert_int_not_equal(dispatch_round(t->dispatch, seconds(0)), OK);
	}
	assert_int_equal(t->sender.started, 1);
	assert_int_equal(dispatch_in_flight(t->dispatch), 1);
	atomic_store(&t->fx.store.fault, STORE_FAULT_NONE);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(webhook_fixture_row(&t->fx, &first).state, EFFECT_ACCEPTED);
	assert_string_equal(fake_sender_find(&t->sender, URL, 0)->id + 4, second.event_id.text);
}

static void an_end_frees_the_leases_of_what_is_in_flight(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	webhook_fixture_run(t->dispatch);
	assert_true(webhook_fixture_row(&t->fx, &delivery).lease_expires_at.ms > 0);
	dispatch_close(t->dispatch);
	const struct effect row = webhook_fixture_row(&t->fx, &delivery);
	assert_int_equal(row.lease_expires_at.ms, 0);
	assert_int_equal(row.state, EFFECT_QUEUED);
	assert_int_equal(dispatch_open(&t->fx.world, &t->sender.base, &t->dispatch), OK);
	webhook_fixture_run(t->dispatch);
	answer(t, 200);
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).state, EFFECT_ACCEPTED);
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).tries, 2);
}

static void a_disabled_endpoint_gets_nothing(void **state)
{
	struct delivery_test *const t = *state;
	const struct effect delivery = webhook_fixture_delivery(&t->fx, &t->endpoint, "anna");

	t->endpoint.state = WEBHOOK_DISABLED;
	fixture_save(&t->fx, RECORD_WEBHOOK_ENDPOINT, &t->endpoint);
	webhook_fixture_run(t->dispatch);
	assert_int_equal(t->sender.started, 0);
	assert_int_equal(webhook_fixture_row(&t->fx, &delivery).state, EFFECT_QUEUED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_event_is_delivered_once_with_its_signature),
		TEST(one_first_attempt_per_person_is_made_in_order),
		TEST(many_events_of_one_person_do_not_hold_up_the_next_one),
		TEST(events_about_nobody_do_not_wait_for_each_other),
		TEST(eight_are_in_flight_and_one_after_a_failure),
		TEST(transfers_of_one_instance_are_limited),
		TEST(ten_endpoints_that_never_answer_do_not_delay_another_one),
		TEST(retries_follow_the_schedule_until_the_tenth_attempt),
		TEST(retry_after_pauses_the_whole_endpoint),
		TEST(gone_disables_at_once_and_ends_what_is_open),
		TEST(five_days_of_failures_disable),
		TEST(a_success_ends_the_failures),
		TEST(a_delivery_of_an_erased_person_is_dropped),
		TEST(a_row_that_was_done_meanwhile_is_not_marked),
		TEST(nothing_is_leased_until_what_ended_is_marked),
		TEST(an_end_frees_the_leases_of_what_is_in_flight),
		TEST(a_disabled_endpoint_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
