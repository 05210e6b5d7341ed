/* What operators see and allow: persons found in every group, their file, another try. */
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

#define ANA "ana.exemplo@example.com"

static const struct person_selector ana = { .identifier = { ADDRESS_EMAIL, STR_INIT(ANA) } };

static struct person_reports *files(struct app_fixture *fx, const struct person_selector *selector)
{
	struct person_reports *const out = arena_new(&fx->arena, struct person_reports);

	assert_non_null(out);
	assert_int_equal(person_reports_read(&fx->world, &fx->arena, selector, out), OK);
	return out;
}

static struct tries_resets *allow(struct app_fixture *fx, const struct person_selector *selector)
{
	struct tries_resets *const out = arena_new(&fx->arena, struct tries_resets);

	assert_non_null(out);
	assert_int_equal(reset_tries_run(&fx->world, &fx->arena, selector, out), OK);
	return out;
}

/* Declined, and so many sessions after that declined as well, a day between each. */
static struct caller declined(struct app_fixture *fx, int64_t tries)
{
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	fixture_verify_email(fx, &shop, ANA);
	for (int64_t i = 0; i <= tries; i++) {
		fixture_advance_clock(fx, days(1));
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
		fixture_set_session_status(fx, &shop, ANA, STATUS_DECLINED);
	}
	return shop;
}

static void a_person_is_found_in_every_group_or_in_one(void **state)
{
	static const struct {
		const char *group;
		enum person_search_verdict verdict;
		const char *want; /* the groups, in order */
	} rows[] = {
		{ "", PERSON_SEARCH_FOUND, "ring @lone " },
		{ "ring", PERSON_SEARCH_FOUND, "ring " },
		{ "@lone", PERSON_SEARCH_FOUND, "@lone " },
		{ "lone", PERSON_SEARCH_NO_GROUP, "" },
		{ "@bank", PERSON_SEARCH_NO_GROUP, "" },
		{ "@shop", PERSON_SEARCH_NOBODY, "" },
		{ "other", PERSON_SEARCH_NO_GROUP, "" },
	};
	struct app_fixture *const fx = *state;
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct caller kiosk = fixture_add_tenant(fx, "kiosk", "ring", NO_QUOTA);
	const struct caller lone = fixture_add_tenant(fx, "lone", NULL, NO_QUOTA);

	(void)fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);
	assert_int_equal(files(fx, &ana)->search.verdict, PERSON_SEARCH_NOBODY);
	(void)fixture_prepare(fx, &bank, ANA);
	(void)fixture_prepare(fx, &kiosk, ANA);
	(void)fixture_prepare(fx, &lone, ANA);
	for (size_t i = 0; i < array_len(rows); i++) {
		const struct person_selector selector = { identifier_from_text(ANA), str_of(rows[i].group) };
		const struct person_search *const search = &files(fx, &selector)->search;
		struct str got;
		struct buf text;

		print_message("# '%s'\n", rows[i].group);
		assert_int_equal(search->verdict, rows[i].verdict);
		buf_init(&text, &fx->arena);
		for (size_t p = 0; p < search->n; p++)
			buf_printf(&text, "%s ", search->list[p].group);
		assert_int_equal(buf_done(&text, &got), OK);
		assert_true(str_eq(got, str_of(rows[i].want)));
	}
}

/* More tenants than are looked at in one go, each alone: as many persons as can be listed, then none. */
static void too_many_groups_are_told_and_none_is_listed(void **state)
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
		const struct person_search *const search = &files(fx, &ana)->search;
		const bool fits = i < PERSON_SEARCH_MAX;

		assert_int_equal(search->verdict, fits ? PERSON_SEARCH_FOUND : PERSON_SEARCH_TOO_MANY);
		assert_int_equal(search->n, fits ? i + 1 : 0);
	}
	const struct person_selector one = { identifier_from_text(ANA), STR("@t64") };
	assert_int_equal(files(fx, &one)->search.n, 1);
	assert_int_equal(allow(fx, &ana)->search.verdict, PERSON_SEARCH_TOO_MANY);
}

static void the_file_tells_tries_and_when_one_comes_back(void **state)
{
	static const struct {
		int64_t after; /* ms from the moment that the file names */
		int64_t left;
		enum create_verdict create;
	} rows[] = {
		{ -1, 0, CREATE_REFUSED },
		{ 0, 1, CREATE_NEW },
		{ 1, 1, CREATE_NEW },
	};
	struct app_fixture *const fx = *state;

	(void)declined(fx, fx->rules.tries.tries);
	const struct person_report *file = &files(fx, &ana)->list[0];
	assert_int_equal(file->tries_left, 0);
	assert_int_equal(file->check.verdict, CREATE_REFUSED);
	assert_int_equal(file->n_sessions, 6);
	const int64_t next = file->next_try.ms;
	assert_int_equal(next, file->sessions[4].created_at.ms + days(30).ms + 1);
	for (size_t i = 0; i < array_len(rows); i++) {
		atomic_store(&fx->clock.now, next + rows[i].after);
		file = &files(fx, &ana)->list[0];
		assert_int_equal(file->tries_left, rows[i].left);
		assert_int_equal(file->check.verdict, rows[i].create);
	}
}

static void tries_beyond_a_limit_that_was_lowered_name_the_one_that_matters(void **state)
{
	struct app_fixture *const fx = *state;

	(void)declined(fx, 4);
	fx->rules.tries.tries = 2;
	const struct person_report *const file = &files(fx, &ana)->list[0];
	assert_int_equal(file->tries_left, 0);
	assert_int_equal(file->next_try.ms, file->sessions[1].created_at.ms + days(30).ms + 1);
}

static void older_sessions_than_are_shown_are_told(void **state)
{
	static const size_t counts[] = { REPORT_SESSIONS - 1, REPORT_SESSIONS, REPORT_SESSIONS + 1 };
	struct app_fixture *const fx = *state;
	size_t made = 0;
	const struct caller shop = fixture_add_tenant(fx, "shop", NULL, NO_QUOTA);

	(void)fixture_prepare(fx, &shop, ANA);
	const struct user user = fixture_user(fx, &shop, ANA);
	for (size_t i = 0; i < array_len(counts); i++) {
		for (; made < counts[i]; made++) {
			struct session s = { .user_id = user.id,
				.status = STATUS_EXPIRED,
				.created_at = { FIXTURE_NOW + (int64_t)made } };

			(void)snprintf(s.id.text, sizeof(s.id.text), "%zu", made);
			fixture_save(fx, RECORD_SESSION, &s);
		}
		const struct person_report *const file = &files(fx, &ana)->list[0];
		assert_int_equal(file->n_sessions, made < REPORT_SESSIONS ? made : REPORT_SESSIONS);
		assert_int_equal(file->has_more, made > REPORT_SESSIONS);
		assert_int_equal(file->sessions[0].created_at.ms, FIXTURE_NOW + (int64_t)made - 1);
	}
}

static void who_used_up_the_tries_is_allowed_another_one(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = declined(fx, fx->rules.tries.tries);

	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_REFUSED);
	const struct tries_resets *all = allow(fx, &ana);
	assert_true(all->list[0].was_needed);
	assert_int_equal(all->list[0].tries, 5);
	assert_false(all->list[0].blocklisted);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 1);
}

static void a_sign_of_the_blocklist_is_lifted(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = declined(fx, 0);
	struct session session = fixture_latest_session(fx, &shop, ANA);

	session.blocklisted = true;
	fixture_save(fx, RECORD_SESSION, &session);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_REFUSED);
	assert_true(files(fx, &ana)->list[0].check.facts.blocklisted);
	assert_true(allow(fx, &ana)->list[0].blocklisted);
	assert_false(files(fx, &ana)->list[0].check.facts.blocklisted);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
}

static void where_nothing_stands_in_the_way_nothing_is_written(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = declined(fx, 0);

	for (int i = 0; i < 2; i++)
		assert_false(allow(fx, &ana)->list[0].was_needed);
	assert_true(moment_is_unset(fixture_user(fx, &shop, ANA).tries_reset_at));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 0);
}

/* The newest session was made by a machine whose clock is ahead, or in this very millisecond. */
static void a_clock_that_lags_does_not_undo_it(void **state)
{
	static const int64_t ahead[] = { -1, 0, 1, 3600000 };
	struct app_fixture *const fx = *state;

	for (size_t i = 0; i < array_len(ahead); i++) {
		const struct caller shop = declined(fx, fx->rules.tries.tries);
		const struct session newest = fixture_latest_session(fx, &shop, ANA);

		print_message("# %lld ms ahead\n", (long long)ahead[i]);
		atomic_store(&fx->clock.now, newest.created_at.ms - ahead[i]);
		assert_true(allow(fx, &ana)->list[0].was_needed);
		assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
		fixture_close(fx);
		fixture_open(fx);
	}
}

static void all_groups_are_allowed_unless_one_is_named(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = declined(fx, fx->rules.tries.tries);
	const struct caller bank = fixture_add_tenant(fx, "bank", "ring", NO_QUOTA);
	const struct person_selector ring = { identifier_from_text(ANA), STR("ring") };

	(void)fixture_prepare(fx, &bank, ANA);
	assert_int_equal(allow(fx, &ring)->search.n, 1);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED_REFUSED);
	const struct tries_resets *const all = allow(fx, &ana);
	assert_int_equal(all->search.n, 2);
	assert_false(all->list[0].was_needed);
	assert_true(all->list[1].was_needed);
	assert_int_equal(fixture_create_session(fx, &shop, ANA).outcome, CREATED);
}

static void what_cannot_be_written_allows_nobody(void **state)
{
	struct app_fixture *const fx = *state;
	const struct caller shop = declined(fx, fx->rules.tries.tries);
	struct tries_resets *const out = arena_new(&fx->arena, struct tries_resets);

	atomic_store(&fx->store.fault, STORE_FAULT_AFTER_WORK);
	assert_int_not_equal(reset_tries_run(&fx->world, &fx->arena, &ana, out), OK);
	atomic_store(&fx->store.fault, STORE_FAULT_NONE);
	assert_true(moment_is_unset(fixture_user(fx, &shop, ANA).tries_reset_at));
	assert_int_equal(fixture_count_audit(fx, AUDIT_TRIES_RESET), 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	static const struct CMUnitTest tests[] = {
		TEST(a_person_is_found_in_every_group_or_in_one),
		TEST(too_many_groups_are_told_and_none_is_listed),
		TEST(the_file_tells_tries_and_when_one_comes_back),
		TEST(tries_beyond_a_limit_that_was_lowered_name_the_one_that_matters),
		TEST(older_sessions_than_are_shown_are_told),
		TEST(who_used_up_the_tries_is_allowed_another_one),
		TEST(a_sign_of_the_blocklist_is_lifted),
		TEST(where_nothing_stands_in_the_way_nothing_is_written),
		TEST(a_clock_that_lags_does_not_undo_it),
		TEST(all_groups_are_allowed_unless_one_is_named),
		TEST(what_cannot_be_written_allows_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
