/* app/webhook: webhook endpoints are created, changed, rotated and deleted. */
#include "app/webhook/endpoint.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/event/numbering.h"
#include "app/webhook/backlog.h"
#include "base/attr.h"
#include "domain/webhook_delivery.h"
#include "kit/app_fixture.h"

#define URL "https://shop.example.com/hook"

static struct webhook_client client_of(const struct caller *caller)
{
	return (struct webhook_client){
		.tenant_id = caller->tenant.id, .scopes = SCOPES_ALL, .actor = &caller->actor
	};
}

static enum err create(
	struct app_fixture *fx, const struct webhook_client *client, struct webhook_result *out)
{
	const struct webhook_change change = { .url = STR(URL), .types = STR("kyc.*") };

	return webhook_endpoint_create(&fx->world, &fx->arena, client, &change, out);
}

static struct webhook_result must_create(struct app_fixture *fx, const struct webhook_client *client)
{
	struct webhook_result result = { .secret = "" };

	assert_int_equal(create(fx, client, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
	return result;
}

static void add_delivery(struct app_fixture *fx, const struct webhook_endpoint *endpoint, int64_t position,
	enum effect_state state)
{
	const struct event event = { .tenant_id = endpoint->tenant_id, .position = position };
	struct effect row;

	delivery_init(&endpoint->id, &event, world_now(&fx->world), &row);
	assert_int_equal(world_id(&fx->world, row.id.text), OK);
	row.state = state;
	row.done = state != EFFECT_QUEUED && state != EFFECT_DEFERRED;
	fixture_save(fx, RECORD_EFFECT, &row);
}

static size_t count_deliveries(struct app_fixture *fx, const struct endpoint_id *id, enum effect_state state)
{
	static struct effect rows[300];
	const struct effect probe = { .endpoint_id = *id, .state = state };

	return fixture_find(fx, QUERY_DELIVERIES_BY_STATE, &probe, rows, array_len(rows));
}

/* An event that was committed, but has no position yet. */
static void add_unnumbered_event(struct app_fixture *fx, const struct caller *caller, enum event_type type)
{
	struct event event = {
		.tenant_id = caller->tenant.id, .type = type, .created_at = world_now(&fx->world)
	};

	assert_int_equal(world_id(&fx->world, event.id.text), OK);
	fixture_save(fx, RECORD_EVENT, &event);
}

static void change(struct app_fixture *fx, const struct webhook_client *client, const struct endpoint_id *id,
	const struct webhook_change *what)
{
	struct webhook_result result;

	assert_int_equal(webhook_endpoint_update(&fx->world, &fx->arena, client, id, what, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
}

/* All events have the same time, so no comparison of times can tell them apart. */
static void events_that_were_committed_earlier_are_not_delivered(void **state)
{
	static const struct webhook_change off = { .state = WEBHOOK_SWITCH_OFF },
					   on = { .state = WEBHOOK_SWITCH_ON },
					   types = { .types = STR_INIT("kyc.*,user.linked") };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);

	add_unnumbered_event(fx, &shop, EVENT_KYC_APPROVED);
	const struct endpoint_id id = must_create(fx, &client).endpoint.row.id;
	add_unnumbered_event(fx, &shop, EVENT_USER_LINKED);
	change(fx, &client, &id, &types);
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(count_deliveries(fx, &id, EFFECT_QUEUED), 0);
	add_unnumbered_event(fx, &shop, EVENT_USER_LINKED);
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(count_deliveries(fx, &id, EFFECT_QUEUED), 1);
	change(fx, &client, &id, &off);
	assert_int_equal(count_deliveries(fx, &id, EFFECT_QUEUED), 0);
	add_unnumbered_event(fx, &shop, EVENT_KYC_APPROVED);
	change(fx, &client, &id, &on);
	assert_int_equal(event_number_all(&fx->world), OK);
	assert_int_equal(count_deliveries(fx, &id, EFFECT_QUEUED), 0);
}

static void seventeenth_endpoint_is_refused_and_a_deleted_one_makes_room(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop), other = client_of(&bank);
	struct webhook_result result = { .secret = "" };
	struct endpoint_id first = { "" };

	for (int i = 0; i < WEBHOOK_ENDPOINTS_MAX; i++) {
		result = must_create(fx, &client);
		if (i == 0)
			first = result.endpoint.row.id;
	}
	assert_int_equal(create(fx, &client, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_LIMIT_REACHED);
	(void)must_create(fx, &other);
	assert_int_equal(webhook_endpoint_delete(&fx->world, &fx->arena, &client, &first, &result), OK);
	(void)must_create(fx, &client);
	assert_int_equal(create(fx, &client, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_LIMIT_REACHED);
}

struct creator {
	struct app_fixture *fx;
	const struct webhook_client *client;
	enum webhook_verdict verdict;
	struct thread thread;
};

static void run_creator(void *arg)
{
	struct creator *const creator = arg;
	struct webhook_result result = { .secret = "" };
	const struct webhook_change change = { .url = STR(URL), .types = STR("*") };
	struct arena a;

	arena_init(&a, ARENA_CALL_LIMIT);
	assert_int_equal(
		webhook_endpoint_create(&creator->fx->world, &a, creator->client, &change, &result), OK);
	creator->verdict = result.refusal.verdict;
	arena_finish(&a);
}

static void parallel_calls_do_not_exceed_the_limit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	struct creator creators[WEBHOOK_ENDPOINTS_MAX + 1];
	size_t done = 0;

	for (size_t i = 0; i < array_len(creators); i++) {
		creators[i] = (struct creator){ .fx = fx, .client = &client };
		assert_int_equal(thread_start(&creators[i].thread, run_creator, &creators[i]), OK);
	}
	for (size_t i = 0; i < array_len(creators); i++) {
		thread_join(&creators[i].thread);
		done += creators[i].verdict == WEBHOOK_DONE ? 1 : 0;
	}
	assert_int_equal(done, WEBHOOK_ENDPOINTS_MAX);
}

static void url_and_secret_are_sealed_for_their_endpoint(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_result created = must_create(fx, &client), second = must_create(fx, &client);
	struct webhook_secrets secrets;
	char text[WEBHOOK_SECRET_SIZE];
	struct str url;

	struct webhook_endpoint row = { .id = created.endpoint.row.id };
	fixture_load(fx, RECORD_WEBHOOK_ENDPOINT, &row);
	assert_null(memmem(row.sealed_url.p, row.sealed_url.n, "shop.example", 12));
	assert_int_equal(webhook_endpoint_url(&fx->world, &fx->arena, &row, &url), OK);
	assert_true(str_eq(url, STR(URL)));
	assert_int_equal(webhook_endpoint_secrets(&fx->world, &row, &secrets), OK);
	assert_int_equal(secrets.n, 1);
	assert_null(memmem(row.sealed_secret.p, row.sealed_secret.n, secrets.keys[0].bytes, 32));
	webhook_secret_write(&secrets.keys[0], text);
	assert_string_equal(text, created.secret);
	assert_string_not_equal(created.secret, second.secret);
	/* A sealed value of another endpoint cannot be opened here. */
	struct webhook_endpoint moved = row;
	moved.id = second.endpoint.row.id;
	assert_int_not_equal(webhook_endpoint_url(&fx->world, &fx->arena, &moved, &url), OK);
	assert_int_not_equal(webhook_endpoint_secrets(&fx->world, &moved, &secrets), OK);
}

static size_t secrets_now(
	struct app_fixture *fx, const struct endpoint_id *id, char texts[2][WEBHOOK_SECRET_SIZE])
{
	struct webhook_endpoint row = { .id = *id };
	struct webhook_secrets secrets;

	fixture_load(fx, RECORD_WEBHOOK_ENDPOINT, &row);
	assert_int_equal(webhook_endpoint_secrets(&fx->world, &row, &secrets), OK);
	for (size_t i = 0; i < secrets.n; i++)
		webhook_secret_write(&secrets.keys[i], texts[i]);
	return secrets.n;
}

static struct webhook_result rotate(struct app_fixture *fx, const struct webhook_client *client,
	const struct endpoint_id *id, int64_t overlap)
{
	struct webhook_result result = { .secret = "" };

	assert_int_equal(
		webhook_endpoint_rotate_secret(&fx->world, &fx->arena, client, id, seconds(overlap), &result),
		OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
	return result;
}

static void old_secret_signs_until_exactly_the_end_of_the_overlap(void **state)
{
	static const int64_t overlaps[] = { 1, 86400, WEBHOOK_OVERLAP_MAX_SECONDS };
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	struct webhook_result last = must_create(fx, &client);
	const struct endpoint_id id = last.endpoint.row.id;
	char texts[2][WEBHOOK_SECRET_SIZE];

	for (size_t i = 0; i < array_len(overlaps); i++) {
		const struct webhook_result rotated = rotate(fx, &client, &id, overlaps[i]);

		assert_int_equal(secrets_now(fx, &id, texts), 2);
		assert_string_equal(texts[0], rotated.secret);
		assert_string_equal(texts[1], last.secret);
		fixture_advance_clock(fx, milliseconds(overlaps[i] * 1000 - 1));
		assert_int_equal(secrets_now(fx, &id, texts), 2);
		fixture_advance_clock(fx, milliseconds(1));
		assert_int_equal(secrets_now(fx, &id, texts), 1);
		fixture_advance_clock(fx, milliseconds(1));
		assert_int_equal(secrets_now(fx, &id, texts), 1);
		assert_string_equal(texts[0], rotated.secret);
		last = rotated;
	}
}

static void overlap_of_zero_ends_the_old_secret_and_there_are_never_three(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_result created = must_create(fx, &client);
	const struct endpoint_id id = created.endpoint.row.id;
	char texts[2][WEBHOOK_SECRET_SIZE];

	const struct webhook_result first = rotate(fx, &client, &id, 86400);
	const struct webhook_result second = rotate(fx, &client, &id, 86400);
	assert_int_equal(secrets_now(fx, &id, texts), 2);
	assert_string_equal(texts[0], second.secret);
	assert_string_equal(texts[1], first.secret);
	const struct webhook_result third = rotate(fx, &client, &id, 0);
	assert_int_equal(secrets_now(fx, &id, texts), 1);
	assert_string_equal(texts[0], third.secret);
}

static void endpoint_of_another_tenant_does_not_exist(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", "group", NO_QUOTA);
	const struct caller bank = fixture_add_tenant(fx, "bank", "group", NO_QUOTA);
	const struct webhook_client client = client_of(&shop), other = client_of(&bank);
	const struct endpoint_id id = must_create(fx, &client).endpoint.row.id;
	const struct webhook_change change = { .types = STR("*") };
	struct webhook_endpoint_view views[WEBHOOK_ENDPOINTS_MAX];
	struct webhook_result result = { .secret = "" };
	size_t n;

	assert_int_equal(webhook_endpoint_get(&fx->world, &fx->arena, &other, &id, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_NOT_FOUND);
	assert_int_equal(webhook_endpoint_update(&fx->world, &fx->arena, &other, &id, &change, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_NOT_FOUND);
	assert_int_equal(webhook_endpoint_delete(&fx->world, &fx->arena, &other, &id, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_NOT_FOUND);
	assert_int_equal(
		webhook_endpoint_rotate_secret(&fx->world, &fx->arena, &other, &id, seconds(0), &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_NOT_FOUND);
	assert_int_equal(webhook_endpoint_list(&fx->world, &fx->arena, &other, views, &n), OK);
	assert_int_equal(n, 0);
	assert_int_equal(webhook_endpoint_list(&fx->world, &fx->arena, &client, views, &n), OK);
	assert_int_equal(n, 1);
}

static void open_deliveries_of_a_disabled_endpoint_fail(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_endpoint endpoint = must_create(fx, &client).endpoint.row;
	const struct webhook_change off = { .state = WEBHOOK_SWITCH_OFF },
				    on = { .state = WEBHOOK_SWITCH_ON };
	struct webhook_result result = { .secret = "" };

	for (int64_t position = 1; position <= 70; position++)
		add_delivery(fx, &endpoint, position, position % 2 == 0 ? EFFECT_QUEUED : EFFECT_DEFERRED);
	add_delivery(fx, &endpoint, 71, EFFECT_ACCEPTED);
	assert_int_equal(webhook_endpoint_get(&fx->world, &fx->arena, &client, &endpoint.id, &result), OK);
	assert_int_equal(result.endpoint.pending, 70);
	assert_int_equal(
		webhook_endpoint_update(&fx->world, &fx->arena, &client, &endpoint.id, &off, &result), OK);
	assert_int_equal(result.endpoint.pending, 0);
	assert_int_equal(result.endpoint.row.state, WEBHOOK_DISABLED);
	assert_int_equal(count_deliveries(fx, &endpoint.id, EFFECT_REFUSED), 70);
	assert_int_equal(count_deliveries(fx, &endpoint.id, EFFECT_ACCEPTED), 1);
	assert_int_equal(
		webhook_endpoint_update(&fx->world, &fx->arena, &client, &endpoint.id, &on, &result), OK);
	assert_int_equal(result.endpoint.row.state, WEBHOOK_ENABLED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_WEBHOOK_ENDPOINT_CHANGED), 2);
}

static void deliveries_of_a_deleted_endpoint_are_removed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	const struct webhook_endpoint endpoint = must_create(fx, &client).endpoint.row;
	const struct webhook_endpoint kept = must_create(fx, &client).endpoint.row;
	struct webhook_endpoint row = { .id = endpoint.id };
	struct webhook_result result = { .secret = "" };

	for (int64_t position = 1; position <= 40; position++)
		add_delivery(fx, &endpoint, position, position % 2 == 0 ? EFFECT_QUEUED : EFFECT_ACCEPTED);
	add_delivery(fx, &kept, 1, EFFECT_QUEUED);
	assert_int_equal(webhook_endpoint_delete(&fx->world, &fx->arena, &client, &endpoint.id, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
	assert_false(fixture_try_load(fx, RECORD_WEBHOOK_ENDPOINT, &row));
	assert_int_equal(count_deliveries(fx, &endpoint.id, EFFECT_QUEUED), 0);
	assert_int_equal(count_deliveries(fx, &endpoint.id, EFFECT_ACCEPTED), 0);
	assert_int_equal(count_deliveries(fx, &kept.id, EFFECT_QUEUED), 1);
	assert_int_equal(webhook_endpoint_get(&fx->world, &fx->arena, &client, &endpoint.id, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_NOT_FOUND);
}

/* As after a crash between the deletion and the removal of the deliveries. */
static void clean_up_removes_what_a_deletion_left(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client client = client_of(&shop);
	struct webhook_endpoint endpoint = must_create(fx, &client).endpoint.row;
	struct webhook_endpoint row = { .id = endpoint.id };
	struct webhook_result result = { .secret = "" };

	add_delivery(fx, &endpoint, 1, EFFECT_QUEUED);
	endpoint.state = WEBHOOK_DELETED;
	endpoint.sealed_url = STR("");
	fixture_save(fx, RECORD_WEBHOOK_ENDPOINT, &endpoint);
	assert_int_equal(webhook_endpoint_get(&fx->world, &fx->arena, &client, &endpoint.id, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_NOT_FOUND);
	assert_int_equal(backlog_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(count_deliveries(fx, &endpoint.id, EFFECT_QUEUED), 0);
	assert_false(fixture_try_load(fx, RECORD_WEBHOOK_ENDPOINT, &row));
}

/* Otherwise a key without the scope could have addresses sent to a URL of its choice. */
static void include_needs_the_scope_also_when_the_url_changes(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	const struct webhook_client all = client_of(&shop);
	struct webhook_client few = all;
	const struct webhook_change with_address = {
		.url = STR(URL), .types = STR("*"), .include_address = true
	};
	const struct webhook_change with_session = {
		.url = STR(URL), .types = STR("*"), .include_session_url = true
	};
	const struct webhook_change url = { .url = STR("https://other.example.com/") };
	const struct webhook_change types = { .types = STR("kyc.approved") };
	struct webhook_result result = { .secret = "" };

	few.scopes = SCOPE_BIT(SCOPE_WEBHOOKS_WRITE);
	assert_int_equal(webhook_endpoint_create(&fx->world, &fx->arena, &few, &with_address, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_SCOPE_MISSING);
	assert_int_equal(result.refusal.scope, SCOPE_USERS_ADDRESS);
	assert_int_equal(webhook_endpoint_create(&fx->world, &fx->arena, &few, &with_session, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_SCOPE_MISSING);
	assert_int_equal(result.refusal.scope, SCOPE_KYC_WRITE);
	assert_int_equal(webhook_endpoint_create(&fx->world, &fx->arena, &all, &with_address, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
	const struct endpoint_id id = result.endpoint.row.id;
	assert_int_equal(webhook_endpoint_update(&fx->world, &fx->arena, &few, &id, &url, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_SCOPE_MISSING);
	assert_int_equal(webhook_endpoint_update(&fx->world, &fx->arena, &few, &id, &types, &result), OK);
	assert_int_equal(result.refusal.verdict, WEBHOOK_DONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_that_were_committed_earlier_are_not_delivered),
		TEST(seventeenth_endpoint_is_refused_and_a_deleted_one_makes_room),
		TEST(parallel_calls_do_not_exceed_the_limit),
		TEST(url_and_secret_are_sealed_for_their_endpoint),
		TEST(old_secret_signs_until_exactly_the_end_of_the_overlap),
		TEST(overlap_of_zero_ends_the_old_secret_and_there_are_never_three),
		TEST(endpoint_of_another_tenant_does_not_exist),
		TEST(open_deliveries_of_a_disabled_endpoint_fail),
		TEST(deliveries_of_a_deleted_endpoint_are_removed),
		TEST(clean_up_removes_what_a_deletion_left),
		TEST(include_needs_the_scope_also_when_the_url_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
