#include "sandbox/visit.h"

#include "text/json.h"

static const char json_type[] = "application/json";

void visit_say(struct visit *visit, int status, const char *content_type, struct buf *body)
{
	struct str text;

	if (buf_done(body, &text) != OK) {
		visit_say_empty(visit, 500);
		return;
	}
	visit->reply->status = status;
	visit->reply->content_type = content_type;
	visit->reply->body = text;
}

void visit_say_json(struct visit *visit, int status, struct buf *body)
{
	visit_say(visit, status, json_type, body);
}

void visit_say_detail(struct visit *visit, int status, const char *detail)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "detail", str_of(detail));
	json_end_object(&w);
	visit_say_json(visit, status, &body);
}

void visit_say_field(struct visit *visit, const char *field, const char *message)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_key(&w, field);
	json_begin_array(&w);
	json_put_text(&w, str_of(message));
	json_end_array(&w);
	if (visit->errors == ERRORS_WITH_MESSAGE)
		json_field_text(&w, "message", arena_printf(visit->arena, "%s: %s", field, message));
	json_end_object(&w);
	visit_say_json(visit, 400, &body);
}

void visit_say_unknown(struct visit *visit)
{
	visit_say_detail(visit, 404, "Not found.");
}

void visit_say_throttled(struct visit *visit, duration wait)
{
	const long long n = (long long)duration_seconds_up(wait);
	const struct str after = arena_printf(visit->arena, "%lld", n);

	visit_say_detail(visit, 429,
		arena_printf(visit->arena, "Request was throttled. Expected available in %lld seconds.", n)
			.p);
	if (after.p)
		reply_header(visit->reply, STR("Retry-After"), after);
}

void visit_say_empty(struct visit *visit, int status)
{
	visit->reply->status = status;
	visit->reply->content_type = NULL;
	visit->reply->body = (struct str){ NULL, 0 };
}

bool visit_body_is(const struct visit *visit, struct str media_type)
{
	struct str rest = request_header(visit->request, STR("Content-Type")), type;

	if (!visit->request->body.n)
		return true;
	(void)str_cut(&rest, ';', &type);
	return str_eq_nocase(str_trim(type), media_type);
}

struct str visit_credentials(const struct visit *visit, struct str scheme)
{
	struct str rest = request_header(visit->request, STR("Authorization")), word;

	if (!str_cut(&rest, ' ', &word) || !str_eq_nocase(word, scheme))
		return (struct str){ NULL, 0 };
	return str_trim(rest);
}
