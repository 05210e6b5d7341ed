#include "domain/review.h"

#include <string.h>

#include "domain/expiry.h"

static const struct {
	const char *name;
	enum session_status status;
} verdicts[REVIEW_VERDICTS] = {
	[REVIEW_NO_VERDICT] = { "", STATUS_IN_REVIEW },
	[REVIEW_APPROVE] = { "approve", STATUS_APPROVED },
	[REVIEW_DECLINE] = { "decline", STATUS_DECLINED },
	[REVIEW_DECLINE_RETRY] = { "decline_retry", STATUS_DECLINED },
};

const char *review_verdict_name(enum review_verdict verdict)
{
	return verdict < REVIEW_VERDICTS ? verdicts[verdict].name : "";
}

bool review_verdict_read(struct str name, enum review_verdict *out)
{
	for (enum review_verdict v = REVIEW_APPROVE; v < REVIEW_VERDICTS; v++)
		if (str_eq(name, str_of(verdicts[v].name))) {
			*out = v;
			return true;
		}
	return false;
}

enum session_status review_verdict_status(enum review_verdict verdict)
{
	return verdict < REVIEW_VERDICTS ? verdicts[verdict].status : STATUS_IN_REVIEW;
}

static bool read_reason(struct str name, enum reason *out)
{
	for (enum reason r = 0; r < REASON_COUNT; r++)
		if (str_eq(name, str_of(reason_name(r)))) {
			*out = r;
			return true;
		}
	return false;
}

bool review_reason_is_valid(enum review_verdict verdict, struct str reason)
{
	enum reason read;

	return reason.n == 0 ? verdict == REVIEW_APPROVE : read_reason(reason, &read);
}

struct review review_new(const struct session_id *session, const struct tenant_id *tenant)
{
	return (struct review){ .session_id = *session, .tenant_id = *tenant, .state = REVIEW_OPEN };
}

static bool is_same(const struct operator_id *a, const struct operator_id *b)
{
	return str_eq(str_of(a->text), str_of(b->text));
}

bool review_is_claimed(const struct review *review, moment now)
{
	return review->claimed_by.text[0] != '\0' &&
	       expiry_is_open(review->claimed_until, REVIEW_CLAIM_LIFE, now);
}

bool review_is_claimed_by(const struct review *review, const struct operator_id *operator_id, moment now)
{
	return review_is_claimed(review, now) && is_same(&review->claimed_by, operator_id);
}

static enum review_check check_claim(
	const struct review *review, const struct operator_id *operator_id, moment now)
{
	if (!review_is_claimed(review, now))
		return REVIEW_NOT_CLAIMED;
	return is_same(&review->claimed_by, operator_id) ? REVIEW_PERMITTED : REVIEW_CLAIMED;
}

static void end_claim(struct review *review)
{
	review->claimed_by = (struct operator_id){ "" };
	review->claimed_until = (moment){ 0 };
}

enum review_check review_claim(struct review *review, const struct operator_id *operator_id, moment now)
{
	if (check_claim(review, operator_id, now) == REVIEW_CLAIMED)
		return REVIEW_CLAIMED;
	if (review->state == REVIEW_PROPOSED && is_same(&review->decided_by, operator_id))
		return REVIEW_OWN_DECISION;
	if (review->state == REVIEW_DECIDED)
		*review = review_new(&review->session_id, &review->tenant_id);
	review->claimed_by = *operator_id;
	review->claimed_until = moment_add(now, REVIEW_CLAIM_LIFE);
	return REVIEW_PERMITTED;
}

enum review_check review_release(struct review *review, const struct operator_id *operator_id, moment now)
{
	const enum review_check check = check_claim(review, operator_id, now);

	if (check == REVIEW_PERMITTED)
		end_claim(review);
	return check;
}

enum review_check review_check_decide(
	const struct review *review, const struct operator_id *operator_id, moment now)
{
	const enum review_check check = check_claim(review, operator_id, now);

	return check == REVIEW_PERMITTED && review->state != REVIEW_OPEN ? REVIEW_OUTDATED : check;
}

enum review_check review_check_confirm(const struct review *review, const struct operator_id *operator_id,
	enum review_verdict verdict, moment now)
{
	const enum review_check check = check_claim(review, operator_id, now);

	if (check != REVIEW_PERMITTED)
		return check;
	if (review->state != REVIEW_PROPOSED || review->verdict != verdict)
		return REVIEW_OUTDATED;
	return is_same(&review->decided_by, operator_id) ? REVIEW_OWN_DECISION : REVIEW_PERMITTED;
}

enum review_check review_check_withdraw(const struct review *review, const struct operator_id *operator_id,
	enum review_verdict verdict, moment now)
{
	if (review->state != REVIEW_PROPOSED || review->verdict != verdict)
		return REVIEW_OUTDATED;
	if (!is_same(&review->decided_by, operator_id))
		return REVIEW_OTHERS_DECISION;
	return check_claim(review, operator_id, now) == REVIEW_CLAIMED ? REVIEW_CLAIMED : REVIEW_PERMITTED;
}

void review_send_decision(struct review *review, enum review_verdict verdict, struct str reason)
{
	review->verdict = verdict;
	(void)!str_copy_to(reason, review->reason, sizeof(review->reason));
}

void review_send_confirmation(struct review *review, const struct operator_id *operator_id)
{
	review->confirmed_by = *operator_id;
}

bool review_decline_reason(const struct review *review, enum reason *out)
{
	if (review_verdict_status(review->verdict) != STATUS_DECLINED)
		return false;
	if (review->state == REVIEW_PROPOSED && review->confirmed_by.text[0] == '\0')
		return false;
	return read_reason(str_of(review->reason), out);
}

static void set_decision(
	struct review *review, const struct review_decision *decision, enum review_state state)
{
	*review = review_new(&review->session_id, &review->tenant_id);
	review->state = state;
	review->verdict = decision->verdict;
	(void)!str_copy_to(decision->reason, review->reason, sizeof(review->reason));
	review->sealed_comment = decision->sealed_comment;
	review->decided_by = decision->by;
	review->decided_at = decision->at;
}

void review_propose(struct review *review, const struct review_decision *decision)
{
	set_decision(review, decision, REVIEW_PROPOSED);
}

void review_decide(struct review *review, const struct review_decision *decision)
{
	set_decision(review, decision, REVIEW_DECIDED);
}

void review_confirm(struct review *review, const struct operator_id *operator_id, moment at)
{
	review->state = REVIEW_DECIDED;
	review->confirmed_by = *operator_id;
	review->confirmed_at = at;
	end_claim(review);
}

void review_reject(struct review *review)
{
	*review = review_new(&review->session_id, &review->tenant_id);
}
