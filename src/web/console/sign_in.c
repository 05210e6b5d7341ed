#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "crypto/digest.h"
#include "web/console/cookie.h"
#include "web/console/page_path.h"
#include "web/console/pages.h"
#include "web/console/passkey_form.h"
#include "web/console/routes.h"
#include "web/console/settings.h"

DECLARE_TEMPLATE(console_sign_in);

struct sign_in_values {
	struct str refusal, form_url;
	bool is_dev;
};

static const struct template_value sign_in_value_rows[] = {
	TEXT_VALUE(struct sign_in_values, refusal),
	TEXT_VALUE(struct sign_in_values, form_url),
	FLAG_VALUE(struct sign_in_values, is_dev),
};
const struct page_template console_sign_in_page = { .template = &template_console_sign_in,
	.values = TEMPLATE_TABLE(struct sign_in_values, sign_in_value_rows),
	.group_values = &console_frame_values,
	.style = "console",
	.script = "passkey" };

/* The page to which the browser wanted to go. */
static struct str back_of(const struct console_request *request)
{
	return console_page_path(console_query(request, STR("back")));
}

static struct reply handle_sign_in(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit_anyone(call, &request, &refused))
		return refused;
	const struct sign_in_values values = {
		.refusal = passkey_refusal_of_word(console_query(&request, STR("refused"))),
		.form_url = console_path_with(
			call->arena, STR("/console/sign-in"), "back", back_of(&request)),
		.is_dev = call->api->console->is_dev,
	};
	return console_page(&request, &console_sign_in_page, &values, 200);
}

static struct reply handle_challenge(struct call *call, struct store *store)
{
	struct console_request request;
	struct str challenge;
	struct reply refused;

	(void)store;
	if (!console_admit_anyone(call, &request, &refused))
		return refused;
	const enum err e = passkey_sign_in_begin(call->world, call->arena, &challenge);
	return e == OK ? passkey_options_reply(&request, challenge, NULL, 0)
		       : respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
}

/* Redirects with the cookie of the new session. */
static struct reply signed_in(const struct console_request *request, struct str path, struct str token)
{
	struct reply reply = console_redirect(request, path, NULL);

	console_cookie_set(request->call->api->console, request->call->arena, token, &reply);
	return reply;
}

static struct reply handle_form(struct call *call, struct store *store)
{
	struct console_request request;
	struct passkey_answer answer;
	enum passkey_verdict verdict;
	struct str token;
	struct reply refused;

	(void)store;
	if (!console_admit_anyone(call, &request, &refused) ||
		!passkey_form_read(&request, &answer, &refused))
		return refused;
	const struct passkey_form form = { .site = &call->api->console->site,
		.answer = &answer,
		.request_id = str_of(call->caller.actor.request_id) };
	const enum err e = passkey_sign_in(call->world, call->arena, &form, &token, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict == PASSKEY_ACCEPTED)
		return signed_in(&request, back_of(&request), token);
	const struct str page = console_path_with(
		call->arena, STR("/console/sign-in"), "refused", str_of(passkey_refusal_word(verdict)));
	return console_redirect(&request, page, NULL);
}

static struct reply handle_sign_out(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply reply;

	(void)store;
	if (!console_admit(call, &request, &reply))
		return reply;
	const enum err e = console_session_end(call->world, call->arena, &request.caller);
	return e == OK ? signed_in(&request, STR("/console/sign-in?done=signed-out"), STR(""))
		       : console_failed(&request, e);
}

/* The link works once: the first request takes it. */
static bool take_dev_token(const struct console_settings *settings, struct str token)
{
	return settings->dev_token.n > 0 && token.n == settings->dev_token.n &&
	       equal_constant_time((const unsigned char *)token.p,
		       (const unsigned char *)settings->dev_token.p, token.n) &&
	       !atomic_exchange(settings->dev_token_is_used, true);
}

static struct reply handle_dev_sign_in(struct call *call, struct store *store)
{
	struct console_request request;
	struct str token;
	struct reply refused;

	(void)store;
	if (!console_admit_anyone(call, &request, &refused))
		return refused;
	if (!take_dev_token(call->api->console, call->params[0]))
		return console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
	const enum err e = console_session_start_in_dev(
		call->world, call->arena, str_of(call->caller.actor.request_id), &token);
	return e == OK ? signed_in(&request, STR("/console"), token) : console_failed(&request, e);
}

const struct route console_sign_in_route = { .entry = { METHOD_GET, "/console/sign-in" },
	HANDLE_WAITING(handle_sign_in),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_sign_in_challenge_route = { .entry = { METHOD_POST, "/console/sign-in/challenge" },
	HANDLE_WAITING(handle_challenge),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_sign_in_form_route = { .entry = { METHOD_POST, "/console/sign-in" },
	HANDLE_WAITING(handle_form),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_sign_out_route = { .entry = { METHOD_POST, "/console/sign-out" },
	HANDLE_WAITING(handle_sign_out),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_dev_sign_in_route = { .entry = { METHOD_GET, "/console/dev/:token" },
	HANDLE_WAITING(handle_dev_sign_in),
	.failure = ANSWER_UNAVAILABLE };
