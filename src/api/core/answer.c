#include "api/core/answer.h"

#include <assert.h>

#include "base/buf.h"
#include "text/json.h"

const struct answer_row answer_rows[ANSWER_COUNT] = {
#define ANSWER(name, http, status, message) [ANSWER_##name] = { http, #name, status, message },
#include "api/core/answers.def"
#undef ANSWER
};

/* The body of the response that is sent when the request's arena is full. */
static const char out_of_memory_body[] =
	"{\"statusCode\":503,\"success\":false,\"status\":\"unavailable\",\"message\":\"Service unavailable, try again later\"}";

/* RFC 9110 11.6.1. There is no registered scheme for keys in a header of their own; the parameter names it.
 */
#define KEY_CHALLENGE "ApiKey realm=\"kycd\", header=\"x-api-key\""

void respond_add_retry_after(struct arena *a, struct reply *reply, duration wait)
{
	const struct str value = arena_printf(a, "%lld", (long long)duration_seconds_up(wait));

	reply_header(reply, STR("Retry-After"), value.p ? value : STR("1"));
}

static struct reply finish_response(struct buf *text, int http)
{
	struct str body;
	struct reply reply;

	if (buf_done(text, &body) == OK)
		return respond_text(http, JSON_TYPE, body);
	reply = respond_text(503, JSON_TYPE, str_of(out_of_memory_body));
	reply_header(&reply, STR("Retry-After"), STR("1"));
	return reply;
}

/* Builds a response with the envelope. Unless `extra` is NULL, the envelope gets a member of that name with
 * the JSON `value`. */
static struct reply respond_envelope(
	struct arena *a, enum answer answer, struct str message, const char *extra, struct str value)
{
	const struct answer_row *const row = &answer_rows[answer];
	struct buf text;
	struct json_writer w;

	assert(answer < ANSWER_COUNT);
	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_int(&w, "statusCode", row->http);
	json_field_bool(&w, "success", row->http < 300);
	json_field_text(&w, "status", str_of(row->status));
	json_field_text(&w, "message", message);
	if (extra) {
		json_key(&w, extra);
		json_put_raw(&w, value);
	}
	json_end_object(&w);
	return finish_response(&text, row->http);
}

static struct str answer_message(enum answer answer)
{
	return str_of(answer_rows[answer].message);
}

/* The Retry-After of responses for which no better value is known. */
#define DEFAULT_RETRY_AFTER seconds(1)

struct reply respond(struct arena *a, enum answer answer)
{
	if (answer == ANSWER_UNAVAILABLE)
		return respond_retry_after(a, answer, DEFAULT_RETRY_AFTER);
	return respond_envelope(a, answer, answer_message(answer), NULL, STR(""));
}

struct reply respond_message(struct arena *a, enum answer answer, struct str message)
{
	return respond_envelope(a, answer, message, NULL, STR(""));
}

struct reply respond_data(struct arena *a, enum answer answer, struct str data)
{
	return respond_envelope(a, answer, answer_message(answer), "data", data);
}

struct reply respond_details(struct arena *a, enum answer answer, struct str details)
{
	return respond_envelope(a, answer, answer_message(answer), "details", details);
}

struct reply respond_cause(
	struct arena *a, enum answer answer, struct str message, struct str cause, struct str explanation)
{
	struct buf text;
	struct json_writer w;
	struct str details;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_text(&w, "cause", cause);
	json_field_text(&w, "explanation", explanation);
	json_end_object(&w);
	if (buf_done(&text, &details) != OK)
		return respond(a, ANSWER_UNAVAILABLE);
	return respond_envelope(a, answer, message.p ? message : answer_message(answer), "details", details);
}

struct reply respond_retry_after(struct arena *a, enum answer answer, duration wait)
{
	struct reply reply = respond_envelope(a, answer, answer_message(answer), NULL, STR(""));

	/* If the arena is full, `reply` is the out-of-memory response, which already has a Retry-After. */
	if (reply.n_headers == 0)
		respond_add_retry_after(a, &reply, wait);
	return reply;
}

/* The errors after which a retry may help. After any other error the response is the route's own 500.
 * ERR_INPUT is an internal error here: the request was valid before the use case ran, so the cause is a row
 * that cannot be decrypted or too little memory. */
static const bool is_retryable[ERR_COUNT] = {
	[ERR_BUSY] = true,
	[ERR_STORAGE] = true,
};

struct reply respond_failure(struct arena *a, enum err e, enum answer route_failure)
{
	assert(e != OK && e < ERR_COUNT);
	if (e == ERR_INTEGRITY && answer_rows[route_failure].http == 500)
		return respond_details(a, route_failure, STR("{\"cause\":\"" INTEGRITY_CAUSE "\"}"));
	return respond(a, is_retryable[e] ? ANSWER_UNAVAILABLE : route_failure);
}

static struct reply respond_without_envelope(
	struct arena *a, int http, struct str message, struct str docs_url)
{
	struct buf text;
	struct json_writer w;

	buf_init(&text, a);
	json_writer_init(&w, &text);
	json_begin_object(&w);
	json_field_int(&w, "code", http);
	json_field_text(&w, "message", message);
	json_field_text(&w, "docs", docs_url);
	json_end_object(&w);
	return finish_response(&text, http);
}

struct reply respond_insufficient_scope(struct arena *a, enum scope scope)
{
	return respond_message(a, ANSWER_INSUFFICIENT_SCOPE,
		arena_printf(a, "The API key does not have the scope %s", scope_name(scope)));
}

struct reply respond_unauthorized(struct arena *a, struct str docs_url)
{
	struct reply reply = respond_without_envelope(
		a, 401, STR("Unauthorized or API key invalid."), docs_url);

	if (reply.status == 401)
		reply_header(&reply, STR("WWW-Authenticate"), STR(KEY_CHALLENGE));
	return reply;
}

struct reply respond_too_many(
	struct arena *a, struct str docs_url, int64_t per_minute, int64_t per_second, duration wait)
{
	const struct str message = arena_printf(a,
		"Too many requests. The limit is %lld request per minute and %lld requests per second.",
		(long long)per_minute, (long long)per_second);
	struct reply reply = respond_without_envelope(a, 429, message, docs_url);

	if (reply.n_headers == 0)
		respond_add_retry_after(a, &reply, wait);
	return reply;
}

struct reply respond_text(int http, const char *content_type, struct str body)
{
	return (struct reply){ .status = http, .content_type = content_type, .body = body };
}
