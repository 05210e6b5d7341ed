#include "api/core/answer.h"
#include "app/console/reviews.h"
#include "base/attr.h"
#include "web/console/finding_values.h"
#include "web/console/page_path.h"
#include "web/console/pages.h"
#include "web/console/review_page.h"
#include "web/console/routes.h"
#include "web/console/values.h"
#include "web/console/words.h"

DECLARE_TEMPLATE(console_review);

struct word_item {
	struct str word;
};

struct choice_item {
	struct str word;
	bool is_chosen;
};

static const struct template_value choice_item_rows[] = { TEXT_VALUE(struct choice_item, word),
	FLAG_VALUE(struct choice_item, is_chosen) };
static const struct template_table choice_item_values = TEMPLATE_TABLE(struct choice_item, choice_item_rows);

static const struct template_value word_item_rows[] = { TEXT_VALUE(struct word_item, word) };
static const struct template_table word_item_values = TEMPLATE_TABLE(struct word_item, word_item_rows);

struct review_values {
	struct str alert, session, tenant, status, provider_session, person, reference, created_at,
		updated_at;
	struct str verdict, verdict_text, reason, comment, decided_by, decided_at, confirmed_by, confirmed_at;
	struct str claimed_by, claimed_until, step_up_url, entered_comment;
	bool entered_approve, entered_decline, entered_retry, has_entry_to_send;
	bool is_provider_real, has_decision, is_proposed, is_in_review, is_own, is_claimed, is_own_decision,
		four_eyes;
	bool can_claim, can_decide, can_confirm, can_release, can_withdraw, needs_step_up;
	struct template_list reasons, results, warnings, places, choices;
};

static const struct template_value review_value_rows[] = {
	TEXT_VALUE(struct review_values, alert),
	TEXT_VALUE(struct review_values, session),
	TEXT_VALUE(struct review_values, tenant),
	TEXT_VALUE(struct review_values, status),
	TEXT_VALUE(struct review_values, provider_session),
	TEXT_VALUE(struct review_values, person),
	NAME_VALUE(struct review_values, reference),
	MARKUP_VALUE(struct review_values, created_at),
	MARKUP_VALUE(struct review_values, updated_at),
	TEXT_VALUE(struct review_values, verdict),
	TEXT_VALUE(struct review_values, verdict_text),
	TEXT_VALUE(struct review_values, reason),
	NAME_VALUE(struct review_values, comment),
	NAME_VALUE(struct review_values, decided_by),
	MARKUP_VALUE(struct review_values, decided_at),
	NAME_VALUE(struct review_values, confirmed_by),
	MARKUP_VALUE(struct review_values, confirmed_at),
	NAME_VALUE(struct review_values, claimed_by),
	MARKUP_VALUE(struct review_values, claimed_until),
	TEXT_VALUE(struct review_values, step_up_url),
	NAME_VALUE(struct review_values, entered_comment),
	FLAG_VALUE(struct review_values, entered_approve),
	FLAG_VALUE(struct review_values, entered_decline),
	FLAG_VALUE(struct review_values, entered_retry),
	FLAG_VALUE(struct review_values, has_entry_to_send),
	FLAG_VALUE(struct review_values, is_provider_real),
	FLAG_VALUE(struct review_values, has_decision),
	FLAG_VALUE(struct review_values, is_proposed),
	FLAG_VALUE(struct review_values, is_in_review),
	FLAG_VALUE(struct review_values, is_own),
	FLAG_VALUE(struct review_values, is_claimed),
	FLAG_VALUE(struct review_values, is_own_decision),
	FLAG_VALUE(struct review_values, four_eyes),
	FLAG_VALUE(struct review_values, can_claim),
	FLAG_VALUE(struct review_values, can_decide),
	FLAG_VALUE(struct review_values, can_confirm),
	FLAG_VALUE(struct review_values, can_release),
	FLAG_VALUE(struct review_values, can_withdraw),
	FLAG_VALUE(struct review_values, needs_step_up),
	LIST_VALUE(struct review_values, reasons, &word_item_values),
	LIST_VALUE(struct review_values, results, &finding_result_values),
	LIST_VALUE(struct review_values, warnings, &finding_warning_values),
	LIST_VALUE(struct review_values, places, &finding_place_values),
	LIST_VALUE(struct review_values, choices, &choice_item_values),
};
const struct page_template console_review_page = { .template = &template_console_review,
	.values = TEMPLATE_TABLE(struct review_values, review_value_rows),
	.group_values = &console_frame_values,
	.style = "console" };

struct str console_review_path(struct arena *a, struct str session_id)
{
	return arena_printf(a, "/console/reviews/%.*s", STR_ARG(session_id));
}

static struct template_list reason_items(struct arena *a, struct reasons set)
{
	struct word_item *const items = arena_array(a, struct word_item, REASON_COUNT);
	size_t n = 0;

	for (enum reason r = 0; items && r < REASON_COUNT; r++)
		if (reasons_have(set, r))
			items[n++] = (struct word_item){ str_of(reason_name(r)) };
	return (struct template_list){ items, n };
}

/* The reasons from which a reviewer chooses. */
static struct template_list choice_items(struct arena *a, struct str chosen)
{
	struct choice_item *const items = arena_array(a, struct choice_item, REASON_COUNT);

	for (enum reason r = 0; items && r < REASON_COUNT; r++) {
		const struct str word = str_of(reason_name(r));

		items[r] = (struct choice_item){ word, str_eq(word, chosen) };
	}
	return (struct template_list){ items, items ? REASON_COUNT : 0 };
}

static void set_entry(const struct review_entry *entry, struct review_values *out)
{
	if (entry == NULL)
		return;
	out->entered_approve = entry->verdict == REVIEW_APPROVE;
	out->entered_decline = entry->verdict == REVIEW_DECLINE;
	out->entered_retry = entry->verdict == REVIEW_DECLINE_RETRY;
	out->entered_comment = entry->comment;
	out->has_entry_to_send = entry->needs_step_up;
}

/* A decision of an earlier review is not shown while the session is in review again. */
static void set_decision(struct arena *a, const struct review_view *view, struct review_values *out)
{
	const struct review *const review = &view->review;

	out->is_proposed = view->is_in_review && review->state == REVIEW_PROPOSED;
	out->has_decision = out->is_proposed || (!view->is_in_review && review->state == REVIEW_DECIDED);
	if (!out->has_decision)
		return;
	out->verdict = str_of(review_verdict_name(review->verdict));
	out->verdict_text = console_verdict_text(review->verdict);
	out->reason = str_of(review->reason);
	out->comment = view->comment;
	out->decided_by = view->decided_by;
	out->decided_at = console_time(a, review->decided_at);
	out->confirmed_by = view->confirmed_by;
	out->confirmed_at = console_time(a, review->confirmed_at);
}

/* Which forms the page has. The use cases decide about each act again. */
static void set_forms(
	const struct console_request *request, const struct review_view *view, struct review_values *out)
{
	const enum console_verdict verdict = console_check(&request->caller.account, &request->caller.session,
		CONSOLE_DECIDE_REVIEW, &view->session.tenant_id, world_expiry_now(request->call->world));

	out->can_claim = view->is_in_review && !view->is_claimed && !view->is_own_decision &&
			 console_may(request, CONSOLE_CLAIM_REVIEW);
	out->can_release = view->is_own;
	out->can_withdraw = view->is_in_review && view->is_own_decision && !view->is_claimed &&
			    console_may(request, CONSOLE_CLAIM_REVIEW);
	out->needs_step_up = view->is_own && verdict == CONSOLE_STEP_UP_NEEDED && !out->has_entry_to_send;
	out->can_confirm = view->is_own && verdict == CONSOLE_PERMITTED && out->is_proposed &&
			   !view->is_own_decision;
	out->can_decide = view->is_own && !out->is_proposed &&
			  (verdict == CONSOLE_PERMITTED || out->has_entry_to_send);
}

static struct reply show(const struct console_request *request, struct arena *a,
	const struct review_view *view, const struct review_entry *entry, struct str alert, int status)
{
	const struct session *const session = &view->session;
	struct review_values values = { .alert = alert,
		.session = str_of(session->id.text),
		.tenant = str_of(view->tenant.name),
		.status = str_of(session_status_provider_name(session->status)),
		.provider_session = str_of(session->provider_ref.text),
		.person = str_of(view->person.id.text),
		.reference = view->person.reference,
		.created_at = console_time(a, session->created_at),
		.updated_at = console_time(a, session->last_update_at),
		.claimed_by = view->claimed_by,
		.claimed_until = console_time(a, view->review.claimed_until),
		.is_provider_real = !request->call->world->rules->sandbox,
		.is_in_review = view->is_in_review,
		.is_own = view->is_own,
		.is_claimed = view->is_claimed,
		.is_own_decision = view->is_in_review && view->is_own_decision,
		.four_eyes = view->tenant.four_eyes,
		.reasons = reason_items(a, view->reasons),
		.results = finding_results(a, &view->findings),
		.warnings = finding_warnings(a, &view->findings),
		.places = finding_places(a, &view->findings),
		.choices = choice_items(a, entry ? entry->reason : STR("")) };

	set_decision(a, view, &values);
	set_entry(entry, &values);
	set_forms(request, view, &values);
	values.step_up_url = console_path_with(
		a, STR("/console/step-up"), "back", console_review_path(a, values.session));
	return console_page(request, &console_review_page, &values, status);
}

struct reply console_review_show(const struct console_request *request, struct str session_id,
	const struct review_entry *entry, struct str alert, int status)
{
	enum console_verdict verdict;
	struct review_view *view;
	struct reply reply;
	struct arena a;

	arena_init(&a, REVIEWS_ARENA);
	view = arena_new(&a, struct review_view);
	const enum err e = view ? console_review_read(request->call->world, &a, &request->caller, session_id,
					  view, &verdict)
				: ERR_INTERNAL;
	if (e != OK)
		reply = console_failed(request, e);
	else if (verdict != CONSOLE_PERMITTED)
		reply = console_refused(request, verdict, STR("/console/reviews"));
	else
		reply = show(request, &a, view, entry, alert, status);
	arena_finish(&a);
	return reply;
}

static struct reply handle_review(struct call *call, struct store *store)
{
	struct console_request request;
	struct reply refused;

	(void)store; /* the use case opens its own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	return console_review_show(&request, call->params[0], NULL, STR(""), 200);
}

const struct route console_review_route = { .entry = { METHOD_GET, "/console/reviews/:session" },
	HANDLE_WAITING(handle_review),
	.failure = ANSWER_UNAVAILABLE };
