#include <string.h>

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/attr.h"
#include "base/log.h"
#include "web/console/page_path.h"
#include "web/console/pages.h"
#include "web/console/request.h"
#include "web/console/routes.h"
#include "web/console/settings.h"

DECLARE_TEMPLATE(console_notice);

struct nav_item {
	struct str url, label;
	bool is_current;
};

static const struct template_value nav_item_rows[] = {
	TEXT_VALUE(struct nav_item, url),
	TEXT_VALUE(struct nav_item, label),
	FLAG_VALUE(struct nav_item, is_current),
};
static const struct template_table nav_item_values = TEMPLATE_TABLE(struct nav_item, nav_item_rows);

/* The values that every page of the console has. */
struct console_values {
	struct str csrf, operator_email, operator_role, done;
	struct str search; /* the text that was searched for; only in the response to a search */
	struct template_list nav;
	bool needs_reviewer, needs_admin; /* for actions of these roles, which the operator lacks */
};

static const struct template_value console_value_rows[] = {
	TEXT_VALUE(struct console_values, csrf),
	NAME_VALUE(struct console_values, operator_email),
	TEXT_VALUE(struct console_values, operator_role),
	TEXT_VALUE(struct console_values, done),
	TEXT_VALUE(struct console_values, search),
	LIST_VALUE(struct console_values, nav, &nav_item_values),
	FLAG_VALUE(struct console_values, needs_reviewer),
	FLAG_VALUE(struct console_values, needs_admin),
};
const struct template_table console_frame_values = TEMPLATE_TABLE(struct console_values, console_value_rows);

/* The sections of the console, in the order of the navigation. */
static const struct {
	const char *path, *label;
	enum console_action action; /* that the role needs to see it */
} sections[] = {
	{ "/console", "Overview", CONSOLE_VIEW },
	{ "/console/people", "People", CONSOLE_VIEW },
	{ "/console/reviews", "Reviews", CONSOLE_VIEW },
	{ "/console/webhooks", "Events and webhooks", CONSOLE_VIEW },
	{ "/console/tenants", "Tenants and keys", CONSOLE_VIEW },
	{ "/console/audit", "Audit log", CONSOLE_VIEW_AUDIT },
	{ "/console/operators", "Operators", CONSOLE_VIEW_OPERATORS },
	{ "/console/system", "System", CONSOLE_VIEW_SYSTEM },
};

/* What a page says after an action that led to it by console_redirect(). */
static const struct {
	const char *word, *text;
} done_texts[] = {
	{ "signed-in", "You are signed in." },
	{ "passkey-registered", "Your passkey is registered, and you are signed in." },
	{ "signed-out", "You are signed out." },
	{ "tenant-added", "The tenant was added. Create an API key for it now." },
	{ "branding-changed", "The branding is stored. New pages and e-mails use it." },
	{ "quota-changed", "The quota was changed." },
	{ "key-revoked", "The key was revoked. It is refused from now on." },
	{ "event-queued", "The event is sent again." },
	{ "endpoint-enabled", "The endpoint is enabled. It gets the events from now on." },
	{ "endpoint-disabled", "The endpoint is disabled. It gets no events." },
	{ "endpoint-changed", "The endpoint was changed." },
	{ "endpoint-removed",
		"The endpoint was removed. It gets no events, and its deliveries are dropped." },
	{ "operator-disabled", "The operator is disabled. The sessions have ended." },
	{ "review-claimed", "You have claimed the review for 15 minutes." },
	{ "review-released", "The review can be claimed by others now." },
	{ "review-decided", "The provider has accepted the decision. It counts now." },
	{ "review-proposed", "The decision was saved. Another operator must confirm it." },
	{ "review-confirmed", "The provider has accepted the decision. It counts now." },
	{ "review-rejected", "The decision was rejected. The review is open again." },
	{ "review-withdrawn", "Your decision was withdrawn. The review is open again." },
	{ "passkey-added", "The passkey was added. You can sign in with it now." },
	{ "passkey-removed", "The passkey was removed. Your other sessions have ended." },
	{ "note-added", "The note was added." },
	{ "stepped-up", "Your passkey was checked. Continue with the action now." },
	{ "checks-started", "The checks have begun." },
	{ "try-allowed", "The person may start another check now." },
	{ "no-try-used", "Nothing was changed: the person may start a check already." },
};

static bool has_page(const char *path)
{
	for (size_t i = 0; i < n_console_routes; i++)
		if (console_routes[i]->entry.method == METHOD_GET &&
			strcmp(console_routes[i]->entry.pattern, path) == 0)
			return true;
	return false;
}

/* Whether the page at `path` belongs to the section. */
static bool is_in_section(struct str path, struct str section)
{
	return str_eq(path, section) || (section.n > sizeof("/console") && str_starts(path, section) &&
						path.n > section.n && path.p[section.n] == '/');
}

static struct template_list nav_items(const struct console_request *request)
{
	struct nav_item *const items = arena_array(
		request->call->arena, struct nav_item, array_len(sections));
	size_t n = 0;

	for (size_t i = 0; items && i < array_len(sections); i++)
		if (console_may(request, sections[i].action) && has_page(sections[i].path))
			items[n++] = (struct nav_item){ str_of(sections[i].path), str_of(sections[i].label),
				is_in_section(request->call->request->path, str_of(sections[i].path)) };
	return (struct template_list){ items, n };
}

static struct str done_text(const struct console_request *request)
{
	const struct str word = console_query(request, STR("done"));

	for (size_t i = 0; i < array_len(done_texts); i++)
		if (str_eq(word, str_of(done_texts[i].word)))
			return str_of(done_texts[i].text);
	return STR("");
}

struct reply console_page(const struct console_request *request, const struct page_template *page,
	const void *values, int status)
{
	struct call *const call = request->call;
	struct console_values shared = {
		.csrf = str_of(request->csrf), .done = done_text(request), .search = request->search
	};
	const struct page_frame frame = { .language = LANGUAGE_EN,
		.brand = STR("kycd console"),
		.sandbox = call->world->rules->sandbox,
		.same_origin_referrer = true,
		.group = &shared };
	struct reply reply;

	if (request->email.n > 0) {
		shared.operator_email = request->email;
		shared.operator_role = str_of(operator_role_name(request->caller.account.role));
		shared.nav = nav_items(request);
		shared.needs_reviewer = request->caller.account.role < OPERATOR_REVIEWER;
		shared.needs_admin = request->caller.account.role < OPERATOR_ADMIN;
	}
	const enum err e = page_reply(call->arena, &frame, page, values, status, &reply);
	if (e != OK)
		return respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
	return reply;
}

struct notice_values {
	struct str title, text, link_url, link_text;
};

static const struct template_value notice_value_rows[] = {
	TEXT_VALUE(struct notice_values, title),
	TEXT_VALUE(struct notice_values, text),
	TEXT_VALUE(struct notice_values, link_url),
	TEXT_VALUE(struct notice_values, link_text),
};
const struct page_template console_notice_page = { .template = &template_console_notice,
	.values = TEMPLATE_TABLE(struct notice_values, notice_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

static const struct {
	int http;
	const char *title, *text;
} notices[CONSOLE_NOTICES] = {
	[CONSOLE_NOTICE_NOT_FOUND] = { 404, "Not found",
		"There is nothing at this address, or you may not see it." },
	[CONSOLE_NOTICE_ROLE] = { 403, "Not permitted",
		"Your role does not permit this. A viewer reads; a reviewer also sees addresses and the audit log, decides "
		"reviews, allows other tries and exports lists; an admin can do everything. Admins of all "
		"tenants change roles on the page Operators." },
	[CONSOLE_NOTICE_FORM] = { 403, "The form cannot be accepted",
		"It was not sent from a current page of this console. Open the page again and repeat the action. "
		"Nothing was changed." },
	[CONSOLE_NOTICE_BAD_FORM] = { 400, "Check what you entered",
		"A field is missing, too long or malformed. Go back, correct it and send the form again. Nothing was changed." },
	[CONSOLE_NOTICE_CONFLICT] = { 409, "The page is out of date",
		"Somebody has changed this in the meantime. Open the page again to see its present state. "
		"Nothing was changed." },
	[CONSOLE_NOTICE_TOO_MANY] = { 429, "Too many requests", "Wait a moment, then try again." },
	[CONSOLE_NOTICE_UNAVAILABLE] = { 503, "The console is not available",
		"The database does not answer, or the server is busy. Try again in a moment." },
};

static struct reply show_notice(
	const struct console_request *request, enum console_notice notice, const struct notice_values *values)
{
	return console_page(request, &console_notice_page, values, notices[notice].http);
}

struct reply console_notice(const struct console_request *request, enum console_notice notice)
{
	const struct notice_values values = { .title = str_of(notices[notice].title),
		.text = str_of(notices[notice].text),
		.link_url = STR("/console"),
		.link_text = STR("Go to the start page") };

	return show_notice(request, notice, &values);
}

struct reply console_failed(const struct console_request *request, enum err e)
{
	struct reply reply;

	if (e == ERR_NOT_FOUND)
		return console_notice(request, CONSOLE_NOTICE_NOT_FOUND);
	if (e == ERR_CONFLICT)
		return console_notice(request, CONSOLE_NOTICE_CONFLICT);
	log_event(LOG_ERROR, "console_page_failed",
		LOG_WORD("request_id", request->call->caller.actor.request_id), LOG_WORD("err", err_name(e)),
		LOG_TEXT("effect", "the operator reads that the console is not available"));
	reply = console_notice(request, CONSOLE_NOTICE_UNAVAILABLE);
	respond_add_retry_after(request->call->arena, &reply, seconds(1));
	return reply;
}

struct reply console_refused(
	const struct console_request *request, enum console_verdict verdict, struct str back)
{
	if (verdict == CONSOLE_TENANT_REFUSED)
		return console_notice(request, CONSOLE_NOTICE_NOT_FOUND);
	if (verdict == CONSOLE_ROLE_REFUSED)
		return console_notice(request, CONSOLE_NOTICE_ROLE);
	const struct notice_values values = { .title = STR("Use your passkey again"),
		.text = STR("This action needs your passkey once more. Nothing was changed yet."),
		.link_url = console_path_with(
			request->call->arena, STR("/console/step-up"), "back", console_page_path(back)),
		.link_text = STR("Use passkey") };
	return show_notice(request, CONSOLE_NOTICE_ROLE, &values);
}

struct reply console_redirect(const struct console_request *request, struct str path, const char *done)
{
	struct reply reply = respond_text(303, NULL, STR(""));
	const struct str url = done ? console_path_with(request->call->arena, path, "done", str_of(done))
				    : path;

	if (!url.p)
		return respond(request->call->arena, ANSWER_UNAVAILABLE);
	reply_header(&reply, STR("Location"), url);
	return reply;
}

struct reply console_finish(const struct console_request *request, enum err e, enum console_verdict verdict,
	struct str path, const char *done)
{
	if (e != OK)
		return console_failed(request, e);
	if (verdict != CONSOLE_PERMITTED)
		return console_refused(request, verdict, path);
	return console_redirect(request, path, done);
}
