/* app/webhook/resend and delivery_list: past events are queued again, and deliveries are listed. */
#include "app/webhook/resend.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/webhook/delivery_list.h"
#include "base/attr.h"
#include "kit/app_fixture.h"

/* The limits of a call in a test; the API has RESEND_MAX and RESEND_LOOK_MAX. */
#define MAX 15
#define LOOK_MAX 30

static struct webhook_client client_of(const struct caller *caller)
{
	return (struct webhook_client){
		.tenant_id = caller->tenant.id, .scopes = SCOPES_ALL, .actor = &caller->actor
	};
}

static struct webhook_endpoint add_endpoint(
	struct app_fixture *fx, const struct webhook_client *client, const char *types)
{
	const struct webhook_change change = { .url = STR("https://shop.example.com/"),
		.types = str_of(types) };
	struct webhook_result result = { .secret = "" };

	assert_int_equal(webhook_endpoint_create(&fx->world, &fx->arena, client, &change, &result), OK);
	return result.endpoint.row;
}

static struct event add_event_at(struct app_fixture *fx, const struct webhook_client *client,
	enum event_type type, int64_t position, moment at)
{
	struct event event = {
		.tenant_id = client->tenant_id, .type = type, .position = position, .created_at = at
	};

	assert_int_equal(world_id(&fx->world, event.id.text), OK);
	fixture_save(fx, RECORD_EVENT, &event);
	return event;
}

static moment at_position(int64_t position)
{
	return (moment){ FIXTURE_NOW + position * 1000 };
}

static struct event add_event(
	struct app_fixture *fx, const struct webhook_client *client, enum event_type type, int64_t position)
{
	return add_event_at(fx, client, type, position, at_position(position));
}

static struct resend_result resend(struct app_fixture *fx, const struct webhook_client *client,
	const struct endpoint_id *id, const struct resend_filter *filter)
{
	struct resend_result result;

	assert_int_equal(webhook_resend_since(&fx->world, client, id, filter, &result), OK);
	return result;
}

static void period_types_and_what_was_never_queued(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop), other = client_of(&bank);
	const struct webhook_endpoint endpoint = add_endpoint(fx, &client, "kyc.*");

	for (int64_t position = 1; position <= 300; position++)
		(void)add_event(fx, position % 3 == 0 ? &other : &client,
			position % 2 == 0 ? EVENT_KYC_APPROVED : EVENT_USER_PREPARED, position);
	/* Position 200 is of this tenant and matches; since is inclusive and until exclusive. */
	const struct {
		int64_t since, until, queued;
	} rows[] = {
		{ 200, 201, 1 },
		{ 199, 200, 0 },
		{ 201, 202, 0 },
		{ 200, 0, 34 },
		{ 1, 0, 100 },
		{ 301, 0, 0 },
	};
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct resend_filter filter = { .since = at_position(rows[i].since),
			.has_until = rows[i].until > 0,
			.until = at_position(rows[i].until) };
		const struct resend_result result = resend(fx, &client, &endpoint.id, &filter);

		print_message("# since %lld\n", (long long)rows[i].since);
		assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
		assert_int_equal(result.queued, rows[i].queued);
		assert_false(result.has_more);
	}
	/* There is one delivery for each event, however often it was queued. */
	static struct effect deliveries[300];
	const struct effect probe = { .endpoint_id = endpoint.id, .state = EFFECT_QUEUED };
	assert_int_equal(fixture_find(fx, QUERY_DELIVERIES_BY_STATE, &probe, deliveries, 300), 100);
}

static void state_selects_and_a_finished_delivery_waits_again(void **state)
{
	static const enum effect_state states[] = { EFFECT_QUEUED, EFFECT_DEFERRED, EFFECT_ACCEPTED,
		EFFECT_REFUSED, EFFECT_DROPPED };
	static const struct {
		enum delivery_state state;
		int64_t queued;
	} rows[] = { { DELIVERY_FAILED, 2 }, { DELIVERY_DELIVERED, 1 }, { DELIVERY_PENDING, 5 } };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_endpoint endpoint = add_endpoint(fx, &client, "*");

	for (size_t i = 0; i < array_len(states); i++) {
		const struct event event = add_event(fx, &client, EVENT_KYC_UPDATED, (int64_t)i + 1);
		struct effect delivery;

		delivery_init(&endpoint.id, &event, event.created_at, &delivery);
		assert_int_equal(world_id(&fx->world, delivery.id.text), OK);
		delivery.state = states[i];
		delivery.done = delivery_state_of(states[i]) != DELIVERY_PENDING;
		delivery.tries = 3;
		delivery.http_status = 500;
		fixture_save(fx, RECORD_EFFECT, &delivery);
	}
	(void)add_event(fx, &client, EVENT_KYC_UPDATED, 6); /* never queued */
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct resend_filter filter = { .has_state = true, .state = rows[i].state };

		assert_int_equal(resend(fx, &client, &endpoint.id, &filter).queued, rows[i].queued);
	}
	static struct effect deliveries[8];
	const struct effect probe = { .endpoint_id = endpoint.id, .state = EFFECT_QUEUED };
	assert_int_equal(fixture_find(fx, QUERY_DELIVERIES_BY_STATE, &probe, deliveries, 8), 5);
	assert_int_equal(deliveries[4].tries, 0);
	assert_int_equal(deliveries[4].http_status, 500);
}

static void erased_events_and_those_of_a_disabled_endpoint_are_not_queued(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop), other = client_of(&bank);
	struct webhook_endpoint endpoint = add_endpoint(fx, &client, "*");
	struct event event = add_event(fx, &client, EVENT_KYC_UPDATED, 1);
	const struct event foreign = add_event(fx, &other, EVENT_KYC_UPDATED, 2);
	const struct resend_filter filter = { .has_state = false };
	struct resend_result result;

	assert_int_equal(
		webhook_resend_event(&fx->world, &fx->arena, &client, &endpoint.id, &event.id, &result), OK);
	assert_int_equal(result.queued, 1);
	assert_int_equal(
		webhook_resend_event(&fx->world, &fx->arena, &client, &endpoint.id, &foreign.id, &result),
		OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_EVENT_NOT_FOUND);
	event.erased = true;
	fixture_save(fx, RECORD_EVENT, &event);
	assert_int_equal(resend(fx, &client, &endpoint.id, &filter).queued, 0);
	assert_int_equal(resend(fx, &other, &endpoint.id, &filter).refusal.verdict, WEBHOOK_NOT_FOUND);
	for (int s = WEBHOOK_DISABLED; s <= WEBHOOK_FAILING; s++) {
		endpoint.state = (enum webhook_endpoint_state)s;
		fixture_save(fx, RECORD_WEBHOOK_ENDPOINT, &endpoint);
		assert_int_equal(
			resend(fx, &client, &endpoint.id, &filter).refusal.verdict, WEBHOOK_IS_DISABLED);
		assert_int_equal(webhook_resend_event(
					 &fx->world, &fx->arena, &client, &endpoint.id, &event.id, &result),
			OK);
		assert_int_equal(result.refusal.verdict, WEBHOOK_IS_DISABLED);
	}
}

static void call_queues_a_limited_number_and_says_where_to_continue(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_endpoint endpoint = add_endpoint(fx, &client, "*");
	struct resend_filter filter = { .max = MAX };

	for (int64_t position = 1; position <= MAX + 1; position++)
		(void)add_event(fx, &client, EVENT_KYC_UPDATED, position);
	struct resend_result result = resend(fx, &client, &endpoint.id, &filter);
	assert_int_equal(result.queued, MAX);
	assert_true(result.has_more);
	assert_int_equal(result.next_since.ms, at_position(MAX + 1).ms);
	filter.since = result.next_since;
	result = resend(fx, &client, &endpoint.id, &filter);
	assert_int_equal(result.queued, 1);
	assert_false(result.has_more);
}

static void add_delivery(
	struct app_fixture *fx, const struct endpoint_id *endpoint, const struct event *event)
{
	struct effect delivery;

	delivery_init(endpoint, event, event->created_at, &delivery);
	assert_int_equal(world_id(&fx->world, delivery.id.text), OK);
	effect_finish(&delivery, EFFECT_REFUSED, event->created_at);
	fixture_save(fx, RECORD_EFFECT, &delivery);
}

/* Repeats the call until it has reached no limit, and returns the sum of what the calls have queued. */
static int64_t resend_repeatedly(struct app_fixture *fx, const struct webhook_client *client,
	const struct endpoint_id *id, struct resend_filter filter)
{
	struct resend_result result;
	int64_t queued = 0;

	do {
		result = resend(fx, client, id, &filter);
		queued += result.queued;
		assert_true(!result.has_more || moment_is_before(filter.since, result.next_since));
		filter.since = result.next_since;
	} while (result.has_more);
	return queued;
}

#define MANY 105

/* Timestamps in milliseconds of events in the order of their positions. */
static int64_t one_a_second(int64_t position)
{
	return position * 1000;
}

static int64_t one_a_millisecond(int64_t position)
{
	return position;
}

static int64_t seven_a_millisecond(int64_t position)
{
	return position / 7;
}

static int64_t more_than_a_call_queues_in_one_millisecond(int64_t position)
{
	return position / (MAX + 5);
}

/* Each event begins up to 50 s before it becomes visible. */
static int64_t transactions_of_different_length(int64_t position)
{
	return position * 600 - position * 7919 % 50000;
}

static int64_t clock_was_set_back(int64_t position)
{
	return position <= MANY / 2 ? position * 600 : position * 600 - 40000;
}

static void successive_calls_queue_each_event_once(void **state)
{
	static int64_t (*const times[])(int64_t) = { one_a_second, one_a_millisecond, seven_a_millisecond,
		more_than_a_call_queues_in_one_millisecond, transactions_of_different_length,
		clock_was_set_back };
	static const struct {
		const char *types;
		bool failed_only, has_until;
		int64_t expected;
	} rows[] = { { "*", false, false, MANY }, { "kyc.*", true, true, MANY / 15 } };
	struct app_fixture *const fx = *state;
	char name[16];

	for (size_t i = 0; i < array_len(times) * array_len(rows); i++) {
		const size_t t = i / array_len(rows), r = i % array_len(rows);
		(void)snprintf(name, sizeof(name), "shop-%zu", i);
		const struct caller shop = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		const struct webhook_client client = client_of(&shop);
		const struct webhook_endpoint endpoint = add_endpoint(fx, &client, rows[r].types);

		for (int64_t position = 1; position <= MANY; position++) {
			/* Every third event has a type of kyc.*, every fifth a failed delivery. */
			const struct event event = add_event_at(fx, &client,
				position % 3 == 0 ? EVENT_KYC_UPDATED : EVENT_USER_PREPARED, position,
				(moment){ FIXTURE_NOW + times[t](position) });

			if (position % 5 == 0)
				add_delivery(fx, &endpoint.id, &event);
		}
		print_message("# times %zu, row %zu\n", t, r);
		const struct resend_filter filter = { .since = { FIXTURE_NOW - 60000 },
			.has_until = rows[r].has_until,
			.until = { FIXTURE_NOW + (int64_t)MANY * 1000 + 1 },
			.has_state = rows[r].failed_only,
			.state = DELIVERY_FAILED,
			.max = MAX,
			.look_max = LOOK_MAX };
		assert_int_equal(resend_repeatedly(fx, &client, &endpoint.id, filter), rows[r].expected);
		static struct effect deliveries[MANY + 1];
		const struct effect probe = { .endpoint_id = endpoint.id, .state = EFFECT_QUEUED };
		assert_int_equal(fixture_find(fx, QUERY_DELIVERIES_BY_STATE, &probe, deliveries, MANY + 1),
			rows[r].expected);
	}
}

static void pages_are_newest_first_and_merge_the_states(void **state)
{
	static const enum effect_state states[] = { EFFECT_QUEUED, EFFECT_DEFERRED, EFFECT_ACCEPTED };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_endpoint endpoint = add_endpoint(fx, &client, "*");
	struct delivery_filter filter = { .has_state = true, .state = DELIVERY_PENDING, .limit = 3 };
	struct delivery_list list;
	struct arena a;
	char excerpt[4096];

	memset(excerpt, '"', sizeof(excerpt));
	for (int64_t position = 1; position <= 9; position++) {
		const struct event event = add_event(fx, &client, EVENT_KYC_UPDATED, position);
		struct effect delivery;

		delivery_init(&endpoint.id, &event, event.created_at, &delivery);
		assert_int_equal(world_id(&fx->world, delivery.id.text), OK);
		delivery.state = states[position % 3];
		delivery.done = delivery.state == EFFECT_ACCEPTED;
		assert_int_equal(webhook_excerpt_seal(&fx->world, &fx->arena, &delivery,
					 (struct str){ excerpt, sizeof(excerpt) }),
			OK);
		fixture_save(fx, RECORD_EFFECT, &delivery);
	}
	arena_init(&a, DELIVERY_LIST_ARENA);
	/* Positions 9, 7, 6; then 4, 3, 1. */
	assert_int_equal(webhook_delivery_list(&fx->world, &a, &client, &endpoint.id, &filter, &list), OK);
	assert_int_equal(list.n, 3);
	assert_true(list.has_more);
	assert_int_equal(list.rows[0].row.event_position, 9);
	assert_int_equal(list.rows[1].row.event_position, 7);
	assert_int_equal(list.rows[2].row.event_position, 6);
	assert_string_equal(list.rows[0].type, "kyc.updated");
	assert_int_equal(list.rows[0].excerpt.n, sizeof(excerpt));
	filter.has_after = true;
	filter.after = list.rows[2].row.id;
	assert_int_equal(webhook_delivery_list(&fx->world, &a, &client, &endpoint.id, &filter, &list), OK);
	assert_int_equal(list.n, 3);
	assert_false(list.has_more);
	assert_int_equal(list.rows[2].row.event_position, 1);
	/* A page ends early when its excerpts are long. */
	filter = (struct delivery_filter){ .limit = DELIVERY_LIST_MAX };
	assert_int_equal(webhook_delivery_list(&fx->world, &a, &client, &endpoint.id, &filter, &list), OK);
	assert_in_range(list.n, 1, 8);
	assert_true(list.has_more);
	arena_finish(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(period_types_and_what_was_never_queued),
		TEST(state_selects_and_a_finished_delivery_waits_again),
		TEST(erased_events_and_those_of_a_disabled_endpoint_are_not_queued),
		TEST(call_queues_a_limited_number_and_says_where_to_continue),
		TEST(successive_calls_queue_each_event_once),
		TEST(pages_are_newest_first_and_merge_the_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
