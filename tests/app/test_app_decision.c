/* What the provider says, by event and by reading. */
#include "app/session/decision.h"
#include "app/session/provider_event.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "kit/app_fixture.h"
#include "kit/fake_provider.h"

#define ANA "ana.exemplo@example.com"

static const struct actor provider_actor = { .kind = ACTOR_PROVIDER };

struct notice_job {
	struct app_fixture *fx;
	const struct provider_event *event;
	bool asked;
	struct provider_event_result result;
};

static enum err take(struct tx *tx, void *arg)
{
	struct notice_job *const job = arg;

	return provider_event_apply(
		&job->fx->world, tx, &provider_actor, job->event, job->asked, &job->result);
}

static enum provider_event_verdict take_event(
	struct app_fixture *fx, const struct provider_event *event, bool asked)
{
	struct notice_job job = { .fx = fx, .event = event, .asked = asked };

	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, take, &job), OK);
	return job.result.verdict;
}

/* An event of its own about the first session, told at this moment of the provider's clock. */
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

static enum provider_event_outcome journaled(struct app_fixture *fx, const struct provider_event *event)
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

static struct caller with_session(struct app_fixture *fx)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	return shop;
}

static void an_event_is_applied_once_and_journaled(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	const struct provider_event event = event_at(STATUS_IN_PROGRESS, FIXTURE_NOW + 5000);

	fixture_advance_clock(fx, seconds(6));
	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &event), EVENT_OUTCOME_APPLIED);
	const struct session session = fixture_latest_session(fx, &shop, ANA);
	assert_int_equal(session.status, STATUS_IN_PROGRESS);
	assert_int_equal(session.provider_event_at.ms, FIXTURE_NOW + 5000);
	assert_int_equal(session.last_update_at.ms, FIXTURE_NOW + 6000);
	assert_int_equal(fixture_count_audit(fx, AUDIT_DECISION), 1);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PROVIDER_EVENT), 1);
}

static void a_repeated_event_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct provider_event event = event_at(STATUS_IN_PROGRESS, FIXTURE_NOW);

	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	event.status = STATUS_APPROVED; /* its key tells that it is the same */
	event.sent_at.ms += 60000;
	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_DUPLICATE);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_IN_PROGRESS);
	assert_int_equal(fixture_count_audit(fx, AUDIT_PROVIDER_EVENT), 1);
}

static void a_time_far_ahead_does_not_outlive_what_follows(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	const struct provider_event ahead = event_at(STATUS_IN_PROGRESS, FIXTURE_NOW + 86400000);

	assert_int_equal(take_event(fx, &ahead, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).provider_event_at.ms, FIXTURE_NOW + 300000);
	assert_int_equal(journaled(fx, &ahead), EVENT_OUTCOME_APPLIED);
	fixture_advance_clock(fx, seconds(302));
	const struct provider_event next = event_at(STATUS_APPROVED, FIXTURE_NOW + 301000);
	assert_int_equal(take_event(fx, &next, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &next), EVENT_OUTCOME_APPLIED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

/* Seconds relative to the last event taken, which said In Progress. */
static void an_event_by_its_time(void **state)
{
	static const struct {
		const char *name;
		enum session_status heard;
		int64_t at_ms;
		enum provider_event_verdict verdict;
		enum provider_event_outcome outcome;
		enum session_status after;
	} rows[] = {
		{ "a second older", STATUS_APPROVED, -1000, PROVIDER_EVENT_RECORDED, EVENT_OUTCOME_STALE,
			STATUS_IN_PROGRESS },
		{ "older and the same", STATUS_IN_PROGRESS, -1000, PROVIDER_EVENT_RECORDED,
			EVENT_OUTCOME_STALE, STATUS_IN_PROGRESS },
		{ "the same second, only backwards", STATUS_NOT_STARTED, 0, PROVIDER_EVENT_RECORDED,
			EVENT_OUTCOME_STALE, STATUS_IN_PROGRESS },
		{ "the same second, both ways", STATUS_ABANDONED, 0, PROVIDER_EVENT_MUST_POLL, 0,
			STATUS_IN_PROGRESS },
		{ "the same, later", STATUS_IN_PROGRESS, 1000, PROVIDER_EVENT_RECORDED,
			EVENT_OUTCOME_UNCHANGED, STATUS_IN_PROGRESS },
		{ "a second later", STATUS_APPROVED, 2000, PROVIDER_EVENT_RECORDED, EVENT_OUTCOME_APPLIED,
			STATUS_APPROVED },
		{ "later, but no such step", STATUS_NOT_STARTED, 3000, PROVIDER_EVENT_MUST_POLL, 0,
			STATUS_APPROVED },
	};
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	const int64_t base = FIXTURE_NOW + 60000;
	const struct provider_event first = event_at(STATUS_IN_PROGRESS, base);

	fixture_advance_clock(fx, minutes(2));
	assert_int_equal(take_event(fx, &first, false), PROVIDER_EVENT_RECORDED);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_event event = event_at(rows[i].heard, base + rows[i].at_ms);

		if (take_event(fx, &event, false) != rows[i].verdict)
			fail_msg("%s: another verdict", rows[i].name);
		if (rows[i].verdict == PROVIDER_EVENT_RECORDED && journaled(fx, &event) != rows[i].outcome)
			fail_msg("%s: another outcome", rows[i].name);
		if (fixture_latest_session(fx, &shop, ANA).status != rows[i].after)
			fail_msg("%s: another status", rows[i].name);
	}
}

static void a_doubtful_event_is_not_journaled_until_the_provider_was_asked(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	const struct provider_event first = event_at(STATUS_APPROVED, FIXTURE_NOW);
	const struct provider_event doubtful = event_at(STATUS_NOT_STARTED, FIXTURE_NOW + 1000);
	struct provider_event_entry none = { .event_key = doubtful.event_key };

	assert_int_equal(take_event(fx, &first, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(take_event(fx, &doubtful, false), PROVIDER_EVENT_MUST_POLL);
	assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT, &none));
	assert_int_equal(take_event(fx, &doubtful, true), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &doubtful), EVENT_OUTCOME_NEEDS_POLL);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
}

static void after_a_reading_an_event_must_be_five_minutes_newer_to_be_believed_unasked(void **state)
{
	static const struct {
		int64_t after_reading_ms;
		enum provider_event_verdict verdict;
	} rows[] = { { 0, PROVIDER_EVENT_MUST_POLL }, { 299999, PROVIDER_EVENT_MUST_POLL },
		{ 300000, PROVIDER_EVENT_RECORDED } };
	const struct session_snapshot snapshot = { .status = STATUS_IN_PROGRESS };
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	enum provider_cause cause;

	fixture_advance_clock(fx, seconds(10));
	fake_provider_set_snapshot(fx->provider, &snapshot);
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	const int64_t read = fixture_latest_session(fx, &shop, ANA).last_poll_at.ms;
	assert_int_equal(read, FIXTURE_NOW + 10000);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct provider_event event = event_at(
			STATUS_IN_REVIEW, read + rows[i].after_reading_ms);

		assert_int_equal(take_event(fx, &event, false), rows[i].verdict);
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_IN_REVIEW);
}

static void an_unknown_session_by_its_age(void **state)
{
	static const struct {
		const char *name;
		int64_t age_ms; /* -1: not told */
		enum provider_event_verdict verdict;
	} rows[] = {
		{ "just made", 0, PROVIDER_EVENT_RETRY_LATER },
		{ "a millisecond before ten minutes", 599999, PROVIDER_EVENT_RETRY_LATER },
		{ "ten minutes", 600000, PROVIDER_EVENT_RECORDED },
		{ "older", 600001, PROVIDER_EVENT_RECORDED },
		{ "without its time of making", -1, PROVIDER_EVENT_RECORDED },
	};
	struct app_fixture *const fx = *state;

	(void)with_session(fx);
	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW);
		struct provider_event_entry none = { .event_key = event.event_key };

		event.ref = (struct provider_ref){ "foreign" };
		if (rows[i].age_ms >= 0)
			event.session_created.ms = world_now(&fx->world).ms - rows[i].age_ms;
		if (take_event(fx, &event, false) != rows[i].verdict)
			fail_msg("%s", rows[i].name);
		if (rows[i].verdict == PROVIDER_EVENT_RETRY_LATER)
			assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT, &none));
		else
			assert_int_equal(journaled(fx, &event), EVENT_OUTCOME_UNKNOWN_SESSION);
	}
	assert_int_equal(fixture_count_audit(fx, AUDIT_PROVIDER_EVENT), 0);
}

/* A database that was restored hears of it when the event is sent by hand. */
static void an_unknown_session_may_be_known_the_next_time(void **state)
{
	struct app_fixture *const fx = *state;
	struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);

	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &event), EVENT_OUTCOME_UNKNOWN_SESSION);
	const struct caller shop = with_session(fx);
	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &event), EVENT_OUTCOME_APPLIED);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_APPROVED);
	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_DUPLICATE);
}

static void what_we_do_not_follow_is_noted_and_changes_nothing(void **state)
{
	static const struct {
		enum provider_event_topic news;
		enum provider_event_outcome outcome;
	} rows[] = { { TOPIC_NOT_TRACKED, EVENT_OUTCOME_NOT_TRACKED }, { TOPIC_TEST, EVENT_OUTCOME_TEST } };
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);

	for (size_t i = 0; i < array_len(rows); i++) {
		struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);

		event.topic = rows[i].news;
		event.raw = STR("{}");
		assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
		assert_int_equal(journaled(fx, &event), rows[i].outcome);
		assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_DUPLICATE);
		struct provider_event_body body = { .event_key = event.event_key };
		assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT_BODY, &body));
	}
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

/* Only its signature by a few words is right, or it says no more than that facts have changed. */
static void without_a_word_to_go_by_the_provider_is_asked(void **state)
{
	const struct session_snapshot snapshot = { .status = STATUS_DECLINED };
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct provider_event simple = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);
	struct provider_event facts = event_at(STATUS_APPROVED, FIXTURE_NOW + 2000);
	const struct actor actor = provider_actor;
	enum provider_event_verdict verdict;

	simple.is_authenticated = false;
	facts.topic = TOPIC_DATA;
	const struct provider_event *const both[] = { &simple, &facts };
	fake_provider_set_snapshot(fx->provider, &snapshot);
	for (size_t i = 0; i < array_len(both); i++) {
		struct provider_event_entry none = { .event_key = both[i]->event_key };

		assert_int_equal(take_event(fx, both[i], false), PROVIDER_EVENT_MUST_POLL);
		fake_provider_set_failure(fx->provider, PROVIDER_UNREACHABLE);
		assert_int_equal(provider_event_process(&fx->world, &actor, both[i], seconds(3), &verdict),
			ERR_UPSTREAM);
		assert_false(fixture_try_load(fx, RECORD_PROVIDER_EVENT, &none));
		fake_provider_set_failure(fx->provider, PROVIDER_OK);
		assert_int_equal(
			provider_event_process(&fx->world, &actor, both[i], seconds(3), &verdict), OK);
		assert_int_equal(verdict, PROVIDER_EVENT_RECORDED);
		assert_int_equal(journaled(fx, both[i]), EVENT_OUTCOME_POLLED);
		assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_DECLINED);
		assert_int_equal(fake_provider_read_count(fx->provider), 2 * (i + 1));
		assert_int_equal(
			provider_event_process(&fx->world, &actor, both[i], seconds(3), &verdict), OK);
		assert_int_equal(verdict, PROVIDER_EVENT_DUPLICATE);
	}
}

static void a_status_that_we_do_not_know_is_journaled_and_changes_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	struct provider_event event = event_at(STATUS_APPROVED, FIXTURE_NOW + 1000);

	event.status_known = false;
	event.status_text = STR("Levitating");
	assert_int_equal(take_event(fx, &event, false), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &event), EVENT_OUTCOME_UNKNOWN_STATUS);
	assert_int_equal(fixture_latest_session(fx, &shop, ANA).status, STATUS_NOT_STARTED);
}

static void an_older_sessions_events_change_the_person_by_an_approval_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = with_session(fx);
	const struct provider_event expired = event_at(STATUS_EXPIRED, FIXTURE_NOW + 1000);
	const struct provider_event declined = event_at(STATUS_DECLINED, FIXTURE_NOW + 4000);
	struct provider_event approved = event_at(STATUS_APPROVED, FIXTURE_NOW + 3000);

	assert_int_equal(take_event(fx, &expired, false), PROVIDER_EVENT_RECORDED);
	fixture_advance_clock(fx, seconds(2));
	assert_string_equal(fixture_create_session(fx, &shop, ANA).ref.text, "scripted-2");
	assert_string_equal(fixture_status(fx, &shop, ANA).ref.text, "scripted-2");
	/* Nothing leads out of Expired by the table: the provider is asked, and says so. */
	const struct session_snapshot snapshot = { .status = STATUS_APPROVED };
	enum provider_cause cause;
	fake_provider_set_snapshot(fx->provider, &snapshot);
	assert_int_equal(take_event(fx, &approved, false), PROVIDER_EVENT_MUST_POLL);
	fixture_advance_clock(fx, seconds(1));
	assert_int_equal(
		app_poll_session(&fx->world, &fx->arena, &provider_actor,
			&(struct poll_params){ STR("scripted-1"), seconds(3), POLL_FOR_CALLER }, &cause),
		OK);
	assert_int_equal(take_event(fx, &approved, true), PROVIDER_EVENT_RECORDED);
	assert_true(fixture_status(fx, &shop, ANA).approved);
	assert_string_equal(fixture_status(fx, &shop, ANA).ref.text, "scripted-1");
	/* What follows the approval takes it away again, and the newer session is the current one. */
	assert_int_equal(take_event(fx, &declined, true), PROVIDER_EVENT_RECORDED);
	assert_int_equal(journaled(fx, &declined), EVENT_OUTCOME_NEEDS_POLL);
	struct session first = fixture_latest_session(fx, &shop, ANA);
	assert_string_equal(first.provider_ref.text, "scripted-2");
	fixture_advance_clock(fx, minutes(6));
	const struct provider_event later = event_at(STATUS_DECLINED, FIXTURE_NOW + 400000);
	assert_int_equal(take_event(fx, &later, false), PROVIDER_EVENT_RECORDED);
	assert_false(fixture_status(fx, &shop, ANA).approved);
	assert_string_equal(fixture_status(fx, &shop, ANA).ref.text, "scripted-2");
	assert_string_equal(fixture_status(fx, &shop, ANA).word, "pending");
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(an_event_is_applied_once_and_journaled),
		TEST(a_repeated_event_changes_nothing),
		TEST(a_time_far_ahead_does_not_outlive_what_follows),
		TEST(an_event_by_its_time),
		TEST(a_doubtful_event_is_not_journaled_until_the_provider_was_asked),
		TEST(after_a_reading_an_event_must_be_five_minutes_newer_to_be_believed_unasked),
		TEST(an_unknown_session_by_its_age),
		TEST(an_unknown_session_may_be_known_the_next_time),
		TEST(what_we_do_not_follow_is_noted_and_changes_nothing),
		TEST(without_a_word_to_go_by_the_provider_is_asked),
		TEST(a_status_that_we_do_not_know_is_journaled_and_changes_nothing),
		TEST(an_older_sessions_events_change_the_person_by_an_approval_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
