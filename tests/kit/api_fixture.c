#include "kit/api_fixture.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/describe/openapi.h"
#include "api/describe/responses.h"
#include "api/endpoints/routes.h"
#include "app/admin/operator.h"
#include "text/json.h"

/* More than any test uses. */
#define LONG_POLLS_MAX 16

/* The clock of the request metrics, which these tests do not check. */
static int64_t zero_micros(void)
{
	return 0;
}

int api_fixture_setup(void **state)
{
	struct api_fixture *const fx = calloc(1, sizeof(*fx));

	assert_non_null(fx);
	fixture_open(&fx->app);
	fx->app.rules.rate_per_minute = 1000000;
	fx->app.rules.rate_per_second = 1000000;
	assert_int_equal(guard_open(&fx->app.world, &fx->guard), OK);
	assert_int_equal(long_polls_open(LONG_POLLS_MAX, &fx->long_polls), OK);
	fx->api = (struct api_context){ .world = &fx->app.world,
		.guard = fx->guard,
		.single_flights = fx->app.single_flights,
		.long_polls = fx->long_polls,
		.version = STR("0.1.0"),
		.micros = zero_micros,
		.routes = public_routes,
		.n_routes = n_public_routes,
		.first_label = 1,
		.extra_prefix = "/api" };
	assert_int_equal(openapi_describe(&fx->api, &fx->app.arena), OK);
	*state = fx;
	return 0;
}

int api_fixture_teardown(void **state)
{
	struct api_fixture *const fx = *state;

	guard_close(fx->guard);
	long_polls_close(fx->long_polls);
	fixture_close(&fx->app);
	free(fx);
	return 0;
}

struct test_key api_create_key(struct api_fixture *fx, const char *tenant)
{
	const struct key_params params = { .tenant = str_of(tenant) };
	struct test_key key;
	struct api_key row;

	assert_int_equal(operator_create_key(&fx->app.world, &fx->app.arena, &params, &row, key.text), OK);
	key.id = row.id;
	return key;
}

static void add_header(struct request *request, struct str name, struct str value)
{
	assert_true(request->n_headers < REQUEST_HEADERS_MAX);
	request->headers[request->n_headers++] = (struct header){ name, value };
}

static struct str copy_to_fixture(struct api_fixture *fx, struct str s)
{
	const struct str copy = arena_copy(&fx->app.arena, s);

	assert_non_null(copy.p);
	return copy;
}

/* Returns the member "status" of a JSON answer, or an empty text if the reply is not a JSON answer. */
static struct str answer_status(struct api_fixture *fx, const struct reply *reply)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;

	if (json_parse(reply->body, true, &body) != OK ||
		json_kind_of(json_get(body, "statusCode")) == JSON_KIND_ABSENT)
		return (struct str){ NULL, 0 };
	return copy_to_fixture(fx, json_text(json_get(body, "status")));
}

static bool response_matches(const struct route_response *r, const struct reply *reply, struct str status)
{
	if (r->http != reply->status)
		return false;
	return r->plain ? status.n == 0 : str_eq(str_of(answer_rows[r->answer].status), status);
}

static const struct router_entry *entry_at(const void *routes, size_t i)
{
	return &((const struct route *const *)routes)[i]->entry;
}

bool reply_is_documented(struct api_fixture *fx, const struct request *request, const struct reply *reply)
{
	const struct router router = { entry_at, fx->api.routes, fx->api.n_routes, fx->api.extra_prefix };
	struct route_response documented[ROUTE_RESPONSES_MAX];
	struct route_match match;
	const struct str status = answer_status(fx, reply);

	if (router_match(&router, &fx->app.arena, request->method, request->path, &match) != ROUTE_FOUND)
		return true;
	const struct route *const route = fx->api.routes[match.index];
	if (!route->doc)
		return true;
	const size_t n = route_responses(route, documented);
	for (size_t i = 0; i < n; i++)
		if (response_matches(&documented[i], reply, status))
			return true;
	return false;
}

/* Appends the reply to the file named by the environment variable OBSERVED_ANSWERS, if it is set. Afterwards
 * tests/openapi_coverage.mjs, run by tools/test.sh, compares all replies with the OpenAPI document. Each line
 * is one write, because test programs append at the same time. */
static void record_reply(struct api_fixture *fx, const struct request *request, const struct reply *reply)
{
	const char *const path = getenv("OBSERVED_ANSWERS");
	struct buf text;
	struct json_writer w;
	struct str line;

	if (!path || path[0] == '\0' || fx->api.routes != public_routes)
		return;
	buf_init(&text, &fx->app.arena);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "method", method_name(request->method));
	json_field_text(&w, "path", request->path);
	json_field_int(&w, "http", reply->status);
	json_field_text(&w, "type", str_of(reply->content_type));
	json_field_text(&w, "text", reply->body);
	json_end_object(&w);
	buf_char(&text, '\n');
	assert_int_equal(buf_done(&text, &line), OK);
	FILE *const file = fopen(path, "a");
	assert_non_null(file);
	assert_int_equal(setvbuf(file, NULL, _IOFBF, line.n + 1), 0);
	assert_int_equal(fwrite(line.p, 1, line.n, file), line.n);
	assert_int_equal(fclose(file), 0);
}

struct reply api_send(struct api_fixture *fx, const struct test_request *sent)
{
	struct str query = str_of(sent->path), path;
	struct request request = { .method = sent->method, .peer = STR("192.0.2.1") };
	struct reply reply = { 0 };
	struct arena call;

	(void)str_cut(&query, '?', &path);
	request.path = path;
	request.query = query;
	if (sent->key)
		add_header(&request, STR("X-Api-Key"), str_of(sent->key));
	if (sent->content_type ? sent->content_type[0] != '\0' : sent->body != NULL)
		add_header(&request, STR("Content-Type"),
			str_of(sent->content_type ? sent->content_type : "application/json"));
	for (size_t i = 0; i < TEST_REQUEST_HEADERS && sent->more_headers[i].name.n > 0; i++)
		add_header(&request, sent->more_headers[i].name, sent->more_headers[i].value);
	request.body = str_of(sent->body);
	arena_init(&call, fx->call_bytes > 0 ? fx->call_bytes : ARENA_CALL_LIMIT);
	dispatch_serve(&fx->api, &request, &call, &reply);
	reply.body = copy_to_fixture(fx, reply.body);
	for (size_t i = 0; i < reply.n_headers; i++)
		reply.headers[i].value = copy_to_fixture(fx, reply.headers[i].value);
	arena_finish(&call);
	if (!reply_is_documented(fx, &request, &reply))
		fail_msg(
			"%s: the route's documentation does not list this reply; add it or correct the endpoint: %d %.*s",
			sent->path, reply.status, STR_ARG(reply.body));
	record_reply(fx, &request, &reply);
	return reply;
}

struct reply api_post(struct api_fixture *fx, const char *key, const char *path, const char *body)
{
	return api_send(
		fx, &(struct test_request){ .method = METHOD_POST, .path = path, .key = key, .body = body });
}

struct reply api_get(struct api_fixture *fx, const char *key, const char *path)
{
	return api_send(fx, &(struct test_request){ .method = METHOD_GET, .path = path, .key = key });
}

void api_verify_email(struct api_fixture *fx, const char *key, const char *email)
{
	char body[400];

	(void)snprintf(body, sizeof(body), "{\"email\":\"%s\"}", email);
	assert_in_range(api_post(fx, key, "/kyc/prepare", body).status, 200, 201);
	assert_int_equal(api_post(fx, key, "/security/email/send-otp", body).status, 201);
	(void)fixture_deliver_outbox(&fx->app);
	(void)snprintf(body, sizeof(body), "{\"email\":\"%s\",\"code\":\"%.6s\"}", email,
		fixture_last_mail(&fx->app)->text);
	assert_int_equal(api_post(fx, key, "/security/email/verify-otp", body).status, 200);
}

struct str reply_find_header(const struct reply *reply, const char *name)
{
	struct str found = { NULL, 0 };

	for (size_t i = 0; i < reply->n_headers; i++) {
		if (!str_eq_nocase(reply->headers[i].name, str_of(name)))
			continue;
		assert_null(found.p);
		found = reply->headers[i].value;
	}
	return found;
}

void assert_reply_at(struct reply reply, int status, const char *body, const char *file, int line)
{
	if (reply.status == status && str_eq(reply.body, str_of(body)))
		return;
	print_error("expected %d %s\nreceived %d %.*s\n", status, body, reply.status, STR_ARG(reply.body));
	_fail(file, line);
}

void assert_answer_at(
	struct reply reply, int status, const char *word, const char *message, const char *file, int line)
{
	char body[512];

	(void)snprintf(body, sizeof(body),
		"{\"statusCode\":%d,\"success\":%s,\"status\":\"%s\",\"message\":\"%s\"}", status,
		status < 300 ? "true" : "false", word, message);
	assert_reply_at(reply, status, body, file, line);
	if (!str_eq(str_of(reply.content_type), STR("application/json; charset=utf-8")))
		_fail(file, line);
}

bool reply_has_cause(struct reply reply, int status, const char *word, const char *message, const char *cause)
{
	char start[512];

	(void)snprintf(start, sizeof(start),
		"{\"statusCode\":%d,\"success\":false,\"status\":\"%s\",\"message\":\"%s\",\"details\":{\"cause\":"
		"\"%s\",\"explanation\":\"",
		status, word, message, cause);
	if (reply.status == status && str_starts(reply.body, str_of(start)))
		return true;
	print_error("expected %d %s…\nreceived %d %.*s\n", status, start, reply.status, STR_ARG(reply.body));
	return false;
}
