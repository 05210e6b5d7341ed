/* Reviews: claims and how long they last, decisions, and the confirmation by a second operator. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "base/attr.h"
#include "domain/review.h"

static const struct operator_id ana = { "ana" }, ben = { "ben" };
static const struct session_id session = { "session" };
static const struct tenant_id tenant = { "tenant" };

static const moment start = { INT64_C(1767607500000) };

static moment at(duration after)
{
	return moment_add(start, after);
}

static struct review new_review(void)
{
	return review_new(&session, &tenant);
}

static struct review claimed_by_ana(void)
{
	struct review review = new_review();

	assert_int_equal(review_claim(&review, &ana, start), REVIEW_PERMITTED);
	return review;
}

static struct review_decision decline_by(const struct operator_id *by)
{
	return (struct review_decision){ .verdict = REVIEW_DECLINE,
		.reason = STR("document_expired"),
		.sealed_comment = STR("sealed"),
		.by = *by,
		.at = start };
}

static struct review proposed_by_ana(void)
{
	struct review review = claimed_by_ana();
	const struct review_decision decision = decline_by(&ana);

	review_propose(&review, &decision);
	return review;
}

static void nobody_has_claimed_a_new_review(void **state)
{
	const struct review review = new_review();

	(void)state;
	assert_false(review_is_claimed(&review, start));
	assert_false(review_is_claimed_by(&review, &ana, start));
	assert_int_equal(review_check_decide(&review, &ana, start), REVIEW_NOT_CLAIMED);
	assert_int_equal(review.state, REVIEW_OPEN);
}

static void a_claim_lasts_15_minutes(void **state)
{
	static const struct {
		int64_t ms;
		enum review_check own, other;
	} rows[] = {
		{ -1, REVIEW_PERMITTED, REVIEW_CLAIMED },
		{ 0, REVIEW_NOT_CLAIMED, REVIEW_PERMITTED },
		{ 1, REVIEW_NOT_CLAIMED, REVIEW_PERMITTED },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		struct review review = claimed_by_ana();
		const moment now = at(milliseconds(minutes(15).ms + rows[i].ms));

		assert_int_equal(review_is_claimed(&review, now), rows[i].ms < 0);
		assert_int_equal(review_check_decide(&review, &ana, now), rows[i].own);
		assert_int_equal(review_claim(&review, &ben, now), rows[i].other);
	}
}

static void claiming_again_prolongs_ones_own_claim(void **state)
{
	struct review review = claimed_by_ana();

	(void)state;
	assert_int_equal(review_claim(&review, &ana, at(minutes(14))), REVIEW_PERMITTED);
	assert_true(review_is_claimed_by(&review, &ana, at(milliseconds(minutes(29).ms - 1))));
	assert_false(review_is_claimed(&review, at(minutes(29))));
}

static void a_claim_is_not_prolonged_by_a_clock_that_is_set_back(void **state)
{
	const struct review review = claimed_by_ana();

	(void)state;
	assert_false(review_is_claimed(&review, moment_sub(start, hours(1))));
}

static void only_the_operator_who_claimed_it_releases_and_decides(void **state)
{
	struct review review = claimed_by_ana();

	(void)state;
	assert_int_equal(review_check_decide(&review, &ben, start), REVIEW_CLAIMED);
	assert_int_equal(review_release(&review, &ben, start), REVIEW_CLAIMED);
	assert_int_equal(review_check_decide(&review, &ana, start), REVIEW_PERMITTED);
	assert_int_equal(review_release(&review, &ana, start), REVIEW_PERMITTED);
	assert_int_equal(review_release(&review, &ana, start), REVIEW_NOT_CLAIMED);
	assert_int_equal(review_claim(&review, &ben, start), REVIEW_PERMITTED);
}

static void a_decision_is_kept_and_ends_the_claim(void **state)
{
	struct review review = claimed_by_ana();
	const struct review_decision decision = decline_by(&ana);

	(void)state;
	review_decide(&review, &decision);
	assert_int_equal(review.state, REVIEW_DECIDED);
	assert_int_equal(review.verdict, REVIEW_DECLINE);
	assert_string_equal(review.reason, "document_expired");
	assert_string_equal(review.decided_by.text, "ana");
	assert_int_equal(review.decided_at.ms, start.ms);
	assert_true(str_eq(review.sealed_comment, STR("sealed")));
	assert_string_equal(review.confirmed_by.text, "");
	assert_false(review_is_claimed(&review, start));
	assert_string_equal(review.session_id.text, "session");
	assert_string_equal(review.tenant_id.text, "tenant");
}

static void a_session_that_is_in_review_again_is_claimed_anew(void **state)
{
	struct review review = claimed_by_ana();
	const struct review_decision decision = decline_by(&ana);

	(void)state;
	review_decide(&review, &decision);
	assert_int_equal(review_claim(&review, &ana, start), REVIEW_PERMITTED);
	assert_int_equal(review.state, REVIEW_OPEN);
	assert_int_equal(review.verdict, REVIEW_NO_VERDICT);
	assert_int_equal(review.sealed_comment.n, 0);
	assert_int_equal(review_check_decide(&review, &ana, start), REVIEW_PERMITTED);
}

static void another_operator_confirms_a_proposed_decision(void **state)
{
	struct review review = proposed_by_ana();

	(void)state;
	assert_int_equal(review_check_confirm(&review, &ben, REVIEW_DECLINE, start), REVIEW_NOT_CLAIMED);
	assert_int_equal(review_claim(&review, &ben, start), REVIEW_PERMITTED);
	assert_int_equal(review_check_decide(&review, &ben, start), REVIEW_OUTDATED);
	assert_int_equal(review_check_confirm(&review, &ben, REVIEW_APPROVE, start), REVIEW_OUTDATED);
	assert_int_equal(review_check_confirm(&review, &ben, REVIEW_DECLINE, start), REVIEW_PERMITTED);
	review_confirm(&review, &ben, at(minutes(1)));
	assert_int_equal(review.state, REVIEW_DECIDED);
	assert_string_equal(review.decided_by.text, "ana");
	assert_string_equal(review.confirmed_by.text, "ben");
	assert_int_equal(review.confirmed_at.ms, at(minutes(1)).ms);
	assert_false(review_is_claimed(&review, start));
}

static void nobody_confirms_the_own_decision(void **state)
{
	struct review review = proposed_by_ana();

	(void)state;
	assert_int_equal(review_claim(&review, &ana, start), REVIEW_OWN_DECISION);
	review.claimed_by = ana;
	review.claimed_until = at(minutes(15));
	assert_int_equal(review_check_confirm(&review, &ana, REVIEW_DECLINE, start), REVIEW_OWN_DECISION);
}

static void a_rejected_decision_leaves_an_open_review(void **state)
{
	struct review review = proposed_by_ana();

	(void)state;
	assert_int_equal(review_claim(&review, &ben, start), REVIEW_PERMITTED);
	review_reject(&review);
	assert_int_equal(review.state, REVIEW_OPEN);
	assert_int_equal(review.verdict, REVIEW_NO_VERDICT);
	assert_false(review_is_claimed(&review, start));
	assert_int_equal(review_claim(&review, &ana, start), REVIEW_PERMITTED);
	assert_int_equal(review_check_confirm(&review, &ana, REVIEW_DECLINE, start), REVIEW_OUTDATED);
}

static void only_the_own_decision_is_withdrawn_and_not_while_another_operator_acts(void **state)
{
	struct review review = proposed_by_ana();

	(void)state;
	assert_int_equal(review_check_withdraw(&review, &ben, REVIEW_DECLINE, start), REVIEW_OTHERS_DECISION);
	assert_int_equal(review_check_withdraw(&review, &ana, REVIEW_APPROVE, start), REVIEW_OUTDATED);
	assert_int_equal(review_check_withdraw(&review, &ana, REVIEW_DECLINE, start), REVIEW_PERMITTED);
	assert_int_equal(review_claim(&review, &ben, start), REVIEW_PERMITTED);
	assert_int_equal(review_check_withdraw(&review, &ana, REVIEW_DECLINE, start), REVIEW_CLAIMED);
	assert_int_equal(
		review_check_withdraw(&review, &ana, REVIEW_DECLINE, at(minutes(15))), REVIEW_PERMITTED);
	review_confirm(&review, &ben, start);
	assert_int_equal(review_check_withdraw(&review, &ana, REVIEW_DECLINE, start), REVIEW_OUTDATED);
}

static void a_decline_needs_a_known_reason_and_an_approval_none(void **state)
{
	(void)state;
	assert_true(review_reason_is_valid(REVIEW_APPROVE, STR("")));
	assert_true(review_reason_is_valid(REVIEW_APPROVE, STR("other")));
	assert_true(review_reason_is_valid(REVIEW_DECLINE, STR("document_expired")));
	assert_false(review_reason_is_valid(REVIEW_DECLINE, STR("")));
	assert_false(review_reason_is_valid(REVIEW_DECLINE, STR("because")));
	assert_false(review_reason_is_valid(REVIEW_APPROVE, STR("<b>")));
}

static void only_a_decline_that_was_sent_or_accepted_has_a_reason(void **state)
{
	struct review review = claimed_by_ana();
	const struct review_decision decision = decline_by(&ana);
	enum reason reason = REASON_OTHER;

	(void)state;
	assert_false(review_decline_reason(&review, &reason));
	review_send_decision(&review, REVIEW_APPROVE, STR("other"));
	assert_false(review_decline_reason(&review, &reason));
	review_send_decision(&review, REVIEW_DECLINE, STR("underage"));
	assert_true(review_decline_reason(&review, &reason));
	assert_int_equal(reason, REASON_UNDERAGE);
	assert_int_equal(review_check_decide(&review, &ana, start), REVIEW_PERMITTED);
	review_propose(&review, &decision);
	assert_false(review_decline_reason(&review, &reason));
	review_send_confirmation(&review, &ben);
	assert_true(review_decline_reason(&review, &reason));
	assert_int_equal(reason, REASON_DOCUMENT_EXPIRED);
	review_confirm(&review, &ben, start);
	assert_true(review_decline_reason(&review, &reason));
}

static void verdicts_have_names_and_statuses(void **state)
{
	enum review_verdict verdict = REVIEW_NO_VERDICT;

	(void)state;
	assert_true(review_verdict_read(STR("approve"), &verdict));
	assert_int_equal(review_verdict_status(verdict), STATUS_APPROVED);
	assert_true(review_verdict_read(STR("decline"), &verdict));
	assert_int_equal(review_verdict_status(verdict), STATUS_DECLINED);
	assert_string_equal(review_verdict_name(verdict), "decline");
	assert_true(review_verdict_read(STR("decline_retry"), &verdict));
	assert_int_equal(review_verdict_status(verdict), STATUS_DECLINED);
	assert_false(review_verdict_read(STR(""), &verdict));
	assert_false(review_verdict_read(STR("Approve"), &verdict));
	assert_string_equal(review_verdict_name(REVIEW_VERDICTS), "");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_has_claimed_a_new_review),
		cmocka_unit_test(a_claim_lasts_15_minutes),
		cmocka_unit_test(claiming_again_prolongs_ones_own_claim),
		cmocka_unit_test(a_claim_is_not_prolonged_by_a_clock_that_is_set_back),
		cmocka_unit_test(only_the_operator_who_claimed_it_releases_and_decides),
		cmocka_unit_test(a_decision_is_kept_and_ends_the_claim),
		cmocka_unit_test(a_session_that_is_in_review_again_is_claimed_anew),
		cmocka_unit_test(another_operator_confirms_a_proposed_decision),
		cmocka_unit_test(nobody_confirms_the_own_decision),
		cmocka_unit_test(a_rejected_decision_leaves_an_open_review),
		cmocka_unit_test(only_the_own_decision_is_withdrawn_and_not_while_another_operator_acts),
		cmocka_unit_test(a_decline_needs_a_known_reason_and_an_approval_none),
		cmocka_unit_test(only_a_decline_that_was_sent_or_accepted_has_a_reason),
		cmocka_unit_test(verdicts_have_names_and_statuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
