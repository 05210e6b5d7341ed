#include "sandbox/api/pages.h"

#include <string.h>

#include "base/attr.h"
#include "html/asset.h"
#include "sandbox/api/transitions.h"
#include "sandbox/page/hosted_page.h"
#include "sandbox/request/body_fields.h"
#include "sandbox/request/validators.h"
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

enum err return_url_write(struct arena *a, const struct sandbox_session *session, struct str *out)
{
	struct str fragment = session->callback, url_before_fragment;
	const bool has_fragment = str_cut(&fragment, '#', &url_before_fragment);
	struct buf url;

	buf_init(&url, a);
	location_write(&url, url_before_fragment);
	if (!str_has(url_before_fragment, '?'))
		buf_char(&url, '?');
	else if (!str_ends(url_before_fragment, STR("?")) && !str_ends(url_before_fragment, STR("&")))
		buf_char(&url, '&');
	buf_printf(&url, "verificationSessionId=%s&status=", session->id);
	percent_encode(&url, didit_status_text(session->status));
	if (has_fragment) {
		buf_char(&url, '#');
		location_write(&url, fragment);
	}
	return buf_done(&url, out);
}

/* Returns the path of a URL, such as "/sandbox/didit". The path may be empty. */
static struct str url_path(struct str url)
{
	const char *const host = memmem(url.p, url.n, "://", 3);
	const char *path;

	if (!host)
		return (struct str){ NULL, 0 };
	path = memchr(host + 3, '/', (size_t)(url.p + url.n - host - 3));
	return path ? (struct str){ path, (size_t)(url.p + url.n - path) } : (struct str){ NULL, 0 };
}

/* Returns the scenario that sandbox_scenario of the create request selects, else the one whose slug is the
 * session's vendor_data (didit-api.md 12). Returns NULL if there is neither. */
static const struct scenario *preselected_scenario(const struct sandbox_session *session)
{
	return session->requested_scenario ? session->requested_scenario
					   : scenario_find(session->vendor_data);
}

/* Chooses the language of the page: that of the link, else that of the create request, else that of the
 * browser (Accept-Language). */
static enum language choose_language(const struct request_ctx *ctx, const struct sandbox_session *session)
{
	const struct str accepted = request_header(ctx->request, STR("Accept-Language"));
	const size_t found = language_accepted(accepted, language_tags, LANGUAGES);
	const struct str preferred[] = { ctx->language, session ? session->language : STR(""),
		found < LANGUAGES ? language_tags[found] : STR("") };

	return language_for(preferred, array_len(preferred));
}

/* Returns the contents of the page for this request. `session` is NULL if no session has this link. */
static struct hosted_page page_for(const struct request_ctx *ctx, const struct sandbox_session *session)
{
	return (struct hosted_page){
		.brand = ctx->sandbox->brand,
		.base_path = url_path(ctx->sandbox->base_url),
		.session = session,
		.chosen = session ? preselected_scenario(session) : NULL,
		.language = choose_language(ctx, session),
		.by_link = ctx->language.n > 0,
	};
}

static void respond_page(struct request_ctx *ctx, int status, struct hosted_page *page)
{
	if ((page->session && page->session->callback.n &&
		    return_url_write(ctx->arena, page->session, &page->return_url) != OK) ||
		hosted_page_reply(ctx->arena, page, status, ctx->reply) != OK)
		respond_empty(ctx, 500);
}

void serve_asset(struct request_ctx *ctx)
{
	const struct asset *const asset = asset_find(ctx->params[0]);

	if (asset)
		*ctx->reply = asset_reply(ctx->arena, ctx->request, asset, asset->content);
	else
		respond_not_found(ctx);
}

static bool is_waiting_for_person(const struct sandbox_session *session)
{
	return session->status == DIDIT_NOT_STARTED || session->status == DIDIT_RESUBMITTED;
}

void serve_page(struct request_ctx *ctx)
{
	struct sandbox_session *const session = session_find_by_token(ctx);

	/* A HEAD request does not start the session, because link checkers send HEAD requests. */
	if (session && is_waiting_for_person(session) && ctx->request->method == METHOD_GET)
		session_set_status(ctx, session, DIDIT_IN_PROGRESS);

	struct hosted_page page = page_for(ctx, session);

	respond_page(ctx, session ? 200 : 404, &page);
}

/* Moves the language of the path, which stands before the token, to ctx->language. If it is no language,
 * responds with 404 and returns false. */
static bool take_path_language(struct request_ctx *ctx)
{
	if (!is_language(ctx->params[0])) {
		respond_detail(ctx, 404, "Not found.");
		return false;
	}
	ctx->language = ctx->params[0];
	ctx->params[0] = ctx->params[1];
	return true;
}

void serve_page_in_language(struct request_ctx *ctx)
{
	if (take_path_language(ctx))
		serve_page(ctx);
}

/* Responds with 400 for the field `scenario`. The message is `reason` and the list of known scenarios. */
static void respond_scenario_error(struct request_ctx *ctx, struct str reason)
{
	size_t n;
	const struct scenario *const catalogue = scenario_catalogue(&n);
	struct buf message;
	struct str text;

	buf_init(&message, ctx->arena);
	buf_printf(&message, "%.*s Known scenarios: ", STR_ARG(reason));
	for (size_t i = 0; i < n; i++)
		buf_printf(&message, "%s%.*s", i ? ", " : "", STR_ARG(catalogue[i].slug));
	buf_char(&message, '.');
	buf_char(&message, 0);
	if (buf_done(&message, &text) == OK)
		respond_field_error(ctx, "scenario", text.p);
	else
		respond_empty(ctx, 500);
}

#define UNKNOWN_FIELD_SHOWN 64 /* bytes of an unknown field's name that the response repeats */

static void find_unknown_field(void *arg, struct str key, const struct json_value *value)
{
	struct str *const unknown = arg;

	(void)value;
	if (!unknown->p && !str_eq(key, STR("scenario")))
		*unknown = (struct str){ key.p, key.n < UNKNOWN_FIELD_SHOWN ? key.n : UNKNOWN_FIELD_SHOWN };
}

/* Returns true if `scenario` is the only member of the body. Otherwise responds with 400 and returns false,
 * so that a misspelt name is not taken for a missing field. */
static bool has_only_scenario(struct request_ctx *ctx, const struct json_value *body)
{
	struct str unknown = { NULL, 0 };

	json_each_member(body, find_unknown_field, &unknown);
	if (unknown.p)
		respond_scenario_error(ctx,
			arena_printf(ctx->arena, "Unknown field \"%.*s\". The only field is \"scenario\".",
				STR_ARG(unknown)));
	return !unknown.p;
}

/* Reads the chosen scenario from a JSON body. A body without one means the preselected scenario. If there is
 * neither or the body is invalid, writes the error response and returns NULL. */
static const struct scenario *read_json_choice(struct request_ctx *ctx, const struct sandbox_session *session)
{
	const struct json_value *body cleanup_with(json_cleanup) = read_json_body(ctx);
	const struct json_value *const choice = json_get(body, "scenario");
	const enum json_kind kind = json_kind_of(choice);
	const bool is_missing = kind == JSON_KIND_ABSENT || kind == JSON_KIND_NULL;
	const struct scenario *scenario;

	if (!body || !has_only_scenario(ctx, body))
		return NULL;
	scenario = is_missing ? preselected_scenario(session) : scenario_find(json_text(choice));
	if (!scenario)
		respond_scenario_error(
			ctx, is_missing ? STR("This field is required.") : STR("Not a valid choice."));
	return scenario;
}

/* Reads the form that the page sends. Returns false if the body is not such a form. */
static bool read_form_choice(struct request_ctx *ctx, struct choice_form *form)
{
	void *body = NULL;
	struct form_problem problem;

	if (form_read_query(&choice_request, ctx->request->body, ctx->arena, &body, &problem) != FORM_READ)
		return false;
	*form = *(const struct choice_form *)body;
	if (is_language(form->language))
		ctx->language = form->language;
	return true;
}

static void respond_session_status(struct request_ctx *ctx, const struct sandbox_session *session)
{
	struct buf body;
	struct json_writer w;

	buf_init(&body, ctx->arena);
	json_writer_init(&w, &body);
	json_begin_object(&w);
	json_field_text(&w, "session_id", str_of(session->id));
	json_field_text(&w, "status", didit_status_text(session->status));
	json_end_object(&w);
	respond_json(ctx, 200, &body);
}

/* Redirects to the callback URL. Without a callback, redirects to the session's page, which shows the
 * result. */
static void respond_redirect(struct request_ctx *ctx, const struct sandbox_session *session)
{
	struct str url;

	if (!session->callback.n) {
		const struct str path = url_path(ctx->sandbox->base_url);

		url = arena_printf(ctx->arena, "%.*s%s%.*s/session/%s", STR_ARG(path),
			ctx->language.n > 0 ? "/" : "", STR_ARG(ctx->language), session->token);
		if (!url.p) {
			respond_empty(ctx, 500);
			return;
		}
	} else if (return_url_write(ctx->arena, session, &url) != OK) {
		respond_empty(ctx, 500);
		return;
	}
	respond_empty(ctx, 303);
	reply_header(ctx->reply, STR("Location"), url);
	reply_header(ctx->reply, STR("Referrer-Policy"), STR("no-referrer"));
}

static void run_scenario(
	struct request_ctx *ctx, struct sandbox_session *session, const struct scenario *scenario)
{
	if (is_waiting_for_person(session))
		session_set_status(ctx, session, DIDIT_IN_PROGRESS);
	session->scenario = scenario;
	session->redo = 0;
	memset(session->manual_status, 0, sizeof(session->manual_status));
	session_set_status(ctx, session, scenario->status);
}

/* Handles the form that the hosted page sends. */
static void submit_form(struct request_ctx *ctx, struct sandbox_session *session)
{
	struct choice_form form = { .scenario = { NULL, 0 } };
	const bool read = read_form_choice(ctx, &form);
	struct hosted_page page = page_for(ctx, session);
	const struct scenario *scenario;

	if (!session || !sandbox_session_is_open(session)) {
		respond_page(ctx, session ? 409 : 404, &page);
		return;
	}
	/* The page's buttons always send a scenario, so that a form without one is not from the page. */
	scenario = scenario_find(form.scenario);
	if (!read || !scenario) {
		page.has_error = true;
		respond_page(ctx, 400, &page);
		return;
	}
	run_scenario(ctx, session, scenario);
	respond_redirect(ctx, session);
}

static void submit_json(struct request_ctx *ctx, struct sandbox_session *session)
{
	const struct scenario *scenario;

	if (!session) {
		respond_detail(ctx, 404, "Not found.");
		return;
	}
	if (!sandbox_session_is_open(session)) {
		respond_detail(ctx, 409, "The session is finished.");
		return;
	}
	scenario = read_json_choice(ctx, session);
	if (!scenario)
		return;
	run_scenario(ctx, session, scenario);
	respond_session_status(ctx, session);
}

void serve_submit(struct request_ctx *ctx)
{
	struct sandbox_session *const session = session_find_by_token(ctx);

	if (ctx->request->body.n && request_body_is(ctx, form_type))
		submit_form(ctx, session);
	else
		submit_json(ctx, session);
}

void serve_submit_in_language(struct request_ctx *ctx)
{
	if (take_path_language(ctx))
		serve_submit(ctx);
}
