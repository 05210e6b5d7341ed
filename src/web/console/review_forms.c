#include "api/core/answer.h"
#include "api/core/fields.h"
#include "app/console/review_acts.h"
#include "web/console/free_text.h"
#include "web/console/review_page.h"
#include "web/console/routes.h"
#include "web/core/form_body.h"

static const char part_of_group[] =
	"The person is shared with tenants that you may not see, so you cannot allow another try. Nothing was "
	"changed.";

static const char *const refusals[REVIEW_CHECKS] = {
	[REVIEW_CLOSED] = "The session is not in review any more. Nothing was changed.",
	[REVIEW_CLAIMED] = "Another operator has claimed this review. Nothing was changed.",
	[REVIEW_NOT_CLAIMED] =
		"You have not claimed this review, or your claim has expired. Nothing was changed.",
	[REVIEW_OWN_DECISION] = "Another operator must confirm your decision. Nothing was changed.",
	[REVIEW_OTHERS_DECISION] = "This decision is another operator's. Nothing was changed.",
	[REVIEW_PART_OF_GROUP] = part_of_group,
	[REVIEW_OUTDATED] = "The page was out of date. Check the present state. Nothing was changed.",
};

#define UNANSWERED                                                                                                 \
	"The provider did not answer, so the decision does not count yet. If it arrived all the same, the status " \
	"changes by itself. You keep the claim: check the status and try again."
#define NOT_ASKED                                                                                                  \
	"The provider cannot be asked at the moment. Nothing was changed, and you keep the claim: try again in a " \
	"minute."
#define REFUSED                                                                                                     \
	"The provider has refused the decision. Nothing was changed, and you keep the claim. The server's log has " \
	"the reason."
static const char *const failures[PROVIDER_CAUSES] = {
	[PROVIDER_UNREACHABLE] = UNANSWERED,
	[PROVIDER_INVALID_RESPONSE] = UNANSWERED,
	[PROVIDER_PAUSED] = NOT_ASKED,
	[PROVIDER_LIMIT] = NOT_ASKED,
};

/* Why the provider has not accepted a decision. */
static struct str failure_text(enum provider_cause cause)
{
	return failures[cause] ? str_of(failures[cause]) : STR(REFUSED);
}

/* What a use case returned, and the word of the message for success. */
struct act_outcome {
	enum err e;
	enum console_verdict verdict;
	struct review_result result;
	const char *done;
};

/* Responds to an act. `entry`: what was entered, to keep it if the act is refused; NULL: nothing. */
static struct reply respond_to_act(const struct console_request *request, const struct act_outcome *outcome,
	const struct review_entry *entry)
{
	const struct review_result *const result = &outcome->result;
	struct call *const call = request->call;
	const struct str session = call->params[0];

	if (outcome->e != OK)
		return console_failed(request, outcome->e);
	if (outcome->verdict == CONSOLE_STEP_UP_NEEDED && entry) {
		struct review_entry kept = *entry;

		kept.needs_step_up = true;
		return console_review_show(request, session, &kept, STR(""), 403);
	}
	if (outcome->verdict != CONSOLE_PERMITTED)
		return console_refused(request, outcome->verdict, console_review_path(call->arena, session));
	if (result->check != REVIEW_PERMITTED)
		return console_review_show(request, session, entry, str_of(refusals[result->check]), 409);
	if (result->cause != PROVIDER_OK)
		return console_review_show(request, session, entry, failure_text(result->cause), 502);
	return console_redirect(request, console_review_path(call->arena, session), outcome->done);
}

static struct reply handle_claim(struct call *call, struct store *store)
{
	struct act_outcome outcome = { .done = "review-claimed" };
	struct console_request request;
	struct reply refused;

	(void)store; /* the use cases open their own transactions */
	if (!console_admit(call, &request, &refused))
		return refused;
	outcome.e = console_review_claim(call->world, call->arena, &request.caller, call->params[0],
		&outcome.result, &outcome.verdict);
	return respond_to_act(&request, &outcome, NULL);
}

static struct reply handle_release(struct call *call, struct store *store)
{
	struct act_outcome outcome = { .done = "review-released" };
	struct console_request request;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	outcome.e = console_review_release(call->world, call->arena, &request.caller, call->params[0],
		&outcome.result, &outcome.verdict);
	return respond_to_act(&request, &outcome, NULL);
}

struct decision_body {
	struct str verdict, reason, comment;
};

/* clang-format off */
static const struct field decision_fields[] = {
	FIELD(struct decision_body, verdict, FIELD_TEXT,  FIELD_REQUIRED, 1, 16),
	FIELD(struct decision_body, reason,  FIELD_TEXT,  FIELD_OPTIONAL, 1, REVIEW_REASON_SIZE - 1),
	FIELD(struct decision_body, comment, FIELD_EXACT, FIELD_OPTIONAL, 0, REVIEW_COMMENT_MAX),
};
static const struct form decision_form = FORM(decision_fields, struct decision_body, "");

static const struct field confirmation_fields[] = { FIELD(struct decision_body, verdict, FIELD_TEXT, FIELD_REQUIRED, 1, 16) };
static const struct form confirmation_form = FORM(confirmation_fields, struct decision_body, "");
/* clang-format on */

/* Returns why the form cannot be accepted; empty: it can. */
static struct str read_input(
	const struct call *call, const struct decision_body *body, struct review_input *out)
{
	*out = (struct review_input){
		.session_id = call->params[0], .reason = body->reason, .comment = str_trim(body->comment)
	};
	if (!review_verdict_read(body->verdict, &out->verdict))
		return STR("Choose a decision. Nothing was changed.");
	if (!review_reason_is_valid(out->verdict, out->reason))
		return STR("Choose a reason from the list: a decline needs one. Nothing was changed.");
	if (!free_text_is_valid(out->comment))
		return STR("The comment has control characters. Nothing was changed.");
	return STR("");
}

static struct reply handle_decide(struct call *call, struct store *store)
{
	struct act_outcome outcome = { .done = "review-decided" };
	struct console_request request;
	struct review_input input;
	void *body = NULL;
	struct reply refused;

	(void)store;
	if (!console_admit(call, &request, &refused))
		return refused;
	const enum form_body_verdict form = form_body_read(call, &decision_form, &body, &refused);
	if (form == FORM_BODY_REFUSED)
		return refused;
	if (form == FORM_BODY_BAD)
		return console_notice(&request, CONSOLE_NOTICE_BAD_FORM);
	const struct str fault = read_input(call, body, &input);
	const struct review_entry entry = { input.verdict, input.reason, input.comment, false };
	if (fault.n > 0)
		return console_review_show(&request, call->params[0], &entry, fault, 400);
	outcome.e = console_review_decide(
		call->world, call->arena, &request.caller, &input, &outcome.result, &outcome.verdict);
	if (outcome.e == OK && outcome.verdict == CONSOLE_PERMITTED && outcome.result.is_proposed)
		outcome.done = "review-proposed";
	return respond_to_act(&request, &outcome, &entry);
}

/* Reads the verdict that the operator confirms, rejects or withdraws. */
static bool read_confirmation(struct call *call, struct console_request *request,
	struct review_input *proposed, struct reply *refused)
{
	void *read = NULL;

	if (!console_admit(call, request, refused))
		return false;
	const enum form_body_verdict form = form_body_read(call, &confirmation_form, &read, refused);
	if (form == FORM_BODY_REFUSED)
		return false;
	const struct decision_body *const body = read;
	*proposed = (struct review_input){ .session_id = call->params[0] };
	if (form == FORM_BODY_READ && review_verdict_read(body->verdict, &proposed->verdict))
		return true;
	*refused = console_notice(request, CONSOLE_NOTICE_BAD_FORM);
	return false;
}

typedef enum err proposal_change(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *proposed, struct review_result *out,
	enum console_verdict *verdict);

/* Changes the proposed decision that the form names. `done`: word of the message if it succeeds. */
static struct reply answer_proposal(struct call *call, proposal_change *change, const char *done)
{
	struct act_outcome outcome = { .done = done };
	struct console_request request;
	struct review_input proposed;
	struct reply refused;

	if (!read_confirmation(call, &request, &proposed, &refused))
		return refused;
	outcome.e = change(
		call->world, call->arena, &request.caller, &proposed, &outcome.result, &outcome.verdict);
	return respond_to_act(&request, &outcome, NULL);
}

static struct reply handle_confirm(struct call *call, struct store *store)
{
	(void)store; /* the use cases open their own transactions */
	return answer_proposal(call, console_review_confirm, "review-confirmed");
}

static struct reply handle_reject(struct call *call, struct store *store)
{
	(void)store;
	return answer_proposal(call, console_review_reject, "review-rejected");
}

static struct reply handle_withdraw(struct call *call, struct store *store)
{
	(void)store;
	return answer_proposal(call, console_review_withdraw, "review-withdrawn");
}

#define REVIEW_ROUTE(name, end, handler)                                                                     \
	const struct route name = { .entry = { METHOD_POST, "/console/reviews/:session/" end },              \
		HANDLE_WAITING(handler),                                                                     \
		.failure = ANSWER_UNAVAILABLE }
REVIEW_ROUTE(console_review_claim_route, "claim", handle_claim);
REVIEW_ROUTE(console_review_release_route, "release", handle_release);
REVIEW_ROUTE(console_review_decide_route, "decide", handle_decide);
REVIEW_ROUTE(console_review_confirm_route, "confirm", handle_confirm);
REVIEW_ROUTE(console_review_reject_route, "reject", handle_reject);
REVIEW_ROUTE(console_review_withdraw_route, "withdraw", handle_withdraw);
