/* Tests of the routes below /v1/webhook-endpoints: answers and refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "base/attr.h"
#include "kit/api_fixture.h"
#include "text/json.h"

#define PATH "/v1/webhook-endpoints"
#define GOOD "{\"url\":\"https://shop.example.com/hook\",\"types\":[\"kyc.*\"]}"

static struct test_key create_key(struct api_fixture *fx, const char *tenant, scope_set scopes)
{
	const struct key_params params = { .tenant = str_of(tenant), .scopes = scopes };
	struct test_key key;
	struct api_key row;

	assert_int_equal(operator_create_key(&fx->app.world, &fx->app.arena, &params, &row, key.text), OK);
	return key;
}

static struct reply send(
	struct api_fixture *fx, enum method method, const char *key, const char *path, const char *body)
{
	return api_send(
		fx, &(struct test_request){ .method = method, .path = path, .key = key, .body = body });
}

/* Copies the member of `data`. */
static void copy_member(const struct reply *reply, const char *name, char *out, size_t size)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;

	assert_int_equal(json_parse(reply->body, true, &body), OK);
	assert_true(str_copy_to(json_text(json_get(json_get(body, "data"), name)), out, size));
}

static bool has(const struct reply *reply, const char *text)
{
	return memmem(reply->body.p, reply->body.n, text, strlen(text)) != NULL;
}

/* Creates an endpoint and writes its path with a suffix. */
static void create_endpoint(struct api_fixture *fx, const char *key, char path[128], const char *suffix)
{
	const struct reply reply = api_post(fx, key, PATH, GOOD);
	char id[64];

	assert_int_equal(reply.status, 201);
	copy_member(&reply, "id", id, sizeof(id));
	(void)snprintf(path, 128, PATH "/%s%s", id, suffix);
}

static struct test_key shop_key(struct api_fixture *fx)
{
	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	return create_key(fx, "shop", SCOPES_ALL);
}

static void endpoint_is_created_listed_changed_and_deleted(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char path[128], id[64], secret[64];

	struct reply reply = api_post(fx, key.text, PATH,
		"{\"url\":\"https://shop.example.com/hook\",\"types\":[\"kyc.*\",\"user.erased\"],\"description\":\"back-end\",\"include\":[\"address\",\"session_url\"]}");
	assert_int_equal(reply.status, 201);
	copy_member(&reply, "id", id, sizeof(id));
	copy_member(&reply, "secret", secret, sizeof(secret));
	assert_true(str_starts(str_of(secret), STR("whsec_")));
	assert_int_equal(strlen(secret), 50);
	(void)snprintf(path, sizeof(path), PATH "/%s", id);
	reply = api_get(fx, key.text, path);
	assert_int_equal(reply.status, 200);
	assert_true(has(&reply,
		"\"url\":\"https://shop.example.com/hook\",\"types\":[\"kyc.*\",\"user.erased\"],\"description\":\"back-end\",\"include\":[\"address\",\"session_url\"],\"state\":\"enabled\",\"last_success_at\":null,\"failing_since\":null,\"pending\":0}"));
	assert_false(has(&reply, "whsec_"));
	reply = send(fx, METHOD_PATCH, key.text, path,
		"{\"description\":\"\",\"types\":[\"*\"],\"disabled\":true}");
	assert_int_equal(reply.status, 200);
	assert_true(has(&reply, "\"types\":[\"*\"],\"description\":null"));
	assert_true(has(&reply, "\"state\":\"disabled\""));
	reply = send(
		fx, METHOD_PATCH, key.text, path, "{\"disabled\":false,\"url\":\"https://203.0.114.7/x\"}");
	assert_true(has(&reply, "\"url\":\"https://203.0.114.7/x\""));
	assert_true(has(&reply, "\"state\":\"enabled\""));
	reply = api_get(fx, key.text, PATH);
	assert_int_equal(reply.status, 200);
	assert_true(has(&reply, "\"next_after\":null,\"has_more\":false"));
	assert_true(has(&reply, id));
	assert_answer(send(fx, METHOD_DELETE, key.text, path, NULL), 200, "webhook_endpoint_deleted",
		"Webhook endpoint deleted");
	assert_answer(
		api_get(fx, key.text, path), 404, "webhook_endpoint_not_found", "No such webhook endpoint");
}

/* Each URL with the cause for which it is refused. */
static void refused_urls_have_a_cause(void **state)
{
	static const struct {
		const char *url, *cause;
	} rows[] = {
		{ "ftp://shop.example.com/", "scheme" },
		{ "shop.example.com/hook", "scheme" },
		{ "http://shop.example.com/", "plaintext_not_allowed" },
		{ "http://127.0.0.1/", "plaintext_not_allowed" },
		{ "https://user@shop.example.com/", "user_info" },
		{ "https://user:password@shop.example.com/", "user_info" },
		{ "https://shop.example.com/#part", "fragment" },
		{ "https://shop.example.com/#", "fragment" },
		{ "https://shop.example.com:0/", "port" },
		{ "https://shop.example.com:65536/", "port" },
		{ "https://shop.example.com:/", "port" },
		{ "https://shop.example.com:443x/", "port" },
		{ "https://[fe80::1%25eth0]/", "zone" },
		{ "https://[fe80::1]/", "address_not_allowed" },
		{ "https://[::1]/", "address_not_allowed" },
		{ "https://[::ffff:10.0.0.1]/", "address_not_allowed" },
		{ "https://[64:ff9b::a00:1]/", "address_not_allowed" },
		{ "https://[::1/", "host" },
		{ "https://2130706433/", "host_number" },
		{ "https://0177.0.0.1/", "host_number" },
		{ "https://0x7f.0.0.1/", "host_number" },
		{ "https://127.1/", "host_number" },
		{ "https://10.0.0.1/", "address_not_allowed" },
		{ "https://169.254.169.254/latest/meta-data", "address_not_allowed" },
		{ "https://192.168.1.1:8443/", "address_not_allowed" },
		{ "https:///hook", "host_empty" },
		{ "https://sh op.example.com/", "character" },
		{ "https://shop.example.com\\\\@evil.example/", "character" },
		{ "https://caf\u00e9.example/", "character" },
	};
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char path[128], body[256];

	create_endpoint(fx, key.text, path, "");
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].url);
		(void)snprintf(body, sizeof(body), "{\"url\":\"%s\",\"types\":[\"*\"]}", rows[i].url);
		assert_cause(api_post(fx, key.text, PATH, body), 400, "invalid_parameters",
			"url is not accepted", rows[i].cause);
		assert_cause(send(fx, METHOD_PATCH, key.text, path, body), 400, "invalid_parameters",
			"url is not accepted", rows[i].cause);
	}
}

static void url_longer_than_512_bytes_is_refused(void **state)
{
	static const struct {
		size_t length;
		int status;
	} rows[] = { { 511, 201 }, { 512, 201 }, { 513, 400 } };
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char url[600], body[700];

	for (size_t i = 0; i < array_len(rows); i++) {
		memset(url, 'a', sizeof(url));
		memcpy(url, "https://shop.example.com/", 25);
		url[rows[i].length] = '\0';
		(void)snprintf(body, sizeof(body), "{\"url\":\"%s\",\"types\":[\"*\"]}", url);
		assert_int_equal(api_post(fx, key.text, PATH, body).status, rows[i].status);
	}
}

static void malformed_fields_have_a_cause(void **state)
{
	static const struct {
		const char *fields, *message, *cause;
	} rows[] = {
		{ "\"types\":\"kyc.*\"", "types must be a list of strings", "type" },
		{ "\"types\":[1]", "types must be a list of strings", "type" },
		{ "\"types\":{}", "types must be a list of strings", "type" },
		{ "\"types\":[]", "types is malformed", "too_short" },
		{ "\"types\":[\"\"]", "types has a word that is empty or has a comma", "value" },
		{ "\"types\":[\"kyc.*,user.*\"]", "types has a word that is empty or has a comma", "value" },
		{ "\"types\":[\"kyc\"]", "types has the word kyc, which is no type and no prefix of types",
			"value" },
		{ "\"types\":[\"kyc.approved\",\"nothing.*\"]",
			"types has the word nothing.*, which is no type and no prefix of types", "value" },
		{ "\"types\":[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
			"types has the word xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, which is no type and no prefix of types",
			"value" },
		{ "\"types\":[\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"]",
			"types has a word that is no type and no prefix of types", "value" },
		{ "\"types\":[\"ky\u200ec\"]", "types has a word that is no type and no prefix of types",
			"value" },
		{ "\"types\":[\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\",\"*\"]",
			"types is malformed", "too_long" },
		{ "\"types\":[\"*\"],\"include\":[\"email\"]",
			"include has an unknown word; it takes address and session_url", "value" },
		{ "\"types\":[\"*\"],\"include\":\"address\"", "include must be a list of strings", "type" },
		{ "\"types\":[\"*\"],\"description\":7", "description must be a string", "type" },
		{ "\"types\":[\"*\"],\"description\":\"a\\nb\"", "description is malformed",
			"control_character" },
	};
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char body[512], path[128];

	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].fields);
		(void)snprintf(
			body, sizeof(body), "{\"url\":\"https://shop.example.com/\",%s}", rows[i].fields);
		assert_cause(api_post(fx, key.text, PATH, body), 400, "invalid_parameters", rows[i].message,
			rows[i].cause);
	}
	assert_cause(api_post(fx, key.text, PATH, "{\"url\":\"https://shop.example.com/\"}"), 400,
		"missing_params", "url and types are required", "missing");
	create_endpoint(fx, key.text, path, "");
	assert_cause(send(fx, METHOD_PATCH, key.text, path, "{\"disabled\":\"true\"}"), 400,
		"invalid_parameters", "disabled must be true or false", "type");
	assert_cause(send(fx, METHOD_PATCH, key.text, path, "{}"), 400, "missing_params",
		"url, types, description or disabled is required", "missing");
}

static void rotation_takes_an_overlap_of_up_to_seven_days(void **state)
{
	static const struct {
		const char *body;
		int status;
	} rows[] = {
		{ "{}", 200 },
		{ "{\"overlap_seconds\":0}", 200 },
		{ "{\"overlap_seconds\":604799}", 200 },
		{ "{\"overlap_seconds\":604800}", 200 },
		{ "{\"overlap_seconds\":604801}", 400 },
		{ "{\"overlap_seconds\":-1}", 400 },
		{ "{\"overlap_seconds\":\"60\"}", 400 },
	};
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char path[128], last[64] = "", secret[64];

	create_endpoint(fx, key.text, path, "/rotate-secret");
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = api_post(fx, key.text, path, rows[i].body);

		assert_int_equal(reply.status, rows[i].status);
		if (reply.status != 200)
			continue;
		assert_true(has(&reply, "\"status\":\"webhook_endpoint_updated\""));
		copy_member(&reply, "secret", secret, sizeof(secret));
		assert_string_not_equal(secret, last);
		memcpy(last, secret, sizeof(last));
	}
	assert_int_equal(api_post(fx, key.text, path, NULL).status, 200);
}

static void other_tenants_and_malformed_ids_are_not_found(void **state)
{
	static const char *const suffixes[] = { "", "/deliveries", "/rotate-secret", "/resend" };
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char path[128], own[128];

	(void)fixture_add_tenant(&fx->app, "bank", NULL, NO_QUOTA);
	const struct test_key bank = create_key(fx, "bank", SCOPES_ALL);
	for (size_t i = 0; i < array_len(suffixes); i++) {
		const enum method method = i < 2 ? METHOD_GET : METHOD_POST;
		const char *const body = i < 2 ? NULL : "{\"since\":\"2026-01-01T00:00:00Z\"}";

		create_endpoint(fx, key.text, own, suffixes[i]);
		assert_answer(send(fx, method, bank.text, own, body), 404, "webhook_endpoint_not_found",
			"No such webhook endpoint");
		(void)snprintf(path, sizeof(path), PATH "/we_1%s", suffixes[i]);
		assert_answer(send(fx, method, key.text, path, body), 404, "webhook_endpoint_not_found",
			"No such webhook endpoint");
	}
	create_endpoint(fx, key.text, own, "");
	assert_int_equal(send(fx, METHOD_PATCH, bank.text, own, "{\"types\":[\"*\"]}").status, 404);
	assert_int_equal(send(fx, METHOD_DELETE, bank.text, own, NULL).status, 404);
	assert_int_equal(api_get(fx, key.text, own).status, 200);
}

static void scopes_decide(void **state)
{
	struct api_fixture *const fx = *state;
	char path[128];

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	scope_set write = 0;
	scope_set_add(&write, SCOPE_WEBHOOKS_WRITE);
	const struct test_key writer = create_key(fx, "shop", write),
			      reader = create_key(fx, "shop", SCOPE_BIT(SCOPE_WEBHOOKS_READ)),
			      neither = create_key(fx, "shop", 0);
	create_endpoint(fx, writer.text, path, "");
	assert_int_equal(api_get(fx, reader.text, path).status, 200);
	assert_int_equal(api_get(fx, writer.text, path).status, 200);
	assert_answer(api_get(fx, neither.text, path), 403, "insufficient_scope",
		"The API key does not have the scope webhooks:read");
	assert_answer(api_post(fx, reader.text, PATH, GOOD), 403, "insufficient_scope",
		"The API key does not have the scope webhooks:write");
	assert_answer(send(fx, METHOD_DELETE, reader.text, path, NULL), 403, "insufficient_scope",
		"The API key does not have the scope webhooks:write");
	assert_answer(
		api_post(fx, writer.text, PATH,
			"{\"url\":\"https://shop.example.com/\",\"types\":[\"*\"],\"include\":[\"address\"]}"),
		403, "insufficient_scope", "The API key does not have the scope users:address");
	assert_answer(
		api_post(fx, writer.text, PATH,
			"{\"url\":\"https://shop.example.com/\",\"types\":[\"*\"],\"include\":[\"session_url\"]}"),
		403, "insufficient_scope", "The API key does not have the scope kyc:write");
}

static void seventeenth_endpoint_is_a_conflict(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	for (int i = 0; i < 16; i++)
		assert_int_equal(api_post(fx, key.text, PATH, GOOD).status, 201);
	assert_answer(api_post(fx, key.text, PATH, GOOD), 409, "limit_reached",
		"The tenant has 16 webhook endpoints already");
}

static void resend_and_deliveries_check_their_parameters(void **state)
{
	static const struct {
		const char *body, *message, *cause;
	} rows[] = {
		{ "{\"since\":\"yesterday\"}", "since must be a time such as 2026-01-05T10:05:00Z", "value" },
		{ "{\"since\":\"2026-01-05T10:05:00Z\",\"until\":\"x\"}",
			"until must be a time such as 2026-01-05T10:05:00Z", "value" },
		{ "{\"since\":\"2026-01-05T10:05:00Z\",\"until\":\"2026-01-05T10:05:00Z\"}",
			"until must be later than since", "range" },
		{ "{\"since\":\"2026-01-05T10:05:00Z\",\"state\":\"open\"}",
			"state is unknown; it takes pending, delivered and failed", "value" },
		{ "{\"event_id\":\"evt_1\",\"since\":\"2026-01-05T10:05:00Z\"}",
			"event_id excludes since, until and state", "value" },
	};
	static const struct {
		const char *query, *message, *cause;
	} lists[] = {
		{ "?state=open", "state is unknown; it takes pending, delivered and failed", "value" },
		{ "?after=x", "after is no id of a delivery", "value" },
		{ "?after=01kb7m4dw6v8wq3x4y5z6a7b8c", "after is no delivery of this endpoint", "value" },
		{ "?limit=0", "limit must be an integer from 1 to 100", "range" },
		{ "?limit=101", "limit must be an integer from 1 to 100", "range" },
	};
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	char path[128], list[128], full[256];

	create_endpoint(fx, key.text, path, "/resend");
	for (size_t i = 0; i < array_len(rows); i++)
		assert_cause(api_post(fx, key.text, path, rows[i].body), 400, "invalid_parameters",
			rows[i].message, rows[i].cause);
	assert_cause(api_post(fx, key.text, path, "{}"), 400, "missing_params",
		"event_id or since is required", "missing");
	assert_answer(api_post(fx, key.text, path, "{\"event_id\":\"evt_1\"}"), 404, "event_not_found",
		"No such event");
	assert_reply(api_post(fx, key.text, path, "{\"since\":\"2026-01-05T10:05:00Z\"}"), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"deliveries_queued\",\"message\":\"Deliveries queued\",\"data\":{\"queued\":0,\"next_since\":null}}");
	create_endpoint(fx, key.text, list, "/deliveries");
	for (size_t i = 0; i < array_len(lists); i++) {
		(void)snprintf(full, sizeof(full), "%s%s", list, lists[i].query);
		assert_cause(api_get(fx, key.text, full), 400, "invalid_parameters", lists[i].message,
			lists[i].cause);
	}
	assert_reply(api_get(fx, key.text, list), 200,
		"{\"statusCode\":200,\"success\":true,\"status\":\"deliveries_retrieved\",\"message\":\"Deliveries retrieved\",\"data\":{\"deliveries\":[],\"next_after\":null,\"has_more\":false}}");
	create_endpoint(fx, key.text, path, "");
	assert_int_equal(send(fx, METHOD_PATCH, key.text, path, "{\"disabled\":true}").status, 200);
	(void)snprintf(full, sizeof(full), "%s/resend", path);
	assert_answer(api_post(fx, key.text, full, "{\"since\":\"2026-01-05T10:05:00Z\"}"), 409,
		"webhook_endpoint_disabled", "The webhook endpoint is disabled");
}

static void other_methods_are_405_with_allow(void **state)
{
	static const struct {
		enum method method;
		const char *path, *allow;
	} rows[] = {
		{ METHOD_PUT, PATH, "GET, HEAD, POST" },
		{ METHOD_PUT, PATH "/we_1", "GET, HEAD, PATCH, DELETE" },
		{ METHOD_GET, PATH "/we_1/resend", "POST" },
		{ METHOD_DELETE, PATH "/we_1/deliveries", "GET, HEAD" },
	};
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = send(fx, rows[i].method, key.text, rows[i].path, NULL);

		assert_int_equal(reply.status, 405);
		assert_true(str_eq(reply_find_header(&reply, "Allow"), str_of(rows[i].allow)));
	}
}

static void repeated_call_gets_the_same_secret_and_keeps_it_sealed(void **state)
{
	struct api_fixture *const fx = *state;
	const struct test_key key = shop_key(fx);
	const struct test_request request = { .method = METHOD_POST,
		.path = PATH,
		.key = key.text,
		.body = GOOD,
		.more_headers = { { STR_INIT("Idempotency-Key"), STR_INIT("one") } } };
	const struct reply first = api_send(fx, &request), second = api_send(fx, &request);
	struct idempotency_entry entries[4];
	const struct idempotency_entry probe = { .expires_at = { INT64_MAX } };

	assert_int_equal(first.status, 201);
	assert_true(str_eq(first.body, second.body));
	const size_t n = fixture_find(&fx->app, QUERY_IDEMPOTENCY_EXPIRED, &probe, entries, 4);
	assert_int_equal(n, 1);
	assert_null(memmem(entries[0].sealed_reply.p, entries[0].sealed_reply.n, "whsec_", 6));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, api_fixture_setup, api_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(endpoint_is_created_listed_changed_and_deleted),
		TEST(refused_urls_have_a_cause),
		TEST(url_longer_than_512_bytes_is_refused),
		TEST(malformed_fields_have_a_cause),
		TEST(rotation_takes_an_overlap_of_up_to_seven_days),
		TEST(other_tenants_and_malformed_ids_are_not_found),
		TEST(scopes_decide),
		TEST(seventeenth_endpoint_is_a_conflict),
		TEST(resend_and_deliveries_check_their_parameters),
		TEST(other_methods_are_405_with_allow),
		TEST(repeated_call_gets_the_same_secret_and_keeps_it_sealed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
