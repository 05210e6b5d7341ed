#include "sandbox/page_calls.h"

#include <string.h>

#include "base/attr.h"
#include "i18n/page.h"
#include "sandbox/checks.h"
#include "sandbox/hosted_page.h"
#include "sandbox/progress.h"
#include "sandbox/wishes.h"
#include "text/encode.h"
#include "text/form.h"
#include "text/json.h"
#include "text/language.h"

static const struct str form_type = STR_INIT("application/x-www-form-urlencoded");

struct choice_form {
	struct str scenario, language;
};
static const struct field choice_fields[] = {
	FIELD(struct choice_form, scenario, FIELD_TEXT, FIELD_OPTIONAL, 1, 128),
	FIELD(struct choice_form, language, FIELD_TEXT, FIELD_OPTIONAL, 1, 35),
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

/* Chosen beforehand: what the create asked for, else what `vendor_data` names (didit-api.md 12). */
static const struct scenario *wished_scenario(const struct sandbox_session *session)
{
	return session->asked ? session->asked : scenario_find(session->vendor_data);
}

static const struct scenario *default_scenario(const struct sandbox_session *session)
{
	const struct scenario *const wished = wished_scenario(session);
	size_t n;

	return wished ? wished : scenario_catalogue(&n);
}

/* The link's, then what the create named, then what the browser asks for. */
static enum language choose_language(const struct visit *visit, const struct sandbox_session *session)
{
	const struct str accepted = request_header(visit->request, STR("Accept-Language"));
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str wishes[] = { visit->language, session ? session->language : STR(""),
		found < LANGUAGES ? language_tags[found] : STR("") };

	return language_for(wishes, array_len(wishes));
}

/* What a page that answers this visit is made of. */
static struct hosted_page page_for(const struct visit *visit, const struct sandbox_session *session)
{
	return (struct hosted_page){
		.brand = visit->site->brand,
		.base_path = path_of(visit->site->base_url),
		.session = session,
		.wished = session ? wished_scenario(session) : NULL,
		.language = choose_language(visit, session),
		.by_link = visit->language.n > 0,
	};
}

static void say_page(struct visit *visit, int status, struct hosted_page *page)
{
	struct str policy, text;

	if (page_policy(visit->arena, &policy) != OK ||
		(page->session && page->session->callback.n &&
			way_back_write(visit->arena, page->session, &page->way_back) != OK) ||
		hosted_page_write(visit->arena, page, &text) != OK) {
		visit_say_empty(visit, 500);
		return;
	}
	visit->reply->status = status;
	visit->reply->content_type = "text/html; charset=utf-8";
	visit->reply->body = text;
	/* No form-action: browsers apply it to the redirects behind a form too, and where these end is the
	 * integrator's matter. No frame-ancestors: Didit's page may be framed, and so may this one. */
	reply_header(visit->reply, STR("Content-Security-Policy"), policy);
	reply_header(visit->reply, STR("Content-Language"), language_tags[page->language]);
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

	struct hosted_page page = page_for(visit, session);

	say_page(visit, session ? 200 : 404, &page);
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

/* Leaves `scenario` NULL for a name that is none. False: refused. */
static bool read_json_choice(
	struct visit *visit, const struct sandbox_session *session, const struct scenario **scenario)
{
	const struct json_value *body cleanup_with(json_cleanup) = wish_body(visit);
	const enum json_kind kind = json_kind_of(json_get(body, "scenario"));

	if (!body)
		return false;
	if (kind == JSON_KIND_ABSENT || kind == JSON_KIND_NULL)
		*scenario = default_scenario(session);
	else
		*scenario = scenario_find(json_text(json_get(body, "scenario")));
	return true;
}

/* False: it is no such form. */
static bool read_form(struct visit *visit, struct choice_form *form)
{
	void *body = NULL;
	struct str why;

	if (form_read_query(&choice_request, visit->request->body, visit->arena, &body, &why) != FORM_READ)
		return false;
	*form = *(const struct choice_form *)body;
	if (is_language(form->language))
		visit->language = form->language;
	return true;
}

static void say_done(struct visit *visit, const struct sandbox_session *session)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, visit->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_field_text(&w, "status", didit_status_text(session->status));
	json_end_object(&w);
	visit_say_json(visit, 200, &body);
}

/* To the callback; without one to this session's page, which says how it ended. */
static void say_return(struct visit *visit, const struct sandbox_session *session)
{
	struct str url;

	if (!session->callback.n) {
		const struct str path = path_of(visit->site->base_url);

		url = arena_printf(visit->arena, "%.*s%s%.*s/session/%s", STR_ARG(path),
			visit->language.n > 0 ? "/" : "", STR_ARG(visit->language), session->token);
		if (!url.p) {
			visit_say_empty(visit, 500);
			return;
		}
	} else if (way_back_write(visit->arena, session, &url) != OK) {
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
	struct choice_form form = { .scenario = { NULL, 0 } };
	const bool read = read_form(visit, &form);
	struct hosted_page page = page_for(visit, session);
	const struct scenario *scenario;

	if (!session || !sandbox_session_is_open(session)) {
		say_page(visit, session ? 409 : 404, &page);
		return;
	}
	scenario = !form.scenario.p ? default_scenario(session) : scenario_find(form.scenario);
	if (!read || !scenario) {
		page.trouble = true;
		say_page(visit, 400, &page);
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
