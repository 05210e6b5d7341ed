#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "base/buf.h"
#include "text/encode.h"
#include "web/console/cookie.h"
#include "web/console/pages.h"
#include "web/console/passkey_form.h"
#include "web/console/routes.h"
#include "web/console/settings.h"

DECLARE_TEMPLATE(console_register);

struct register_values {
	struct str email, refusal, form_url;
	bool is_open;
};

static const struct template_value register_value_rows[] = {
	NAME_VALUE(struct register_values, email),
	TEXT_VALUE(struct register_values, refusal),
	TEXT_VALUE(struct register_values, form_url),
	FLAG_VALUE(struct register_values, is_open),
};
const struct page_template console_register_page = { .template = &template_console_register,
	.values = TEMPLATE_TABLE(struct register_values, register_value_rows),
	.group_values = &console_frame_values,
	.style = "console",
	.script = "passkey" };

/* The path of the page of a one-time link. On failure `p` is NULL. */
static struct str page_of_link(const struct call *call)
{
	struct buf path;
	struct str out;

	buf_init(&path, call->arena);
	buf_add(&path, STR("/console/register/"));
	percent_encode(&path, call->params[0]);
	return buf_done(&path, &out) == OK ? out : (struct str){ NULL, 0 };
}

static struct reply show(
	const struct console_request *request, enum passkey_verdict verdict, struct str email)
{
	struct register_values values = { .email = email,
		.refusal = passkey_refusal_of_word(console_query(request, STR("refused"))),
		.form_url = page_of_link(request->call),
		.is_open = verdict == PASSKEY_ACCEPTED };

	if (!values.is_open)
		values.refusal = str_of(passkey_refusal_text(verdict));
	return console_page(request, &console_register_page, &values, values.is_open ? 200 : 410);
}

/* Opening the link changes nothing: programs that read e-mails open links too. */
static struct reply handle_page(struct call *call, struct store *store)
{
	struct console_request request;
	enum passkey_verdict verdict;
	struct str email = STR("");
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit_anyone(call, &request, &refused))
		return refused;
	const enum err e = passkey_link_check(call->world, call->arena, call->params[0], &email, &verdict);
	return e == OK ? show(&request, verdict, email) : console_failed(&request, e);
}

static struct reply handle_challenge(struct call *call, struct store *store)
{
	struct console_request request;
	struct passkey_registration registration;
	enum passkey_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit_anyone(call, &request, &refused))
		return refused;
	const enum err e = passkey_register_begin(
		call->world, call->arena, call->params[0], &registration, &verdict);
	if (e != OK)
		return respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
	return verdict == PASSKEY_ACCEPTED ? passkey_creation_reply(&request, &registration)
					   : console_notice(&request, CONSOLE_NOTICE_NOT_FOUND);
}

static struct reply handle_form(struct call *call, struct store *store)
{
	struct console_request request;
	struct passkey_answer answer;
	enum passkey_verdict verdict;
	struct str token;
	struct reply reply;

	(void)store;
	if (!console_admit_anyone(call, &request, &reply) || !passkey_form_read(&request, &answer, &reply))
		return reply;
	const struct passkey_form form = { &call->api->console->site, &answer, call->params[0],
		str_of(call->caller.actor.request_id) };
	const enum err e = passkey_register(call->world, call->arena, &form, &token, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict == PASSKEY_NO_LINK)
		return show(&request, verdict, STR(""));
	if (verdict != PASSKEY_ACCEPTED) {
		const struct str page = arena_printf(call->arena, "%.*s?refused=%s",
			STR_ARG(page_of_link(call)), passkey_refusal_word(verdict));
		return console_redirect(&request, page, NULL);
	}
	reply = console_redirect(&request, STR("/console"), "passkey-registered");
	console_cookie_set(call->api->console, call->arena, token, &reply);
	return reply;
}

const struct route console_register_route = { .entry = { METHOD_GET, "/console/register/:token" },
	HANDLE_WAITING(handle_page),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_register_challenge_route = { .entry = { METHOD_POST,
								"/console/register/:token/challenge" },
	HANDLE_WAITING(handle_challenge),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_register_form_route = { .entry = { METHOD_POST, "/console/register/:token" },
	HANDLE_WAITING(handle_form),
	.failure = ANSWER_UNAVAILABLE };
