#include "sandbox/page/hosted_page.h"

#include "base/attr.h"
#include "sandbox/page/page_text.h"

/* A scenario of the catalogue, as a button or as a reason in a list. */
struct outcome_values {
	struct str slug;
	enum message_id outcome;
	bool is_secondary, is_chosen, is_not_included;
};
static const struct template_value outcome_rows[] = {
	TEXT_VALUE(struct outcome_values, slug),
	MESSAGE_VALUE(struct outcome_values, outcome),
	FLAG_VALUE(struct outcome_values, is_secondary),
	FLAG_VALUE(struct outcome_values, is_chosen),
	FLAG_VALUE(struct outcome_values, is_not_included),
};
static const struct template_table outcome_table = TEMPLATE_TABLE(struct outcome_values, outcome_rows);

struct group_values {
	enum message_id legend;
	struct template_list reasons;
};
static const struct template_value group_rows[] = {
	MESSAGE_VALUE(struct group_values, legend),
	LIST_VALUE(struct group_values, reasons, &outcome_table),
};
static const struct template_table group_table = TEMPLATE_TABLE(struct group_values, group_rows);

struct step_values {
	enum message_id step;
};
static const struct template_value step_rows[] = { MESSAGE_VALUE(struct step_values, step) };
static const struct template_table step_table = TEMPLATE_TABLE(struct step_values, step_rows);

/* The groups of reasons: declined and in review. */
#define GROUPS 2

struct choice_values {
	struct str submit_url, form_language, status, number;
	bool has_error, has_chosen_reason;
	struct template_list results, groups, steps;
	struct group_values group_values[GROUPS];
	struct step_values step_values[STEPS_MAX];
};
static const struct template_value choice_rows[] = {
	TEXT_VALUE(struct choice_values, submit_url),
	TEXT_VALUE(struct choice_values, form_language),
	TEXT_VALUE(struct choice_values, status),
	TEXT_VALUE(struct choice_values, number),
	FLAG_VALUE(struct choice_values, has_error),
	FLAG_VALUE(struct choice_values, has_chosen_reason),
	LIST_VALUE(struct choice_values, results, &outcome_table),
	LIST_VALUE(struct choice_values, groups, &group_table),
	LIST_VALUE(struct choice_values, steps, &step_table),
};
DECLARE_TEMPLATE(sandbox_choice);
const struct page_template choice_page = { .template = &template_sandbox_choice,
	.values = TEMPLATE_TABLE(struct choice_values, choice_rows) };

struct result_values {
	enum message_id title, body, advice;
	bool may_close;
	struct str return_url, status, number;
};
static const struct template_value result_rows[] = {
	MESSAGE_VALUE(struct result_values, title),
	MESSAGE_VALUE(struct result_values, body),
	MESSAGE_VALUE(struct result_values, advice),
	FLAG_VALUE(struct result_values, may_close),
	TEXT_VALUE(struct result_values, return_url),
	TEXT_VALUE(struct result_values, status),
	TEXT_VALUE(struct result_values, number),
};
DECLARE_TEMPLATE(sandbox_result);
const struct page_template result_page = { .template = &template_sandbox_result,
	.values = TEMPLATE_TABLE(struct result_values, result_rows) };

/* Returns true for the scenarios approve, decline and review, which have buttons. All others are in the list
 * of reasons. */
static bool has_own_button(const struct scenario *scenario)
{
	return !str_has(scenario->slug, '_');
}

/* Lists the scenarios with or without a button of their own; of the latter, those with the status. */
static enum err list_outcomes(struct arena *a, const struct hosted_page *content, bool buttons,
	enum didit_status status, struct template_list *out)
{
	size_t n, found = 0;
	const struct scenario *const catalogue = scenario_catalogue(&n);
	struct outcome_values *const rows = arena_array(a, struct outcome_values, n);

	if (!rows)
		return ERR_INPUT;
	for (size_t i = 0; i < n; i++) {
		if (has_own_button(&catalogue[i]) != buttons || (!buttons && catalogue[i].status != status))
			continue;
		rows[found++] = (struct outcome_values){ .slug = catalogue[i].slug,
			.outcome = outcome_message(&catalogue[i]),
			.is_secondary = catalogue[i].status != DIDIT_APPROVED,
			.is_chosen = &catalogue[i] == content->chosen,
			.is_not_included = !outcome_applies(content->session, &catalogue[i]) };
	}
	*out = (struct template_list){ rows, found };
	return OK;
}

static enum err list_groups(struct arena *a, const struct hosted_page *content, struct choice_values *values)
{
	static const struct {
		enum didit_status status;
		enum message_id legend;
	} groups[GROUPS] = {
		{ DIDIT_DECLINED, MESSAGE_CHECK_DECLINED },
		{ DIDIT_IN_REVIEW, MESSAGE_CHECK_IN_REVIEW },
	};

	for (size_t i = 0; i < GROUPS; i++) {
		values->group_values[i].legend = groups[i].legend;
		TRY(list_outcomes(a, content, false, groups[i].status, &values->group_values[i].reasons));
	}
	values->groups = (struct template_list){ values->group_values, GROUPS };
	return OK;
}

static void list_steps(const struct hosted_page *content, struct choice_values *values)
{
	enum message_id steps[STEPS_MAX];
	const size_t n = steps_of(content->session, steps);

	for (size_t i = 0; i < n; i++)
		values->step_values[i].step = steps[i];
	values->steps = (struct template_list){ values->step_values, n };
}

static enum err reply_choice(struct arena *a, const struct hosted_page *content,
	const struct page_frame *frame, int status, struct reply *reply)
{
	const struct sandbox_session *const session = content->session;
	struct choice_values values = {
		.submit_url = arena_printf(
			a, "%.*s/session/%s/submit", STR_ARG(content->base_path), session->token),
		.form_language = content->by_link ? language_tags[content->language] : STR(""),
		.status = didit_status_text(session->status),
		.number = arena_printf(a, "%lld", (long long)session->number),
		.has_error = content->has_error,
		.has_chosen_reason = content->chosen && !has_own_button(content->chosen),
	};

	if (!values.submit_url.p || !values.number.p)
		return ERR_INPUT;
	TRY(list_outcomes(a, content, true, DIDIT_STATUSES, &values.results));
	TRY(list_groups(a, content, &values));
	list_steps(content, &values);
	return page_reply(a, frame, &choice_page, &values, status, reply);
}

static enum err reply_result(struct arena *a, const struct hosted_page *content,
	const struct page_frame *frame, int status, struct reply *reply)
{
	const struct sandbox_session *const session = content->session;
	const struct result_text text = result_text_of(session);
	struct result_values values = { .title = text.title, .body = text.body, .advice = text.advice };

	if (session) {
		values.return_url = content->return_url;
		values.may_close = content->return_url.n == 0 && text.advice != MESSAGE_RESULT_START_AGAIN;
		values.status = didit_status_text(session->status);
		values.number = arena_printf(a, "%lld", (long long)session->number);
		if (!values.number.p)
			return ERR_INPUT;
	}
	return page_reply(a, frame, &result_page, &values, status, reply);
}

/* The language is part of the path, as in Didit's links. */
static enum err set_language_urls(
	struct arena *a, const struct hosted_page *content, struct page_frame *frame)
{
	for (enum language language = 0; language < LANGUAGES; language++) {
		frame->language_urls[language] = arena_printf(a, "%.*s/%.*s/session/%s",
			STR_ARG(content->base_path), STR_ARG(language_tags[language]),
			content->session->token);
		if (!frame->language_urls[language].p)
			return ERR_INPUT;
	}
	return OK;
}

enum err hosted_page_reply(
	struct arena *a, const struct hosted_page *content, int status, struct reply *reply)
{
	/* Browsers apply form-action also to the redirect after a form is sent, and the integrator's callback
	 * may have any host. Integrators may show Didit's page in a frame. */
	struct page_frame frame = { .language = content->language,
		.brand = content->brand,
		.sandbox = true,
		.assets = content->base_path,
		.any_form_origin = true,
		.may_be_framed = true };

	if (content->session)
		TRY(set_language_urls(a, content, &frame));
	if (content->session && sandbox_session_is_open(content->session))
		return reply_choice(a, content, &frame, status, reply);
	return reply_result(a, content, &frame, status, reply);
}
