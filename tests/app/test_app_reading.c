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
#include "kit/fake_provider.h"
#include "kit/world.h"

#define ANA "ana.exemplo@example.com"

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

static struct caller with_session(struct kit *kit)
{
	const struct caller shop = kit_tenant(kit, "shop", NULL, NO_QUOTA);

	kit_prove(kit, &shop, ANA);
	assert_int_equal(kit_create(kit, &shop, ANA).outcome, CREATED);
	kit_wait(kit, seconds(10));
	return shop;
}

static enum err read_session(struct kit *kit, enum provider_cause *cause)
{
	return app_poll_session(&kit->world, &kit->arena, &provider_actor,
		&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, cause);
}

static void a_reading_is_the_truth_at_its_time(void **state)
{
	/* Also where no step of the table leads. */
	static const enum session_status said[] = { STATUS_APPROVED, STATUS_NOT_STARTED, STATUS_EXPIRED,
		STATUS_IN_REVIEW, STATUS_IN_REVIEW, STATUS_KYC_EXPIRED };
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	enum provider_cause cause;

	for (size_t i = 0; i < array_len(said); i++) {
		const struct session_snapshot snapshot = { .status = said[i] };

		fake_provider_reading(kit->provider, &snapshot);
		assert_int_equal(read_session(kit, &cause), OK);
		const struct session session = kit_session(kit, &shop, ANA);
		assert_int_equal(session.status, said[i]);
		assert_int_equal(session.last_poll_at.ms, world_now(&kit->world).ms);
		assert_int_equal(session.last_update_at.ms, world_now(&kit->world).ms);
		kit_wait(kit, seconds(1));
	}
	assert_int_equal(kit_acts(kit, AUDIT_DECISION), array_len(said) - 1);
}

static void an_unknown_session_is_not_asked_for(void **state)
{
	struct kit *const kit = *state;
	enum provider_cause cause;

	(void)with_session(kit);
	assert_int_equal(
		app_poll_session(&kit->world, &kit->arena, &provider_actor,
			&(struct poll_params){ STR("foreign"), seconds(3), POLL_FOR_CALLER }, &cause),
		ERR_NOT_FOUND);
	assert_int_equal(app_poll_session(&kit->world, &kit->arena, &provider_actor,
				 &(struct poll_params){ STR(""), seconds(3), POLL_FOR_CALLER }, &cause),
		ERR_NOT_FOUND);
	assert_int_equal(fake_provider_reads(kit->provider), 0);
}

static void when_the_provider_does_not_tell_nothing_changes(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_UNREACHABLE, PROVIDER_REFUSED,
		PROVIDER_LIMIT };
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	enum provider_cause cause;

	kit_wait(kit, hours(1));
	for (size_t i = 0; i < array_len(causes); i++) {
		fake_provider_fail(kit->provider, causes[i]);
		assert_int_equal(read_session(kit, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, causes[i]);
	}
	assert_int_equal(kit_session(kit, &shop, ANA).status, STATUS_NOT_STARTED);
	assert_int_equal(kit_session(kit, &shop, ANA).last_poll_at.ms, 0);
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
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	enum provider_cause cause;

	fake_provider_fail(kit->provider, PROVIDER_UNKNOWN_SESSION);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&kit->clock.now, KIT_NOW + rows[i].age_ms);
		assert_int_equal(read_session(kit, &cause), rows[i].e);
		assert_int_equal(kit_session(kit, &shop, ANA).status, rows[i].status);
	}
}

static void a_decided_session_that_the_provider_forgot_keeps_its_decision(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	enum provider_cause cause;

	kit_decide(kit, &shop, ANA, STATUS_APPROVED);
	kit_wait(kit, hours(1));
	fake_provider_fail(kit->provider, PROVIDER_UNKNOWN_SESSION);
	assert_int_equal(read_session(kit, &cause), ERR_UPSTREAM);
	assert_int_equal(kit_session(kit, &shop, ANA).status, STATUS_APPROVED);
}

/* A provider in whose readings an event comes first. */
struct slow_provider {
	struct provider base;
	struct kit *kit;
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
	kit_wait(p->kit, milliseconds(p->takes_ms));
	if (p->reads < p->events) {
		p->session.last_update_at = world_now(&p->kit->world);
		kit_save(p->kit, RECORD_SESSION, &p->session);
	}
	*cause = PROVIDER_OK;
	*snapshot = (struct session_snapshot){ .ref = p->session.provider_ref,
		.status = p->said[p->reads++] };
	return OK;
}

static void set_slow(struct kit *kit, const struct caller *caller, struct slow_provider *p)
{
	static const struct provider_ops ops = { .read = slow_read };

	p->base.ops = &ops;
	p->kit = kit;
	p->session = kit_session(kit, caller, ANA);
	p->session.status = STATUS_APPROVED;
	kit->world.provider = &p->base;
}

static void a_reading_that_an_event_overtook_is_done_again(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	struct slow_provider slow = {
		.said = { STATUS_IN_PROGRESS, STATUS_APPROVED }, .events = 1, .takes_ms = 1
	};
	enum provider_cause cause;

	set_slow(kit, &shop, &slow);
	assert_int_equal(read_session(kit, &cause), OK);
	assert_int_equal(slow.reads, 2);
	assert_int_equal(kit_session(kit, &shop, ANA).status, STATUS_APPROVED);
}

static void a_reading_that_agrees_with_the_event_is_taken(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	struct slow_provider slow = { .said = { STATUS_APPROVED }, .events = 1, .takes_ms = 1 };
	enum provider_cause cause;

	set_slow(kit, &shop, &slow);
	assert_int_equal(read_session(kit, &cause), OK);
	assert_int_equal(slow.reads, 1);
	assert_false(moment_is_unset(kit_session(kit, &shop, ANA).last_poll_at));
}

/* The event came before the question, if only just: it is older than the answer. */
static void an_event_in_the_questions_millisecond_does_not_overtake(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	struct slow_provider slow = { .said = { STATUS_DECLINED } };
	struct session session = kit_session(kit, &shop, ANA);
	enum provider_cause cause;

	session.status = STATUS_IN_PROGRESS;
	session.last_update_at = world_now(&kit->world);
	kit_save(kit, RECORD_SESSION, &session);
	set_slow(kit, &shop, &slow);
	assert_int_equal(read_session(kit, &cause), OK);
	assert_int_equal(slow.reads, 1);
	assert_int_equal(kit_session(kit, &shop, ANA).status, STATUS_DECLINED);
}

static void one_that_is_always_overtaken_is_given_up(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	struct slow_provider slow = { .said = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS, STATUS_IN_PROGRESS },
		.events = 3,
		.takes_ms = 1 };
	enum provider_cause cause;

	set_slow(kit, &shop, &slow);
	assert_int_equal(read_session(kit, &cause), ERR_BUSY);
	assert_int_equal(slow.reads, 3);
	assert_int_equal(kit_session(kit, &shop, ANA).status, STATUS_APPROVED);
}

static void all_readings_together_keep_to_the_limit(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);
	struct slow_provider slow = { .said = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS, STATUS_IN_PROGRESS },
		.events = 3,
		.takes_ms = 1500 };
	enum provider_cause cause;

	set_slow(kit, &shop, &slow);
	assert_int_equal(read_session(kit, &cause), ERR_BUSY);
	assert_int_equal(slow.reads, 2); /* 1.5 s each, of 3 s */
}

static struct return_redirect come_back(struct kit *kit)
{
	struct return_redirect out;

	assert_int_equal(app_return(&kit->world, &kit->arena, STR("scripted-1"), &out), OK);
	return out;
}

static void a_return_asks_for_one_reading_in_ten_seconds(void **state)
{
	static const struct {
		int64_t after_ms;
		bool poll_now;
	} rows[] = { { 0, true }, { 0, false }, { 9999, false }, { 1, true }, { 9999, false }, { 2, true } };
	struct kit *const kit = *state;

	(void)with_session(kit);
	for (size_t i = 0; i < array_len(rows); i++) {
		kit_wait(kit, milliseconds(rows[i].after_ms));
		assert_int_equal(come_back(kit).poll_now, rows[i].poll_now);
	}
}

static void what_is_decided_is_not_read_again(void **state)
{
	struct kit *const kit = *state;
	const struct caller shop = with_session(kit);

	for (enum session_status s = STATUS_NOT_STARTED; s < STATUS_COUNT; s++) {
		kit_decide(kit, &shop, ANA, s);
		kit_wait(kit, minutes(1));
		assert_int_equal(come_back(kit).poll_now, session_status_is_open(s));
	}
}

static void a_return_leads_to_the_tenants_page(void **state)
{
	const struct tenant_change change = { .name = STR("shop"),
		.return_url = STR("https://shop.test/done") };
	struct kit *const kit = *state;
	struct tenant tenant;
	struct return_redirect out = { .poll_now = true };

	(void)with_session(kit);
	assert_int_equal(come_back(kit).url.n, 0);
	assert_int_equal(operator_set_tenant(&kit->world, &kit->arena, &change, &tenant), OK);
	assert_true(str_eq(come_back(kit).url, STR("https://shop.test/done")));
	assert_int_equal(app_return(&kit->world, &kit->arena, STR("foreign"), &out), ERR_NOT_FOUND);
	assert_int_equal(app_return(&kit->world, &kit->arena, STR(""), &out), ERR_NOT_FOUND);
	assert_true(out.poll_now);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, kit_setup, kit_teardown)
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
