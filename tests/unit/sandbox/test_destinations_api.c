#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "sandbox_fixture.h"

#define DESTINATIONS_PATH "/v3/webhook/destinations/"
#define VALID_BODY                                                                                           \
	"{\"label\":\"Shop\",\"url\":\"https://shop.example/hook\",\"webhook_version\":\"v2\","              \
	"\"subscribed_events\":[\"status.updated\",\"data.updated\"]}"

static void create_destination(struct sandbox_fixture *fx, const char *body, char id[40])
{
	assert_int_equal(fixture_call_with_key(fx, "POST", DESTINATIONS_PATH, body), 201);
	assert_true(str_copy_to(reply_text(fx, "uuid"), id, 40));
}

static const struct {
	const char *body;
	int status;
} create_rows[] = {
	{ "{}", 400 },
	{ "{\"label\":\"a\"}", 400 },
	{ "{\"url\":\"https://a.example/\"}", 400 },
	{ "{\"label\":\"a\",\"url\":\"https://a.example/\"}", 201 },
	{ "{\"label\":\"a\",\"url\":\"https://a.example/\"}", 400 }, /* the URL is taken */
	{ "{\"label\":\"a\",\"url\":\"http://a.example/\"}", 400 },
	{ "{\"label\":\"a\",\"url\":\"http://10.0.0.1/\"}", 400 },
	{ "{\"label\":\"a\",\"url\":\"http://127.0.0.1:8080/hook\"}", 201 },
	{ "{\"label\":\"a\",\"url\":\"http://localhost:8080/hook\"}", 201 },
	{ "{\"label\":\"a\",\"url\":\"ftp://127.0.0.1/\"}", 400 },
	{ "{\"label\":7,\"url\":\"https://b.example/\"}", 400 },
	{ "{\"label\":\"b\",\"url\":\"https://b.example/\",\"webhook_version\":\"v4\"}", 400 },
	{ "{\"label\":\"b\",\"url\":\"https://b.example/\",\"subscribed_events\":[]}", 400 },
	{ "{\"label\":\"b\",\"url\":\"https://b.example/\",\"subscribed_events\":[\"*\"]}", 400 },
	{ "{\"label\":\"b\",\"url\":\"https://b.example/\",\"subscribed_events\":\"status.updated\"}", 400 },
	{ "{\"label\":\"b\",\"url\":\"https://b.example/\",\"enabled\":\"no\"}", 400 },
	{ "{\"label\":\"b\",\"url\":\"https://b.example/\",\"enabled\":false,\"webhook_version\":\"v1\"}",
		201 },
};

static void invalid_destinations_are_rejected(void **state)
{
	struct sandbox_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(create_rows); i++)
		if (fixture_call_with_key(fx, "POST", DESTINATIONS_PATH, create_rows[i].body) !=
			create_rows[i].status)
			fail_msg("%s: %.*s", create_rows[i].body, STR_ARG(fx->reply.body));
}

static void each_destination_has_its_own_secret(void **state)
{
	struct sandbox_fixture *const fx = *state;
	char first[40], second[40], secret[64];

	create_destination(fx, VALID_BODY, first);
	assert_true(str_copy_to(reply_text(fx, "secret_shared_key"), secret, sizeof(secret)));
	assert_int_equal(strlen(secret), 43);
	assert_int_equal(
		strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	create_destination(fx, "{\"label\":\"b\",\"url\":\"https://b.example/\"}", second);
	assert_false(str_eq(reply_text(fx, "secret_shared_key"), str_of(secret)));
	assert_int_equal(json_count(json_get(fx->json, "subscribed_events")), 0);

	assert_int_equal(
		fixture_call_with_key(fx, "GET", make_path(DESTINATIONS_PATH, first, "/"), NULL), 200);
	assert_true(str_eq(reply_text(fx, "secret_shared_key"), str_of(secret)));
	assert_true(str_eq(reply_text(fx, "label"), STR("Shop")));
	assert_true(str_eq(reply_text(fx, "url"), STR("https://shop.example/hook")));
	assert_true(str_eq(reply_text(fx, "webhook_version"), STR("v2")));
	assert_int_equal(json_count(json_get(fx->json, "subscribed_events")), 2);
	assert_true(str_eq(json_text(reply_at(fx, "subscribed_events.0")), STR("status.updated")));

	assert_int_equal(fixture_call_with_key(fx, "GET", DESTINATIONS_PATH, NULL), 200);
	assert_int_equal(json_count(fx->json), 2);
	assert_true(str_eq(json_text(reply_at(fx, "0.uuid")), str_of(first)));
	assert_int_equal(json_kind_of(reply_at(fx, "0.secret_shared_key")), JSON_KIND_ABSENT);
}

static void patch_changes_only_the_named_fields(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "{\"label\":\"Another\"}", 200 },
		{ "{}", 200 },
		{ "{\"url\":\"https://b.example/\"}", 400 }, /* the URL of the other destination */
		{ "{\"url\":\"http://c.example/\"}", 400 },
		{ "{\"webhook_version\":\"v3\",\"subscribed_events\":[\"activity.created\"]}", 200 },
	};
	struct sandbox_fixture *const fx = *state;
	char id[40], other[40];

	create_destination(fx, VALID_BODY, id);
	create_destination(fx, "{\"label\":\"b\",\"url\":\"https://b.example/\"}", other);
	for (size_t i = 0; i < array_len(rows); i++)
		if (fixture_call_with_key(fx, "PATCH", make_path(DESTINATIONS_PATH, id, "/"), rows[i].body) !=
			rows[i].status)
			fail_msg("%s: %.*s", rows[i].body, STR_ARG(fx->reply.body));
	assert_true(str_eq(reply_text(fx, "label"), STR("Another")));
	assert_true(str_eq(reply_text(fx, "url"), STR("https://shop.example/hook")));
	assert_true(str_eq(reply_text(fx, "webhook_version"), STR("v3")));
	assert_int_equal(json_count(json_get(fx->json, "subscribed_events")), 1);
	assert_int_equal(reply_text(fx, "secret_shared_key").n, 43);
}

static void removed_destination_is_not_found(void **state)
{
	static const char *const methods[] = { "GET", "PATCH", "DELETE" };
	struct sandbox_fixture *const fx = *state;
	char id[40];

	create_destination(fx, VALID_BODY, id);
	assert_int_equal(
		fixture_call_with_key(fx, "DELETE", make_path(DESTINATIONS_PATH, id, "/"), NULL), 204);
	for (size_t i = 0; i < array_len(methods); i++) {
		assert_int_equal(
			fixture_call_with_key(fx, methods[i], make_path(DESTINATIONS_PATH, id, "/"), NULL),
			404);
		assert_true(str_eq(reply_text(fx, "detail"), STR("Webhook destination not found.")));
	}
	create_destination(fx, VALID_BODY, id);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(invalid_destinations_are_rejected),
		TEST(each_destination_has_its_own_secret),
		TEST(patch_changes_only_the_named_fields),
		TEST(removed_destination_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
