#include "api/core/answer.h"
#include "api/core/dispatch.h"
#include "text/query.h"
#include "web/console/page_path.h"
#include "web/console/pages.h"
#include "web/console/passkey_form.h"
#include "web/console/routes.h"
#include "web/console/settings.h"

DECLARE_TEMPLATE(console_step_up);

struct step_up_values {
	struct str refusal, form_url, back_url;
	bool is_dev;
};

static const struct template_value step_up_value_rows[] = {
	TEXT_VALUE(struct step_up_values, refusal),
	TEXT_VALUE(struct step_up_values, form_url),
	TEXT_VALUE(struct step_up_values, back_url),
	FLAG_VALUE(struct step_up_values, is_dev),
};
const struct page_template console_step_up_page = { .template = &template_console_step_up,
	.values = TEMPLATE_TABLE(struct step_up_values, step_up_value_rows),
	.group_values = &console_frame_values,
	.style = "console",
	.script = "passkey" };

static struct str back_of(const struct console_request *request)
{
	return console_page_path(console_query(request, STR("back")));
}

static struct reply handle_page(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	const struct step_up_values values = {
		.refusal = passkey_refusal_of_word(console_query(&request, STR("refused"))),
		.form_url = console_path_with(
			call->arena, STR("/console/step-up"), "back", back_of(&request)),
		.back_url = back_of(&request),
		.is_dev = call->api->console->is_dev,
	};
	return console_page(&request, &console_step_up_page, &values, 200);
}

static struct reply handle_challenge(struct call *call, struct store *store)
{
	struct console_request request;
	struct str challenge, *known;
	size_t n_known;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum err e = passkey_step_up_begin(
		call->world, call->arena, &request.caller, &challenge, &known, &n_known);
	return e == OK ? passkey_options_reply(&request, challenge, known, n_known)
		       : respond_failure(call->arena, e, ANSWER_UNAVAILABLE);
}

/* In development mode the form may be empty. */
static enum err step_up(const struct console_request *request, const struct passkey_answer *answer,
	enum passkey_verdict *verdict)
{
	struct call *const call = request->call;

	*verdict = PASSKEY_ACCEPTED;
	if (!answer)
		return passkey_step_up_in_dev(call->world, call->arena, &request->caller);
	return passkey_step_up(
		call->world, call->arena, &call->api->console->site, &request->caller, answer, verdict);
}

static bool is_without_passkey(const struct console_request *request)
{
	struct call *const call = request->call;

	return call->api->console->is_dev &&
	       query_value(call->arena, call->request->body, STR("challenge")).n == 0;
}

static struct reply handle_form(struct call *call, struct store *store)
{
	struct console_request request;
	struct passkey_answer answer;
	enum passkey_verdict verdict;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const bool without = is_without_passkey(&request);
	if (!without && !passkey_form_read(&request, &answer, &refused))
		return refused;
	const enum err e = step_up(&request, without ? NULL : &answer, &verdict);
	if (e != OK)
		return console_failed(&request, e);
	if (verdict == PASSKEY_ACCEPTED)
		return console_redirect(&request, back_of(&request), "stepped-up");
	const struct str page = console_path_with(
		call->arena, STR("/console/step-up"), "back", back_of(&request));
	return console_redirect(&request,
		arena_printf(call->arena, "%.*s&refused=%s", STR_ARG(page), passkey_refusal_word(verdict)),
		NULL);
}

const struct route console_step_up_route = { .entry = { METHOD_GET, "/console/step-up" },
	HANDLE_WAITING(handle_page),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_step_up_challenge_route = { .entry = { METHOD_POST, "/console/step-up/challenge" },
	HANDLE_WAITING(handle_challenge),
	.failure = ANSWER_UNAVAILABLE };
const struct route console_step_up_form_route = { .entry = { METHOD_POST, "/console/step-up" },
	HANDLE_WAITING(handle_form),
	.failure = ANSWER_UNAVAILABLE };
