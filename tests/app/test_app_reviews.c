/* Reviews in the console: the queue, claims, decisions that go to the provider, and four eyes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/operator.h"
#include "app/console/review_acts.h"
#include "app/console/reviews.h"
#include "app/operator/account.h"
#include "app/operator/session.h"
#include "app/session/decision.h"
#include "app/session/provider_event.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define CARLA "carla@example.com"
#define NO_COMMENT STR("")

struct start_job {
	struct app_fixture *fx;
	struct operator_account account;
	struct str token;
};

static enum err start_session(struct tx *tx, void *arg)
{
	struct start_job *const job = arg;

	return console_session_start(&job->fx->world, tx, &job->account, STR("req-1"), &job->token);
}

/* Adds an operator of one tenant, NULL: of all, and signs them in. */
static struct console_caller sign_in(
	struct app_fixture *fx, struct str email, enum operator_role role, const struct tenant_id *tenant)
{
	const struct operator_account_params params = {
		.email = email, .role = role, .tenants = tenant, .n_tenants = tenant ? 1 : 0
	};
	struct start_job job = { .fx = fx };
	struct console_caller caller;
	struct str link;

	assert_int_equal(operator_account_add(&fx->world, &fx->arena, &params, &job.account, &link), OK);
	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, start_session, &job), OK);
	assert_int_equal(
		console_session_load(&fx->world, &fx->arena, job.token, STR("req-2"), false, &caller), OK);
	return caller;
}

static struct console_caller reviewer(struct app_fixture *fx, struct str email)
{
	return sign_in(fx, email, OPERATOR_REVIEWER, NULL);
}

/* Makes the provider report a session in review with a warning. */
static struct session session_in_review(struct app_fixture *fx, const struct caller *shop, const char *email)
{
	struct session_snapshot snapshot = { .status = STATUS_IN_REVIEW, .has_decision = true };
	enum provider_cause cause = PROVIDER_OK;

	fixture_verify_email(fx, shop, email);
	assert_int_equal(fixture_create_session(fx, shop, email).outcome, CREATE_OUTCOME_CREATED);
	fixture_advance_clock(fx, seconds(10));
	snapshot.decision.n_warnings = 1;
	snapshot.decision.warnings[0] = (struct warning){ STR("ID_VERIFICATION"), STR("DOCUMENT_EXPIRED"),
		false };
	for (size_t f = 0; f < IP_FIELDS; f++)
		snapshot.decision.ips[0].fields[f] = STR("null");
	snapshot.decision.ips[0].fields[IP_COUNTRY] = STR("\"Portugal\"");
	snapshot.decision.ips[0].fields[IP_VPN] = STR("true");
	snapshot.decision.n_ips = 1;
	fake_provider_set_snapshot(fx->provider, &snapshot);
	const struct session session = fixture_latest_session(fx, shop, email);
	const struct poll_params params = { str_of(session.provider_ref.text), seconds(3), POLL_FOR_CALLER };
	assert_int_equal(app_poll_session(&fx->world, &fx->arena,
				 &(const struct actor){ .kind = ACTOR_PROVIDER }, &params, &cause),
		OK);
	assert_int_equal(fixture_latest_session(fx, shop, email).status, STATUS_IN_REVIEW);
	return session;
}

struct case_in_review {
	struct app_fixture *fx;
	struct caller shop;
	struct session session;
	struct str id;
	struct console_caller ana, ben;
};

static struct case_in_review open_case(void **state)
{
	struct app_fixture *const fx = *state;
	struct case_in_review c = { .fx = fx };

	c.shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	c.session = session_in_review(fx, &c.shop, CARLA);
	c.id = arena_copy(&fx->arena, str_of(c.session.id.text));
	c.ana = reviewer(fx, STR("ana@example.com"));
	c.ben = reviewer(fx, STR("ben@example.com"));
	return c;
}

static enum session_status status_of(const struct case_in_review *c)
{
	struct session session = { .id = c->session.id };

	fixture_load(c->fx, RECORD_SESSION, &session);
	return session.status;
}

static enum review_check claim(const struct case_in_review *c, const struct console_caller *caller)
{
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(
		console_review_claim(&c->fx->world, &c->fx->arena, caller, c->id, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return result.check;
}

static struct review_result decide(const struct case_in_review *c, const struct console_caller *caller,
	enum review_verdict decision, struct str comment)
{
	const struct review_input input = { c->id, decision,
		decision == REVIEW_DECLINE ? STR("document_expired") : STR(""), comment };
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(
		console_review_decide(&c->fx->world, &c->fx->arena, caller, &input, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return result;
}

static struct review_result confirm(
	const struct case_in_review *c, const struct console_caller *caller, enum review_verdict decision)
{
	const struct review_input input = { .session_id = c->id, .verdict = decision };
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(
		console_review_confirm(&c->fx->world, &c->fx->arena, caller, &input, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return result;
}

static struct review_view *read_review(const struct case_in_review *c, const struct console_caller *caller)
{
	struct review_view *const view = arena_new(&c->fx->arena, struct review_view);
	enum console_verdict verdict;

	assert_int_equal(
		console_review_read(&c->fx->world, &c->fx->arena, caller, c->id, view, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return view;
}

static struct review_list *read_list_after(
	struct app_fixture *fx, const struct console_caller *caller, const struct review_key *after)
{
	struct review_list *const list = arena_new(&fx->arena, struct review_list);
	enum console_verdict verdict;

	assert_int_equal(console_review_list(&fx->world, &fx->arena, caller, after, list, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return list;
}

static struct review_list *read_list(struct app_fixture *fx, const struct console_caller *caller)
{
	return read_list_after(fx, caller, &(struct review_key){ .session_id = { "" } });
}

static void set_four_eyes(struct app_fixture *fx)
{
	const struct tenant_change change = { .name = STR("shop"), .has_four_eyes = true, .four_eyes = true };
	struct tenant tenant;

	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
}

/* What the provider reports about the decision afterwards. */
static void report_status(const struct case_in_review *c, enum session_status status)
{
	static const struct actor actor = { .kind = ACTOR_PROVIDER };
	enum provider_event_verdict verdict;
	struct provider_event event = { .topic = TOPIC_STATUS,
		.ref = c->session.provider_ref,
		.status_text = str_of(session_status_provider_name(status)),
		.status_known = true,
		.status = status,
		.kind = STR("status.updated"),
		.sent_at = world_now(&c->fx->world),
		.event_key = { { 7 } },
		.is_authenticated = true };

	assert_int_equal(provider_event_process(&c->fx->world, &actor, &event, seconds(3), &verdict), OK);
	assert_int_equal(verdict, PROVIDER_EVENT_RECORDED);
}

static void the_queue_lists_sessions_in_review_of_the_own_tenants_oldest_first(void **state)
{
	const struct case_in_review c = open_case(state);
	const struct caller bank = fixture_add_tenant(c.fx, "bank", NULL, NO_QUOTA);
	const struct session second = session_in_review(c.fx, &bank, "duarte@example.com");
	const struct console_caller limited = sign_in(
		c.fx, STR("eva@example.com"), OPERATOR_VIEWER, &bank.tenant.id);
	const struct review_list *list = read_list(c.fx, &c.ana);

	assert_int_equal(list->n, 2);
	assert_false(list->has_more);
	assert_string_equal(list->rows[0].session_id.text, c.session.id.text);
	assert_string_equal(list->rows[0].tenant, "shop");
	assert_true(reasons_have(list->rows[0].reasons, REASON_DOCUMENT_EXPIRED));
	assert_int_equal(strlen(list->rows[0].person.id.text), ID_LENGTH);
	assert_string_equal(list->rows[1].session_id.text, second.id.text);
	list = read_list(c.fx, &limited);
	assert_int_equal(list->n, 1);
	assert_string_equal(list->rows[0].tenant, "bank");
	list = read_list(c.fx, &c.ana);
	const struct review_key first = { list->rows[0].created_at, list->rows[0].session_id };
	const struct review_key last = list->next_after;
	assert_int_equal(read_list_after(c.fx, &c.ana, &first)->n, 1);
	assert_int_equal(read_list_after(c.fx, &c.ana, &last)->n, 0);
}

static void the_queue_says_who_has_claimed_a_review(void **state)
{
	const struct case_in_review c = open_case(state);

	assert_false(read_list(c.fx, &c.ana)->rows[0].is_claimed);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	const struct review_list *const list = read_list(c.fx, &c.ben);
	assert_true(list->rows[0].is_claimed);
	assert_false(list->rows[0].is_own);
	assert_true(str_eq(list->rows[0].claimed_by, STR("ana@example.com")));
	assert_int_equal(list->rows[0].claimed_until.ms, world_now(&c.fx->world).ms + minutes(15).ms);
}

static void a_review_shows_what_the_provider_found(void **state)
{
	const struct case_in_review c = open_case(state);
	const struct review_view *const view = read_review(&c, &c.ana);

	assert_true(view->is_in_review);
	assert_true(reasons_have(view->reasons, REASON_DOCUMENT_EXPIRED));
	assert_int_equal(view->findings.n_warnings, 1);
	assert_true(str_eq(view->findings.warnings[0].risk, STR("DOCUMENT_EXPIRED")));
	assert_int_equal(view->findings.n_places, 1);
	assert_true(str_eq(view->findings.places[0].country, STR("Portugal")));
	assert_true(view->findings.places[0].is_vpn);
	assert_int_equal(strlen(view->person.id.text), ID_LENGTH);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_PERSON_VIEWED), 1);
}

static void roles_and_tenants_are_enforced(void **state)
{
	const struct case_in_review c = open_case(state);
	const struct caller bank = fixture_add_tenant(c.fx, "bank", NULL, NO_QUOTA);
	const struct console_caller viewer = sign_in(c.fx, STR("eva@example.com"), OPERATOR_VIEWER, NULL);
	const struct console_caller foreign = sign_in(
		c.fx, STR("fritz@example.com"), OPERATOR_ADMIN, &bank.tenant.id);
	const struct review_input input = { c.id, REVIEW_APPROVE, STR(""), NO_COMMENT };
	struct review_view *const view = arena_new(&c.fx->arena, struct review_view);
	struct world *const world = &c.fx->world;
	struct arena *const a = &c.fx->arena;
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(console_review_read(world, a, &foreign, c.id, view, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_TENANT_REFUSED);
	assert_int_equal(console_review_claim(world, a, &foreign, c.id, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_TENANT_REFUSED);
	assert_int_equal(console_review_claim(world, a, &viewer, c.id, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_ROLE_REFUSED);
	assert_int_equal(console_review_decide(world, a, &viewer, &input, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_ROLE_REFUSED);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	fixture_advance_clock(c.fx, minutes(6));
	assert_int_equal(console_review_decide(world, a, &c.ana, &input, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_STEP_UP_NEEDED);
	assert_int_equal(
		console_review_claim(world, a, &c.ana, STR("01hxxxxxxxxxxxxxxxxxxxxxxx"), &result, &verdict),
		ERR_NOT_FOUND);
	assert_int_equal(
		console_review_claim(world, a, &c.ana, STR("../x"), &result, &verdict), ERR_NOT_FOUND);
	assert_int_equal(fake_provider_verdicts(c.fx->provider)->n, 0);
	assert_int_equal(status_of(&c), STATUS_IN_REVIEW);
}

static void an_accepted_decision_counts_at_once_and_the_event_changes_nothing(void **state)
{
	const struct case_in_review c = open_case(state);
	const struct fake_verdicts *const sent = fake_provider_verdicts(c.fx->provider);

	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	const struct review_result result = decide(&c, &c.ana, REVIEW_APPROVE, STR("<b>looks right</b>"));
	assert_int_equal(result.check, REVIEW_PERMITTED);
	assert_int_equal(result.cause, PROVIDER_OK);
	assert_false(result.is_proposed);
	assert_int_equal(sent->n, 1);
	assert_int_equal(sent->status, STATUS_APPROVED);
	assert_string_equal(sent->ref, c.session.provider_ref.text);
	assert_string_equal(sent->comment, "<b>looks right</b>");
	assert_int_equal(status_of(&c), STATUS_APPROVED);
	assert_int_equal(read_list(c.fx, &c.ana)->n, 0);

	const char *const events = fixture_event_types(c.fx, &c.shop);
	assert_non_null(strstr(events, "kyc.approved"));
	fixture_advance_clock(c.fx, seconds(2));
	report_status(&c, STATUS_APPROVED);
	assert_int_equal(status_of(&c), STATUS_APPROVED);
	assert_string_equal(fixture_event_types(c.fx, &c.shop), events);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_CLAIMED), 1);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_DECIDED), 1);

	const struct review_view *const view = read_review(&c, &c.ben);
	assert_false(view->is_in_review);
	assert_int_equal(view->review.state, REVIEW_DECIDED);
	assert_true(str_eq(view->comment, STR("<b>looks right</b>")));
	assert_true(str_eq(view->decided_by, STR("ana@example.com")));
}

static void a_decline_has_its_reason_and_a_sealed_comment(void **state)
{
	const struct case_in_review c = open_case(state);
	struct review review = { .session_id = c.session.id };

	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_int_equal(decide(&c, &c.ana, REVIEW_DECLINE, STR("out of date")).check, REVIEW_PERMITTED);
	assert_string_equal(fake_provider_verdicts(c.fx->provider)->comment, "document_expired: out of date");
	assert_int_equal(status_of(&c), STATUS_DECLINED);
	fixture_load(c.fx, RECORD_REVIEW, &review);
	assert_string_equal(review.reason, "document_expired");
	assert_true(review.sealed_comment.n > 0);
	assert_null(memmem(review.sealed_comment.p, review.sealed_comment.n, "out of date", 11));
}

static void the_event_arrives(void *arg)
{
	report_status(arg, STATUS_APPROVED);
}

static void a_decision_whose_event_arrives_first_is_recorded_once(void **state)
{
	struct case_in_review c = open_case(state);
	struct fake_verdicts *const sent = fake_provider_verdicts(c.fx->provider);

	sent->during = the_event_arrives;
	sent->arg = &c;
	fixture_advance_clock(c.fx, minutes(4));
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	c.fx->clock.now += seconds(400).ms; /* the event is not in doubt beside the last poll */
	c.ana.session.signed_in_at = world_now(&c.fx->world);
	assert_int_equal(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).cause, PROVIDER_OK);
	assert_int_equal(status_of(&c), STATUS_APPROVED);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_DECIDED), 1);
	const char *const types = fixture_event_types(c.fx, &c.shop);
	const char *const first = strstr(types, "kyc.approved");
	assert_non_null(first);
	assert_null(strstr(first + 1, "kyc.approved"));
}

static void a_decision_that_the_provider_does_not_accept_changes_nothing(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_REFUSED, PROVIDER_UNREACHABLE, PROVIDER_PAUSED,
		PROVIDER_UNKNOWN_SESSION };
	const struct case_in_review c = open_case(state);

	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	for (size_t i = 0; i < array_len(causes); i++) {
		fake_provider_set_failure(c.fx->provider, causes[i]);
		const struct review_result result = decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT);

		assert_int_equal(result.check, REVIEW_PERMITTED);
		assert_int_equal(result.cause, causes[i]);
		assert_int_equal(status_of(&c), STATUS_IN_REVIEW);
		assert_true(read_review(&c, &c.ana)->is_own);
	}
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_DECIDED), 0);
	fake_provider_set_failure(c.fx->provider, PROVIDER_OK);
	assert_int_equal(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).cause, PROVIDER_OK);
	assert_int_equal(status_of(&c), STATUS_APPROVED);
}

static void two_reviewers_do_not_act_on_one_case(void **state)
{
	const struct case_in_review c = open_case(state);

	assert_int_equal(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).check, REVIEW_NOT_CLAIMED);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_int_equal(claim(&c, &c.ben), REVIEW_CLAIMED);
	assert_int_equal(decide(&c, &c.ben, REVIEW_APPROVE, NO_COMMENT).check, REVIEW_CLAIMED);
	const struct review_view *const view = read_review(&c, &c.ben);
	assert_true(view->is_claimed);
	assert_false(view->is_own);
	assert_true(str_eq(view->claimed_by, STR("ana@example.com")));
	assert_int_equal(decide(&c, &c.ana, REVIEW_DECLINE, NO_COMMENT).check, REVIEW_PERMITTED);
	assert_int_equal(claim(&c, &c.ben), REVIEW_CLOSED);
	assert_int_equal(decide(&c, &c.ben, REVIEW_APPROVE, NO_COMMENT).check, REVIEW_CLOSED);
	assert_int_equal(fake_provider_verdicts(c.fx->provider)->n, 1);
	assert_int_equal(status_of(&c), STATUS_DECLINED);
}

static void an_expired_or_released_claim_is_free(void **state)
{
	struct case_in_review c = open_case(state);
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	fixture_advance_clock(c.fx, minutes(15));
	c.ana.session.signed_in_at = c.ben.session.signed_in_at = world_now(&c.fx->world);
	assert_int_equal(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).check, REVIEW_NOT_CLAIMED);
	assert_int_equal(claim(&c, &c.ben), REVIEW_PERMITTED);
	assert_int_equal(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).check, REVIEW_CLAIMED);
	assert_int_equal(
		console_review_release(&c.fx->world, &c.fx->arena, &c.ben, c.id, &result, &verdict), OK);
	assert_int_equal(result.check, REVIEW_PERMITTED);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_CLAIMED), 3);
}

static void a_session_that_the_provider_decided_meanwhile_is_closed(void **state)
{
	const struct case_in_review c = open_case(state);

	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	fixture_set_session_status(c.fx, &c.shop, CARLA, STATUS_DECLINED);
	assert_int_equal(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).check, REVIEW_CLOSED);
	assert_int_equal(fake_provider_verdicts(c.fx->provider)->n, 0);
	assert_int_equal(status_of(&c), STATUS_DECLINED);
}

static void with_four_eyes_another_operator_confirms(void **state)
{
	const struct case_in_review c = open_case(state);

	set_four_eyes(c.fx);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_true(decide(&c, &c.ana, REVIEW_DECLINE, STR("not the person")).is_proposed);
	assert_int_equal(fake_provider_verdicts(c.fx->provider)->n, 0);
	assert_int_equal(status_of(&c), STATUS_IN_REVIEW);
	assert_true(read_list(c.fx, &c.ben)->rows[0].is_proposed);
	assert_int_equal(claim(&c, &c.ana), REVIEW_OWN_DECISION);
	assert_int_equal(confirm(&c, &c.ben, REVIEW_DECLINE).check, REVIEW_NOT_CLAIMED);
	assert_int_equal(claim(&c, &c.ben), REVIEW_PERMITTED);
	assert_int_equal(confirm(&c, &c.ben, REVIEW_APPROVE).check, REVIEW_OUTDATED);
	assert_true(str_eq(read_review(&c, &c.ben)->comment, STR("not the person")));
	fake_provider_set_failure(c.fx->provider, PROVIDER_UNREACHABLE);
	assert_int_equal(confirm(&c, &c.ben, REVIEW_DECLINE).cause, PROVIDER_UNREACHABLE);
	assert_int_equal(status_of(&c), STATUS_IN_REVIEW);
	fake_provider_set_failure(c.fx->provider, PROVIDER_OK);
	assert_int_equal(confirm(&c, &c.ben, REVIEW_DECLINE).check, REVIEW_PERMITTED);
	assert_string_equal(
		fake_provider_verdicts(c.fx->provider)->comment, "document_expired: not the person");
	assert_int_equal(status_of(&c), STATUS_DECLINED);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_DECIDED), 1);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_CONFIRMED), 1);
	const struct review_view *const view = read_review(&c, &c.ana);
	assert_true(str_eq(view->decided_by, STR("ana@example.com")));
	assert_true(str_eq(view->confirmed_by, STR("ben@example.com")));
}

static void with_four_eyes_a_rejected_decision_opens_the_review_again(void **state)
{
	const struct case_in_review c = open_case(state);
	const struct review_input proposed = { .session_id = c.id, .verdict = REVIEW_APPROVE };
	struct review_result result;
	enum console_verdict verdict;

	set_four_eyes(c.fx);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_true(decide(&c, &c.ana, REVIEW_APPROVE, NO_COMMENT).is_proposed);
	assert_int_equal(claim(&c, &c.ben), REVIEW_PERMITTED);
	assert_int_equal(
		console_review_reject(&c.fx->world, &c.fx->arena, &c.ben, &proposed, &result, &verdict), OK);
	assert_int_equal(result.check, REVIEW_PERMITTED);
	assert_false(read_list(c.fx, &c.ana)->rows[0].is_proposed);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_REJECTED), 1);
	assert_int_equal(claim(&c, &c.ben), REVIEW_PERMITTED);
	assert_true(decide(&c, &c.ben, REVIEW_DECLINE, NO_COMMENT).is_proposed);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_int_equal(confirm(&c, &c.ana, REVIEW_DECLINE).check, REVIEW_PERMITTED);
	assert_int_equal(status_of(&c), STATUS_DECLINED);
	assert_int_equal(fake_provider_verdicts(c.fx->provider)->n, 1);
}

static enum review_check withdraw(
	const struct case_in_review *c, const struct console_caller *caller, enum review_verdict proposed)
{
	const struct review_input input = { .session_id = c->id, .verdict = proposed };
	struct review_result result;
	enum console_verdict verdict;

	assert_int_equal(
		console_review_withdraw(&c->fx->world, &c->fx->arena, caller, &input, &result, &verdict), OK);
	assert_int_equal(verdict, CONSOLE_PERMITTED);
	return result.check;
}

static void with_four_eyes_the_own_decision_is_withdrawn_until_it_is_confirmed(void **state)
{
	struct case_in_review c = open_case(state);

	set_four_eyes(c.fx);
	assert_int_equal(withdraw(&c, &c.ana, REVIEW_APPROVE), REVIEW_OUTDATED);
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_true(decide(&c, &c.ana, REVIEW_APPROVE, STR("a mistake")).is_proposed);
	assert_int_equal(withdraw(&c, &c.ben, REVIEW_APPROVE), REVIEW_OTHERS_DECISION);
	assert_int_equal(withdraw(&c, &c.ana, REVIEW_DECLINE), REVIEW_OUTDATED);
	assert_int_equal(claim(&c, &c.ben), REVIEW_PERMITTED);
	assert_int_equal(withdraw(&c, &c.ana, REVIEW_APPROVE), REVIEW_CLAIMED);
	fixture_advance_clock(c.fx, minutes(15));
	c.ana.session.signed_in_at = c.ben.session.signed_in_at = world_now(&c.fx->world);
	assert_int_equal(withdraw(&c, &c.ana, REVIEW_APPROVE), REVIEW_PERMITTED);
	assert_int_equal(read_review(&c, &c.ana)->comment.n, 0);
	assert_false(read_list(c.fx, &c.ben)->rows[0].is_proposed);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_WITHDRAWN), 1);
	assert_int_equal(fake_provider_verdicts(c.fx->provider)->n, 0);
	/* The same operator decides anew; after the confirmation nothing can be withdrawn. */
	assert_int_equal(claim(&c, &c.ana), REVIEW_PERMITTED);
	assert_true(decide(&c, &c.ana, REVIEW_DECLINE, NO_COMMENT).is_proposed);
	assert_int_equal(claim(&c, &c.ben), REVIEW_PERMITTED);
	assert_int_equal(confirm(&c, &c.ben, REVIEW_DECLINE).check, REVIEW_PERMITTED);
	assert_int_equal(withdraw(&c, &c.ana, REVIEW_DECLINE), REVIEW_CLOSED);
	assert_int_equal(status_of(&c), STATUS_DECLINED);
	assert_int_equal(fixture_count_audit(c.fx, AUDIT_REVIEW_WITHDRAWN), 1);
}

/* Pages neither repeat nor leave out a session, also when many were created in the same millisecond. */
static void pages_of_the_queue_have_each_session_once(void **state)
{
	enum { SESSIONS = 2 * REVIEW_LIST_MAX + 20 };
	const struct case_in_review c = open_case(state);
	struct review_key after = { .session_id = { "" } };
	struct session session = c.session;
	const char *previous = "";
	size_t n = 0, pages = 0;

	for (size_t i = 1; i < SESSIONS; i++) {
		assert_int_equal(world_id(&c.fx->world, session.id.text), OK);
		session.provider_ref.text[0] = '\0';
		session.status = STATUS_IN_REVIEW;
		session.created_at.ms = c.session.created_at.ms + (i < SESSIONS - 10 ? 0 : 1);
		fixture_save(c.fx, RECORD_SESSION, &session);
	}
	for (bool more = true; more; pages++) {
		const struct review_list *const list = read_list_after(c.fx, &c.ana, &after);

		for (size_t i = 0; i < list->n; i++, n++) {
			assert_true(
				n == SESSIONS - 10 || strcmp(previous, list->rows[i].session_id.text) < 0);
			previous = list->rows[i].session_id.text;
		}
		more = list->has_more;
		after = list->next_after;
	}
	assert_int_equal(n, SESSIONS);
	assert_int_equal(pages, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(pages_of_the_queue_have_each_session_once),
		TEST(the_queue_lists_sessions_in_review_of_the_own_tenants_oldest_first),
		TEST(the_queue_says_who_has_claimed_a_review),
		TEST(a_review_shows_what_the_provider_found),
		TEST(roles_and_tenants_are_enforced),
		TEST(an_accepted_decision_counts_at_once_and_the_event_changes_nothing),
		TEST(a_decline_has_its_reason_and_a_sealed_comment),
		TEST(a_decision_whose_event_arrives_first_is_recorded_once),
		TEST(a_decision_that_the_provider_does_not_accept_changes_nothing),
		TEST(two_reviewers_do_not_act_on_one_case),
		TEST(an_expired_or_released_claim_is_free),
		TEST(a_session_that_the_provider_decided_meanwhile_is_closed),
		TEST(with_four_eyes_another_operator_confirms),
		TEST(with_four_eyes_the_own_decision_is_withdrawn_until_it_is_confirmed),
		TEST(with_four_eyes_a_rejected_decision_opens_the_review_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
