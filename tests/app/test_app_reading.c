/* Reading a session's decision from the provider, and a person's return that asks for it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/admin/operator.h"
#include "app/session/decision.h"
#include "app/session/return_redirect.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

static struct caller with_session(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	fixture_advance_clock(fx, seconds(10));
	return shop;
}

static enum err read_session(struct app_fixture *fx, enum provider_cause *cause)
{
	return app_poll_session(&fx->world, &fx->arena, &provider_actor,
		&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, cause);
}

static void a_reading_is_the_truth_at_its_time(void **state)
{
	/* Also where no step of the table leads. */
	static const enum session_status said[] = { STATUS_APPROVED, STATUS_NOT_STARTED, STATUS_EXPIRED,
		STATUS_IN_REVIEW, STATUS_IN_REVIEW, STATUS_KYC_EXPIRED };
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	enum provider_cause cause;

	for (size_t i = 0; i < array_len(said); i++) {
		const struct session_snapshot snapshot = { .status = said[i] };

		fake_provider_set_snapshot(fx->provider, &snapshot);
		assert_int_equal(read_session(fx, &cause), OK);
		const struct session session = fixture_latest_session(fx, &shop, ANA);
		assert_int_equal(session.status, said[i]);
		assert_int_equal(session.last_poll_at.ms, world_now(&fx->world).ms);
		assert_int_equal(session.last_update_at.ms, world_now(&fx->world).ms);
		fixture_advance_clock(fx, seconds(1));
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_DECISION), array_len(said) - 1);
}

static void an_unknown_session_is_not_asked_for(void **state)
{
	struct app_fixture *const fx = *state;
	enum provider_cause cause;

	(void)with_session(fx);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("foreign"), seconds(3), POLL_FOR_CALLER }, &cause),
		ERR_NOT_FOUND);
	assert_int_equal(app_poll_session(&fx->world, &fx->arena, &provider_actor,
				 &(struct poll_params){ STR(""), seconds(3), POLL_FOR_CALLER }, &cause),
		ERR_NOT_FOUND);
	assert_int_equal(fake_provider_read_count(fx->provider), 0);
}

static void when_the_provider_does_not_tell_nothing_changes(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_UNREACHABLE, PROVIDER_REFUSED,
		PROVIDER_LIMIT };
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	enum provider_cause cause;

	fixture_advance_clock(fx, hours(1));
	for (size_t i = 0; i < array_len(causes); i++) {
		fake_provider_set_failure(fx->provider, causes[i]);
		assert_int_equal(read_session(fx, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, causes[i]);
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).last_poll_at.ms, 0);
}

static void an_open_session_that_the_provider_forgot_is_expired_after_ten_minutes(void **state)
{
	static const struct {
		int64_t age_ms;
		enum err e;
		enum session_status status;
	} rows[] = {
		{ 599999, ERR_UPSTREAM, STATUS_NOT_STARTED },
		{ 600000, OK, STATUS_EXPIRED },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	enum provider_cause cause;

	fake_provider_set_failure(fx->provider, PROVIDER_UNKNOWN_SESSION);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->clock.now, FIXTURE_NOW + rows[i].age_ms);
		assert_int_equal(read_session(fx, &cause), rows[i].e);
		assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, rows[i].status);
	}
}

static void a_decided_session_that_the_provider_forgot_keeps_its_decision(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	enum provider_cause cause;

	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_advance_clock(fx, hours(1));
	fake_provider_set_failure(fx->provider, PROVIDER_UNKNOWN_SESSION);
	assert_int_equal(read_session(fx, &cause), ERR_UPSTREAM);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

/* A provider in whose readings an event comes first. */
struct slow_provider {
	struct provider base;
	struct app_fixture *fx;
	struct session session; /* as the event leaves it */
	enum session_status said[3];
	size_t reads, events;
	int64_t takes_ms;
};

static enum err slow_read(struct provider *provider, const struct poll_params *params, struct arena *a,
	struct session_snapshot *snapshot, enum provider_cause *cause)
{
	struct slow_provider *const p = container_of(provider, struct slow_provider, base);

	(void)a;
	assert_true(params->limit.ms > 0);
	fixture_advance_clock(p->fx, milliseconds(p->takes_ms));
	if (p->reads < p->events) {
		p->session.last_update_at = world_now(&p->fx->world);
		fixture_save(p->fx, RECORD_SESSION, &p->session);
	}
	*cause = PROVIDER_OK;
	*snapshot = (struct session_snapshot){ .ref = p->session.provider_ref,
		.status = p->said[p->reads++] };
	return OK;
}

static void set_slow(struct app_fixture *fx, const struct caller *caller, struct slow_provider *p)
{
	static const struct provider_ops ops = { .read = slow_read };

	p->base.ops = &ops;
	p->fx = fx;
	p->session = fixture_latest_session(fx, caller, ANA);
	p->session.status = STATUS_APPROVED;
	fx->world.provider = &p->base;
}

static void a_reading_that_an_event_overtook_is_done_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct slow_provider slow = {
		.said = { STATUS_IN_PROGRESS, STATUS_APPROVED }, .events = 1, .takes_ms = 1
	};
	enum provider_cause cause;

	set_slow(fx, &shop, &slow);
	assert_int_equal(read_session(fx, &cause), OK);
	assert_int_equal(slow.reads, 2);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void a_reading_that_agrees_with_the_event_is_taken(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct slow_provider slow = { .said = { STATUS_APPROVED }, .events = 1, .takes_ms = 1 };
	enum provider_cause cause;

	set_slow(fx, &shop, &slow);
	assert_int_equal(read_session(fx, &cause), OK);
	assert_int_equal(slow.reads, 1);
	assert_false(moment_is_unset(fixture_latest_session(fx, &shop, ANA).last_poll_at));
}

/* The event came before the question, if only just: it is older than the answer. */
static void an_event_in_the_questions_millisecond_does_not_overtake(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct slow_provider slow = { .said = { STATUS_DECLINED } };
	struct session session = fixture_latest_session(fx, &shop, ANA);
	enum provider_cause cause;

	session.status = STATUS_IN_PROGRESS;
	session.last_update_at = world_now(&fx->world);
	fixture_save(fx, RECORD_SESSION, &session);
	set_slow(fx, &shop, &slow);
	assert_int_equal(read_session(fx, &cause), OK);
	assert_int_equal(slow.reads, 1);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_DECLINED);
}

static void one_that_is_always_overtaken_is_given_up(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct slow_provider slow = { .said = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS, STATUS_IN_PROGRESS },
		.events = 3,
		.takes_ms = 1 };
	enum provider_cause cause;

	set_slow(fx, &shop, &slow);
	assert_int_equal(read_session(fx, &cause), ERR_BUSY);
	assert_int_equal(slow.reads, 3);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void all_readings_together_keep_to_the_limit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct slow_provider slow = { .said = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS, STATUS_IN_PROGRESS },
		.events = 3,
		.takes_ms = 1500 };
	enum provider_cause cause;

	set_slow(fx, &shop, &slow);
	assert_int_equal(read_session(fx, &cause), ERR_BUSY);
	assert_int_equal(slow.reads, 2); /* 1.5 s each, of 3 s */
}

static struct return_redirect come_back(struct app_fixture *fx)
{
	struct return_redirect out;

	assert_int_equal(app_return(&fx->world, &fx->arena, STR("scripted-1"), &out), OK);
	return out;
}

static void a_return_asks_for_one_reading_in_ten_seconds(void **state)
{
	static const struct {
		int64_t after_ms;
		bool poll_now;
	} rows[] = { { 0, true }, { 0, false }, { 9999, false }, { 1, true }, { 9999, false }, { 2, true } };
	struct app_fixture *const fx = *state;

	(void)with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		assert_int_equal(come_back(fx).poll_now, rows[i].poll_now);
	}
}

static void what_is_decided_is_not_read_again(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	for (enum session_status s = STATUS_NOT_STARTED; s < STATUS_COUNT; s++) {
		fixture_set_session_status(fx, &shop, ANA, s);
		fixture_advance_clock(fx, minutes(1));
		assert_int_equal(come_back(fx).poll_now, session_status_is_open(s));
	}
}

static void a_return_leads_to_the_tenants_page(void **state)
{
	const struct tenant_change change = { .name = STR("shop"),
		.return_url = STR("https://shop.test/done") };
	struct app_fixture *const fx = *state;
	struct tenant tenant;
	struct return_redirect out = { .poll_now = true };

	(void)with_session(fx);
	assert_int_equal(come_back(fx).url.n, 0);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
	assert_true(str_eq(come_back(fx).url, STR("https://shop.test/done")));
	assert_int_equal(app_return(&fx->world, &fx->arena, STR("foreign"), &out), ERR_NOT_FOUND);
	assert_int_equal(app_return(&fx->world, &fx->arena, STR(""), &out), ERR_NOT_FOUND);
	assert_true(out.poll_now);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_reading_is_the_truth_at_its_time),
		TEST(an_unknown_session_is_not_asked_for),
		TEST(when_the_provider_does_not_tell_nothing_changes),
		TEST(an_open_session_that_the_provider_forgot_is_expired_after_ten_minutes),
		TEST(a_decided_session_that_the_provider_forgot_keeps_its_decision),
		TEST(a_reading_that_an_event_overtook_is_done_again),
		TEST(a_reading_that_agrees_with_the_event_is_taken),
		TEST(an_event_in_the_questions_millisecond_does_not_overtake),
		TEST(one_that_is_always_overtaken_is_given_up),
		TEST(all_readings_together_keep_to_the_limit),
		TEST(a_return_asks_for_one_reading_in_ten_seconds),
		TEST(what_is_decided_is_not_read_again),
		TEST(a_return_leads_to_the_tenants_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
