/* Console sessions: how long they last, what ends them, the token of their forms, step-ups, and the clean-up.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <string.h>

#include "app/operator/account.h"
#include "app/operator/session.h"
#include "kit/app_fixture.h"

#define ANA STR("ana@example.com")

static struct operator_account add_operator(struct app_fixture *fx, struct str email)
{
	const struct operator_account_params params = { .email = email, .role = OPERATOR_ADMIN };
	struct operator_account account;
	struct str token;

	assert_int_equal(operator_account_add(&fx->world, &fx->arena, &params, &account, &token), OK);
	return account;
}

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

/* Signs the operator in, and returns the token of the session. */
static struct str sign_in(struct app_fixture *fx, const struct operator_account *account)
{
	struct start_job job = { .fx = fx, .account = *account };

	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, start_session, &job), OK);
	return job.token;
}

static enum err load(struct app_fixture *fx, struct str token, struct console_caller *out)
{
	return console_session_load(&fx->world, &fx->arena, token, STR("req-2"), false, out);
}

static bool is_open(struct app_fixture *fx, struct str token)
{
	struct console_caller caller;
	const enum err e = load(fx, token, &caller);

	assert_true(e == OK || e == ERR_NOT_FOUND);
	return e == OK;
}

static struct console_caller caller_of(struct app_fixture *fx, struct str token)
{
	struct console_caller caller;

	assert_int_equal(load(fx, token, &caller), OK);
	return caller;
}

static size_t count_sessions(struct app_fixture *fx, const struct operator_account *account)
{
	const struct console_session probe = { .operator_id = account->id };
	struct console_session rows[256];

	return fixture_find(fx, QUERY_CONSOLE_SESSIONS_OF_OPERATOR, &probe, rows, array_len(rows));
}

static void a_session_names_the_operator_and_the_request(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	const struct console_caller caller = caller_of(fx, token);

	assert_string_equal(caller.account.id.text, ana.id.text);
	assert_int_equal(caller.account.role, OPERATOR_ADMIN);
	assert_int_equal(caller.account.last_sign_in_at.ms, FIXTURE_NOW);
	assert_int_equal(caller.actor.kind, ACTOR_OPERATOR);
	assert_memory_equal(caller.actor.id, "op_", 3);
	assert_string_equal(caller.actor.request_id, "req-2");
	assert_int_equal(caller.session.signed_in_at.ms, FIXTURE_NOW);
	assert_true(moment_is_unset(caller.session.step_up_at));
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_SIGNED_IN), 1);
}

static void each_sign_in_has_a_token_of_its_own_that_is_not_stored(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str first = sign_in(fx, &ana), second = sign_in(fx, &ana);
	const struct console_caller caller = caller_of(fx, first);

	assert_int_equal(first.n, 43);
	assert_false(str_eq(first, second));
	assert_memory_not_equal(caller.session.token_digest.bytes, first.p, sizeof(struct digest));
	assert_int_equal(count_sessions(fx, &ana), 2);
}

static void other_texts_open_no_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	struct operator_account account;
	struct str link;

	assert_int_equal(operator_account_new_link(&fx->world, &fx->arena, ANA, &account, &link), OK);
	const struct str texts[] = { STR(""), STR("x"), str_from(token, 1), link,
		arena_printf(&fx->arena, "%.*sA", STR_ARG(token)), str_of(ana.id.text) };
	for (size_t i = 0; i < array_len(texts); i++)
		assert_false(is_open(fx, texts[i]));
}

static void requests_in_the_background_do_not_prolong_a_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	struct console_caller caller;

	for (int i = 0; i < 29; i++) {
		fixture_advance_clock(fx, minutes(1));
		assert_int_equal(
			console_session_load(&fx->world, &fx->arena, token, STR("req-2"), true, &caller), OK);
		assert_int_equal(caller.session.seen_at.ms, FIXTURE_NOW);
	}
	fixture_advance_clock(fx, minutes(1));
	assert_int_equal(console_session_load(&fx->world, &fx->arena, token, STR("req-2"), true, &caller),
		ERR_NOT_FOUND);
}

static void a_session_ends_after_30_minutes_without_use(void **state)
{
	static const struct {
		int64_t ms;
		bool open;
	} rows[] = { { -1, true }, { 0, false }, { 1, false } };
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct str token = sign_in(fx, &ana);

		fixture_advance_clock(fx, milliseconds(minutes(30).ms + rows[i].ms));
		assert_int_equal(is_open(fx, token), rows[i].open);
	}
}

static void use_prolongs_a_session_and_is_stored_once_a_minute(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	const size_t writes = fx->store.writes;

	fixture_advance_clock(fx, milliseconds(59999));
	assert_int_equal(caller_of(fx, token).session.seen_at.ms, FIXTURE_NOW);
	assert_int_equal(fx->store.writes, writes);
	fixture_advance_clock(fx, milliseconds(1));
	assert_int_equal(caller_of(fx, token).session.seen_at.ms, FIXTURE_NOW + 60000);
	assert_int_equal(fx->store.writes, writes + 1);
	(void)caller_of(fx, token);
	assert_int_equal(fx->store.writes, writes + 1);
	fixture_advance_clock(fx, milliseconds(minutes(30).ms - 1));
	assert_true(is_open(fx, token));
}

static void a_session_ends_12_hours_after_the_sign_in_however_often_it_is_used(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);

	for (int i = 0; i < 12 * 4 - 1; i++) {
		fixture_advance_clock(fx, minutes(15));
		assert_true(is_open(fx, token));
	}
	fixture_advance_clock(fx, milliseconds(minutes(15).ms - 1));
	assert_true(is_open(fx, token));
	fixture_advance_clock(fx, milliseconds(1));
	assert_false(is_open(fx, token));
	fixture_advance_clock(fx, milliseconds(1));
	assert_false(is_open(fx, token));
}

static void a_session_ends_also_if_the_clock_is_set_back(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);

	fixture_advance_clock(fx, milliseconds(minutes(30).ms - 1));
	fx->clock.now -= hours(3).ms;
	assert_true(is_open(fx, token));
	fixture_advance_clock(fx, minutes(30));
	assert_false(is_open(fx, token));
}

static void signing_out_ends_this_session_only(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str first = sign_in(fx, &ana), second = sign_in(fx, &ana);
	const struct console_caller caller = caller_of(fx, first);

	assert_int_equal(console_session_end(&fx->world, &fx->arena, &caller), OK);
	assert_false(is_open(fx, first));
	assert_true(is_open(fx, second));
	assert_int_equal(fixture_count_audit(fx, AUDIT_OPERATOR_SIGNED_OUT), 1);
}

static void disabling_an_operator_ends_all_their_sessions_at_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct operator_account bo = add_operator(fx, STR("bo@example.com"));
	const struct str other = sign_in(fx, &bo);
	struct operator_account disabled;
	struct str tokens[150]; /* more than one batch */

	for (size_t i = 0; i < array_len(tokens); i++)
		tokens[i] = sign_in(fx, &ana);
	assert_int_equal(operator_account_disable(&fx->world, &fx->arena, ANA, &disabled), OK);
	for (size_t i = 0; i < array_len(tokens); i++)
		assert_false(is_open(fx, tokens[i]));
	assert_int_equal(count_sessions(fx, &ana), 0);
	assert_true(is_open(fx, other));
}

/* A session that another instance stores while the operator is being disabled is not accepted. */
static void a_session_of_a_disabled_operator_is_refused_also_if_its_row_exists(void **state)
{
	struct app_fixture *const fx = *state;
	struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);

	ana = caller_of(fx, token).account;
	ana.disabled_at = world_now(&fx->world);
	fixture_save(fx, RECORD_OPERATOR_ACCOUNT, &ana);
	assert_false(is_open(fx, token));
}

static void enabling_an_operator_again_opens_no_old_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	struct operator_account disabled;

	assert_int_equal(operator_account_disable(&fx->world, &fx->arena, ANA, &disabled), OK);
	(void)add_operator(fx, ANA);
	assert_false(is_open(fx, token));
}

static void forms_of_each_session_have_a_token_of_their_own(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str first = sign_in(fx, &ana), second = sign_in(fx, &ana);
	char a[CSRF_TOKEN_SIZE], b[CSRF_TOKEN_SIZE], again[CSRF_TOKEN_SIZE];

	console_csrf_token(&fx->world, first, a);
	console_csrf_token(&fx->world, second, b);
	console_csrf_token(&fx->world, first, again);
	assert_int_equal(strlen(a), CSRF_TOKEN_SIZE - 1);
	assert_string_equal(a, again);
	assert_string_not_equal(a, b);
	assert_null(strstr(a, arena_copy(&fx->arena, first).p));
}

struct step_up_job {
	struct app_fixture *fx;
	const struct console_caller *caller;
	bool usable;
};

static enum err use_step_up(struct tx *tx, void *arg)
{
	struct step_up_job *const job = arg;

	return console_use_step_up(&job->fx->world, tx, job->caller, &job->usable);
}

static bool can_use_step_up(struct app_fixture *fx, const struct console_caller *caller)
{
	struct step_up_job job = { .fx = fx, .caller = caller };

	assert_int_equal(store_transact(fx->world.store, TX_WRITE, &fx->arena, use_step_up, &job), OK);
	return job.usable;
}

/* Stores a step-up as using the passkey again does. */
static struct console_caller step_up(struct app_fixture *fx, struct str token)
{
	struct console_caller caller = caller_of(fx, token);

	caller.session.step_up_at = world_expiry_now(&fx->world);
	fixture_save(fx, RECORD_CONSOLE_SESSION, &caller.session);
	return caller;
}

static void a_step_up_is_used_once(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	const struct console_caller without = caller_of(fx, token);

	assert_false(can_use_step_up(fx, &without));
	const struct console_caller caller = step_up(fx, token);
	assert_int_equal(console_permit(&fx->world, &caller, CONSOLE_ERASE_PERSON, NULL), CONSOLE_PERMITTED);
	assert_true(can_use_step_up(fx, &caller));
	/* The caller that was loaded before still looks as if it had the step-up. */
	assert_false(can_use_step_up(fx, &caller));
	const struct console_caller after = caller_of(fx, token);
	assert_int_equal(
		console_permit(&fx->world, &after, CONSOLE_ERASE_PERSON, NULL), CONSOLE_STEP_UP_NEEDED);
}

static void a_step_up_can_be_used_for_2_minutes(void **state)
{
	static const struct {
		int64_t ms;
		bool usable;
	} rows[] = { { -1, true }, { 0, false }, { 1, false } };
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);

	for (size_t i = 0; i < array_len(rows); i++) {
		const struct console_caller caller = step_up(fx, token);

		fixture_advance_clock(fx, milliseconds(minutes(2).ms + rows[i].ms));
		assert_int_equal(can_use_step_up(fx, &caller), rows[i].usable);
	}
}

static void a_session_that_has_ended_has_no_step_up(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct console_caller caller = step_up(fx, sign_in(fx, &ana));

	assert_int_equal(console_session_end(&fx->world, &fx->arena, &caller), OK);
	assert_false(can_use_step_up(fx, &caller));
}

static void a_failure_of_the_store_is_no_missing_session(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);
	const struct str token = sign_in(fx, &ana);
	struct console_caller caller;

	fx->store.fault = STORE_FAULT_BEFORE_WORK;
	const enum err e = load(fx, token, &caller);
	assert_true(e != OK && e != ERR_NOT_FOUND);
}

static void add_challenge(struct app_fixture *fx, unsigned char number, moment expires_at)
{
	const struct passkey_challenge row = { .challenge_digest = { .bytes = { number } },
		.purpose = PASSKEY_SIGN_IN,
		.created_at = world_now(&fx->world),
		.expires_at = expires_at };

	fixture_save(fx, RECORD_PASSKEY_CHALLENGE, &row);
}

static bool has_challenge(struct app_fixture *fx, unsigned char number)
{
	struct passkey_challenge row = { .challenge_digest = { .bytes = { number } } };

	return fixture_try_load(fx, RECORD_PASSKEY_CHALLENGE, &row);
}

static void the_clean_up_removes_expired_sessions_and_challenges(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);

	for (int i = 0; i < 100; i++)
		(void)sign_in(fx, &ana);
	fixture_advance_clock(fx, milliseconds(CONSOLE_SESSION_LIFE.ms - 1));
	const struct str token = sign_in(fx, &ana);
	const moment now = world_expiry_now(&fx->world);
	add_challenge(fx, 1, moment_sub(now, milliseconds(1)));
	add_challenge(fx, 2, now);
	add_challenge(fx, 3, moment_add(now, milliseconds(1)));
	assert_int_equal(console_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(count_sessions(fx, &ana), 101);
	assert_false(has_challenge(fx, 1));
	assert_false(has_challenge(fx, 2));
	assert_true(has_challenge(fx, 3));
	fixture_advance_clock(fx, milliseconds(1));
	for (int i = 0; i < 2; i++) /* in batches */
		assert_int_equal(console_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(count_sessions(fx, &ana), 1);
	assert_false(has_challenge(fx, 3));
	assert_true(is_open(fx, token));
}

static void without_expired_rows_the_clean_up_does_not_write(void **state)
{
	struct app_fixture *const fx = *state;
	const struct operator_account ana = add_operator(fx, ANA);

	(void)sign_in(fx, &ana);
	const size_t writes = fx->store.writes;
	assert_int_equal(console_clean(&fx->world, &fx->arena), OK);
	assert_int_equal(fx->store.writes, writes);
}

static void development_mode_signs_in_one_admin_of_all_tenants(void **state)
{
	struct app_fixture *const fx = *state;
	struct operator_account rows[2], disabled;
	struct str first, second;
	size_t n;

	assert_int_equal(console_session_start_in_dev(&fx->world, &fx->arena, STR("r"), &first), OK);
	assert_int_equal(console_session_start_in_dev(&fx->world, &fx->arena, STR("r"), &second), OK);
	const struct console_caller caller = caller_of(fx, first);
	assert_int_equal(caller.account.role, OPERATOR_ADMIN);
	assert_true(operator_account_has_all_tenants(&caller.account));
	assert_true(is_open(fx, second));
	assert_int_equal(operator_account_list(&fx->world, &fx->arena, page_of(0, 2), rows, &n), OK);
	assert_int_equal(n, 1);
	assert_int_equal(
		operator_account_disable(&fx->world, &fx->arena, STR("admin@localhost"), &disabled), OK);
	assert_false(is_open(fx, first));
	assert_int_equal(console_session_start_in_dev(&fx->world, &fx->arena, STR("r"), &first), OK);
	assert_string_equal(caller_of(fx, first).account.id.text, disabled.id.text);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(a_session_names_the_operator_and_the_request),
		T(each_sign_in_has_a_token_of_its_own_that_is_not_stored),
		T(other_texts_open_no_session),
		T(requests_in_the_background_do_not_prolong_a_session),
		T(a_session_ends_after_30_minutes_without_use),
		T(use_prolongs_a_session_and_is_stored_once_a_minute),
		T(a_session_ends_12_hours_after_the_sign_in_however_often_it_is_used),
		T(a_session_ends_also_if_the_clock_is_set_back),
		T(signing_out_ends_this_session_only),
		T(disabling_an_operator_ends_all_their_sessions_at_once),
		T(a_session_of_a_disabled_operator_is_refused_also_if_its_row_exists),
		T(enabling_an_operator_again_opens_no_old_session),
		T(forms_of_each_session_have_a_token_of_their_own),
		T(a_step_up_is_used_once),
		T(a_step_up_can_be_used_for_2_minutes),
		T(a_session_that_has_ended_has_no_step_up),
		T(a_failure_of_the_store_is_no_missing_session),
		T(the_clean_up_removes_expired_sessions_and_challenges),
		T(without_expired_rows_the_clean_up_does_not_write),
		T(development_mode_signs_in_one_admin_of_all_tenants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
