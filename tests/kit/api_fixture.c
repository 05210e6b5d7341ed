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

/* Metrics are not what is tested here. */
static int64_t no_time(void)
{
	return 0;
}

int desk_setup(void **state)
{
	struct kit_desk *const d = calloc(1, sizeof(*d));

	assert_non_null(d);
	kit_open(&d->kit);
	d->kit.rules.rate_per_minute = 1000000;
	d->kit.rules.rate_per_second = 1000000;
	assert_int_equal(guard_open(&d->kit.world, &d->guard), OK);
	d->api = (struct api_context){ .world = &d->kit.world,
		.guard = d->guard,
		.single_flights = d->kit.single_flights,
		.version = STR("0.1.0"),
		.micros = no_time,
		.routes = public_routes,
		.n_routes = n_public_routes,
		.first_label = 1,
		.prefix_too = "/api" };
	assert_int_equal(openapi_describe(&d->api, &d->kit.arena), OK);
	*state = d;
	return 0;
}

int desk_teardown(void **state)
{
	struct kit_desk *const d = *state;

	guard_close(d->guard);
	kit_close(&d->kit);
	free(d);
	return 0;
}

struct kit_key desk_key(struct kit_desk *d, const char *tenant)
{
	const struct key_params params = { .tenant = str_of(tenant) };
	struct kit_key key;
	struct api_key row;

	assert_int_equal(operator_create_key(&d->kit.world, &d->kit.arena, &params, &row, key.text), OK);
	key.id = row.id;
	return key;
}

static void add_header(struct request *request, struct str name, struct str value)
{
	assert_true(request->n_headers < REQUEST_HEADERS_MAX);
	request->headers[request->n_headers++] = (struct header){ name, value };
}

static struct str keep(struct kit_desk *d, struct str s)
{
	const struct str copy = arena_copy(&d->kit.arena, s);

	assert_non_null(copy.p);
	return copy;
}

/* "status" of the envelope; empty: not in it. */
static struct str word_of(struct kit_desk *d, const struct reply *reply)
{
	const struct json_value *body cleanup_with(json_cleanup) = NULL;

	if (json_parse(reply->body, true, &body) != OK ||
		json_kind_of(json_get(body, "statusCode")) == JSON_KIND_ABSENT)
		return (struct str){ NULL, 0 };
	return keep(d, json_text(json_get(body, "status")));
}

static bool is_said(const struct route_response *s, const struct reply *reply, struct str word)
{
	if (s->http != reply->status)
		return false;
	return s->plain ? word.n == 0 : str_eq(str_of(answer_rows[s->answer].status), word);
}

static const struct router_entry *entry_at(const void *routes, size_t i)
{
	return &((const struct route *const *)routes)[i]->entry;
}

bool desk_names(struct kit_desk *d, const struct request *request, const struct reply *reply)
{
	const struct router router = { entry_at, d->api.routes, d->api.n_routes, d->api.prefix_too };
	struct route_response said[ROUTE_RESPONSES_MAX];
	struct route_match match;
	const struct str word = word_of(d, reply);

	if (router_match(&router, &d->kit.arena, request->method, request->path, &match) != ROUTE_FOUND)
		return true;
	const struct route *const route = d->api.routes[match.index];
	if (!route->doc)
		return true;
	const size_t n = route_responses(route, said);
	for (size_t i = 0; i < n; i++)
		if (is_said(&said[i], reply, word))
			return true;
	return false;
}

/* For tools/test.sh: what was said here is held against the description there. One write a line, since the
 * tests run at the same time. */
static void tell(struct kit_desk *d, const struct request *request, const struct reply *reply)
{
	const char *const path = getenv("HEARD_ANSWERS");
	struct buf text;
	struct json_writer w;
	struct str line;

	if (!path || path[0] == '\0' || d->api.routes != public_routes)
		return;
	buf_init(&text, &d->kit.arena);
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

struct reply desk_ask(struct kit_desk *d, const struct probe *probe)
{
	struct str query = str_of(probe->path), path;
	struct request request = { .method = probe->method, .peer = STR("192.0.2.1") };
	struct reply reply = { 0 };
	struct arena call;

	(void)str_cut(&query, '?', &path);
	request.path = path;
	request.query = query;
	if (probe->key)
		add_header(&request, STR("X-Api-Key"), str_of(probe->key));
	if (probe->type ? probe->type[0] != '\0' : probe->body != NULL)
		add_header(&request, STR("Content-Type"),
			str_of(probe->type ? probe->type : "application/json"));
	for (size_t i = 0; i < PROBE_HEADERS && probe->more[i].name.n > 0; i++)
		add_header(&request, probe->more[i].name, probe->more[i].value);
	request.body = str_of(probe->body);
	arena_init(&call, ARENA_CALL_LIMIT);
	dispatch_serve(&d->api, &request, &call, &reply);
	reply.body = keep(d, reply.body);
	for (size_t i = 0; i < reply.n_headers; i++)
		reply.headers[i].value = keep(d, reply.headers[i].value);
	arena_finish(&call);
	if (!desk_names(d, &request, &reply))
		fail_msg("%s says what its row in routes.c does not name: %d %.*s", probe->path, reply.status,
			STR_ARG(reply.body));
	tell(d, &request, &reply);
	return reply;
}

struct reply desk_post(struct kit_desk *d, const char *key, const char *path, const char *body)
{
	return desk_ask(d, &(struct probe){ .method = METHOD_POST, .path = path, .key = key, .body = body });
}

struct reply desk_get(struct kit_desk *d, const char *key, const char *path)
{
	return desk_ask(d, &(struct probe){ .method = METHOD_GET, .path = path, .key = key });
}

void desk_prove(struct kit_desk *d, const char *key, const char *email)
{
	char body[400];

	(void)snprintf(body, sizeof(body), "{\"email\":\"%s\"}", email);
	assert_in_range(desk_post(d, key, "/kyc/prepare", body).status, 200, 201);
	assert_int_equal(desk_post(d, key, "/security/email/send-otp", body).status, 201);
	(void)kit_carry(&d->kit);
	(void)snprintf(body, sizeof(body), "{\"email\":\"%s\",\"code\":\"%.6s\"}", email,
		kit_last_letter(&d->kit)->text);
	assert_int_equal(desk_post(d, key, "/security/email/verify-otp", body).status, 200);
}

struct str reply_value(const struct reply *reply, const char *name)
{
	struct str found = { NULL, 0 };

	for (size_t i = 0; i < reply->n_headers; i++) {
		if (!str_eq_nocase(reply->headers[i].name, str_of(name)))
			continue;
		assert_null(found.p); /* never twice */
		found = reply->headers[i].value;
	}
	return found;
}

void expect_reply_at(struct reply reply, int status, const char *body, const char *file, int line)
{
	if (reply.status == status && str_eq(reply.body, str_of(body)))
		return;
	print_error("expected %d %s\nreceived %d %.*s\n", status, body, reply.status, STR_ARG(reply.body));
	_fail(file, line);
}

void expect_answer_at(
	struct reply reply, int status, const char *word, const char *message, const char *file, int line)
{
	char body[512];

	(void)snprintf(body, sizeof(body),
		"{\"statusCode\":%d,\"success\":%s,\"status\":\"%s\",\"message\":\"%s\"}", status,
		status < 300 ? "true" : "false", word, message);
	expect_reply_at(reply, status, body, file, line);
	if (!str_eq(str_of(reply.content_type), STR("application/json; charset=utf-8")))
		_fail(file, line);
}
