#include "kit/webhook_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "app/webhook/endpoint_seal.h"

struct webhook_endpoint webhook_fixture_endpoint(
	struct app_fixture *fx, const struct caller *caller, const char *url)
{
	struct webhook_endpoint endpoint = { .tenant_id = caller->tenant.id,
		.types = "*",
		.state = WEBHOOK_ENABLED,
		.created_at = world_now(&fx->world) };
	char secret[WEBHOOK_SECRET_SIZE];

	assert_int_equal(world_id(&fx->world, endpoint.id.text), OK);
	assert_int_equal(webhook_endpoint_seal_url(&fx->world, &fx->arena, &endpoint, str_of(url)), OK);
	assert_int_equal(webhook_endpoint_new_secret(&fx->world, &fx->arena, &endpoint, secret), OK);
	fixture_save(fx, RECORD_WEBHOOK_ENDPOINT, &endpoint);
	return endpoint;
}

struct webhook_endpoint webhook_fixture_reload(
	struct app_fixture *fx, const struct webhook_endpoint *endpoint)
{
	struct webhook_endpoint row = { .id = endpoint->id };

	fixture_load(fx, RECORD_WEBHOOK_ENDPOINT, &row);
	return row;
}

struct effect webhook_fixture_delivery(
	struct app_fixture *fx, const struct webhook_endpoint *endpoint, const char *person)
{
	struct counter counter = { .name = COUNTER_EVENTS };
	struct event event = { .tenant_id = endpoint->tenant_id,
		.type = EVENT_USER_PREPARED,
		.detail = "email",
		.created_at = world_now(&fx->world) };
	struct effect row;

	(void)fixture_try_load(fx, RECORD_COUNTER, &counter);
	event.position = ++counter.value;
	fixture_save(fx, RECORD_COUNTER, &counter);
	assert_int_equal(world_id(&fx->world, event.id.text), OK);
	if (person) {
		(void)snprintf(event.user_id.text, sizeof(event.user_id.text), "%s", person);
		(void)snprintf(event.public_user_id.text, sizeof(event.public_user_id.text), "%s", person);
		event.sequence = event.position;
	}
	fixture_save(fx, RECORD_EVENT, &event);
	delivery_init(&endpoint->id, &event, world_now(&fx->world), &row);
	assert_int_equal(world_id(&fx->world, row.id.text), OK);
	fixture_save(fx, RECORD_EFFECT, &row);
	return row;
}

struct effect webhook_fixture_row(struct app_fixture *fx, const struct effect *delivery)
{
	struct effect row = { .id = delivery->id };

	fixture_load(fx, RECORD_EFFECT, &row);
	return row;
}

void webhook_fixture_run(struct dispatch *dispatch)
{
	for (int i = 0; i < 4; i++) {
		dispatch_check(dispatch);
		assert_int_equal(dispatch_round(dispatch, seconds(0)), OK);
	}
}
