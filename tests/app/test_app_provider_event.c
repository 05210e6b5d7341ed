/* Tests of applying a status that the provider reports by event or by poll: order, duplicates, unknown
 * sessions. */
#include "app/session/decision.h"
#include "app/session/provider_event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

struct apply_job {
	struct app_fixture *fx;
	const struct provider_event *event;
	bool polled;
	struct provider_event_result result;
};

static enum err apply_in_tx(struct tx *tx, void *arg)
{
	struct apply_job *const job = arg;

	return provider_event_apply(
		&job->fx->world, tx, &provider_actor, job->event, job->polled, &job->result);
}

static enum provider_event_verdict apply_event(
	struct app_fixture *fx, const struct provider_event *event, bool polled)
{
	struct apply_job job = { .fx = fx, .event = event, .polled = polled };

	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, apply_in_tx, &job), OK);
	return job.result.verdict;
}

/* Returns a new event about session "scripted-1", sent at that time of the provider's clock. */
static struct provider_event event_at(enum session_status status, int64_t sent)
{
	static unsigned char number;
	struct provider_event event = { .ref = { "scripted-1" },
		.is_authenticated = true,
		.status_text = str_of(session_status_provider_name(status)),
		.status_known = true,
		.status = status,
		.kind = STR("status.updated"),
		.sent_at = { sent } };

	memset(event.body_digest.bytes, number, sizeof(event.body_digest.bytes));
	event.event_key.bytes[0] = ++number;
	event.event_key.bytes[1] = (unsigned char)status;
	return event;
}

/* Loads the stored event, compares it with `event` and returns its outcome. */
static enum provider_event_outcome stored_outcome(struct app_fixture *fx, const struct provider_event *event)
{
	struct provider_event_entry entry = { .event_key = event->event_key };

	fixture_load(fx, RECORD_PROVIDER_EVENT, &entry);
	assert_true(str_eq(str_of(entry.status), event->status_text));
	assert_int_equal(entry.sent_at.ms, event->sent_at.ms);
	assert_int_equal(entry.received_at.ms, world_now(&fx->world).ms);
	assert_true(str_eq(str_of(entry.kind), event->kind));
	assert_memory_equal(
		entry.body_digest.bytes, event->body_digest.bytes, sizeof(entry.body_digest.bytes));
	return entry.outcome;
}

static struct caller tenant_with_session(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	return shop;
}

static void event_is_applied_and_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct provider_event event = event_at(STATUS_IN_PROGRESS, FIXTURE_NOW + 5000);

	fixture_advance_clock(fx, seconds(6));
	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_APPLIED);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_int_equal(session.status, STATUS_IN_PROGRESS);
	assert_int_equal(session.provider_event_at.ms, FIXTURE_NOW + 5000);
	assert_int_equal(session.last_update_at.ms, FIXTURE_NOW + 6000);
	assert_int_equal(fixture_count_audit(fx, AUDIT_DECISION), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PROVIDER_EVENT), 1);
}

static struct {
	char line[1024];
	int n;
} logged;

static void store_unknown_status_line(void *arg maybe_unused, struct str line)
{
	if (!memmem(line.p, line.n, " event=provider_status_unknown", 30))
		return;
	(void)snprintf(logged.line, sizeof(logged.line), "%.*s", STR_ARG(line));
	logged.n++;
}

static void unknown_status_is_recorded_logged_and_counted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW);
	enum provider_event_verdict verdict;

	event.status_known = false;
	event.status_text = STR("On \"Hold\"=1");
	metrics_reset();
	logged.n = 0;
	log_sink_set(store_unknown_status_line, NULL);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			provider_event_process(&fx->world, &provider_actor, &event, seconds(3), &verdict),
			OK);
	log_sink_set(NULL, NULL);
	assert_int_equal(verdict, PROVIDER_EVENT_DUPLICATE);
	assert_int_equal(logged.n, 1);
	assert_non_null(strstr(logged.line, " text=\"On _Hold__1\""));
	assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_UNKNOWN_STATUS);
	assert_int_equal(metric_read(METRIC_PROVIDER_EVENTS, EVENT_OUTCOME_UNKNOWN_STATUS, 0), 1);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

/* The event is acknowledged, because sending it again would not help. */
static void event_is_recorded_if_the_polled_status_is_unknown(void **state)
{
	static const struct provider_failure failure = { PROVIDER_UNKNOWN_STATUS,
		PROVIDER_REASON_UNKNOWN_STATUS, "read", 200, 0, "On Hold" };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW);
	enum provider_event_verdict verdict;

	event.is_authenticated = false;
	fake_provider_set_failure_details(fx->provider, &failure);
	assert_int_equal(
		provider_event_process(&fx->world, &provider_actor, &event, seconds(3), &verdict), OK);
	assert_int_equal(verdict, PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_POLLED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

/* A status that kycd does not know is stored with at most 32 bytes and is cut between two characters. */
static void long_status_is_stored_cut(void **state)
{
	static const struct {
		const char *status, *stored;
	} rows[] = {
		{ "12345678901234567890123456789012", "12345678901234567890123456789012" },
		{ "123456789012345678901234567890123", "12345678901234567890123456789012" },
		{ "1234567890123456789012345678901\xc3\xa4", "1234567890123456789012345678901" },
		{ "123456789012345678901234567890\xc3\xa4z", "123456789012345678901234567890\xc3\xa4" },
	};
	struct app_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW);
		struct provider_event_entry entry = { .kind = "" };

		event.status_known = false;
		event.status_text = event.kind = str_of(rows[i].status);
		event.event_key.bytes[2] = (unsigned char)(i + 1);
		entry.event_key = event.event_key;
		assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
		fixture_load(fx, RECORD_PROVIDER_EVENT, &entry);
		assert_string_equal(entry.status, rows[i].stored);
		assert_string_equal(entry.kind, rows[i].stored);
	}
}

static void event_without_a_time_polls_the_provider_instead_of_being_dropped(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_DECLINED };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct provider_event first = event_at(STATUS_APPROVED, FIXTURE_NOW);
	const struct provider_event next = event_at(STATUS_DECLINED, 0);
	enum provider_event_verdict verdict;

	assert_int_equal(apply_event(fx, &first, false), PROVIDER_EVENT_RECORDED);
	fake_provider_set_snapshot(fx->provider, &snapshot);
	assert_int_equal(
		provider_event_process(&fx->world, &provider_actor, &next, seconds(3), &verdict), OK);
	assert_int_equal(fake_provider_poll_count(fx->provider), 1);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_DECLINED);
}

static void duplicate_event_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct provider_event event = event_at(STATUS_IN_PROGRESS, FIXTURE_NOW);

	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	/* A duplicate is recognised by the event's key alone; status and time may differ. */
	event.status = STATUS_APPROVED;
	event.sent_at.ms += 60000;
	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_DUPLICATE);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_IN_PROGRESS);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PROVIDER_EVENT), 1);
}

static void event_time_far_in_the_future_does_not_block_later_events(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct provider_event ahead = event_at(STATUS_IN_PROGRESS, FIXTURE_NOW + 86400000);

	assert_int_equal(apply_event(fx, &ahead, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).provider_event_at.ms, FIXTURE_NOW + 300000);
	assert_int_equal(stored_outcome(fx, &ahead), EVENT_OUTCOME_APPLIED);
	fixture_advance_clock(fx, seconds(302));
	const struct provider_event next = event_at(STATUS_APPROVED, FIXTURE_NOW + 301000);
	assert_int_equal(apply_event(fx, &next, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &next), EVENT_OUTCOME_APPLIED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void event_is_judged_by_its_time(void **state)
{
	static const struct {
		const char *name;
		enum session_status reported;
		/* Milliseconds since the first event, which reported In Progress. */
		int64_t at_ms;
		enum provider_event_verdict verdict;
		enum provider_event_outcome outcome;
		enum session_status status_after;
	} rows[] = {
		{ "a second older", STATUS_APPROVED, -1000, PROVIDER_EVENT_RECORDED, EVENT_OUTCOME_STALE,
			STATUS_IN_PROGRESS },
		{ "older, the same status", STATUS_IN_PROGRESS, -1000, PROVIDER_EVENT_RECORDED,
			EVENT_OUTCOME_STALE, STATUS_IN_PROGRESS },
		{ "the same second, status can only precede the stored one", STATUS_NOT_STARTED, 0,
			PROVIDER_EVENT_RECORDED, EVENT_OUTCOME_STALE, STATUS_IN_PROGRESS },
		{ "the same second, either may precede the other", STATUS_ABANDONED, 0,
			PROVIDER_EVENT_MUST_POLL, 0, STATUS_IN_PROGRESS },
		{ "later, the same status", STATUS_IN_PROGRESS, 1000, PROVIDER_EVENT_RECORDED,
			EVENT_OUTCOME_UNCHANGED, STATUS_IN_PROGRESS },
		{ "a second later", STATUS_APPROVED, 2000, PROVIDER_EVENT_RECORDED, EVENT_OUTCOME_APPLIED,
			STATUS_APPROVED },
		{ "later, but not a known transition", STATUS_NOT_STARTED, 3000, PROVIDER_EVENT_MUST_POLL, 0,
			STATUS_APPROVED },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const int64_t first_at = FIXTURE_NOW + 60000;
	const struct provider_event first = event_at(STATUS_IN_PROGRESS, first_at);

	fixture_advance_clock(fx, minutes(2));
	assert_int_equal(apply_event(fx, &first, false), PROVIDER_EVENT_RECORDED);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_event event = event_at(rows[i].reported, first_at + rows[i].at_ms);

		if (apply_event(fx, &event, false) != rows[i].verdict)
			fail_msg("%s: wrong verdict", rows[i].name);
		if (rows[i].verdict == PROVIDER_EVENT_RECORDED &&
			stored_outcome(fx, &event) != rows[i].outcome)
			fail_msg("%s: wrong outcome", rows[i].name);
		if (fixture_latest_session(fx, &shop, ANA).status != rows[i].status_after)
			fail_msg("%s: wrong status", rows[i].name);
	}
}

static void conflicting_event_is_stored_only_after_a_poll(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct provider_event first = event_at(STATUS_APPROVED, FIXTURE_NOW);
	const struct provider_event conflicting = event_at(STATUS_NOT_STARTED, FIXTURE_NOW + 1000);
	struct provider_event_entry entry = { .event_key = conflicting.event_key };

	assert_int_equal(apply_event(fx, &first, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(apply_event(fx, &conflicting, false), PROVIDER_EVENT_MUST_POLL);
	assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT, &entry));
	assert_int_equal(apply_event(fx, &conflicting, true), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &conflicting), EVENT_OUTCOME_NEEDS_POLL);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void event_after_a_poll_is_accepted_if_five_minutes_newer(void **state)
{
	static const struct {
		int64_t after_poll_ms;
		enum provider_event_verdict verdict;
	} rows[] = { { 0, PROVIDER_EVENT_MUST_POLL }, { 299999, PROVIDER_EVENT_MUST_POLL },
		{ 300000, PROVIDER_EVENT_RECORDED } };
	const struct session_snapshot snapshot = { .status = STATUS_IN_PROGRESS };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	enum provider_cause cause;

	fixture_advance_clock(fx, seconds(10));
	fake_provider_set_snapshot(fx->provider, &snapshot);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	const int64_t polled_at = fixture_latest_session(fx, &shop, ANA).last_poll_at.ms;
	assert_int_equal(polled_at, FIXTURE_NOW + 10000);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_event event = event_at(
			STATUS_IN_REVIEW, polled_at + rows[i].after_poll_ms);

		assert_int_equal(apply_event(fx, &event, false), rows[i].verdict);
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_IN_REVIEW);
}

static void event_for_unknown_session_is_retried_for_ten_minutes(void **state)
{
	static const struct {
		const char *name;
		/* Age of the session according to the event; -1: the event does not contain it. */
		int64_t age_ms;
		enum provider_event_verdict verdict;
	} rows[] = {
		{ "just created", 0, PROVIDER_EVENT_RETRY_LATER },
		{ "a millisecond less than ten minutes", 599999, PROVIDER_EVENT_RETRY_LATER },
		{ "ten minutes", 600000, PROVIDER_EVENT_RECORDED },
		{ "older", 600001, PROVIDER_EVENT_RECORDED },
		{ "event without creation time", -1, PROVIDER_EVENT_RECORDED },
	};
	struct app_fixture *const fx = *state;

	(void)tenant_with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW);
		struct provider_event_entry entry = { .event_key = event.event_key };

		event.ref = (struct provider_ref){ "foreign" };
		if (rows[i].age_ms >= 0)
			event.session_created.ms = world_now(&fx->world).ms - rows[i].age_ms;
		if (apply_event(fx, &event, false) != rows[i].verdict)
			fail_msg("%s", rows[i].name);
		if (rows[i].verdict == PROVIDER_EVENT_RETRY_LATER)
			assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT, &entry));
		else
			assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_UNKNOWN_SESSION);
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_PROVIDER_EVENT), 0);
}

/* After a database was restored from a backup, it lacks a session. Later an operator has the session's event
 * sent again. */
static void event_for_unknown_session_is_applied_once_the_session_exists(void **state)
{
	struct app_fixture *const fx = *state;
	struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);

	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_UNKNOWN_SESSION);
	const struct caller shop = tenant_with_session(fx);
	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_APPLIED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_DUPLICATE);
}

static void events_of_other_topics_are_stored_and_change_nothing(void **state)
{
	static const struct {
		enum provider_event_topic topic;
		enum provider_event_outcome outcome;
	} rows[] = { { TOPIC_NOT_TRACKED, EVENT_OUTCOME_NOT_TRACKED }, { TOPIC_TEST, EVENT_OUTCOME_TEST } };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);

		event.topic = rows[i].topic;
		event.raw = STR("{}");
		assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
		assert_int_equal(stored_outcome(fx, &event), rows[i].outcome);
		assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_DUPLICATE);
		struct provider_event_body body = { .event_key = event.event_key };
		assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT_BODY, &body));
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

/* `unauthenticated` has only a valid X-Signature-Simple, which does not cover the status. `data_changed`
 * reports corrected data, without a status. */
static void event_without_a_trusted_status_polls_the_provider(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_DECLINED };
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct provider_event unauthenticated = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);
	struct provider_event data_changed = event_at(STATUS_APPROVED, FIXTURE_NOW + 2000);
	const struct actor actor = provider_actor;
	enum provider_event_verdict verdict;

	unauthenticated.is_authenticated = false;
	data_changed.topic = TOPIC_DATA;
	const struct provider_event *const events[] = { &unauthenticated, &data_changed };
	fake_provider_set_snapshot(fx->provider, &snapshot);
	for (size_t i = 0; i < array_len(events); i++) {
		struct provider_event_entry entry = { .event_key = events[i]->event_key };

		assert_int_equal(apply_event(fx, events[i], false), PROVIDER_EVENT_MUST_POLL);
		fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
		assert_int_equal(provider_event_process(&fx->world, &actor, events[i], seconds(3), &verdict),
			ERR_UPSTREAM);
		assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT, &entry));
		fake_provider_set_failure(fx->provider, PROVIDER_OK);
		assert_int_equal(
			provider_event_process(&fx->world, &actor, events[i], seconds(3), &verdict), OK);
		assert_int_equal(verdict, PROVIDER_EVENT_RECORDED);
		assert_int_equal(stored_outcome(fx, events[i]), EVENT_OUTCOME_POLLED);
		assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_DECLINED);
		assert_int_equal(fake_provider_poll_count(fx->provider), 2 * (i + 1));
		assert_int_equal(
			provider_event_process(&fx->world, &actor, events[i], seconds(3), &verdict), OK);
		assert_int_equal(verdict, PROVIDER_EVENT_DUPLICATE);
	}
}

static void event_with_unknown_status_is_stored_and_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);

	event.status_known = false;
	event.status_text = STR("Levitating");
	assert_int_equal(apply_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &event), EVENT_OUTCOME_UNKNOWN_STATUS);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

static void older_session_counts_only_while_it_is_approved(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_session(fx);
	const struct provider_event expired = event_at(STATUS_EXPIRED, FIXTURE_NOW + 1000);
	const struct provider_event declined = event_at(STATUS_DECLINED, FIXTURE_NOW + 4000);
	struct provider_event approved = event_at(STATUS_APPROVED, FIXTURE_NOW + 3000);

	assert_int_equal(apply_event(fx, &expired, false), PROVIDER_EVENT_RECORDED);
	fixture_advance_clock(fx, seconds(2));
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-2");
	assert_string_equal(fixture_status(fx, &shop, ANA).ref.text, "scripted-2");
	/* Expired has no known transition to Approved, so the provider is polled. */
	const struct session_snapshot snapshot = { .status = STATUS_APPROVED };
	enum provider_cause cause;
	fake_provider_set_snapshot(fx->provider, &snapshot);
	assert_int_equal(apply_event(fx, &approved, false), PROVIDER_EVENT_MUST_POLL);
	fixture_advance_clock(fx, seconds(1));
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	assert_int_equal(apply_event(fx, &approved, true), PROVIDER_EVENT_RECORDED);
	assert_true(fixture_status(fx, &shop, ANA).approved);
	assert_string_equal(fixture_status(fx, &shop, ANA).ref.text, "scripted-1");
	/* A later decline of the first session revokes the approval; then the newer session is the current
	 * one. */
	assert_int_equal(apply_event(fx, &declined, true), PROVIDER_EVENT_RECORDED);
	assert_int_equal(stored_outcome(fx, &declined), EVENT_OUTCOME_NEEDS_POLL);
	struct session first = fixture_latest_session(fx, &shop, ANA);
	assert_string_equal(first.provider_ref.text, "scripted-2");
	fixture_advance_clock(fx, minutes(6));
	const struct provider_event later = event_at(STATUS_DECLINED, FIXTURE_NOW + 400000);
	assert_int_equal(apply_event(fx, &later, false), PROVIDER_EVENT_RECORDED);
	assert_false(fixture_status(fx, &shop, ANA).approved);
	assert_string_equal(fixture_status(fx, &shop, ANA).ref.text, "scripted-2");
	assert_string_equal(fixture_status(fx, &shop, ANA).status_name, "pending");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(event_is_applied_and_stored),
		TEST(unknown_status_is_recorded_logged_and_counted),
		TEST(event_is_recorded_if_the_polled_status_is_unknown),
		TEST(event_without_a_time_polls_the_provider_instead_of_being_dropped),
		TEST(long_status_is_stored_cut),
		TEST(duplicate_event_changes_nothing),
		TEST(event_time_far_in_the_future_does_not_block_later_events),
		TEST(event_is_judged_by_its_time),
		TEST(conflicting_event_is_stored_only_after_a_poll),
		TEST(event_after_a_poll_is_accepted_if_five_minutes_newer),
		TEST(event_for_unknown_session_is_retried_for_ten_minutes),
		TEST(event_for_unknown_session_is_applied_once_the_session_exists),
		TEST(events_of_other_topics_are_stored_and_change_nothing),
		TEST(event_without_a_trusted_status_polls_the_provider),
		TEST(event_with_unknown_status_is_stored_and_changes_nothing),
		TEST(older_session_counts_only_while_it_is_approved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
