/* Tests of the operator commands for a person: search in all groups, the report, and resetting tries. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdio.h>

#include "app/admin/person_report.h"
#include "app/admin/reset_tries.h"
#include "base/buf.h"
#include "kit/app_fixture.h"

static const struct actor operator_actor = { .kind = ACTOR_OPERATOR };

#define ANA "ana.exemplo@example.com"

static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };

static struct person_reports *read_reports(struct app_fixture *fx, const struct person_selector *selector)
{
	struct person_reports *const out = arena_new(&fx->arena, struct person_reports);

	assert_non_null(out);
	assert_int_equal(person_reports_read(&fx->world, &fx->arena, selector, out), OK);
	return out;
}

static struct tries_resets *reset_tries(struct app_fixture *fx, const struct person_selector *selector)
{
	struct tries_resets *const out = arena_new(&fx->arena, struct tries_resets);

	assert_non_null(out);
	assert_int_equal(reset_tries_run(&fx->world, &fx->arena, &operator_actor, selector, out), OK);
	return out;
}

/* Adds a tenant with ANA, who has a declined session and `tries` more declined sessions, one per day. */
static struct caller tenant_with_declined_person(struct app_fixture *fx, int64_t tries)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	for (int64_t i = 0; i <= tries; i++) {
		fixture_advance_clock(fx, days(1));
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
		fixture_set_session_status(fx, &shop, ANA, STATUS_DECLINED);
	}
	return shop;
}

static void person_is_found_in_all_groups_or_in_the_selected_one(void **state)
{
	static const struct {
		const char *group;
		enum person_search_verdict verdict;
		const char *expected; /* the groups found, in order */
	} rows[] = {
		{ "", PERSON_SEARCH_FOUND, "partners @lone " },
		{ "partners", PERSON_SEARCH_FOUND, "partners " },
		{ "@lone", PERSON_SEARCH_FOUND, "@lone " },
		{ "lone", PERSON_SEARCH_NO_GROUP, "" },
		{ "@bank", PERSON_SEARCH_NO_GROUP, "" },
		{ "@shop", PERSON_SEARCH_NOBODY, "" },
		{ "other", PERSON_SEARCH_NO_GROUP, "" },
	};
	struct app_fixture *const fx = *state;
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller kiosk = fixture_add_tenant(fx, "kiosk", "partners", NO_QUOTA);
	const struct caller other_group = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	assert_int_equal(read_reports(fx, &ana)->search.verdict, PERSON_SEARCH_NOBODY);
	(void)fixture_prepare(fx, &bank, ANA);
	(void)fixture_prepare(fx, &kiosk, ANA);
	(void)fixture_prepare(fx, &other_group, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct person_selector selector = { .identifier = identifier_from_text(ANA),
			.group = str_of(rows[i].group) };
		const struct person_search *const search = &read_reports(fx, &selector)->search;
		struct str got;
		struct buf text;

		print_message("# '%s'\n", rows[i].group);
		assert_int_equal(search->verdict, rows[i].verdict);
		buf_init(&text, &fx->arena);
		for (size_t p = 0; p < search->n; p++)
			buf_printf(&text, "%s ", search->list[p].group);
		assert_int_equal(buf_done(&text, &got), OK);
		assert_true(str_eq(got, str_of(rows[i].expected)));
	}
}

static void id_of_any_tenant_selects_the_person(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct caller kiosk = fixture_add_tenant(fx, "kiosk", "partners", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);
	const struct caller *const tenants[] = { &bank, &kiosk, &lone };

	for (size_t i = 0; i < array_len(tenants); i++)
		(void)fixture_prepare(fx, tenants[i], ANA);
	for (size_t i = 0; i < array_len(tenants); i++) {
		const struct enrolment enrolment = fixture_enrolment(fx, tenants[i], ANA);
		struct person_selector selector = { .public_id = enrolment.public_user_id };
		const struct person_search *search = &read_reports(fx, &selector)->search;

		assert_int_equal(search->n, 1);
		assert_string_equal(search->list[0].group, i < 2 ? "partners" : "@lone");
		assert_string_equal(
			linked_users_primary(&search->list[0].linked)->id.text, enrolment.user_id.text);
		selector.group = i < 2 ? STR("@lone") : STR("partners");
		assert_int_equal(read_reports(fx, &selector)->search.verdict, PERSON_SEARCH_NOBODY);
		selector.public_id.text[ID_LENGTH - 1] ^= 1;
		selector.group = STR("");
		assert_int_equal(read_reports(fx, &selector)->search.verdict, PERSON_SEARCH_NOBODY);
	}
}

/* The search finds people of tenants that share no group. Up to PERSON_SEARCH_MAX matches are listed; with
 * one more, none is listed. */
static void too_many_matches_are_reported_and_not_listed(void **state)
{
	struct app_fixture *const fx = *state;

	for (int i = 0; i <= PERSON_SEARCH_MAX; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "t%02d", i);
		const struct caller tenant = fixture_add_tenant(fx, name, NULL, NO_QUOTA);
		(void)fixture_prepare(fx, &tenant, ANA);
		fixture_advance_clock(fx, minutes(1));
		if (i < PERSON_SEARCH_MAX - 1)
			continue;
		const struct person_search *const search = &read_reports(fx, &ana)->search;
		const bool fits = i < PERSON_SEARCH_MAX;

		assert_int_equal(search->verdict, fits ? PERSON_SEARCH_FOUND : PERSON_SEARCH_TOO_MANY);
		assert_int_equal(search->n, fits ? i + 1 : 0);
	}
	const struct person_selector selector = { .identifier = identifier_from_text(ANA),
		.group = STR("@t64") };
	assert_int_equal(read_reports(fx, &selector)->search.n, 1);
	assert_int_equal(reset_tries(fx, &ana)->search.verdict, PERSON_SEARCH_TOO_MANY);
}

static void report_shows_tries_left_and_time_of_the_next_try(void **state)
{
	static const struct {
		/* Milliseconds after the time of the next try that the report gives. */
		int64_t after;
		int64_t left;
		enum create_verdict create;
	} rows[] = {
		{ -1, 0, CREATE_REFUSED },
		{ 0, 1, CREATE_NEW },
		{ 1, 1, CREATE_NEW },
	};
	struct app_fixture *const fx = *state;

	(void)tenant_with_declined_person(fx, fx->rules.tries.tries);
	const struct person_report *report = &read_reports(fx, &ana)->list[0];
	assert_int_equal(report->tries_left, 0);
	assert_int_equal(report->check.verdict, CREATE_REFUSED);
	assert_int_equal(report->n_sessions, 6);
	const int64_t next = report->next_try.ms;
	assert_int_equal(next, report->sessions[4].created_at.ms + days(30).ms + 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->clock.now, next + rows[i].after);
		report = &read_reports(fx, &ana)->list[0];
		assert_int_equal(report->tries_left, rows[i].left);
		assert_int_equal(report->check.verdict, rows[i].create);
	}
}

static void next_try_follows_a_limit_that_was_lowered(void **state)
{
	struct app_fixture *const fx = *state;

	(void)tenant_with_declined_person(fx, 4);
	fx->rules.tries.tries = 2;
	const struct person_report *const report = &read_reports(fx, &ana)->list[0];
	assert_int_equal(report->tries_left, 0);
	assert_int_equal(report->next_try.ms, report->sessions[1].created_at.ms + days(30).ms + 1);
}

/* Sessions are loaded 32 at a time. A whole page of sessions that do not count as tries must not hide older
 * tries. */
static void tries_older_than_many_other_sessions_are_counted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_declined_person(fx, 3);
	struct session session = fixture_latest_session(fx, &shop, ANA);

	session.after_declines = 0;
	for (int i = 0; i < 70; i++) {
		session.id.text[0] = (char)('A' + i % 10);
		session.id.text[1] = (char)('A' + i / 10);
		session.provider_ref = (struct provider_ref){ { 'r', session.id.text[0],
			session.id.text[1] } };
		session.created_at = moment_add(session.created_at, seconds(1));
		fixture_save(fx, RECORD_SESSION, &session);
	}
	assert_int_equal(read_reports(fx, &ana)->list[0].tries_left, 2);
}

static void report_indicates_that_older_sessions_exist(void **state)
{
	static const size_t counts[] = { REPORT_SESSIONS - 1, REPORT_SESSIONS, REPORT_SESSIONS + 1 };
	struct app_fixture *const fx = *state;
	size_t n_created = 0;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(counts); i++) {
		for (; n_created < counts[i]; n_created++) {
			struct session s = { .user_id = user.id,
				.status = STATUS_EXPIRED,
				.created_at = { FIXTURE_NOW + (int64_t)n_created } };

			(void)snprintf(s.id.text, sizeof(s.id.text), "%zu", n_created);
			fixture_save(fx, RECORD_SESSION, &s);
		}
		const struct person_report *const report = &read_reports(fx, &ana)->list[0];
		assert_int_equal(
			report->n_sessions, n_created < REPORT_SESSIONS ? n_created : REPORT_SESSIONS);
		assert_int_equal(report->has_more, n_created > REPORT_SESSIONS);
		assert_int_equal(report->sessions[0].created_at.ms, FIXTURE_NOW + (int64_t)n_created - 1);
	}
}

static void reset_allows_a_new_session_after_all_tries(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_declined_person(fx, fx->rules.tries.tries);

	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	const struct tries_resets *resets = reset_tries(fx, &ana);
	assert_true(resets->list[0].was_needed);
	assert_int_equal(resets->list[0].tries, 5);
	assert_false(resets->list[0].blocklisted);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 1);
}

static void reset_clears_a_blocklist_warning(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_declined_person(fx, 0);
	struct session session = fixture_latest_session(fx, &shop, ANA);

	session.blocklisted = true;
	fixture_save(fx, RECORD_SESSION, &session);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	assert_true(read_reports(fx, &ana)->list[0].check.facts.blocklisted);
	assert_true(reset_tries(fx, &ana)->list[0].blocklisted);
	assert_false(read_reports(fx, &ana)->list[0].check.facts.blocklisted);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
}

static void reset_writes_nothing_if_not_needed(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_declined_person(fx, 0);

	for (int i = 0; i < 2; i++)
		assert_false(reset_tries(fx, &ana)->list[0].was_needed);
	assert_true(moment_is_unset(fixture_user(fx, &shop, ANA).tries_reset_at));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 0);
}

/* A reset takes effect even if the newest session was created in the same millisecond, or by a machine whose
 * clock is ahead. */
static void reset_is_effective_with_a_clock_that_is_behind(void **state)
{
	static const int64_t ahead_ms[] = { -1, 0, 1, 3600000 };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(ahead_ms); i++) {
		const struct caller shop = tenant_with_declined_person(fx, fx->rules.tries.tries);
		const struct session newest = fixture_latest_session(fx, &shop, ANA);

		print_message("# %lld ms ahead\n", (long long)ahead_ms[i]);
		atomic_store(&fx->clock.now, newest.created_at.ms - ahead_ms[i]);
		assert_true(reset_tries(fx, &ana)->list[0].was_needed);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
		fixture_close(fx);
		fixture_open(fx);
	}
}

static void reset_applies_to_all_groups_unless_one_is_selected(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_declined_person(fx, fx->rules.tries.tries);
	const struct caller bank = fixture_add_tenant(fx, "bank", "partners", NO_QUOTA);
	const struct person_selector partners = { .identifier = identifier_from_text(ANA),
		.group = STR("partners") };

	(void)fixture_prepare(fx, &bank, ANA);
	assert_int_equal(reset_tries(fx, &partners)->search.n, 1);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_REFUSED);
	const struct tries_resets *const resets = reset_tries(fx, &ana);
	assert_int_equal(resets->search.n, 2);
	assert_false(resets->list[0].was_needed);
	assert_true(resets->list[1].was_needed);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATE_OUTCOME_CREATED);
}

static void store_failure_resets_nothing(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = tenant_with_declined_person(fx, fx->rules.tries.tries);
	struct tries_resets *const out = arena_new(&fx->arena, struct tries_resets);

	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(reset_tries_run(&fx->world, &fx->arena, &operator_actor, &ana, out), OK);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_true(moment_is_unset(fixture_user(fx, &shop, ANA).tries_reset_at));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(person_is_found_in_all_groups_or_in_the_selected_one),
		TEST(id_of_any_tenant_selects_the_person),
		TEST(too_many_matches_are_reported_and_not_listed),
		TEST(report_shows_tries_left_and_time_of_the_next_try),
		TEST(next_try_follows_a_limit_that_was_lowered),
		TEST(tries_older_than_many_other_sessions_are_counted),
		TEST(report_indicates_that_older_sessions_exist),
		TEST(reset_allows_a_new_session_after_all_tries),
		TEST(reset_clears_a_blocklist_warning),
		TEST(reset_writes_nothing_if_not_needed),
		TEST(reset_is_effective_with_a_clock_that_is_behind),
		TEST(reset_applies_to_all_groups_unless_one_is_selected),
		TEST(store_failure_resets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
