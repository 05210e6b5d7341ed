#include "api/core/dispatch.h"

#include <assert.h>
#include <string.h>

#include "api/core/end_user.h"
#include "api/core/idempotent.h"
#include "api/core/media_cause.h"
#include "app/session/provider_event.h"
#include "base/log.h"
#include "base/metrics.h"

/* Row 0 of the request metrics counts all requests that match no route. */
#define NO_ROUTE 0
/* The last fields of the log line of a request, which it has only if the caller sent them. */
#define TRACE_FIELDS 2

static const int counted_statuses[] = { 200, 201, 303, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422,
	429, 431, 500, 501, 503, 505 };
static const char *const counted_names[] = { "200", "201", "303", "400", "401", "403", "404", "405", "408",
	"409", "410", "413", "415", "422", "429", "431", "500", "501", "503", "505", "other" };

static size_t status_index(int status)
{
	size_t i = 0;

	while (i < array_len(counted_statuses) && counted_statuses[i] != status)
		i++;
	return i;
}

/* Routes of all listeners. */
#define ROUTES_MAX ((size_t)3 * ROUTER_MAX)
/* The pages of the console have one row of the metrics together. They are many, each row has a series for
 * each status, and few people use them. */
#define CONSOLE_PATTERN "/console"

/* Routes with the same path (two methods, or two listeners) have one row of the metrics, because a scrape
 * must not contain the same labels twice. Index: first_label of the listener plus the route's index; 0: not
 * labelled. */
static size_t row_of_route[ROUTES_MAX];
static const char *row_patterns[METRIC_ROWS];
static size_t n_rows = NO_ROUTE + 1;

/* Returns the row of this path, or a new one. */
static size_t find_row(const char *pattern)
{
	for (size_t row = NO_ROUTE + 1; row < n_rows; row++)
		if (strcmp(row_patterns[row], pattern) == 0)
			return row;
	/* Requests beyond the last row of the metric would be counted as "other". */
	assert(n_rows < METRIC_ROWS - 1);
	row_patterns[n_rows] = pattern;
	return n_rows++;
}

static void label_route(size_t row, const char *pattern)
{
	metric_label(METRIC_REQUESTS, 0, row, pattern);
	metric_label(METRIC_REQUEST_DURATION, 0, row, pattern);
}

static void add_route(size_t number, const char *pattern)
{
	const bool is_console = str_starts(str_of(pattern), STR(CONSOLE_PATTERN));
	const char *const label = is_console ? CONSOLE_PATTERN : pattern;

	row_of_route[number] = find_row(label);
	label_route(row_of_route[number], label);
}

void dispatch_label(const struct api_context *api)
{
	/* Requests beyond the last column of the metric would be counted as "other". */
	assert(api->first_label + api->n_routes <= ROUTES_MAX);
	static_assert(array_len(counted_names) < METRIC_COLUMNS, "every status needs a label");
	provider_event_label();
	label_route(NO_ROUTE, "none");
	for (size_t i = 0; i < api->n_routes; i++)
		add_route(api->first_label + i, api->routes[i]->entry.pattern);
	for (size_t i = 0; i < array_len(counted_names); i++)
		metric_label(METRIC_REQUESTS, 1, i, counted_names[i]);
}

static bool is_request_id(struct str s)
{
	if (s.n == 0 || s.n > 64)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c != '\0' && strchr("._-", c))))
			return false;
	}
	return true;
}

/* Uses the caller's X-Request-Id if it is well formed, otherwise generates an id. If no random bytes are
 * available, the id stays empty and the response has no X-Request-Id. */
static void set_request_id(struct call *call)
{
	char *const out = call->caller.actor.request_id;
	struct str given = { NULL, 0 };

	if (call->request)
		given = request_header(call->request, STR("x-request-id"));
	if (is_request_id(given) && str_copy_to(given, out, sizeof(call->caller.actor.request_id)))
		return;
	if (world_id(call->world, out) != OK)
		out[0] = '\0';
}

static void add_request_id(const struct call *call, struct reply *reply)
{
	const struct str id = arena_copy(call->arena, str_of(call->caller.actor.request_id));

	if (id.n > 0)
		reply_header(reply, STR("X-Request-Id"), id);
}

/* Responses are not stored unless the endpoint permits it, as for the style sheet of the pages. */
static void add_headers(const struct call *call, struct reply *reply)
{
	add_request_id(call, reply);
	if (!reply_has_header(reply, STR("Cache-Control")))
		reply_header(reply, STR("Cache-Control"), STR("no-store"));
	reply_header(reply, STR("X-Content-Type-Options"), STR("nosniff"));
}

struct tx_call {
	struct call *call;
	struct reply reply;
	bool failed; /* the endpoint itself returned an error, which is in `reply` */
};

/* A response of 500 or above rolls the transaction back. Every other response is a result and is committed,
 * for example a wrong code, whose attempt has to be counted. */
static enum err run_endpoint_in_tx(struct tx *tx, void *arg)
{
	struct tx_call *const tx_call = arg;

	tx_call->reply = tx_call->call->route->run.run_tx(tx_call->call, tx);
	tx_call->failed = tx_call->reply.status >= 500;
	return tx_call->failed ? ERR_INTERNAL : OK;
}

static struct reply transact_endpoint(struct call *call, enum tx_kind kind)
{
	struct tx_call tx_call = { .call = call };

	const enum err e = store_transact(
		call->world->store, kind, call->arena, run_endpoint_in_tx, &tx_call);
	if (e != OK && !tx_call.failed)
		return respond_failure(call->arena, e, call->route->failure);
	return tx_call.reply;
}

static struct reply run_endpoint(struct call *call)
{
	const struct route *const route = call->route;

	switch (route->kind) {
	case ENDPOINT_INLINE:
		return route->run.run_inline(call);
	case ENDPOINT_READ:
		return transact_endpoint(call, TX_READ);
	case ENDPOINT_WRITE:
		return transact_endpoint(call, TX_WRITE);
	case ENDPOINT_WAITING:
		return route->run.run_waiting(call, call->world->store);
	}
	return respond(call->arena, ANSWER_UNAVAILABLE);
}

static bool takes_query_form(enum method method)
{
	return method == METHOD_GET || method == METHOD_HEAD;
}

/* Checks the headers that describe a JSON body. On failure returns false and sets `reply` to the error
 * response. */
static bool check_media_type(struct call *call, struct reply *reply)
{
	const enum media_cause cause = media_cause_of(call->request);

	if (cause == MEDIA_CAUSE_COUNT)
		return true;
	*reply = respond_media_cause(call->arena, cause);
	return false;
}

static struct reply respond_form_problem(
	struct call *call, enum form_verdict verdict, const struct form_problem *problem)
{
	return respond_cause(call->arena,
		verdict == FORM_MISSING ? ANSWER_MISSING_PARAMS : ANSWER_INVALID_PARAMETERS, problem->message,
		input_cause_name(problem->cause), input_cause_explanation(problem->cause));
}

/* Reads the request's body or query into `call->body`. On failure returns false and sets `reply` to the error
 * response. */
static bool read_form(struct call *call, struct reply *reply)
{
	const struct request *const request = call->request;
	const struct form *const form = call->route->form;
	struct form_problem problem;
	enum form_verdict verdict;
	void *body = NULL;

	if (!form)
		return true;
	if (takes_query_form(request->method))
		verdict = form_read_query(form, request->query, call->arena, &body, &problem);
	else if (!check_media_type(call, reply))
		return false;
	else
		verdict = form_read_json(form, request->body, call->arena, &body, &problem);
	call->body = body;
	if (verdict == FORM_READ)
		return true;
	*reply = verdict == FORM_TOO_LARGE ? respond(call->arena, ANSWER_PAYLOAD_TOO_LARGE)
					   : respond_form_problem(call, verdict, &problem);
	return false;
}

/* Checks the API key, its rate limits and its scopes. On failure returns false and sets `reply` to the error
 * response. */
static bool pass_guard(struct call *call, struct reply *reply)
{
	const struct str docs = call->world->rules->docs_url;
	struct guard_result result = { .verdict = GUARD_UNAVAILABLE };

	if (call->route->guard == GUARD_NONE)
		return true;
	guard_check(call->api->guard, call->request, call->arena, &result);
	switch (result.verdict) {
	case GUARD_PASSED:
		memcpy(result.caller.actor.request_id, call->caller.actor.request_id,
			sizeof(call->caller.actor.request_id));
		call->caller = result.caller;
		end_user_read(call->request, world_ticks(call->world), &call->caller);
		if (scope_set_has(call->caller.scopes, call->route->scope))
			return true;
		*reply = respond_insufficient_scope(call->arena, call->route->scope);
		return false;
	case GUARD_UNAUTHORIZED:
	case GUARD_ADDRESS_REFUSED:
		/* The line of the request names a key that is genuine. */
		memcpy(call->caller.actor.id, result.caller.actor.id, sizeof(call->caller.actor.id));
		*reply = result.verdict == GUARD_UNAUTHORIZED
				 ? respond_unauthorized(call->arena, docs)
				 : respond(call->arena, ANSWER_ADDRESS_NOT_ALLOWED);
		return false;
	case GUARD_LIMITED:
		*reply = respond_too_many(
			call->arena, docs, result.limits.per_minute, result.limits.per_second, result.wait);
		return false;
	case GUARD_FORGED:
		*reply = respond_failure(call->arena, ERR_INTEGRITY, call->route->failure);
		return false;
	case GUARD_UNAVAILABLE:
		break;
	}
	*reply = respond_retry_after(call->arena, ANSWER_UNAVAILABLE, seconds(1));
	return false;
}

static struct reply respond_method_not_allowed(struct call *call, const char *allow)
{
	struct reply reply = respond(call->arena, ANSWER_METHOD_NOT_ALLOWED);
	const struct str value = arena_copy(call->arena, str_of(allow));

	if (value.n > 0)
		reply_header(&reply, STR("Allow"), value);
	return reply;
}

static const struct router_entry *route_entry_at(const void *routes, size_t i)
{
	return &((const struct route *const *)routes)[i]->entry;
}

/*~ 3. The checks of a request, in the order of interface.md 3: route, API key, rate limit, scope, path, media
 * type, body. If a check fails, its error is the response; otherwise the endpoint is called. Only the checks
 * of the API key and the rate limit may access the store. */
static struct reply handle_request(struct call *call)
{
	const struct api_context *const api = call->api;
	const struct router router = { route_entry_at, api->routes, api->n_routes, api->extra_prefix };
	struct route_match match;
	struct reply reply;

	switch (router_match(&router, call->arena, call->request->method, call->request->path, &match)) {
	case ROUTE_UNKNOWN:
		return respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
	case ROUTE_METHOD:
		return respond_method_not_allowed(call, match.allow);
	case ROUTE_FOUND:
		break;
	}
	call->route = api->routes[match.index];
	call->route_index = match.index;
	memcpy(call->params, match.params, sizeof(call->params));
	if (!pass_guard(call, &reply))
		return reply;
	if (call->route->path_is_known && !call->route->path_is_known(call))
		return respond(call->arena, ANSWER_METHOD_NOT_FOUND);
	if (!read_form(call, &reply))
		return reply;
	return idempotent_run(call, run_endpoint);
}

static void record_request(const struct call *call, const struct reply *reply, int64_t start)
{
	const struct api_context *const api = call->api;
	const size_t row = call->route ? row_of_route[api->first_label + call->route_index] : NO_ROUTE;
	const int64_t micros = call->api->micros() - start;
	const bool is_probe = call->route && call->route->is_probe;
	const enum log_level level = reply->status >= 500 ? LOG_ERROR : is_probe ? LOG_DEBUG : LOG_INFO;

	metric_add(METRIC_REQUESTS, row, status_index(reply->status), 1);
	metric_observe_at(METRIC_REQUEST_DURATION, row, micros);
	if (call->count.is_set && reply->status < 500)
		metric_add(call->count.metric, call->count.label1, call->count.label2, 1);
	const struct log_field fields[] = {
		LOG_WORD("request_id", call->caller.actor.request_id),
		LOG_WORD("method", method_name(call->request->method).p),
		LOG_WORD("route", call->route ? call->route->entry.pattern : "none"),
		LOG_NUMBER("status", reply->status),
		LOG_NUMBER("ms", micros / 1000),
		LOG_WORD("key_id", call->caller.actor.id),
		LOG_WORD("trace_id", call->trace.trace_id),
		LOG_WORD("parent_id", call->trace.parent_id),
	};
	const size_t n = array_len(fields) - (call->trace.trace_id[0] != '\0' ? 0 : TRACE_FIELDS);

	log_write(level, "request", fields, n);
}

void dispatch_serve(void *arg, const struct request *request, struct arena *a, struct reply *reply)
{
	const struct api_context *const api = arg;
	struct call call = { .api = api, .world = api->world, .arena = a, .request = request };
	const int64_t start = api->micros();

	set_request_id(&call);
	(void)trace_context_read(request, &call.trace);
	if (api->mounted && str_starts(request->path, api->mount)) {
		api->mounted(api->mounted_arg, request, a, reply);
		add_request_id(&call, reply);
		return;
	}
	*reply = handle_request(&call);
	add_headers(&call, reply);
	record_request(&call, reply, start);
}

void dispatch_served(void *arg)
{
	const struct api_context *const api = arg;

	if (api->served)
		api->served(api->mounted_arg);
	if (api->guard)
		guard_write_usage(api->guard);
}

static const enum answer refusal_answers[REFUSAL_COUNT] = {
	[REFUSE_BAD_REQUEST] = ANSWER_BAD_REQUEST,
	[REFUSE_TIMEOUT] = ANSWER_REQUEST_TIMEOUT,
	[REFUSE_PAYLOAD] = ANSWER_PAYLOAD_TOO_LARGE,
	[REFUSE_HEADER] = ANSWER_HEADER_TOO_LARGE,
	[REFUSE_NOT_IMPLEMENTED] = ANSWER_NOT_IMPLEMENTED,
	[REFUSE_VERSION] = ANSWER_HTTP_VERSION,
	[REFUSE_FULL] = ANSWER_UNAVAILABLE,
};

void dispatch_refuse(void *arg, enum refusal refusal, struct arena *a, struct reply *reply)
{
	const struct api_context *const api = arg;
	struct call call = { .api = api, .world = api->world, .arena = a };

	set_request_id(&call);
	*reply = refusal == REFUSE_FULL ? respond_retry_after(a, ANSWER_UNAVAILABLE, seconds(1))
					: respond(a, refusal_answers[refusal]);
	add_headers(&call, reply);
	metric_add(METRIC_REQUESTS, NO_ROUTE, status_index(reply->status), 1);
	log_event(LOG_INFO, "refused", LOG_WORD("request_id", call.caller.actor.request_id),
		LOG_NUMBER("status", reply->status));
}
