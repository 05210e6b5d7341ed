/* From the request to the endpoint: the order of checks, forms, headers, what is committed. */
#include "api/core/dispatch.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/endpoints/routes.h"
#include "base/metrics.h"
#include "kit/api_fixture.h"

#define ANA "{\"email\":\"ana.exemplo@example.com\"}"

static const char *shop(struct api_fixture *fx)
{
	static struct test_key key;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	key = api_create_key(fx, "shop");
	return key.text;
}

static bool says(const struct reply *reply, int status, const char *word)
{
	char part[64];

	(void)snprintf(part, sizeof(part), "\"status\":\"%s\"", word);
	return reply->status == status && memmem(reply->body.p, reply->body.n, part, strlen(part));
}

/* Each row is wrong in its own way and in all the ways of the rows below it. */
static void the_order_of_checks_row_by_row(void **state)
{
	static const char broken[] = "{";
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);
	const struct {
		const char *path, *key, *type, *body;
		enum method method;
		int status;
		const char *word;
	} rows[] = {
		{ "/kyc/nowhere", NULL, "text/plain", broken, METHOD_DELETE, 404, "route_not_found" },
		{ "/kyc/create/nothing", NULL, "text/plain", broken, METHOD_DELETE, 405,
			"method_not_allowed" },
		{ "/kyc/create/nothing", NULL, "text/plain", broken, METHOD_POST, 401, NULL },
		{ "/kyc/create/nothing", key, "text/plain", broken, METHOD_POST, 404, "method_not_found" },
		{ "/kyc/create/verify_public_kyc", key, "text/plain", broken, METHOD_POST, 415,
			"unsupported_media_type" },
		{ "/kyc/create/verify_public_kyc", key, "application/json", broken, METHOD_POST, 400,
			"invalid_parameters" },
		{ "/kyc/create/verify_public_kyc", key, "application/json", "{}", METHOD_POST, 400,
			"missing_params" },
		{ "/kyc/create/verify_public_kyc", key, "application/json", ANA, METHOD_POST, 403,
			"user_not_prepared" },
	};

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = api_send(fx, &(struct test_request){ .method = rows[i].method,
								.path = rows[i].path,
								.key = rows[i].key,
								.content_type = rows[i].type,
								.body = rows[i].body });

		if (rows[i].word ? !says(&reply, rows[i].status, rows[i].word)
				 : reply.status != rows[i].status)
			fail_msg("row %zu: %d %.*s", i, reply.status, STR_ARG(reply.body));
	}
	/* The rate stands between the key and the path. */
	fx->app.rules.rate_per_second = 1;
	fixture_advance_clock(&fx->app, minutes(2));
	(void)api_get(fx, key, "/config/products");
	assert_int_equal(api_post(fx, key, "/kyc/create/nothing", broken).status, 429);
}

static void a_wrong_method_names_the_right_ones(void **state)
{
	static const struct {
		const char *path, *allow;
		enum method method;
	} rows[] = {
		{ "/kyc/prepare", "POST", METHOD_GET },
		{ "/kyc/status", "GET, HEAD, POST", METHOD_DELETE },
		{ "/config/products", "GET, HEAD", METHOD_POST },
		{ "/webhooks/didit", "POST", METHOD_GET },
		{ "/return", "GET, HEAD", METHOD_POST },
		{ "/health/live", "GET, HEAD", METHOD_OTHER },
		{ "/api/kyc/prepare", "POST", METHOD_HEAD },
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = api_send(
			fx, &(struct test_request){ .method = rows[i].method, .path = rows[i].path });

		assert_answer(reply, 405, "method_not_allowed", "Method not allowed on this route");
		assert_true(str_eq(reply_find_header(&reply, "Allow"), str_of(rows[i].allow)));
	}
}

static void a_path_that_is_no_route(void **state)
{
	static const char *const rows[] = { "/", "", "/kyc", "/kyc/", "/kyc/prepare/", "/KYC/prepare",
		"//kyc/prepare", "/api", "/api/", "/api/api/kyc/prepare", "/kyc/create/", "/kyc/create/a/b",
		"/kyc/create/a%2Fb/c", "/metrics", "/version", "/sandbox/inbox", "/docs", "/kyc%2Fprepare" };
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++)
		assert_answer(api_post(fx, NULL, rows[i], ANA), 404, "route_not_found", "No such route");
	/* An escaped slash stays a part of the value. */
	const char *const key = shop(fx);
	assert_answer(api_post(fx, key, "/kyc/create/verify%2Fpublic", ANA), 404, "method_not_found",
		"Method provided not found");
	assert_int_equal(api_post(fx, key, "/kyc/create/verify%5Fpublic_kyc", ANA).status, 403);
}

static void fill_in(const char *pattern, char *path, size_t size, const char *prefix)
{
	const char *const colon = strchr(pattern, ':');

	if (colon)
		(void)snprintf(
			path, size, "%s%.*sverify_public_kyc", prefix, (int)(colon - pattern), pattern);
	else
		(void)snprintf(path, size, "%s%s", prefix, pattern);
}

static void every_route_also_below_api_and_none_without_its_key(void **state)
{
	static const char *const prefixes[] = { "", "/api" };
	struct api_fixture *const fx = *state;
	char path[128];

	for (size_t i = 0; i < n_public_routes; i++) {
		for (size_t j = 0; j < array_len(prefixes); j++) {
			fill_in(public_routes[i]->entry.pattern, path, sizeof(path), prefixes[j]);
			const struct test_request probe = { .method = public_routes[i]->entry.method,
				.path = path };
			const struct reply reply = api_send(fx, &probe);

			if (public_routes[i]->guard == GUARD_TENANT)
				assert_reply(reply, 401,
					"{\"code\":401,\"message\":\"Unauthorized or API key invalid.\","
					"\"docs\":\"https://docs.starkfi.io/\"}");
			else
				assert_false(says(&reply, 404, "route_not_found"));
			assert_int_not_equal(reply.status, 405);
		}
	}
}

/* interface.md 3: what needs no key, and nothing else. */
static void these_routes_need_no_key(void **state)
{
	static const char *const open[] = { "/webhooks/didit", "/return", "/health/live", "/health/ready",
		"/openapi.json" };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < n_public_routes; i++) {
		if (public_routes[i]->guard == GUARD_TENANT)
			continue;
		assert_string_equal(public_routes[i]->entry.pattern, open[n]);
		n++;
	}
	assert_int_equal(n, array_len(open));
}

static void media_types(void **state)
{
	static const struct {
		const char *type, *body;
		int status;
	} rows[] = {
		{ "application/json", ANA, 201 },
		{ "application/json; charset=utf-8", ANA, 200 },
		{ "Application/JSON ;x=y", ANA, 200 },
		{ "application/x-www-form-urlencoded", ANA, 415 },
		{ "application/jsonp", ANA, 415 },
		{ "text/json", ANA, 415 },
		{ "", ANA, 415 },
		{ "", NULL, 400 },
		{ "text/plain", NULL, 415 },
		{ "application/json", NULL, 400 },
	};
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct test_request probe = { .method = METHOD_POST,
			.path = "/kyc/prepare",
			.key = key,
			.content_type = rows[i].type,
			.body = rows[i].body };
		const struct reply reply = api_send(fx, &probe);

		if (reply.status != rows[i].status)
			fail_msg("row %zu: %d", i, reply.status);
		if (reply.status == 415)
			assert_answer(reply, 415, "unsupported_media_type",
				"Content-Type must be application/json");
	}
}

static void malformed_bodies_name_the_field(void **state)
{
	static const struct {
		const char *body, *word, *sentence;
	} rows[] = {
		{ "{", "invalid_parameters", "body must be a JSON object" },
		{ "[]", "invalid_parameters", "body must be a JSON object" },
		{ "\"x\"", "invalid_parameters", "body must be a JSON object" },
		{ "{} x", "invalid_parameters", "body must be a JSON object" },
		{ "{\"email\":\"\\ud800\"}", "invalid_parameters", "body must be a JSON object" },
		{ "{\"email\":\"a\\u0000@example.com\"}", "invalid_parameters",
			"body must be a JSON object" },
		{ "{\"email\":7}", "invalid_parameters", "email must be a string" },
		{ "{\"email\":{}}", "invalid_parameters", "email must be a string" },
		{ "{\"email\":\"a\"}", "invalid_parameters", "email is malformed" },
		{ "{\"email\":\"a@b\"}", "invalid_parameters", "email is malformed" },
		{ "{\"email\":\"a\\r\\nBcc: x@example.com\"}", "invalid_parameters", "email is malformed" },
		{ "{\"email\":\"a@example.com\",\"email\":\"b@example.com\"}", "invalid_parameters",
			"email is given twice" },
		{ "{\"x\":1,\"x\":2}", "invalid_parameters", "a field is given twice" },
		{ "{\"email\":null}", "missing_params", "email is required" },
		{ "{\"email\":\"  \"}", "missing_params", "email is required" },
		{ "", "missing_params", "email is required" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);

	for (size_t i = 0; i < array_len(rows); i++)
		assert_answer(
			api_post(fx, key, "/kyc/prepare", rows[i].body), 400, rows[i].word, rows[i].sentence);
}

static void deep_brackets_on_every_route_that_reads_json(void **state)
{
	enum { DEPTH = 60000 };
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);
	char *const deep = malloc(DEPTH + 1);
	char path[128];
	size_t routes = 0;

	assert_non_null(deep);
	memset(deep, '[', DEPTH);
	deep[DEPTH] = '\0';
	for (size_t i = 0; i < n_public_routes; i++) {
		if (!public_routes[i]->form || public_routes[i]->entry.method != METHOD_POST)
			continue;
		fill_in(public_routes[i]->entry.pattern, path, sizeof(path), "");
		assert_answer(api_post(fx, key, path, deep), 400, "invalid_parameters",
			"body must be a JSON object");
		routes++;
	}
	assert_int_equal(routes, 7);
	free(deep);
}

static void query_strings(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *word, *sentence;
	} rows[] = {
		{ "/kyc/status?email=", 400, "missing_params", "email is required" },
		{ "/kyc/status?mail=a@example.com", 400, "missing_params", "email is required" },
		{ "/kyc/status?session_id=scripted-1", 400, "missing_params", "email is required" },
		{ "/kyc/status?email=a@example.com&email=b@example.com", 400, "invalid_parameters",
			"email is given twice" },
		{ "/kyc/status?email=%zz", 400, "invalid_parameters", "email is malformed" },
		{ "/kyc/status?email=a%00@example.com", 400, "invalid_parameters", "email is malformed" },
		{ "/kyc/status?email=a@example.com&x=y", 404, "user_not_found",
			"User not found in whitelist" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);

	for (size_t i = 0; i < array_len(rows); i++)
		assert_answer(api_get(fx, key, rows[i].path), rows[i].status, rows[i].word, rows[i].sentence);
}

static void head_is_served_where_get_is(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);
	static const char *const paths[] = { "/config/products", "/kyc/status?email=a@example.com",
		"/health/live", "/return", "/kyc/status" };

	for (size_t i = 0; i < array_len(paths); i++) {
		const struct reply got = api_get(fx, key, paths[i]);
		const struct reply head = api_send(
			fx, &(struct test_request){ .method = METHOD_HEAD, .path = paths[i], .key = key });

		assert_int_equal(head.status, got.status);
		assert_true(str_eq(head.body, got.body));
	}
}

static struct reply with_id(struct api_fixture *fx, struct str id)
{
	struct test_request probe = { .method = METHOD_GET, .path = "/health/live" };

	probe.more_headers[0] = (struct header){ STR("x-request-id"), id };
	return api_send(fx, &probe);
}

static void a_well_formed_request_id_is_kept_another_replaced(void **state)
{
	static const struct {
		struct str given;
		bool kept;
	} rows[] = {
		{ STR_INIT("a"), true },
		{ STR_INIT("Req-1_2.3"), true },
		{ STR_INIT("0123456789012345678901234567890123456789012345678901234567890123"), true },
		{ STR_INIT("01234567890123456789012345678901234567890123456789012345678901234"), false },
		{ STR_INIT(""), false },
		{ STR_INIT("a b"), false },
		{ STR_INIT("ana@example.com"), false },
		{ STR_INIT("a\0b"), false },
		{ STR_INIT("\xc3\xa9"), false },
	};
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = with_id(fx, rows[i].given);
		const struct str said = reply_find_header(&reply, "X-Request-Id");

		assert_int_equal(str_eq(said, rows[i].given), rows[i].kept);
		assert_true(rows[i].kept || id_is_valid(said));
	}
	atomic_store(&fx->app.random.calls_before_failure, 0);
	const struct reply without = api_get(fx, NULL, "/health/live");
	assert_null(reply_find_header(&without, "X-Request-Id").p);
	assert_int_equal(without.status, 200);
}

static void the_request_id_stands_in_the_trail(void **state)
{
	struct api_fixture *const fx = *state;
	struct test_request probe = {
		.method = METHOD_POST, .path = "/kyc/prepare", .key = shop(fx), .body = ANA
	};
	static const struct audit_entry since;
	struct audit_entry rows[8];

	probe.more_headers[0] = (struct header){ STR("X-Request-Id"), STR("story-42") };
	assert_int_equal(api_send(fx, &probe).status, 201);
	const size_t n = fixture_find(&fx->app, QUERY_AUDIT_SINCE, &since, rows, 8);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].action != AUDIT_PREPARED)
			continue;
		assert_string_equal(rows[i].request_id, "story-42");
		assert_int_equal(rows[i].actor_kind, ACTOR_KEY);
		assert_int_equal(strlen(rows[i].actor), API_KEY_ID);
		return;
	}
	fail();
}

static void has_usual_headers(const struct reply *reply)
{
	assert_true(id_is_valid(reply_find_header(reply, "X-Request-Id")));
	assert_true(str_eq(reply_find_header(reply, "Cache-Control"), STR("no-store")));
	assert_true(str_eq(reply_find_header(reply, "X-Content-Type-Options"), STR("nosniff")));
}

static void the_same_headers_on_every_answer(void **state)
{
	static const char *const paths[] = { "/nowhere", "/kyc/prepare", "/config/products", "/return",
		"/health/live", "/health/ready", "/kyc/status?email=a@example.com" };
	struct api_fixture *const fx = *state;
	const char *const key = shop(fx);

	for (size_t i = 0; i < array_len(paths); i++) {
		const struct reply with = api_get(fx, key, paths[i]), without = api_get(fx, NULL, paths[i]);

		has_usual_headers(&with);
		has_usual_headers(&without);
	}
	for (enum refusal refusal = 0; refusal < REFUSAL_COUNT; refusal++) {
		struct reply reply = { 0 };

		dispatch_refuse(&fx->api, refusal, &fx->app.arena, &reply);
		has_usual_headers(&reply);
	}
}

static void refusals_of_the_server_in_the_envelope(void **state)
{
	static const struct {
		enum refusal refusal;
		int status;
		const char *word, *sentence;
	} rows[] = {
		{ REFUSE_BAD_REQUEST, 400, "bad_request", "Malformed request" },
		{ REFUSE_TIMEOUT, 408, "request_timeout", "The request took too long to arrive" },
		{ REFUSE_PAYLOAD, 413, "payload_too_large", "Request body is larger than 64 KiB" },
		{ REFUSE_HEADER, 431, "header_too_large", "Request header is too large" },
		{ REFUSE_NOT_IMPLEMENTED, 501, "not_implemented", "Transfer coding not supported" },
		{ REFUSE_FULL, 503, "unavailable", "Service unavailable, try again later" },
		{ REFUSE_VERSION, 505, "http_version", "HTTP version not supported" },
	};
	struct api_fixture *const fx = *state;

	assert_int_equal(array_len(rows), REFUSAL_COUNT);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct reply reply = { 0 };

		dispatch_refuse(&fx->api, rows[i].refusal, &fx->app.arena, &reply);
		assert_answer(reply, rows[i].status, rows[i].word, rows[i].sentence);
		assert_int_equal(reply_find_header(&reply, "Retry-After").p != NULL, rows[i].status == 503);
	}
}

static void a_verdict_is_committed_whatever_it_says(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	char code[7], other[7], body[128];

	(void)api_post(fx, key.text, "/kyc/prepare", ANA);
	fixture_get_otp(&fx->app, &caller, "ana.exemplo@example.com", code);
	wrong_otp_for(code, other);
	(void)snprintf(body, sizeof(body), "{\"email\":\"ana.exemplo@example.com\",\"code\":\"%s\"}", other);
	assert_int_equal(api_post(fx, key.text, "/security/email/verify-otp", body).status, 400);
	struct otp otp = { .tenant_id = caller.tenant.id,
		.user_id = fixture_user(&fx->app, &caller, "ana.exemplo@example.com").id };
	fixture_load(&fx->app, RECORD_OTP, &otp);
	assert_int_equal(otp.tries_left, 4);
}

static void a_failure_is_undone_wherever_it_happens(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");

	(void)api_post(fx, key.text, "/kyc/prepare", ANA);
	/* The letter cannot be sealed: by then the bucket has been saved. */
	struct user user = fixture_user(&fx->app, &caller, "ana.exemplo@example.com");
	const struct str right = user.wrapped_key;
	user.wrapped_key = STR("spoilt");
	fixture_save(&fx->app, RECORD_USER, &user);
	assert_answer(api_post(fx, key.text, "/security/email/send-otp", ANA), 500, "server_error",
		"Server failed, try again later");
	user = fixture_user(&fx->app, &caller, "ana.exemplo@example.com");
	assert_true(moment_is_unset(user.send_tat));
	user.wrapped_key = right;
	fixture_save(&fx->app, RECORD_USER, &user);
	/* The work was done and the disk fails. */
	atomic_store(&fx->app.store.transactions_before_fault, 1); /* the key's look-up may be due */
	fixture_advance_clock(&fx->app, seconds(2));
	atomic_store(&fx->app.store.fault, STORE_FAULT_AFTER_WORK);
	const struct reply reply = api_post(fx, key.text, "/security/email/send-otp", ANA);
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("1")));
	assert_true(moment_is_unset(fixture_user(&fx->app, &caller, "ana.exemplo@example.com").send_tat));
	assert_int_equal(fixture_deliver_outbox(&fx->app), 0);
}

static void health(void **state)
{
	struct api_fixture *const fx = *state;

	assert_reply(api_get(fx, NULL, "/health/live"), 200, "{\"live\":true}");
	assert_reply(api_get(fx, NULL, "/health/ready"), 200, "{\"ready\":true}");
	fx->app.store.unready = true;
	assert_reply(api_get(fx, NULL, "/health/live"), 200, "{\"live\":true}");
	const struct reply unready = api_get(fx, NULL, "/health/ready");
	assert_answer(unready, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&unready, "Retry-After"), STR("1")));
}

static void the_admin_routes_count_and_name(void **state)
{
	struct api_fixture *const fx = *state;

	metrics_reset();
	dispatch_label(&fx->api);
	(void)api_get(fx, NULL, "/nowhere");
	(void)api_post(fx, NULL, "/kyc/prepare", ANA);
	fx->api.routes = admin_routes;
	fx->api.n_routes = n_admin_routes;
	fx->api.first_label = 1 + n_public_routes;
	fx->api.prefix_too = NULL;
	dispatch_label(&fx->api);
	assert_reply(api_get(fx, NULL, "/version"), 200, "{\"name\":\"kycd\",\"version\":\"0.1.0\"}");
	const struct reply metrics = api_get(fx, NULL, "/metrics");
	assert_int_equal(metrics.status, 200);
	assert_string_equal(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
	static const char *const lines[] = { "kycd_requests_total{route=\"none\",status=\"404\"} 1\n",
		"kycd_requests_total{route=\"/kyc/prepare\",status=\"401\"} 1\n",
		"kycd_requests_total{route=\"/version\",status=\"200\"} 1\n" };
	for (size_t i = 0; i < array_len(lines); i++)
		assert_non_null(memmem(metrics.body.p, metrics.body.n, lines[i], strlen(lines[i])));
	assert_int_equal(api_get(fx, NULL, "/api/version").status, 404);
	assert_int_equal(api_get(fx, NULL, "/kyc/prepare").status, 404);
}

static void lodge(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	(void)a;
	(*(size_t *)arg)++;
	*reply = (struct reply){ .status = 418, .content_type = "text/plain", .body = request->path };
}

static void what_is_mounted_answers_for_itself(void **state)
{
	struct api_fixture *const fx = *state;
	size_t calls = 0;

	fx->api.mount = STR("/sandbox/");
	fx->api.mounted = lodge;
	fx->api.mounted_arg = &calls;
	const struct reply reply = api_get(fx, NULL, "/sandbox/inbox?to=x");
	assert_reply(reply, 418, "/sandbox/inbox");
	assert_true(id_is_valid(reply_find_header(&reply, "X-Request-Id")));
	assert_int_equal(api_get(fx, NULL, "/sandbox").status, 404);
	assert_int_equal(api_get(fx, NULL, "/api/sandbox/inbox").status, 404);
	assert_int_equal(calls, 1);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, api_fixture_setup, api_fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(the_order_of_checks_row_by_row),
		TEST(a_wrong_method_names_the_right_ones),
		TEST(a_path_that_is_no_route),
		TEST(every_route_also_below_api_and_none_without_its_key),
		TEST(these_routes_need_no_key),
		TEST(media_types),
		TEST(malformed_bodies_name_the_field),
		TEST(deep_brackets_on_every_route_that_reads_json),
		TEST(query_strings),
		TEST(head_is_served_where_get_is),
		TEST(a_well_formed_request_id_is_kept_another_replaced),
		TEST(the_request_id_stands_in_the_trail),
		TEST(the_same_headers_on_every_answer),
		TEST(refusals_of_the_server_in_the_envelope),
		TEST(a_verdict_is_committed_whatever_it_says),
		TEST(a_failure_is_undone_wherever_it_happens),
		TEST(health),
		TEST(the_admin_routes_count_and_name),
		TEST(what_is_mounted_answers_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
