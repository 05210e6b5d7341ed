#include "sandbox/page_calls.h"

#include <string.h>

#include "base/attr.h"
#include "sandbox/checks.h"
#include "sandbox/hosted_page.h"
#include "sandbox/progress.h"
#include "sandbox/wishes.h"
#include "text/encode.h"
#include "text/form.h"
#include "text/json.h"

static const struct str form_type = STR_INIT("application/x-www-form-urlencoded");

struct choice_form {
	struct str scenario;
};
static const struct field choice_fields[] = {
	FIELD(struct choice_form, scenario, FIELD_TEXT, FIELD_OPTIONAL, 1, 128),
};
static const struct form choice_request = {
	.fields = choice_fields,
	.n = array_len(choice_fields),
	.size = sizeof(struct choice_form),
	.missing = "scenario is required",
};

void location_write(struct buf *out, struct str url)
{
	for (size_t i = 0; i < url.n; i++) {
		const unsigned char c = (unsigned char)url.p[i];

		if (c <= ' ' || c >= 0x7F || c == '"' || c == '<' || c == '>')
			buf_printf(out, "%%%02X", c);
		else
			buf_char(out, (char)c);
	}
}

enum err way_back_write(struct arena *a, const struct sandbox_session *session, struct str *out)
{
	struct str fragment = session->callback, before;
	const bool has_fragment = str_cut(&fragment, '#', &before);
	struct buf url;

	buf_init(&url, a);
	location_write(&url, before);
	if (!str_has(before, '?'))
		buf_char(&url, '?');
	else if (!str_ends(before, STR("?")) && !str_ends(before, STR("&")))
		buf_char(&url, '&');
	buf_printf(&url, "verificationSessionId=%s&status=", session->id);
	percent_encode(&url, didit_status_text(session->status));
	if (has_fragment) {
		buf_char(&url, '#');
		location_write(&url, fragment);
	}
	return buf_done(&url, out);
}

/* What follows the host: empty, or "/sandbox/didit". */
static struct str path_of(struct str url)
{
	const char *const host = memmem(url.p, url.n, "://", 3);
	const char *path;

	if (!host)
		return (struct str){ NULL, 0 };
	path = memchr(host + 3, '/', (size_t)(url.p + url.n - host - 3));
	return path ? (struct str){ path, (size_t)(url.p + url.n - path) } : (struct str){ NULL, 0 };
}

static void say_page(
	struct visit *visit, int status, const struct sandbox_session *session, const char *trouble)
{
	struct hosted_page page = { .brand = visit->site->brand,
		.base_path = path_of(visit->site->base_url),
		.session = session,
		.trouble = trouble };
	struct str policy;
	struct buf body;

	if (hosted_page_policy(visit->arena, &policy) != OK ||
		(session && session->callback.n &&
			way_back_write(visit->arena, session, &page.way_back) != OK)) {
		visit_say_empty(visit, 500);
		return;
	}
	buf_init(&body, visit->arena);
	hosted_page_write(&body, &page);
	visit_say(visit, status, "text/html; charset=utf-8", &body);
	reply_header(visit->reply, STR("Content-Security-Policy"), policy);
	reply_header(visit->reply, STR("Referrer-Policy"), STR("no-referrer"));
}

static bool waits_for_a_visit(const struct sandbox_session *session)
{
	return session->status == DIDIT_NOT_STARTED || session->status == DIDIT_RESUBMITTED;
}

void serve_page(struct visit *visit)
{
	struct sandbox_session *const session = progress_find_by_token(visit);

	/* HEAD is no visit: link checkers ask so */
	if (session && waits_for_a_visit(session) && visit->request->method == METHOD_GET)
		progress_to(visit, session, DIDIT_IN_PROGRESS);
	say_page(visit, session ? 200 : 404, session, NULL);
}

void serve_page_in(struct visit *visit)
{
	if (!is_language(visit->params[0])) {
		visit_say_detail(visit, 404, "Not found.");
		return;
	}
	visit->language = visit->params[0];
	visit->params[0] = visit->params[1];
	serve_page(visit);
}

/* Without a choice: what the create asked for, else what `vendor_data` names, else approve (didit-api.md 12).
 */
static const struct scenario *default_scenario(const struct sandbox_session *session)
{
	const struct scenario *const named = scenario_find(session->vendor_data);
	size_t n;

	if (session->asked)
		return session->asked;
	return named ? named : scenario_catalogue(&n);
}

/* Leaves `scenario` NULL for a name that is none. False: refused. */
static bool read_json_choice(
	struct visit *visit, const struct sandbox_session *session, const struct scenario **scenario)
{
	const struct js *body cleanup(js_cleanup) = wish_body(visit);
	const enum js_kind kind = js_kind(js_get(body, "scenario"));

	if (!body)
		return false;
	if (kind == JS_ABSENT || kind == JS_NULL)
		*scenario = default_scenario(session);
	else
		*scenario = scenario_find(js_text(js_get(body, "scenario")));
	return true;
}

static const struct scenario *read_form_choice(struct visit *visit, const struct sandbox_session *session)
{
	void *body = NULL;
	struct str why;

	if (form_read_query(&choice_request, visit->request->body, visit->arena, &body, &why) != FORM_READ)
		return NULL;

	const struct choice_form *const form = body;

	return form->scenario.p ? scenario_find(form->scenario) : default_scenario(session);
}

static void say_done(struct visit *visit, const struct sandbox_session *session)
{
	struct buf body;
	struct js_writer w;

	buf_init(&body, visit->arena);
	js_begin(&w, &body);
	js_object(&w);
	js_field_text(&w, "session_id", str_of(session->id));
	js_field_text(&w, "status", didit_status_text(session->status));
	js_object_end(&w);
	visit_say_json(visit, 200, &body);
}

static void say_return(struct visit *visit, const struct sandbox_session *session)
{
	struct str url;

	if (!session->callback.n) { /* nowhere to go */
		say_page(visit, 200, session, NULL);
		return;
	}
	if (way_back_write(visit->arena, session, &url) != OK) {
		visit_say_empty(visit, 500);
		return;
	}
	visit_say_empty(visit, 303);
	reply_header(visit->reply, STR("Location"), url);
	reply_header(visit->reply, STR("Referrer-Policy"), STR("no-referrer"));
}

static void run_scenario(
	struct visit *visit, struct sandbox_session *session, const struct scenario *scenario)
{
	if (waits_for_a_visit(session))
		progress_to(visit, session, DIDIT_IN_PROGRESS);
	session->scenario = scenario;
	session->redo = 0;
	memset(session->by_hand, 0, sizeof(session->by_hand));
	progress_to(visit, session, scenario->status);
}

/* The page's own form. */
static void submit_form(struct visit *visit, struct sandbox_session *session)
{
	if (!session) {
		say_page(visit, 404, NULL, NULL);
		return;
	}
	if (!sandbox_session_is_open(session)) {
		say_page(visit, 409, session, NULL);
		return;
	}

	const struct scenario *const scenario = read_form_choice(visit, session);

	if (!scenario) {
		say_page(visit, 400, session, "There is no such outcome. Choose one of these.");
		return;
	}
	run_scenario(visit, session, scenario);
	say_return(visit, session);
}

static void submit_json(struct visit *visit, struct sandbox_session *session)
{
	const struct scenario *scenario = NULL;

	if (!session) {
		visit_say_detail(visit, 404, "Not found.");
		return;
	}
	if (!sandbox_session_is_open(session)) {
		visit_say_detail(visit, 409, "The session is finished.");
		return;
	}
	if (!read_json_choice(visit, session, &scenario))
		return;
	if (!scenario) {
		visit_say_field(visit, "scenario", "Not a valid choice.");
		return;
	}
	run_scenario(visit, session, scenario);
	say_done(visit, session);
}

void serve_submit(struct visit *visit)
{
	struct sandbox_session *const session = progress_find_by_token(visit);

	if (visit->request->body.n && visit_body_is(visit, form_type))
		submit_form(visit, session);
	else
		submit_json(visit, session);
}
