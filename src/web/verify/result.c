#include "web/verify/result.h"

/* What the page says, in the order in which the rows are searched. */
enum result {
	RESULT_APPROVED,
	RESULT_IN_REVIEW,
	RESULT_RESUBMIT,    /* the provider asks for a part again */
	RESULT_AT_PROVIDER, /* the session is open: the person has not finished, or the result is on its way
			     */
	RESULT_TRY_AGAIN,   /* declined, and another session is allowed */
	RESULT_UNFINISHED,  /* the session ended without a result, and another one is allowed */
	RESULT_OUTDATED,    /* the person's approval has expired, and another session is allowed */
	RESULT_TRY_LATER,   /* all tries are used up for now */
	RESULT_NO_MORE,	    /* nobody but the tenant can help */
	RESULTS
};

#define RESULT_TEXTS 3
/* clang-format off */
static const struct {
	const char *kind;
	enum message_id title, texts[RESULT_TEXTS], action;
	bool is_final;
} rows[RESULTS] = {
	[RESULT_APPROVED]    = { "good", MESSAGE_VERIFY_APPROVED_TITLE, { MESSAGE_VERIFY_APPROVED }, MESSAGE_NONE, true },
	[RESULT_IN_REVIEW]   = { "review", MESSAGE_VERIFY_REVIEW_TITLE, { MESSAGE_VERIFY_REVIEW, MESSAGE_VERIFY_REVIEW_CLOSE }, MESSAGE_NONE, false },
	[RESULT_RESUBMIT]    = { "todo", MESSAGE_VERIFY_RESUBMIT_TITLE, { MESSAGE_VERIFY_RESUBMIT }, MESSAGE_VERIFY_CONTINUE, false },
	[RESULT_AT_PROVIDER] = { "wait", MESSAGE_VERIFY_WAITING_TITLE, { MESSAGE_VERIFY_WAITING, MESSAGE_VERIFY_WAITING_UNFINISHED }, MESSAGE_VERIFY_CONTINUE, false },
	[RESULT_TRY_AGAIN]   = { "bad",  MESSAGE_VERIFY_DECLINED_TITLE, { MESSAGE_VERIFY_DECLINED_RETRY }, MESSAGE_VERIFY_TRY_AGAIN, false },
	[RESULT_UNFINISHED]  = { "todo", MESSAGE_VERIFY_EXPIRED_TITLE, { MESSAGE_VERIFY_EXPIRED }, MESSAGE_VERIFY_START, false },
	[RESULT_OUTDATED]    = { "todo", MESSAGE_VERIFY_KYC_EXPIRED_TITLE, { MESSAGE_VERIFY_KYC_EXPIRED }, MESSAGE_VERIFY_START, false },
	[RESULT_TRY_LATER]   = { "bad",  MESSAGE_VERIFY_DECLINED_TITLE, { MESSAGE_VERIFY_DECLINED_RETRY_AT }, MESSAGE_NONE, false },
	[RESULT_NO_MORE]     = { "bad",  MESSAGE_VERIFY_DECLINED_TITLE, { MESSAGE_VERIFY_DECLINED_FINAL }, MESSAGE_NONE, true },
};
/* clang-format on */

bool verify_result_is_shown(const struct verification_view *view)
{
	const struct verification_person_view *const person = &view->person;

	return view->step == VERIFICATION_STEP_RESULT ||
	       (view->step == VERIFICATION_STEP_CHECK && person->has_session &&
		       person->session_status != STATUS_NOT_STARTED &&
		       session_status_is_open(person->session_status));
}

/* `status` is final, and another session is allowed. */
static enum result result_with_another_try(enum session_status status)
{
	if (status == STATUS_DECLINED)
		return RESULT_TRY_AGAIN;
	return status == STATUS_KYC_EXPIRED ? RESULT_OUTDATED : RESULT_UNFINISHED;
}

static enum result result_of(const struct verification_person_view *person)
{
	const enum session_status status = person->session_status;

	if (status == STATUS_APPROVED)
		return RESULT_APPROVED;
	if (status == STATUS_IN_REVIEW)
		return RESULT_IN_REVIEW;
	if (status == STATUS_RESUBMITTED || status == STATUS_AWAITING_USER)
		return RESULT_RESUBMIT;
	if (!session_status_is_final(status))
		return RESULT_AT_PROVIDER;
	if (person->can_try_again)
		return result_with_another_try(status);
	return moment_is_unset(person->next_try_at) ? RESULT_NO_MORE : RESULT_TRY_LATER;
}

enum err verify_result_fill(
	struct arena *a, const struct verification_view *view, struct verify_values *values)
{
	const struct verification_person_view *const person = &view->person;
	const enum result result = result_of(person);
	struct verify_text *const texts = arena_array(a, struct verify_text, RESULT_TEXTS);
	const struct str time = verify_time_markup(a, person->next_try_at, true);
	size_t n = 0;

	if (!texts || !time.p)
		return ERR_INTERNAL;
	for (; n < RESULT_TEXTS && rows[result].texts[n] != MESSAGE_NONE; n++)
		texts[n] = (struct verify_text){ rows[result].texts[n], time };
	values->kind = str_of(rows[result].kind);
	values->title = rows[result].title;
	values->texts = (struct template_list){ texts, n };
	values->action = rows[result].action;
	values->is_final = rows[result].is_final;
	/* Where the person has something better to do, this action stands alone. */
	values->may_refresh = !rows[result].is_final &&
			      (rows[result].action == MESSAGE_NONE || result == RESULT_AT_PROVIDER);
	values->needs_support = result == RESULT_TRY_LATER || result == RESULT_NO_MORE;
	values->may_return = view->has_return_url;
	return OK;
}
