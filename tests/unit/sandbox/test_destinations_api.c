#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "box.h"

#define HOOKS "/v3/webhook/destinations/"
#define GOOD                                                                                                 \
	"{\"label\":\"Shop\",\"url\":\"https://shop.example/hook\",\"webhook_version\":\"v2\","              \
	"\"subscribed_events\":[\"status.updated\",\"data.updated\"]}"

static int setup(void **state)
{
	static struct box box;

	box_open(&box, 0);
	*state = &box;
	return 0;
}

static int teardown(void **state)
{
	box_close(*state);
	return 0;
}

static void create(struct box *box, const char *body, char id[40])
{
	assert_int_equal(box_key(box, "POST", HOOKS, body), 201);
	assert_true(str_copy_to(box_text(box, "uuid"), id, 40));
}

static const struct {
	const char *body;
	int status;
} create_rows[] = {
	{ "{}", 400 },
	{ "{\"label\":\"a\"}", 400 },
	{ "{\"url\":\"https://a.example/\"}", 400 },
	{ "{\"label\":\"a\",\"url\":\"https://a.example/\"}", 201 },
	{ "{\"label\":\"a\",\"url\":\"https://a.example/\"}", 400 }, /* twice */
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

static void bodies_are_checked(void **state)
{
	struct box *const box = *state;

	for (size_t i = 0; i < array_len(create_rows); i++)
		if (box_key(box, "POST", HOOKS, create_rows[i].body) != create_rows[i].status)
			fail_msg("%s: %.*s", create_rows[i].body, STR_ARG(box->reply.body));
}

static void each_has_a_key_of_its_own(void **state)
{
	struct box *const box = *state;
	char first[40], second[40], secret[64];

	create(box, GOOD, first);
	assert_true(str_copy_to(box_text(box, "secret_shared_key"), secret, sizeof(secret)));
	assert_int_equal(strlen(secret), 43);
	assert_int_equal(
		strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
	create(box, "{\"label\":\"b\",\"url\":\"https://b.example/\"}", second);
	assert_false(str_eq(box_text(box, "secret_shared_key"), str_of(secret)));
	assert_int_equal(json_count(json_get(box->json, "subscribed_events")), 0);

	assert_int_equal(box_key(box, "GET", box_path(HOOKS, first, "/"), NULL), 200);
	assert_true(str_eq(box_text(box, "secret_shared_key"), str_of(secret)));
	assert_true(str_eq(box_text(box, "label"), STR("Shop")));
	assert_true(str_eq(box_text(box, "url"), STR("https://shop.example/hook")));
	assert_true(str_eq(box_text(box, "webhook_version"), STR("v2")));
	assert_int_equal(json_count(json_get(box->json, "subscribed_events")), 2);
	assert_true(str_eq(json_text(box_at(box, "subscribed_events.0")), STR("status.updated")));

	assert_int_equal(box_key(box, "GET", HOOKS, NULL), 200);
	assert_int_equal(json_count(box->json), 2);
	assert_true(str_eq(json_text(box_at(box, "0.uuid")), str_of(first)));
	assert_int_equal(json_kind_of(box_at(box, "0.secret_shared_key")), JSON_KIND_ABSENT);
}

static void a_change_is_of_what_it_names(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "{\"label\":\"Another\"}", 200 },
		{ "{}", 200 },
		{ "{\"url\":\"https://b.example/\"}", 400 }, /* another one's */
		{ "{\"url\":\"http://c.example/\"}", 400 },
		{ "{\"webhook_version\":\"v3\",\"subscribed_events\":[\"activity.created\"]}", 200 },
	};
	struct box *const box = *state;
	char id[40], other[40];

	create(box, GOOD, id);
	create(box, "{\"label\":\"b\",\"url\":\"https://b.example/\"}", other);
	for (size_t i = 0; i < array_len(rows); i++)
		if (box_key(box, "PATCH", box_path(HOOKS, id, "/"), rows[i].body) != rows[i].status)
			fail_msg("%s: %.*s", rows[i].body, STR_ARG(box->reply.body));
	assert_true(str_eq(box_text(box, "label"), STR("Another")));
	assert_true(str_eq(box_text(box, "url"), STR("https://shop.example/hook")));
	assert_true(str_eq(box_text(box, "webhook_version"), STR("v3")));
	assert_int_equal(json_count(json_get(box->json, "subscribed_events")), 1);
	assert_int_equal(box_text(box, "secret_shared_key").n, 43);
}

static void what_is_removed_is_gone(void **state)
{
	static const char *const methods[] = { "GET", "PATCH", "DELETE" };
	struct box *const box = *state;
	char id[40];

	create(box, GOOD, id);
	assert_int_equal(box_key(box, "DELETE", box_path(HOOKS, id, "/"), NULL), 204);
	for (size_t i = 0; i < array_len(methods); i++) {
		assert_int_equal(box_key(box, methods[i], box_path(HOOKS, id, "/"), NULL), 404);
		assert_true(str_eq(box_text(box, "detail"), STR("Webhook destination not found.")));
	}
	create(box, GOOD, id);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bodies_are_checked),
		TEST(each_has_a_key_of_its_own),
		TEST(a_change_is_of_what_it_names),
		TEST(what_is_removed_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
