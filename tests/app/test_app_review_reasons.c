/* What a reviewer's decline says to others: the reason that the reviewer chose is among the reasons of the
 * session, and another try is allowed if the decision says so. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/operator.h"
#include "app/console/overview.h"
#include "app/console/people.h"
#include "app/console/review_acts.h"
#include "app/event/numbering.h"
#include "app/session/provider_event.h"
#include "app/session/status.h"
#include "kit/app_fixture.h"
#include "kit/console_fixture.h"
#include "kit/fake_provider.h"

#define CARLA "carla@example.com"

struct case_in_review {
	struct app_fixture *fx;
	struct caller shop;
	struct session session;
	struct console_caller ana, ben;
};

static struct case_in_review open_case(void **state)
{
	struct app_fixture *const fx = *state;
	struct case_in_review c = { .fx = fx, .shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA) };

	fixture_verify_email(fx, &c.shop, CARLA);
	assert_int_equal(fixture_create_session(fx, &c.shop, CARLA).outcome, CREATE_OUTCOME_CREATED);
	fixture_advance_clock(fx, minutes(10));
	fixture_poll_status(fx, &c.shop, CARLA, STATUS_IN_REVIEW);
	c.session = fixture_latest_session(fx, &c.shop, CARLA);
	fixture_advance_clock(fx, minutes(10));
	c.ana = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	c.ben = fixture_console_caller(fx, OPERATOR_REVIEWER, NULL);
	return c;
}

typedef enum err decision_call(const struct world *world, struct arena *a,
	const struct console_caller *caller, const struct review_input *input, struct review_result *out,
	enum console_verdict *verdict);

/* Claims the review and decides, or confirms the decision. */
static struct review_result decide_by(const struct case_in_review *c, const struct console_caller *caller,
	decision_call *decide, enum review_verdict decision, const char *reason)
{
	const struct world *const world = &c->fx->world;
	const struct review_input input = { str_of(c->session.id.text), decision, str_of(reason), STR("") };
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(
		console_review_claim(world, &c->fx->arena, caller, input.session_id, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	assert_int_equal(result.check, REVIEW_PERMITTED);
	assert_int_equal(decide(world, &c->fx->arena, caller, &input, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return result;
}

struct next_step_job {
	const struct world *world;
	struct person_status status;
	struct next_step next;
};

static enum err load_next_step(struct tx *tx, void *arg)
{
	struct next_step_job *const job = arg;

	return next_step_load(job->world, tx, &job->status.source, &job->next);
}

/* What `status` says with `include`. */
static struct next_step next_step_of(const struct case_in_review *c)
{
	struct next_step_job job = { .world = &c->fx->world,
		.status = fixture_status(c->fx, &c->shop, CARLA) };

	assert_int_equal(
		store_transact(c->fx->world.store, TX_READ, &c->fx->arena, load_next_step, &job), OK);
	return job.next;
}

static void assert_reasons_are(struct reasons reasons, enum reason expected)
{
	struct reasons only = { 0 };

	reasons_add(&only, expected);
	assert_int_equal(reasons.bits, only.bits);
}

static int64_t count_of_declines(const struct case_in_review *c, enum reason reason)
{
	struct overview out;
	enum console_verdict verdict;

	assert_int_equal(event_number_all(&c->fx->world), OK);
	assert_int_equal(
		app_console_overview(&c->fx->world, &c->fx->arena, &c->ana, STR(""), &out, &verdict), OK);
	return out.periods[OVERVIEW_TODAY].reasons[reason];
}

/* The reasons that the list of people has for the only person. */
static struct reasons reasons_in_list(const struct case_in_review *c)
{
	const struct console_people_query query = { .tenant = STR("shop") };
	struct console_people people;
	enum console_verdict verdict;

	assert_int_equal(
		console_people_list(&c->fx->world, &c->fx->arena, &c->ana, &query, &people, &verdict), OK);
	assert_int_equal(people.page.n, 1);
	return people.page.people[0].next_step.reasons;
}

static void the_reviewers_reason_is_in_status_event_list_and_overview(void **state)
{
	const struct case_in_review c = open_case(state);

	assert_int_equal(
		decide_by(&c, &c.ana, console_review_decide, REVIEW_DECLINE, "underage").cause, PROVIDER_OK);
	assert_reasons_are(next_step_of(&c).reasons, REASON_UNDERAGE);
	assert_reasons_are(reasons_in_list(&c), REASON_UNDERAGE);
	fixture_event_contains(c.fx, &c.shop, EVENT_KYC_DECLINED, "\"reasons\":[\"underage\"]", NULL);
	assert_int_equal(count_of_declines(&c, REASON_UNDERAGE), 1);
}

static void an_approval_has_no_reason(void **state)
{
	const struct case_in_review c = open_case(state);

	assert_int_equal(
		decide_by(&c, &c.ana, console_review_decide, REVIEW_APPROVE, "underage").cause, PROVIDER_OK);
	assert_int_equal(next_step_of(&c).reasons.bits, 0);
}

static void set_four_eyes(const struct case_in_review *c)
{
	const struct tenant_change change = { .name = STR("shop"), .has_four_eyes = true, .four_eyes = true };
	struct tenant tenant;

	assert_int_equal(operator_set_tenant(&c->fx->world, &c->fx->arena, &change, &tenant), OK);
}

static void with_four_eyes_the_reason_counts_once_it_is_confirmed(void **state)
{
	const struct case_in_review c = open_case(state);

	set_four_eyes(&c);
	assert_true(decide_by(&c, &c.ana, console_review_decide, REVIEW_DECLINE, "underage").is_proposed);
	assert_int_equal(next_step_of(&c).reasons.bits, 0);
	assert_int_equal(count_of_declines(&c, REASON_UNDERAGE), 0);
	assert_int_equal(
		decide_by(&c, &c.ben, console_review_confirm, REVIEW_DECLINE, "").cause, PROVIDER_OK);
	assert_reasons_are(next_step_of(&c).reasons, REASON_UNDERAGE);
	assert_int_equal(count_of_declines(&c, REASON_UNDERAGE), 1);
}

static void a_proposed_decision_says_nothing_about_a_decline_by_the_provider(void **state)
{
	const struct case_in_review c = open_case(state);

	set_four_eyes(&c);
	assert_true(decide_by(&c, &c.ana, console_review_decide, REVIEW_DECLINE, "underage").is_proposed);
	fixture_poll_status(c.fx, &c.shop, CARLA, STATUS_DECLINED);
	assert_int_equal(next_step_of(&c).reasons.bits, 0);
	assert_int_equal(count_of_declines(&c, REASON_UNDERAGE), 0);
}

static void the_event_arrives(void *arg)
{
	static const struct actor actor = { .kind = ACTOR_PROVIDER };
	const struct case_in_review *const c = arg;
	enum provider_event_verdict verdict;
	const struct provider_event event = { .topic = TOPIC_STATUS,
		.ref = c->session.provider_ref,
		.status_text = STR("Declined"),
		.status_known = true,
		.status = STATUS_DECLINED,
		.kind = STR("status.updated"),
		.sent_at = world_now(&c->fx->world),
		.event_key = { { 7 } },
		.is_authenticated = true };

	assert_int_equal(provider_event_process(&c->fx->world, &actor, &event, seconds(3), &verdict), OK);
	assert_int_equal(verdict, PROVIDER_EVENT_RECORDED);
}

static void the_reason_counts_also_if_the_event_arrives_before_the_response(void **state)
{
	struct case_in_review c = open_case(state);
	struct fake_verdicts *const sent = fake_provider_verdicts(c.fx->provider);

	sent->during = the_event_arrives;
	sent->arg = &c;
	assert_int_equal(
		decide_by(&c, &c.ana, console_review_decide, REVIEW_DECLINE, "underage").cause, PROVIDER_OK);
	assert_reasons_are(next_step_of(&c).reasons, REASON_UNDERAGE);
	fixture_event_contains(c.fx, &c.shop, EVENT_KYC_DECLINED, "\"reasons\":[\"underage\"]", NULL);
	assert_int_equal(count_of_declines(&c, REASON_UNDERAGE), 1);
}

static void a_reviewer_allows_another_try_with_the_decline(void **state)
{
	static const struct {
		enum review_verdict verdict;
		enum next_action next;
		int resets;
	} rows[] = { { REVIEW_DECLINE, NEXT_CONTACT_SUPPORT, 0 },
		{ REVIEW_DECLINE_RETRY, NEXT_START_SESSION, 1 } };
	struct case_in_review c = open_case(state);

	/* A blocklist match permits no new session. */
	c.session.blocklisted = true;
	fixture_save(c.fx, RECORD_SESSION, &c.session);
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", review_verdict_name(rows[i].verdict));
		assert_int_equal(decide_by(&c, &c.ana, console_review_decide, rows[i].verdict, "other").cause,
			PROVIDER_OK);
		assert_int_equal(next_step_of(&c).action, rows[i].next);
		assert_int_equal(fixture_count_audit(c.fx, AUDIT_TRIES_RESET), rows[i].resets);
		fixture_poll_status(c.fx, &c.shop, CARLA, STATUS_IN_REVIEW);
	}
}

static void another_try_needs_an_operator_of_the_whole_group(void **state)
{
	struct app_fixture *const fx = *state;
	struct case_in_review c = { .fx = fx, .shop = fixture_add_tenant(fx, "shop", "group", NO_QUOTA) };

	(void)fixture_add_tenant(fx, "bank", "group", NO_QUOTA);
	fixture_verify_email(fx, &c.shop, CARLA);
	(void)fixture_create_session(fx, &c.shop, CARLA);
	fixture_poll_status(fx, &c.shop, CARLA, STATUS_IN_REVIEW);
	c.session = fixture_latest_session(fx, &c.shop, CARLA);
	c.ana = fixture_console_caller(fx, OPERATOR_REVIEWER, &c.shop.tenant.id);
	assert_int_equal(decide_by(&c, &c.ana, console_review_decide, REVIEW_DECLINE_RETRY, "other").check,
		REVIEW_PART_OF_GROUP);
	assert_int_equal(fake_provider_verdicts(fx->provider)->n, 0);
	assert_int_equal(decide_by(&c, &c.ana, console_review_decide, REVIEW_DECLINE, "other").check,
		REVIEW_PERMITTED);
}

/* Decisions that were stored earlier have no results of checks. */
static void the_reasons_of_warnings_are_read_from_decisions_of_all_versions(void **state)
{
	static const struct {
		const char *stored;
		bool has_reason;
	} rows[] = {
		{ "[]\n[{\"risk\":\"DOCUMENT_EXPIRED\"}]", true },
		{ "[]\n[{\"risk\":\"DOCUMENT_EXPIRED\"}]\n[{\"feature\":\"AML\",\"status\":\"Approved\"}]",
			true },
		{ "[]\n[]\n[{\"risk\":\"DOCUMENT_EXPIRED\"}]", false },
		{ "[]", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < array_len(rows); i++) {
		print_message("# %s\n", rows[i].stored);
		const struct reasons reasons = stored_decision_reasons(str_of(rows[i].stored));

		assert_int_equal(reasons_have(reasons, REASON_DOCUMENT_EXPIRED), rows[i].has_reason);
	}
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(the_reviewers_reason_is_in_status_event_list_and_overview),
		TEST(an_approval_has_no_reason),
		TEST(with_four_eyes_the_reason_counts_once_it_is_confirmed),
		TEST(a_proposed_decision_says_nothing_about_a_decline_by_the_provider),
		TEST(the_reason_counts_also_if_the_event_arrives_before_the_response),
		TEST(a_reviewer_allows_another_try_with_the_decline),
		cmocka_unit_test(the_reasons_of_warnings_are_read_from_decisions_of_all_versions),
		TEST(another_try_needs_an_operator_of_the_whole_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
