#include "api/describe/openapi.h"

#include "api/describe/operation.h"
#include "api/describe/request_schema.h"

static void print_head(struct printer *p)
{
	field(p, "openapi", "3.1.0");
	open_object(p, "info");
	field(p, "title", "kycd");
	json_field_text(&p->w, "version", p->d->version);
	field(p, "summary", "A KYC gateway that a company runs itself");
	field(p, "description",
		"Register an address, have the person verify it, send the person through an identity check, and read "
		"the result as one status.\n\nResponses have a common envelope: branch on `status`, never on "
		"`message`. Two errors have `code` instead of the envelope: 401 (API key) and 429 (rate limit of the "
		"key).\n\nEvery path is also served below `/api`, and `HEAD` wherever `GET` is. Unknown fields of a "
		"request are ignored; an empty field or `null` counts as missing. Requests are checked in this order: "
		"form and size (400, 408, 413, 431, 501, 505), route (404, 405), API key (401), rate limit (429), "
		"scope (403), values in the path (404), media type (415), body (400); the endpoint's own checks follow.");
	open_object(p, "license");
	field(p, "name", "Apache-2.0");
	field(p, "identifier", "Apache-2.0");
	json_end_object(&p->w);
	json_end_object(&p->w);
	json_key(&p->w, "servers");
	json_begin_array(&p->w);
	json_begin_object(&p->w);
	json_field_text(&p->w, "url", p->d->url);
	json_end_object(&p->w);
	json_end_array(&p->w);
	json_key(&p->w, "tags");
	json_begin_array(&p->w);
	for (size_t i = 0; i < n_operation_groups; i++) {
		json_begin_object(&p->w);
		field(p, "name", operation_groups[i].name);
		field(p, "description", operation_groups[i].description);
		json_end_object(&p->w);
	}
	json_end_array(&p->w);
}

/* Converts the route's path to OpenAPI's form: "/kyc/create/:kyc_type" becomes "/kyc/create/{kyc_type}". */
static struct str path_of(struct printer *p, const struct route *route)
{
	struct str rest = str_of(route->entry.pattern), segment, path = { NULL, 0 };
	struct buf text;

	buf_init(&text, p->arena);
	(void)str_cut(&rest, '/', &segment);
	for (bool more = true; more;) {
		more = str_cut(&rest, '/', &segment);
		if (str_starts(segment, STR(":")))
			buf_printf(&text, "/{%.*s}", STR_ARG(str_from(segment, 1)));
		else
			buf_printf(&text, "/%.*s", STR_ARG(segment));
	}
	if (buf_done(&text, &path) != OK)
		p->w.out->failed = true;
	return path;
}

static bool same_path(const struct route *a, const struct route *b)
{
	return str_eq(str_of(a->entry.pattern), str_of(b->entry.pattern));
}

/* Returns true if route `i` is the first documented route that has its path. */
static bool opens_path(const struct api_spec *d, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (d->routes[j]->doc && same_path(d->routes[j], d->routes[i]))
			return false;
	return d->routes[i]->doc != NULL;
}

static void print_paths(struct printer *p)
{
	const struct api_spec *const d = p->d;

	open_object(p, "paths");
	for (size_t i = 0; i < d->n_routes; i++) {
		if (!opens_path(d, i))
			continue;
		const struct str path = path_of(p, d->routes[i]);
		open_object(p, path.p ? path.p : "");
		for (size_t j = i; j < d->n_routes; j++)
			if (d->routes[j]->doc && same_path(d->routes[i], d->routes[j]))
				print_operation(p, d->routes[j]);
		json_end_object(&p->w);
	}
	json_end_object(&p->w);
}

/* Prints the responses that several routes share. Must run before print_named, because it adds the examples
 * and schemas that these responses refer to. */
static void print_shared_responses(struct printer *p)
{
	char name[RESPONSE_NAME_SIZE];

	open_object(p, "responses");
	for (size_t i = 0; i < p->n_named; i++) {
		if (!p->named[i].as_response)
			continue;
		route_response_name(&p->named[i].what, name);
		json_key(&p->w, name);
		print_response(p, p->named[i].route, &p->named[i].what, 1);
	}
	json_end_object(&p->w);
}

static void print_named(struct printer *p)
{
	char name[RESPONSE_NAME_SIZE];

	open_object(p, "examples");
	for (size_t i = 0; i < p->n_named; i++) {
		if (!p->named[i].as_example)
			continue;
		route_response_name(&p->named[i].what, name);
		open_object(p, name);
		json_key(&p->w, "value");
		write_response_example(&p->w, &p->named[i].what, NULL);
		json_end_object(&p->w);
	}
	json_end_object(&p->w);
	open_object(p, "schemas");
	for (size_t i = 0; i < p->n_named; i++) {
		if (!p->named[i].as_schema)
			continue;
		route_response_name(&p->named[i].what, name);
		json_key(&p->w, name);
		write_response_schema(&p->w, &p->named[i].what);
	}
	json_end_object(&p->w);
}

/* clang-format off */
static const struct {
	const char *name, *description, *type, *example;
} headers[] = {
	{ "X-Request-Id", "Identifies the request in the log: the one you sent, if it was valid.", "string", "\"0193f2a4c5d67b89\"" },
	{ "Idempotency-Replayed", "Only in an answer that was kept from the first call with this Idempotency-Key.", "string", "\"true\"" },
	{ "Retry-After",  "Seconds to wait.", "integer", "1" },
	{ "Allow",        "Methods of this path.", "string", "\"GET, HEAD\"" },
	{ "WWW-Authenticate", "Names the header that has the API key.", "string", "\"ApiKey realm=\\\"kycd\\\", header=\\\"x-api-key\\\"\"" },
	{ "Location",     "The tenant's return URL.", "string", "\"https://shop.example/kyc?session_id=7d3c1f7e-2b64-4a0e-9a55-0c1d2e3f4a5b\"" },
};
static const struct {
	const char *name;
	struct param_doc param;
} params[] = {
	{ "end_user_address", { IN_HEADER, "X-End-User-Address", false, "203.0.113.24", NULL,
		"IP address of the person, as your server sees it. Used for rate limits only; kept as a keyed hash for 24 h." } },
	{ "idempotency_key", { IN_HEADER, "Idempotency-Key", false, "order-4711-create", NULL,
		"Makes a repetition safe: for 24 hours, a call of this route with the same key and the same body gets the first answer again, with `Idempotency-Replayed: true`. 1 to 255 printable characters. Answers 429 and 5xx, and refusals before the endpoint, are not kept." } },
	{ "request_id", { IN_HEADER, "X-Request-Id", false, "order-4711", NULL,
		"Your identifier for this request: 1 to 64 of `A-Z a-z 0-9 . _ -`, otherwise ignored." } },
	{ "traceparent", { IN_HEADER, "traceparent", false, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", NULL,
		"Trace context of the W3C, whose ids are logged with the request; ignored if it is malformed." } },
};
/* clang-format on */

static void print_fixed(struct printer *p)
{
	open_object(p, "headers");
	for (size_t i = 0; i < array_len(headers); i++) {
		open_object(p, headers[i].name);
		field(p, "description", headers[i].description);
		open_object(p, "schema");
		field(p, "type", headers[i].type);
		json_end_object(&p->w);
		json_key(&p->w, "example");
		json_put_raw(&p->w, str_of(headers[i].example));
		json_end_object(&p->w);
	}
	json_end_object(&p->w);
	open_object(p, "parameters");
	for (size_t i = 0; i < array_len(params); i++) {
		json_key(&p->w, params[i].name);
		write_param(&p->w, &params[i].param);
	}
	json_end_object(&p->w);
	open_object(p, "securitySchemes");
	open_object(p, "api_key");
	field(p, "type", "apiKey");
	field(p, "in", "header");
	field(p, "name", "x-api-key");
	field(p, "description", "Use it from your server only, never in a browser or an app.");
	json_end_object(&p->w);
	json_end_object(&p->w);
}

enum err openapi_print(struct arena *a, const struct api_spec *d, struct str *out)
{
	struct printer *const p = arena_new(a, struct printer);
	struct buf text;

	if (!p)
		return ERR_INPUT;
	buf_init(&text, a);
	p->d = d;
	p->arena = a;
	json_writer_init(&p->w, &text);
	json_begin_object(&p->w);
	print_head(p);
	print_paths(p);
	open_object(p, "components");
	print_fixed(p);
	print_shared_responses(p);
	print_named(p);
	json_end_object(&p->w);
	json_end_object(&p->w);
	return buf_done(&text, out);
}

enum err openapi_describe(struct api_context *api, struct arena *a)
{
	const struct rules *const rules = api->world->rules;
	const struct api_spec d = { .routes = api->routes,
		.n_routes = api->n_routes,
		.url = rules->public_url,
		.version = api->version,
		.keys_optional = rules->keys_optional };
	struct arena growing;
	struct str text = { NULL, 0 };

	arena_init(&growing, DESCRIPTION_MEMORY);
	const enum err e = openapi_print(&growing, &d, &text);
	api->openapi_document = e == OK ? arena_copy(a, text) : (struct str){ NULL, 0 };
	arena_finish(&growing);
	return api->openapi_document.p ? OK : ERR_INTERNAL;
}

static struct reply handle_openapi(struct call *call)
{
	if (call->api->openapi_document.n == 0)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	return respond_text(200, JSON_TYPE, call->api->openapi_document);
}

static const struct plain_response document = { 200, "description", "application/json", NULL,
	"An OpenAPI 3.1 document." };

const struct route openapi_route = {
	.entry = { METHOD_GET, "/openapi.json" },
	HANDLE_INLINE(handle_openapi),
	.failure = ANSWER_UNAVAILABLE,
	.doc =
		&(const struct operation_doc){
			.operation = "getDescription",
			.group = "Service",
			.summary = "This API description",
			.description =
				"Generated from the tables that the server itself uses; also printed by `kycd openapi`.",
			.plain = { &document },
		},
};
