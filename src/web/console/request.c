#include "web/console/request.h"

#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "app/operator/account.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "text/query.h"
#include "web/console/cookie.h"
#include "web/console/page_path.h"
#include "web/console/settings.h"
#include "web/core/page_limit.h"

struct str console_query(const struct console_request *request, struct str name)
{
	return query_value(request->call->arena, request->call->request->query, name);
}

/* The script console.js marks its requests, so that a page that is left open does not prolong the session. */
static bool is_in_background(const struct request *request)
{
	return request_header(request, STR("x-kycd-background")).n > 0;
}

bool console_is_in_background(const struct console_request *request)
{
	return is_in_background(request->call->request);
}

static bool is_form(const struct request *request)
{
	return request->method == METHOD_POST;
}

/* "localhost:8080" of "http://localhost:8080". */
static struct str host_of(struct str origin)
{
	struct str rest = origin, part;

	for (int slashes = 0; slashes < 2; slashes++)
		(void)str_cut(&rest, '/', &part);
	return rest;
}

/* Passkeys are bound to the name of the host. A browser that opened another one goes on to the right one. */
static struct reply redirect_to_site(struct call *call)
{
	const struct str path = call->request->path, origin = call->api->console->site.origin;
	struct reply reply = respond_text(303, NULL, STR(""));
	const struct str url = arena_printf(call->arena, "%.*s%.*s", STR_ARG(origin), STR_ARG(path));

	if (!url.p)
		return respond(call->arena, ANSWER_UNAVAILABLE);
	reply_header(&reply, STR("Location"), url);
	return reply;
}

static bool check_site(const struct console_request *request, struct reply *refused)
{
	struct call *const call = request->call;
	const struct str origin = call->api->console->site.origin;

	if (!str_eq_nocase(request_header(call->request, STR("host")), host_of(origin))) {
		*refused = is_form(call->request) ? console_notice(request, CONSOLE_NOTICE_FORM)
						  : redirect_to_site(call);
		return false;
	}
	if (is_form(call->request) && !str_eq(request_header(call->request, STR("origin")), origin)) {
		*refused = console_notice(request, CONSOLE_NOTICE_FORM);
		return false;
	}
	return true;
}

bool console_admit_anyone(struct call *call, struct console_request *out, struct reply *refused)
{
	struct page_limits *const limits = call->api->page_limits;
	duration wait;

	*out = (struct console_request){ .call = call };
	if (!call->api->console) {
		*refused = respond(call->arena, ANSWER_ROUTE_NOT_FOUND);
		return false;
	}
	if (limits &&
		!page_limit_take(limits, call->world, call->request->peer, call->api->micros(), &wait)) {
		*refused = console_notice(out, CONSOLE_NOTICE_TOO_MANY);
		respond_add_retry_after(call->arena, refused, wait);
		return false;
	}
	return check_site(out, refused);
}

static struct reply redirect_to_sign_in(const struct console_request *request)
{
	struct call *const call = request->call;
	struct str back = STR("/console"), path;

	if (!is_form(call->request))
		back = call->request->query.n > 0
			       ? arena_printf(call->arena, "%.*s?%.*s", STR_ARG(call->request->path),
					 STR_ARG(call->request->query))
			       : call->request->path;
	path = str_eq(back, STR("/console")) || !back.p
		       ? STR("/console/sign-in")
		       : console_path_with(call->arena, STR("/console/sign-in"), "back", back);
	return console_redirect(request, path, NULL);
}

static bool has_csrf_token(const struct console_request *request)
{
	struct call *const call = request->call;
	const struct str sent = query_value(call->arena, call->request->body, STR("csrf"));
	const struct str expected = str_of(request->csrf);

	return sent.n == expected.n && equal_constant_time((const unsigned char *)sent.p,
					       (const unsigned char *)expected.p, expected.n);
}

bool console_admit(struct call *call, struct console_request *out, struct reply *refused)
{
	struct str token;
	enum err e;

	if (!console_admit_anyone(call, out, refused))
		return false;
	token = console_cookie_read(call->api->console, call->request);
	e = token.n > 0 ? console_session_load(call->world, call->arena, token,
				  str_of(call->caller.actor.request_id), is_in_background(call->request),
				  &out->caller)
			: ERR_NOT_FOUND;
	if (e == OK) {
		console_csrf_token(call->world, token, out->csrf);
		e = operator_account_email(call->world, call->arena, &out->caller.account, &out->email);
	}
	if (e != OK) {
		out->email = STR("");
		*refused = e == ERR_NOT_FOUND ? redirect_to_sign_in(out) : console_failed(out, e);
		return false;
	}
	if (!is_form(call->request) || has_csrf_token(out))
		return true;
	log_event(LOG_WARN, "console_refused", LOG_WORD("reason", "csrf"),
		LOG_WORD("operator_id", out->caller.actor.id),
		LOG_WORD("request_id", call->caller.actor.request_id));
	*refused = console_notice(out, CONSOLE_NOTICE_FORM);
	return false;
}
