#include "api/core/answer.h"

#include <assert.h>

#include "base/buf.h"
#include "text/json.h"

const struct answer_row answer_rows[ANSWER_COUNT] = {
#define ANSWER(name, http, status, message) [ANSWER_##name] = { http, #name, status, message },
#include "api/core/answers.def"
#undef ANSWER
};

/* When the call's memory is used up there is still this to say. */
static const char last_words[] =
	"{\"statusCode\":503,\"success\":false,\"status\":\"unavailable\",\"message\":\"Service unavailable, try again later\"}";

static void add_retry_after(struct arena *a, struct reply *reply, duration wait)
{
	const struct str value = arena_printf(a, "%lld", (long long)duration_seconds_up(wait));

	reply_header(reply, STR("Retry-After"), value.p ? value : STR("1"));
}

static struct reply finish(struct buf *text, int http)
{
	struct str body;
	struct reply reply;

	if (buf_done(text, &body) == OK)
		return respond_text(http, JSON_TYPE, body);
	reply = respond_text(503, JSON_TYPE, str_of(last_words));
	reply_header(&reply, STR("Retry-After"), STR("1"));
	return reply;
}

/* `extra` is the name of one more member, whose value is JSON. */
static struct reply envelope(
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
	return finish(&text, row->http);
}

static struct str sentence(enum answer answer)
{
	return str_of(answer_rows[answer].message);
}

/* When to come again where nobody can tell. */
#define SOON seconds(1)

struct reply respond(struct arena *a, enum answer answer)
{
	if (answer == ANSWER_UNAVAILABLE)
		return respond_retry_after(a, answer, SOON);
	return envelope(a, answer, sentence(answer), NULL, STR(""));
}

struct reply respond_message(struct arena *a, enum answer answer, struct str message)
{
	return envelope(a, answer, message, NULL, STR(""));
}

struct reply respond_data(struct arena *a, enum answer answer, struct str data)
{
	return envelope(a, answer, sentence(answer), "data", data);
}

struct reply respond_details(struct arena *a, enum answer answer, struct str details)
{
	return envelope(a, answer, sentence(answer), "details", details);
}

struct reply respond_retry_after(struct arena *a, enum answer answer, duration wait)
{
	struct reply reply = envelope(a, answer, sentence(answer), NULL, STR(""));

	/* Out of memory it has one already. */
	if (reply.n_headers == 0)
		add_retry_after(a, &reply, wait);
	return reply;
}

/* Whether trying again may help; all else is the route's own 500. What came in was read before the use case
 * began, so that ERR_INPUT is a failure of ours as well: a row that cannot be unsealed, memory used up. */
static const bool may_pass[ERR_COUNT] = {
	[ERR_BUSY] = true,
	[ERR_STORAGE] = true,
};

struct reply respond_failure(struct arena *a, enum err e, enum answer route_failure)
{
	assert(e != OK && e < ERR_COUNT);
	return respond(a, may_pass[e] ? ANSWER_UNAVAILABLE : route_failure);
}

static struct reply gateway(struct arena *a, int http, struct str message, struct str docs_url)
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
	return finish(&text, http);
}

struct reply respond_unauthorized(struct arena *a, struct str docs_url)
{
	return gateway(a, 401, STR("Unauthorized or API key invalid."), docs_url);
}

struct reply respond_too_many(
	struct arena *a, struct str docs_url, int64_t per_minute, int64_t per_second, duration wait)
{
	const struct str message = arena_printf(a,
		"Too many requests. The limit is %lld request per minute and %lld requests per second.",
		(long long)per_minute, (long long)per_second);
	struct reply reply = gateway(a, 429, message, docs_url);

	if (reply.n_headers == 0)
		add_retry_after(a, &reply, wait);
	return reply;
}

struct reply respond_text(int http, const char *content_type, struct str body)
{
	return (struct reply){ .status = http, .content_type = content_type, .body = body };
}
