/* Tests of the dispatcher: the order of its checks, how it reads bodies, queries and headers, and when it
 * commits. */
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
#include "app/admin/operator.h"
#include "base/metrics.h"
#include "kit/api_fixture.h"

#define ANA "{\"email\":\"ana.exemplo@example.com\"}"

static const char *add_shop_with_key(struct api_fixture *fx)
{
	static struct test_key key;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	key = api_create_key(fx, "shop");
	return key.text;
}

/* Returns a key that may call every route. */
static const char *add_shop_with_all_scopes(struct api_fixture *fx)
{
	static char text[API_KEY_LENGTH + 1];
	const struct key_params params = { .tenant = STR("shop"), .scopes = SCOPES_ALL };
	struct api_key row;

	(void)fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	assert_int_equal(operator_create_key(&fx->app.world, &fx->app.arena, &params, &row, text), OK);
	return text;
}

static bool is_answer(const struct reply *reply, int status, const char *answer_status)
{
	char part[64];

	(void)snprintf(part, sizeof(part), "\"status\":\"%s\"", answer_status);
	return reply->status == status && memmem(reply->body.p, reply->body.n, part, strlen(part));
}

/* The request of each row has the fault that the row tests, and also the faults of all later rows. So the
 * answer shows which check comes first. */
static void checks_are_made_in_this_order(void **state)
{
	static const char bad_json[] = "{";
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	const struct {
		const char *path, *key, *content_type, *body;
		enum method method;
		int status;
		const char *answer_status;
	} rows[] = {
		{ "/kyc/nowhere", NULL, "text/plain", bad_json, METHOD_DELETE, 404, "route_not_found" },
		{ "/kyc/create/nothing", NULL, "text/plain", bad_json, METHOD_DELETE, 405,
			"method_not_allowed" },
		{ "/kyc/create/nothing", NULL, "text/plain", bad_json, METHOD_POST, 401, NULL },
		{ "/kyc/create/nothing", key, "text/plain", bad_json, METHOD_POST, 404, "method_not_found" },
		{ "/kyc/create/verify_public_kyc", key, "text/plain", bad_json, METHOD_POST, 415,
			"unsupported_media_type" },
		{ "/kyc/create/verify_public_kyc", key, "application/json", bad_json, METHOD_POST, 400,
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
								.content_type = rows[i].content_type,
								.body = rows[i].body });

		if (rows[i].answer_status ? !is_answer(&reply, rows[i].status, rows[i].answer_status)
					  : reply.status != rows[i].status)
			fail_msg("row %zu: %d %.*s", i, reply.status, STR_ARG(reply.body));
	}
	/* The rate limit is checked after the key and before the path parameter. */
	fx->app.rules.rate_per_second = 1;
	fixture_advance_clock(&fx->app, minutes(2));
	(void)api_get(fx, key, "/config/products");
	assert_int_equal(api_post(fx, key, "/kyc/create/nothing", bad_json).status, 429);
}

static void wrong_method_gets_405_with_allow(void **state)
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

static void unknown_path_gets_404(void **state)
{
	static const char *const rows[] = { "/", "", "/kyc", "/kyc/", "/kyc/prepare/", "/KYC/prepare",
		"//kyc/prepare", "/api", "/api/", "/api/api/kyc/prepare", "/kyc/create/", "/kyc/create/a/b",
		"/kyc/create/a%2Fb/c", "/metrics", "/version", "/sandbox/inbox", "/docs", "/kyc%2Fprepare" };
	struct api_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(rows); i++)
		assert_answer(api_post(fx, NULL, rows[i], ANA), 404, "route_not_found", "No such route");
	/* An escaped slash is part of the path parameter. */
	const char *const key = add_shop_with_key(fx);
	assert_answer(api_post(fx, key, "/kyc/create/verify%2Fpublic", ANA), 404, "method_not_found",
		"Method provided not found");
	assert_int_equal(api_post(fx, key, "/kyc/create/verify%5Fpublic_kyc", ANA).status, 403);
}

static void write_path(const char *pattern, char *path, size_t size, const char *prefix)
{
	const char *const colon = strchr(pattern, ':');

	const char *const rest = colon ? strchr(colon, '/') : NULL;

	if (colon)
		(void)snprintf(path, size, "%s%.*sverify_public_kyc%s", prefix, (int)(colon - pattern),
			pattern, rest ? rest : "");
	else
		(void)snprintf(path, size, "%s%s", prefix, pattern);
}

static void every_route_exists_below_api_and_requires_its_key(void **state)
{
	static const char *const prefixes[] = { "", "/api" };
	struct api_fixture *const fx = *state;
	char path[128];

	for (size_t i = 0; i < n_public_routes; i++) {
		for (size_t j = 0; j < array_len(prefixes); j++) {
			write_path(public_routes[i]->entry.pattern, path, sizeof(path), prefixes[j]);
			const struct test_request sent = { .method = public_routes[i]->entry.method,
				.path = path };
			const struct reply reply = api_send(fx, &sent);

			if (public_routes[i]->guard == GUARD_TENANT)
				assert_reply(reply, 401,
					"{\"code\":401,\"message\":\"Unauthorized or API key invalid.\","
					"\"docs\":\"https://docs.starkfi.io/\"}");
			else
				assert_false(is_answer(&reply, 404, "route_not_found"));
			assert_int_not_equal(reply.status, 405);
		}
	}
}

/* Exactly these routes work without an API key (interface.md, section 3). */
static void only_these_routes_need_no_key(void **state)
{
	static const char *const patterns[] = { "/webhooks/didit", "/return", "/health/live", "/health/ready",
		"/openapi.json" };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < n_public_routes; i++) {
		if (public_routes[i]->guard == GUARD_TENANT)
			continue;
		assert_string_equal(public_routes[i]->entry.pattern, patterns[n]);
		n++;
	}
	assert_int_equal(n, array_len(patterns));
}

static void content_type_must_be_json(void **state)
{
	static const struct {
		const char *content_type, *body;
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
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct test_request sent = { .method = METHOD_POST,
			.path = "/kyc/prepare",
			.key = key,
			.content_type = rows[i].content_type,
			.body = rows[i].body };
		const struct reply reply = api_send(fx, &sent);

		if (reply.status != rows[i].status)
			fail_msg("row %zu: %d", i, reply.status);
		if (reply.status == 415)
			assert_cause(reply, 415, "unsupported_media_type",
				"Content-Type must be application/json",
				rows[i].content_type[0] ? "content_type" : "content_type_missing");
	}
}

/* "identity" is no coding. The check comes before that of the Content-Type. */
static void compressed_body_is_answered_415(void **state)
{
	static const struct {
		const char *coding, *content_type;
		int status;
	} rows[] = {
		{ "gzip", "application/json", 415 },
		{ "gzip", "text/plain", 415 },
		{ "br", "application/json", 415 },
		{ "identity, deflate", "application/json", 415 },
		{ "identity", "application/json", 201 },
		{ "Identity", "application/json", 200 },
		{ "", "application/json", 200 },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		struct test_request sent = { .method = METHOD_POST,
			.path = "/kyc/prepare",
			.key = key,
			.content_type = rows[i].content_type,
			.body = ANA };

		sent.more_headers[0] = (struct header){ STR("Content-Encoding"), str_of(rows[i].coding) };
		const struct reply reply = api_send(fx, &sent);

		assert_int_equal(reply.status, rows[i].status);
		if (reply.status != 415)
			continue;
		assert_cause(reply, 415, "unsupported_media_type",
			"The body must not have a Content-Encoding", "content_encoding");
		assert_true(str_eq(reply_find_header(&reply, "Accept-Encoding"), STR("identity")));
	}
	struct test_request get = { .method = METHOD_GET, .path = "/config/products", .key = key };
	get.more_headers[0] = (struct header){ STR("Content-Encoding"), STR("gzip") };
	assert_int_equal(api_send(fx, &get).status, 200);
}

static void answer_to_a_malformed_body_names_the_field(void **state)
{
	static const struct {
		const char *body, *answer_status, *message, *cause;
	} rows[] = {
		{ "{", "invalid_parameters", "body must be a JSON object", "truncated" },
		{ "[]", "invalid_parameters", "body must be a JSON object", "not_an_object" },
		{ "\"x\"", "invalid_parameters", "body must be a JSON object", "not_an_object" },
		{ "{} x", "invalid_parameters", "body must be a JSON object", "extra_text" },
		{ "{\"email\":\"\\ud800\"}", "invalid_parameters", "body must be a JSON object", "escape" },
		{ "{\"email\":\"a\\u0000@example.com\"}", "invalid_parameters", "body must be a JSON object",
			"nul" },
		{ "{\"email\":7}", "invalid_parameters", "email must be a string", "type" },
		{ "{\"email\":{}}", "invalid_parameters", "email must be a string", "type" },
		{ "{\"email\":\"a\"}", "invalid_parameters", "email is malformed", "at_sign" },
		{ "{\"email\":\"a@b\"}", "invalid_parameters", "email is malformed", "no_dot" },
		{ "{\"email\":\"a\\r\\nBcc: x@example.com\"}", "invalid_parameters", "email is malformed",
			"control_character" },
		{ "{\"email\":\"a@example.com\",\"email\":\"b@example.com\"}", "invalid_parameters",
			"email is given twice", "duplicate" },
		{ "{\"x\":1,\"x\":2}", "invalid_parameters", "a field is given twice", "duplicate" },
		{ "{\"email\":null}", "missing_params", "email is required", "missing" },
		{ "{\"email\":\"  \"}", "missing_params", "email is required", "empty" },
		{ "", "missing_params", "email is required", "missing" },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(rows); i++)
		assert_cause(api_post(fx, key, "/kyc/prepare", rows[i].body), 400, rows[i].answer_status,
			rows[i].message, rows[i].cause);
}

/* Every POST route that requires a tenant's key reads a JSON body. */
static void deeply_nested_json_is_rejected_on_every_route(void **state)
{
	enum { DEPTH = 60000 };
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_all_scopes(fx);
	char *const nested = malloc(DEPTH + 1);
	char path[128];
	size_t n_routes = 0;

	assert_non_null(nested);
	memset(nested, '[', DEPTH);
	nested[DEPTH] = '\0';
	for (size_t i = 0; i < n_public_routes; i++) {
		if (public_routes[i]->guard != GUARD_TENANT || public_routes[i]->entry.method != METHOD_POST)
			continue;
		assert_non_null(public_routes[i]->form);
		write_path(public_routes[i]->entry.pattern, path, sizeof(path), "");
		assert_cause(api_post(fx, key, path, nested), 400, "invalid_parameters",
			"body must be a JSON object", "too_deep");
		n_routes++;
	}
	assert_int_not_equal(n_routes, 0);
	free(nested);
}

static void body_headers_are_checked_on_every_route(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_all_scopes(fx);
	char path[128];

	for (size_t i = 0; i < n_public_routes; i++) {
		if (public_routes[i]->guard != GUARD_TENANT || public_routes[i]->entry.method != METHOD_POST)
			continue;
		write_path(public_routes[i]->entry.pattern, path, sizeof(path), "");
		struct test_request sent = { .method = METHOD_POST,
			.path = path,
			.key = key,
			.content_type = "text/plain",
			.body = ANA };
		assert_cause(api_send(fx, &sent), 415, "unsupported_media_type",
			"Content-Type must be application/json", "content_type");
		sent.content_type = NULL;
		sent.more_headers[0] = (struct header){ STR("Content-Encoding"), STR("gzip") };
		assert_cause(api_send(fx, &sent), 415, "unsupported_media_type",
			"The body must not have a Content-Encoding", "content_encoding");
	}
}

static void query_string_is_checked(void **state)
{
	static const struct {
		const char *path;
		int status;
		const char *answer_status, *message, *cause;
	} rows[] = {
		{ "/kyc/status?email=", 400, "missing_params", "email is required", "empty" },
		{ "/kyc/status?mail=a@example.com", 400, "missing_params", "email is required", "missing" },
		{ "/kyc/status?session_id=scripted-1", 400, "missing_params", "email is required",
			"post_only" },
		{ "/kyc/status?email=a@example.com&email=b@example.com", 400, "invalid_parameters",
			"email is given twice", "duplicate" },
		{ "/kyc/status?email=%zz", 400, "invalid_parameters", "email is malformed",
			"percent_encoding" },
		{ "/kyc/status?email=a%00@example.com", 400, "invalid_parameters", "email is malformed",
			"percent_encoding" },
		{ "/kyc/status?email=a@example.com&x=y", 404, "user_not_found", "User not found in whitelist",
			NULL },
	};
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct reply reply = api_get(fx, key, rows[i].path);

		if (rows[i].cause)
			assert_cause(
				reply, rows[i].status, rows[i].answer_status, rows[i].message, rows[i].cause);
		else
			assert_answer(reply, rows[i].status, rows[i].answer_status, rows[i].message);
	}
}

static void head_is_served_like_get(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);
	static const char *const paths[] = { "/config/products", "/kyc/status?email=a@example.com",
		"/health/live", "/return", "/kyc/status" };

	for (size_t i = 0; i < array_len(paths); i++) {
		const struct reply got = api_get(fx, key, paths[i]);
		const struct reply head_reply = api_send(
			fx, &(struct test_request){ .method = METHOD_HEAD, .path = paths[i], .key = key });

		assert_int_equal(head_reply.status, got.status);
		assert_true(str_eq(head_reply.body, got.body));
	}
}

static struct reply send_with_request_id(struct api_fixture *fx, struct str id)
{
	struct test_request sent = { .method = METHOD_GET, .path = "/health/live" };

	sent.more_headers[0] = (struct header){ STR("x-request-id"), id };
	return api_send(fx, &sent);
}

static void valid_request_id_is_kept_and_others_are_replaced(void **state)
{
	static const struct {
		struct str id;
		bool is_kept;
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
		const struct reply reply = send_with_request_id(fx, rows[i].id);
		const struct str returned = reply_find_header(&reply, "X-Request-Id");

		assert_int_equal(str_eq(returned, rows[i].id), rows[i].is_kept);
		assert_true(rows[i].is_kept || id_is_valid(returned));
	}
	atomic_store(&fx->app.random.calls_before_failure, 0);
	const struct reply without_id = api_get(fx, NULL, "/health/live");
	assert_null(reply_find_header(&without_id, "X-Request-Id").p);
	assert_int_equal(without_id.status, 200);
}

static void request_id_is_in_the_audit_log(void **state)
{
	struct api_fixture *const fx = *state;
	struct test_request sent = {
		.method = METHOD_POST, .path = "/kyc/prepare", .key = add_shop_with_key(fx), .body = ANA
	};
	static const struct audit_entry since;
	struct audit_entry rows[8];

	sent.more_headers[0] = (struct header){ STR("X-Request-Id"), STR("request-42") };
	assert_int_equal(api_send(fx, &sent).status, 201);
	const size_t n = fixture_find(&fx->app, QUERY_AUDIT_SINCE, &since, rows, 8);
	for (size_t i = 0; i < n; i++) {
		if (rows[i].action != AUDIT_PREPARED)
			continue;
		assert_string_equal(rows[i].request_id, "request-42");
		assert_int_equal(rows[i].actor_kind, ACTOR_KEY);
		assert_int_equal(strlen(rows[i].actor), API_KEY_ID);
		return;
	}
	fail();
}

static void assert_standard_headers(const struct reply *reply)
{
	assert_true(id_is_valid(reply_find_header(reply, "X-Request-Id")));
	assert_true(str_eq(reply_find_header(reply, "Cache-Control"), STR("no-store")));
	assert_true(str_eq(reply_find_header(reply, "X-Content-Type-Options"), STR("nosniff")));
}

static void every_answer_has_the_standard_headers(void **state)
{
	static const char *const paths[] = { "/nowhere", "/kyc/prepare", "/config/products", "/return",
		"/health/live", "/health/ready", "/kyc/status?email=a@example.com" };
	struct api_fixture *const fx = *state;
	const char *const key = add_shop_with_key(fx);

	for (size_t i = 0; i < array_len(paths); i++) {
		const struct reply with_key = api_get(fx, key, paths[i]),
				   without_key = api_get(fx, NULL, paths[i]);

		assert_standard_headers(&with_key);
		assert_standard_headers(&without_key);
	}
	for (enum refusal refusal = 0; refusal < REFUSAL_COUNT; refusal++) {
		struct reply reply = { 0 };

		dispatch_refuse(&fx->api, refusal, &fx->app.arena, &reply);
		assert_standard_headers(&reply);
	}
}

static void server_refusals_are_json_answers(void **state)
{
	static const struct {
		enum refusal refusal;
		int status;
		const char *answer_status, *message;
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
		assert_answer(reply, rows[i].status, rows[i].answer_status, rows[i].message);
		assert_int_equal(reply_find_header(&reply, "Retry-After").p != NULL, rows[i].status == 503);
	}
}

static void refused_code_is_committed_as_a_used_try(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");
	char code[7], wrong_code[7], body[128];

	(void)api_post(fx, key.text, "/kyc/prepare", ANA);
	fixture_get_otp(&fx->app, &caller, "ana.exemplo@example.com", code);
	wrong_otp_for(code, wrong_code);
	(void)snprintf(
		body, sizeof(body), "{\"email\":\"ana.exemplo@example.com\",\"code\":\"%s\"}", wrong_code);
	assert_int_equal(api_post(fx, key.text, "/security/email/verify-otp", body).status, 400);
	struct otp otp = { .tenant_id = caller.tenant.id,
		.user_id = fixture_user(&fx->app, &caller, "ana.exemplo@example.com").id };
	fixture_load(&fx->app, RECORD_OTP, &otp);
	assert_int_equal(otp.tries_left, 4);
}

static void failure_rolls_back_the_transaction(void **state)
{
	struct api_fixture *const fx = *state;
	const struct caller caller = fixture_add_tenant(&fx->app, "shop", NULL, NO_QUOTA);
	const struct test_key key = api_create_key(fx, "shop");

	(void)api_post(fx, key.text, "/kyc/prepare", ANA);
	/* The person's rate limit is saved first; then encrypting the e-mail fails, because the person's key
	 * is invalid. The rate limit must be rolled back. */
	struct user user = fixture_user(&fx->app, &caller, "ana.exemplo@example.com");
	const struct str correct_key = user.wrapped_key;
	user.wrapped_key = STR("invalid");
	fixture_save(&fx->app, RECORD_USER, &user);
	assert_answer(api_post(fx, key.text, "/security/email/send-otp", ANA), 500, "server_error",
		"Server failed, try again later");
	user = fixture_user(&fx->app, &caller, "ana.exemplo@example.com");
	assert_true(moment_is_unset(user.send_tat));
	user.wrapped_key = correct_key;
	fixture_save(&fx->app, RECORD_USER, &user);
	/* Another way to fail: the store runs the work of the transaction, but cannot commit it. */
	atomic_store(&fx->app.store.transactions_before_fault,
		1); /* the first transaction loads the API key and succeeds */
	fixture_advance_clock(&fx->app, seconds(2));
	atomic_store(&fx->app.store.fault, STORE_FAULT_AFTER_WORK);
	const struct reply reply = api_post(fx, key.text, "/security/email/send-otp", ANA);
	atomic_store(&fx->app.store.fault, STORE_FAULT_NONE);
	assert_answer(reply, 503, "unavailable", "Service unavailable, try again later");
	assert_true(str_eq(reply_find_header(&reply, "Retry-After"), STR("1")));
	assert_true(moment_is_unset(fixture_user(&fx->app, &caller, "ana.exemplo@example.com").send_tat));
	assert_int_equal(fixture_deliver_outbox(&fx->app), 0);
}

static void health_endpoints(void **state)
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

static void admin_routes_are_counted_by_name(void **state)
{
	struct api_fixture *const fx = *state;

	metrics_reset();
	dispatch_label(&fx->api);
	(void)api_get(fx, NULL, "/nowhere");
	(void)api_post(fx, NULL, "/kyc/prepare", ANA);
	fx->api.routes = admin_routes;
	fx->api.n_routes = n_admin_routes;
	fx->api.first_label = 1 + n_public_routes;
	fx->api.extra_prefix = NULL;
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

/* A scrape that contains the same labels twice is invalid: GET and POST of one path share a row. */
static void routes_with_the_same_path_are_counted_together(void **state)
{
	struct api_fixture *const fx = *state;
	const char *const line = "kycd_requests_total{route=\"/kyc/status\",status=\"401\"} 2\n";

	metrics_reset();
	dispatch_label(&fx->api);
	(void)api_get(fx, NULL, "/kyc/status?email=ana@example.com");
	(void)api_post(fx, NULL, "/kyc/status", ANA);
	fx->api.routes = admin_routes;
	fx->api.n_routes = n_admin_routes;
	fx->api.first_label = 1 + n_public_routes;
	dispatch_label(&fx->api);
	(void)api_get(fx, NULL, "/health/live");
	const struct str text = api_get(fx, NULL, "/metrics").body;
	assert_non_null(memmem(text.p, text.n, line, strlen(line)));
	struct str rest = text, first;
	size_t n = 0;
	while (str_cut(&rest, '\n', &first))
		n += str_starts(first, STR("kycd_requests_total{route=\"/kyc/status\",status=\"401\"}")) +
		     str_starts(first, STR("kycd_requests_total{route=\"/health/live\",status=\"200\"}"));
	assert_int_equal(n, 2);
}

static void serve_mounted(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	(void)a;
	(*(size_t *)arg)++;
	*reply = (struct reply){ .status = 418, .content_type = "text/plain", .body = request->path };
}

static void mounted_handler_serves_its_prefix(void **state)
{
	struct api_fixture *const fx = *state;
	size_t calls = 0;

	fx->api.mount = STR("/sandbox/");
	fx->api.mounted = serve_mounted;
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
		TEST(checks_are_made_in_this_order),
		TEST(wrong_method_gets_405_with_allow),
		TEST(unknown_path_gets_404),
		TEST(every_route_exists_below_api_and_requires_its_key),
		TEST(only_these_routes_need_no_key),
		TEST(content_type_must_be_json),
		TEST(compressed_body_is_answered_415),
		TEST(answer_to_a_malformed_body_names_the_field),
		TEST(deeply_nested_json_is_rejected_on_every_route),
		TEST(body_headers_are_checked_on_every_route),
		TEST(query_string_is_checked),
		TEST(head_is_served_like_get),
		TEST(valid_request_id_is_kept_and_others_are_replaced),
		TEST(request_id_is_in_the_audit_log),
		TEST(every_answer_has_the_standard_headers),
		TEST(server_refusals_are_json_answers),
		TEST(refused_code_is_committed_as_a_used_try),
		TEST(failure_rolls_back_the_transaction),
		TEST(health_endpoints),
		TEST(admin_routes_are_counted_by_name),
		TEST(routes_with_the_same_path_are_counted_together),
		TEST(mounted_handler_serves_its_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
