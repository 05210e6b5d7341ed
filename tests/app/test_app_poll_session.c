/* Tests of app_poll_session, which fetches a session's status and decision from the provider, and of
 * app_return, which requests a poll when the person comes back from the provider's page. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "app/admin/operator.h"
#include "app/session/decision.h"
#include "app/session/return_redirect.h"
#include "base/log.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

static struct caller tenant_with_session(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	fixture_advance_clock(fx, seconds(10));
	return shop;
}

static enum err poll_session(struct app_fixture *fx, enum provider_cause *cause)
{
	return app_poll_session(&fx->world, &fx->arena, &provider_actor,
		&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, cause);
}

static struct {
	char line[1024];
	int n;
} logged;

static void store_poll_failed_line(void *arg maybe_unused, struct str line)
{
	if (!memmem(line.p, line.n, " event=poll_failed ", 19))
		return;
	(void)snprintf(logged.line, sizeof(logged.line), "%.*s", STR_ARG(line));
	logged.n++;
}

/* A failed poll is logged each time if its reason concerns one session only. Other reasons are logged once a
 * minute. */
static void failed_poll_is_logged_with_its_reason(void **state)
{
	static const struct {
		struct provider_failure failure;
		int64_t after_ms;
		const char *line; /* NULL: none */
	} rows[] = {
		{ { PROVIDER_INVALID_RESPONSE, PROVIDER_REASON_TOO_LARGE, "read", 200, 8388609, "" }, 0,
			" session_id=scripted-1 times=1 cause=provider_unreachable call=read status=200 "
			"reason=too_large size=8388609 action=\"" },
		{ { PROVIDER_INVALID_RESPONSE, PROVIDER_REASON_TOO_LARGE, "read", 200, 8388610, "" }, 0,
			" size=8388610 " },
		{ { PROVIDER_UNKNOWN_STATUS, PROVIDER_REASON_UNKNOWN_STATUS, "read", 200, 0, "On Hold" }, 0,
			" reason=unknown_status text=\"On Hold\" action=\"" },
		{ { PROVIDER_REFUSED, PROVIDER_REASON_CREDENTIALS, "read", 401, 0, "" }, 0,
			" times=1 cause=provider_refused call=read status=401 reason=credentials action=\"" },
		{ { PROVIDER_REFUSED, PROVIDER_REASON_CREDENTIALS, "read", 401, 0, "" }, 59999, NULL },
		{ { PROVIDER_REFUSED, PROVIDER_REASON_CREDENTIALS, "read", 401, 0, "" }, 1, " times=2 " },
		{ { PROVIDER_UNREACHABLE, PROVIDER_REASON_TLS, "token", 0, 0, "" }, 0,
			" cause=provider_unreachable call=token reason=tls action=\"" },
		{ { PROVIDER_UNKNOWN_SESSION, PROVIDER_REASON_NOT_FOUND, "read", 404, 0, "" }, 0, NULL },
		{ { PROVIDER_PAUSED, PROVIDER_REASON_NONE, NULL, 0, 0, "" }, 0, NULL },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		enum provider_cause cause;

		logged.n = 0;
		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		fake_provider_set_failure_details(fx->provider, &rows[i].failure);
		log_sink_set(store_poll_failed_line, NULL);
		assert_int_not_equal(poll_session(fx, &cause), OK);
		log_sink_set(NULL, NULL);
		assert_int_equal(cause, rows[i].failure.cause);
		if (logged.n != (rows[i].line ? 1 : 0) ||
			(rows[i].line && !strstr(logged.line, rows[i].line)))
			fail_msg("row %zu: %d lines, %s", i, logged.n, logged.line);
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

static void polled_status_is_stored(void **state)
{
	/* Some of these statuses cannot follow the previous one in Didit's documentation. They are stored
	 * too. */
	static const enum session_status statuses[] = { STATUS_APPROVED, STATUS_NOT_STARTED, STATUS_EXPIRED,
		STATUS_IN_REVIEW, STATUS_IN_REVIEW, STATUS_KYC_EXPIRED };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	enum provider_cause cause;

	for (size_t i = 0; i < array_len(statuses); i++) {
		const struct session_snapshot snapshot = { .status = statuses[i] };

		fake_provider_set_snapshot(fx->provider, &snapshot);
		assert_int_equal(poll_session(fx, &cause), OK);
		const struct session session = fixture_latest_session(fx, &shop, ANA);
		assert_int_equal(session.status, statuses[i]);
		assert_int_equal(session.last_poll_at.ms, world_now(&fx->world).ms);
		assert_int_equal(session.last_update_at.ms, world_now(&fx->world).ms);
		fixture_advance_clock(fx, seconds(1));
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_DECISION), array_len(statuses) - 1);
}

static void unknown_session_is_not_polled(void **state)
{
	struct app_fixture *const fx = *state;
	enum provider_cause cause;

	(void)tenant_with_session(fx);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("foreign"), seconds(3), POLL_FOR_CALLER }, &cause),
		ERR_NOT_FOUND);
	assert_int_equal(app_poll_session(&fx->world, &fx->arena, &provider_actor,
				 &(struct poll_params){ STR(""), seconds(3), POLL_FOR_CALLER }, &cause),
		ERR_NOT_FOUND);
	assert_int_equal(fake_provider_poll_count(fx->provider), 0);
}

static void failed_poll_changes_nothing(void **state)
{
	static const enum provider_cause causes[] = { PROVIDER_UNREACHABLE, PROVIDER_REFUSED,
		PROVIDER_LIMIT };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	enum provider_cause cause;

	fixture_advance_clock(fx, hours(1));
	for (size_t i = 0; i < array_len(causes); i++) {
		fake_provider_set_failure(fx->provider, causes[i]);
		assert_int_equal(poll_session(fx, &cause), ERR_UPSTREAM);
		assert_int_equal(cause, causes[i]);
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).last_poll_at.ms, 0);
}

static void open_session_unknown_to_the_provider_expires_after_ten_minutes(void **state)
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
	const struct caller shop = tenant_with_session(fx);
	enum provider_cause cause;

	fake_provider_set_failure(fx->provider, PROVIDER_UNKNOWN_SESSION);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->clock.now, FIXTURE_NOW + rows[i].age_ms);
		assert_int_equal(poll_session(fx, &cause), rows[i].e);
		assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, rows[i].status);
	}
}

static void decided_session_unknown_to_the_provider_keeps_its_decision(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	enum provider_cause cause;

	fixture_set_session_status(fx, &shop, ANA, STATUS_APPROVED);
	fixture_advance_clock(fx, hours(1));
	fake_provider_set_failure(fx->provider, PROVIDER_UNKNOWN_SESSION);
	assert_int_equal(poll_session(fx, &cause), ERR_UPSTREAM);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

/* A provider that saves `session`, as an event would, during each of its first `n_events` calls. */
struct slow_provider {
	struct provider base;
	struct app_fixture *fx;
	/* The session as an event saves it. */
	struct session session;
	enum session_status statuses[3];
	size_t reads, n_events;
	int64_t takes_ms;
};

static enum err slow_poll(struct provider *provider, const struct poll_params *params, struct arena *a,
	struct session_snapshot *snapshot, struct provider_failure *failure)
{
	struct slow_provider *const p = container_of(provider, struct slow_provider, base);

	(void)a;
	assert_true(params->limit.ms > 0);
	fixture_advance_clock(p->fx, milliseconds(p->takes_ms));
	if (p->reads < p->n_events) {
		p->session.last_update_at = world_now(&p->fx->world);
		fixture_save(p->fx, RECORD_SESSION, &p->session);
	}
	failure->cause = PROVIDER_OK;
	*snapshot = (struct session_snapshot){ .ref = p->session.provider_ref,
		.status = p->statuses[p->reads++] };
	return OK;
}

static void use_slow_provider(struct app_fixture *fx, const struct caller *caller, struct slow_provider *p)
{
	static const struct provider_ops ops = { .poll = slow_poll };

	p->base.ops = &ops;
	p->fx = fx;
	p->session = fixture_latest_session(fx, caller, ANA);
	p->session.status = STATUS_APPROVED;
	fx->world.provider = &p->base;
}

static void poll_is_repeated_if_an_event_arrived_during_it(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct slow_provider slow = {
		.statuses = { STATUS_IN_PROGRESS, STATUS_APPROVED }, .n_events = 1, .takes_ms = 1
	};
	enum provider_cause cause;

	use_slow_provider(fx, &shop, &slow);
	assert_int_equal(poll_session(fx, &cause), OK);
	assert_int_equal(slow.reads, 2);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void poll_that_agrees_with_an_event_during_it_is_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct slow_provider slow = { .statuses = { STATUS_APPROVED }, .n_events = 1, .takes_ms = 1 };
	enum provider_cause cause;

	use_slow_provider(fx, &shop, &slow);
	assert_int_equal(poll_session(fx, &cause), OK);
	assert_int_equal(slow.reads, 1);
	assert_false(moment_is_unset(fixture_latest_session(fx, &shop, ANA).last_poll_at));
}

/* An event in the millisecond in which the poll starts is older than the poll's answer. */
static void event_in_the_millisecond_of_the_poll_is_older(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct slow_provider slow = { .statuses = { STATUS_DECLINED } };
	struct session session = fixture_latest_session(fx, &shop, ANA);
	enum provider_cause cause;

	session.status = STATUS_IN_PROGRESS;
	session.last_update_at = world_now(&fx->world);
	fixture_save(fx, RECORD_SESSION, &session);
	use_slow_provider(fx, &shop, &slow);
	assert_int_equal(poll_session(fx, &cause), OK);
	assert_int_equal(slow.reads, 1);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_DECLINED);
}

static void poll_fails_after_three_conflicts_with_events(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct slow_provider slow = { .statuses = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS,
					      STATUS_IN_PROGRESS },
		.n_events = 3,
		.takes_ms = 1 };
	enum provider_cause cause;

	use_slow_provider(fx, &shop, &slow);
	assert_int_equal(poll_session(fx, &cause), ERR_BUSY);
	assert_int_equal(slow.reads, 3);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void repeated_polls_together_keep_the_time_limit(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct slow_provider slow = { .statuses = { STATUS_IN_PROGRESS, STATUS_IN_PROGRESS,
					      STATUS_IN_PROGRESS },
		.n_events = 3,
		.takes_ms = 1500 };
	enum provider_cause cause;

	use_slow_provider(fx, &shop, &slow);
	assert_int_equal(poll_session(fx, &cause), ERR_BUSY);
	/* Each of the two calls takes 1.5 s of the time limit of 3 s. */
	assert_int_equal(slow.reads, 2);
}

static struct return_redirect call_return(struct app_fixture *fx)
{
	struct return_redirect out;

	assert_int_equal(app_return(&fx->world, &fx->arena, STR("scripted-1"), &out), OK);
	return out;
}

static void return_requests_at_most_one_poll_in_ten_seconds(void **state)
{
	static const struct {
		int64_t after_ms;
		bool poll_now;
	} rows[] = { { 0, true }, { 0, false }, { 9999, false }, { 1, true }, { 9999, false }, { 2, true } };
	struct app_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		fixture_advance_clock(fx, milliseconds(rows[i].after_ms));
		assert_int_equal(call_return(fx).poll_now, rows[i].poll_now);
	}
}

static void return_requests_no_poll_of_a_decided_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	for (enum session_status s = STATUS_NOT_STARTED; s < STATUS_COUNT; s++) {
		fixture_set_session_status(fx, &shop, ANA, s);
		fixture_advance_clock(fx, minutes(1));
		assert_int_equal(call_return(fx).poll_now, session_status_is_open(s));
	}
}

static void return_redirects_to_the_tenants_page(void **state)
{
	const struct tenant_change change = { .name = STR("shop"),
		.return_url = STR("https://shop.test/done") };
	struct app_fixture *const fx = *state;
	struct tenant tenant;
	struct return_redirect out = { .poll_now = true };

	(void)tenant_with_session(fx);
	assert_int_equal(call_return(fx).url.n, 0);
	assert_int_equal(operator_set_tenant(&fx->world, &fx->arena, &change, &tenant), OK);
	assert_true(str_eq(call_return(fx).url, STR("https://shop.test/done")));
	assert_int_equal(app_return(&fx->world, &fx->arena, STR("foreign"), &out), ERR_NOT_FOUND);
	assert_int_equal(app_return(&fx->world, &fx->arena, STR(""), &out), ERR_NOT_FOUND);
	assert_true(out.poll_now);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(failed_poll_is_logged_with_its_reason),
		TEST(polled_status_is_stored),
		TEST(unknown_session_is_not_polled),
		TEST(failed_poll_changes_nothing),
		TEST(open_session_unknown_to_the_provider_expires_after_ten_minutes),
		TEST(decided_session_unknown_to_the_provider_keeps_its_decision),
		TEST(poll_is_repeated_if_an_event_arrived_during_it),
		TEST(poll_that_agrees_with_an_event_during_it_is_stored),
		TEST(event_in_the_millisecond_of_the_poll_is_older),
		TEST(poll_fails_after_three_conflicts_with_events),
		TEST(repeated_polls_together_keep_the_time_limit),
		TEST(return_requests_at_most_one_poll_in_ten_seconds),
		TEST(return_requests_no_poll_of_a_decided_session),
		TEST(return_redirects_to_the_tenants_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
